package collector

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	commonconfig "github.com/prometheus/common/config"
	"golang.org/x/net/http/httpguts"

	"license_exporter/client/rest"
)

// HTTPClientConfig is Prometheus's configuration of an HTTP client. Unlike
// there, decoding does not validate it, because some defaults depend on the
// vendor. Use Check.
type HTTPClientConfig commonconfig.HTTPClientConfig

// UnmarshalYAML decodes h over the defaults. This form of the method, with a
// function, keeps the decoder's check for unknown keys.
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

// EnsureOAuth2 returns the OAuth 2 configuration. If there is none, it adds an
// empty one.
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

// SetDirectory makes relative paths of files relative to dir.
func (h *HTTPClientConfig) SetDirectory(dir string) {
	(*commonconfig.HTTPClientConfig)(h).SetDirectory(dir)
	if o := h.OAuth2; o != nil { // prometheus/common leaves this one out
		o.ClientCertificateKeyFile = commonconfig.JoinDir(dir, o.ClientCertificateKeyFile)
	}
}

// Check validates h by Prometheus's rules. These do not require a credential. It
// also checks the names of headers: the errors of requests would repeat a wrong one,
// which contains the value if the space after its colon is missing.
func (h *HTTPClientConfig) Check() error {
	if err := (*commonconfig.HTTPClientConfig)(h).Validate(); err != nil {
		key := "http_client_config"
		if found := ruleKey.FindStringSubmatch(err.Error()); found != nil {
			key += "." + found[1] + found[2]
		}
		return fmt.Errorf("%s: %w", key, err)
	}
	if o := h.OAuth2; o != nil {
		if err := checkProxy("http_client_config.oauth2.", &o.ProxyConfig); err != nil {
			return err
		}
	}
	if err := checkProxy("http_client_config.", &h.ProxyConfig); err != nil {
		return err
	}
	if h.HTTPHeaders != nil {
		for name := range h.HTTPHeaders.Headers {
			if !httpguts.ValidHeaderFieldName(name) {
				return errors.New("http_client_config.http_headers: a key is not the name of a header; write a space after each colon")
			}
		}
	}
	for name := range h.ProxyConnectHeader {
		if !httpguts.ValidHeaderFieldName(name) {
			return errors.New("http_client_config.proxy_connect_header: a key is not the name of a header; write a space after each colon")
		}
	}
	return nil
}

// ruleKey matches the key that the text of one of Prometheus's rules is about, if that is one key.
var ruleKey = regexp.MustCompile(`^(?:at most one of )?(authorization|basic_auth|oauth2) |^if (\w+) is`)

// checkProxy refuses addresses that no proxy can have.
func checkProxy(keys string, p *commonconfig.ProxyConfig) error {
	u := p.ProxyURL.URL
	if u == nil || u.String() == "" {
		return nil
	}
	if _, err := strconv.ParseUint(cmp.Or(u.Port(), "0"), 10, 16); err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return fmt.Errorf("%sproxy_url must be an address, like https://proxy.example.com", keys)
	}
	return nil
}

// CheckCredentials returns an error for each credential, certificate or key that cannot be
// used, such as a file that cannot be read or is empty. The client reads the files again at
// each request, so that credentials can change without a restart.
func (h *HTTPClientConfig) CheckCredentials() []error {
	var problems []error
	found := rest.CheckCredentials(commonconfig.HTTPClientConfig(*h))
	for _, key := range slices.Sorted(maps.Keys(found)) {
		problems = append(problems, fmt.Errorf("http_client_config.%s: %w", key, found[key]))
	}
	return problems
}
