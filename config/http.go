package config

import (
	"fmt"

	commonconfig "github.com/prometheus/common/config"
)

// HTTPClient is an HTTPClientConfig that is checked together with its account,
// not while it is read: some of it has defaults that depend on the vendor.
type HTTPClient commonconfig.HTTPClientConfig

// UnmarshalYAML reads it over the defaults. It takes the form that keeps
// unknown keys refused.
func (h *HTTPClient) UnmarshalYAML(unmarshal func(any) error) error {
	type plain HTTPClient
	*h = HTTPClient(commonconfig.DefaultHTTPClientConfig)
	return unmarshal((*plain)(h))
}

func (h *HTTPClient) common() *commonconfig.HTTPClientConfig {
	return (*commonconfig.HTTPClientConfig)(h)
}

func (h *HTTPClient) hasCredential() bool {
	if a := h.Authorization; a != nil && a.Credentials == "" && a.CredentialsFile == "" && a.CredentialsRef == "" {
		return false
	}
	return h.Authorization != nil || h.BasicAuth != nil || h.OAuth2 != nil ||
		h.BearerToken != "" || h.BearerTokenFile != "" || h.HTTPHeaders != nil
}

// files returns the paths of all files that it names, by key.
func (h *HTTPClient) files() map[string]string {
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
