package snow

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	api "license_exporter/client/snow"
	"license_exporter/collector"
)

// settings contains the configuration keys of Snow accounts.
type settings struct {
	// Region is where the vendor keeps the tenant. It determines the defaults of
	// BaseURL and TokenURL.
	Region string `yaml:"region"`
	// TokenURL is the URL of the OAuth 2 token endpoint.
	TokenURL string `yaml:"token_url"`
	// Prefixes contains the paths of the vendor's APIs below BaseURL.
	Prefixes prefixes `yaml:"prefixes"`
	// PageSize is the number of records per page.
	PageSize int `yaml:"page_size"`
}

// prefixes is api.Prefixes with YAML keys. The vendor's default replaces an
// empty prefix.
type prefixes struct {
	Licenses      string `yaml:"licenses"`
	Agreements    string `yaml:"agreements"`
	Registry      string `yaml:"registry"`
	Organizations string `yaml:"organizations"`
	CustomMetrics string `yaml:"custom_metrics"`
}

// own returns the Snow settings of an account.
func own(a *collector.AccountConfig) *settings { return a.Settings.(*settings) }

// SetDefaults implements collector.Settings.
func (s *settings) SetDefaults(a *collector.AccountConfig) {
	if s.Region == "" && a.BaseURL == "" {
		s.Region = api.DefaultRegion
	}
	if region := strings.ToLower(s.Region); api.KnownRegion(region) {
		s.Region = region
	}
	if a.BaseURL == "" { // Check reports a region with another base URL
		a.BaseURL = api.BaseURL(s.Region)
	}
	a.BaseURL = strings.TrimRight(a.BaseURL, "/")
	if s.PageSize == 0 {
		s.PageSize = api.DefaultPageSize
	}
	if o := a.HTTPClientConfig.OAuth2; o != nil && o.TokenURL == "" {
		if s.TokenURL == "" {
			s.TokenURL = api.TokenURL(a.BaseURL)
		}
		o.TokenURL = s.TokenURL
	}
}

// Check implements collector.Settings.
func (s *settings) Check(a *collector.AccountConfig) []error {
	var problems []error
	if s.Region != "" && !api.KnownRegion(s.Region) {
		problems = append(problems, fmt.Errorf("region is not known; use one of %s, or base_url and token_url", strings.Join(api.Regions(), ", ")))
	} else if s.Region != "" && a.BaseURL != api.BaseURL(s.Region) {
		problems = append(problems, errors.New("region and base_url exclude each other; leave one out"))
	}
	if o := a.HTTPClientConfig.OAuth2; o != nil && s.TokenURL != "" && o.TokenURL != s.TokenURL {
		problems = append(problems, errors.New("token_url and http_client_config.oauth2.token_url differ; leave one out"))
	}
	if s.TokenURL != "" {
		problems = append(problems, collector.CheckURL("token_url", s.TokenURL))
	} else if o := a.HTTPClientConfig.OAuth2; o != nil {
		problems = append(problems, collector.CheckURL("http_client_config.oauth2.token_url", o.TokenURL))
	}
	if s.PageSize < 0 {
		problems = append(problems, errors.New("page_size must be above 0"))
	}
	if len(a.Organizations.Include)+len(a.Organizations.Exclude) > 0 {
		problems = append(problems, errors.New("organizations cannot be set for vendor snow, because the credential selects the tenant; leave it out"))
	}
	return append(problems, s.Prefixes.check()...)
}

func (p prefixes) check() []error {
	var problems []error
	for _, prefix := range []struct{ key, path string }{
		{"licenses", p.Licenses}, {"agreements", p.Agreements}, {"registry", p.Registry},
		{"organizations", p.Organizations}, {"custom_metrics", p.CustomMetrics},
	} {
		u, err := url.Parse(prefix.path)
		if err != nil || u.Host != "" || u.Scheme != "" || u.RawQuery != "" || u.Fragment != "" {
			problems = append(problems, fmt.Errorf("prefixes.%s must be a path, like /api/sam/v1", prefix.key))
		}
	}
	return problems
}

// CheckCredential implements collector.Settings. The vendor accepts only OAuth 2
// client credentials.
func (s *settings) CheckCredential(a *collector.AccountConfig) error {
	o := a.HTTPClientConfig.OAuth2
	switch {
	case o == nil:
		return errors.New("http_client_config has no credential for this vendor; set oauth2 with the client_id of an application registration and a client_secret_file")
	case o.ClientID == "":
		return errors.New("http_client_config.oauth2.client_id is missing; use that of the application registration")
	case o.ClientSecret == "" && o.ClientSecretFile == "":
		return errors.New("http_client_config.oauth2 has no secret; set client_secret_file to a file with the secret of the application registration")
	}
	return nil
}

// FactsKey implements collector.Settings. The client id determines the tenant,
// and the prefixes determine the API versions.
func (s *settings) FactsKey(a *collector.AccountConfig) string {
	return fmt.Sprintf("%s %+v", a.HTTPClientConfig.OAuth2.ClientID, s.Prefixes)
}
