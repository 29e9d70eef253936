package collector

import (
	"fmt"
	"maps"
	"os"
	"slices"

	commonconfig "github.com/prometheus/common/config"
)

// HTTPClientConfig is Prometheus's configuration of an HTTP client. It is
// checked together with its account and not while it is read, since some of its
// defaults depend on the vendor.
type HTTPClientConfig commonconfig.HTTPClientConfig

// UnmarshalYAML reads it over the defaults. This form of the method keeps
// unknown keys an error.
func (h *HTTPClientConfig) UnmarshalYAML(unmarshal func(any) error) error {
	type plain HTTPClientConfig
	*h = HTTPClientConfig(commonconfig.DefaultHTTPClientConfig)
	return unmarshal((*plain)(h))
}

// BearerToken returns a configuration that sends a token.
func BearerToken(token string) HTTPClientConfig {
	h := HTTPClientConfig(commonconfig.DefaultHTTPClientConfig)
	h.Authorization = &commonconfig.Authorization{Credentials: commonconfig.Secret(token)}
	return h
}

// EnsureOAuth2 returns the client credentials. If there are none, it adds empty
// ones.
func (h *HTTPClientConfig) EnsureOAuth2() *commonconfig.OAuth2 {
	if h.OAuth2 == nil {
		defaults := commonconfig.DefaultHTTPClientConfig
		defaults.OAuth2 = &commonconfig.OAuth2{}
		*h = HTTPClientConfig(defaults)
	}
	return h.OAuth2
}

// HasCredential reports whether any credential is configured.
func (h *HTTPClientConfig) HasCredential() bool {
	if a := h.Authorization; a != nil && a.Credentials == "" && a.CredentialsFile == "" && a.CredentialsRef == "" {
		return false
	}
	return h.Authorization != nil || h.BasicAuth != nil || h.OAuth2 != nil ||
		h.BearerToken != "" || h.BearerTokenFile != "" || h.HTTPHeaders != nil
}

// SetDirectory makes the paths of files relative to a folder.
func (h *HTTPClientConfig) SetDirectory(dir string) {
	(*commonconfig.HTTPClientConfig)(h).SetDirectory(dir)
}

// Check returns everything that is wrong by Prometheus's rules. A credential
// may still be missing.
func (h *HTTPClientConfig) Check() error {
	if err := (*commonconfig.HTTPClientConfig)(h).Validate(); err != nil {
		return fmt.Errorf("http_client_config: %w", err)
	}
	return nil
}

// CheckFiles looks whether the files are there now. They are read again at each
// request, so that a credential can be changed without a restart.
func (h *HTTPClientConfig) CheckFiles() []error {
	var problems []error
	files := h.files()
	for _, key := range slices.Sorted(maps.Keys(files)) {
		if files[key] == "" {
			continue
		}
		content, err := os.ReadFile(files[key])
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("http_client_config.%s: %w", key, err))
		case len(content) == 0:
			problems = append(problems, fmt.Errorf("http_client_config.%s: %s is empty", key, files[key]))
		}
	}
	return problems
}

// files returns the paths of all files that it names, by key.
func (h *HTTPClientConfig) files() map[string]string {
	files := map[string]string{
		"tls_config.ca_file":   h.TLSConfig.CAFile,
		"tls_config.cert_file": h.TLSConfig.CertFile,
		"tls_config.key_file":  h.TLSConfig.KeyFile,
		"bearer_token_file":    h.BearerTokenFile,
	}
	if h.Authorization != nil {
		files["authorization.credentials_file"] = h.Authorization.CredentialsFile
	}
	if h.BasicAuth != nil {
		files["basic_auth.username_file"] = h.BasicAuth.UsernameFile
		files["basic_auth.password_file"] = h.BasicAuth.PasswordFile
	}
	if h.OAuth2 != nil {
		files["oauth2.client_secret_file"] = h.OAuth2.ClientSecretFile
	}
	if h.HTTPHeaders != nil {
		for name, header := range h.HTTPHeaders.Headers {
			for i, file := range header.Files {
				files[fmt.Sprintf("http_headers.%s.files[%d]", name, i)] = file
			}
		}
	}
	return files
}
