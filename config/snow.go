package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"license_exporter/client/snow"
)

// Snow are the keys of Snow accounts.
type Snow struct {
	// Region is where the vendor keeps the tenant. It stands for BaseURL and
	// TokenURL.
	Region string `yaml:"region"`
	// TokenURL is where the region hands out tokens.
	TokenURL string `yaml:"token_url"`
	// Prefixes are where the vendor's APIs begin below BaseURL.
	Prefixes Prefixes `yaml:"prefixes"`
	// PageSize is how many records to ask for at once.
	PageSize int `yaml:"page_size"`
}

// Prefixes are those of snow.Prefixes; the vendor's if empty.
type Prefixes struct {
	Licenses      string `yaml:"licenses"`
	Agreements    string `yaml:"agreements"`
	Registry      string `yaml:"registry"`
	Organizations string `yaml:"organizations"`
	CustomMetrics string `yaml:"custom_metrics"`
}

func (a *Account) setSnowDefaults() {
	if a.Region == "" && a.BaseURL == "" {
		a.Region = snow.DefaultRegion
	}
	// A region and an address at once are told by check, so keep both.
	a.defaultTo(snow.BaseURL(a.Region), RateLimit{Organization: snow.OrganizationRateLimit, Source: snow.SourceRateLimit})
	if a.PageSize == 0 {
		a.PageSize = snow.DefaultPageSize
	}
	if o := a.HTTPClientConfig.OAuth2; o != nil && o.TokenURL == "" {
		if a.TokenURL == "" {
			a.TokenURL = snow.TokenURL(a.BaseURL)
		}
		o.TokenURL = a.TokenURL
	}
}

// set tells which of the keys, which mean nothing to other vendors, are set.
func (s *Snow) set() map[string]bool {
	return map[string]bool{
		"region": s.Region != "", "token_url": s.TokenURL != "", "prefixes": s.Prefixes != Prefixes{}, "page_size": s.PageSize != 0,
	}
}

func (a *Account) checkSnow() []error {
	var problems []error
	if a.Region != "" && !snow.KnownRegion(a.Region) {
		problems = append(problems, fmt.Errorf("region %q is not known; use one of %s, or base_url and token_url", a.Region, strings.Join(snow.Regions(), ", ")))
	} else if a.Region != "" && a.BaseURL != snow.BaseURL(a.Region) {
		problems = append(problems, errors.New("region and base_url exclude each other; leave one out"))
	}
	if o := a.HTTPClientConfig.OAuth2; o != nil && a.TokenURL != "" && o.TokenURL != a.TokenURL {
		problems = append(problems, errors.New("token_url and http_client_config.oauth2.token_url differ; leave one out"))
	}
	if a.TokenURL != "" {
		problems = append(problems, checkURL("token_url", a.TokenURL))
	}
	if a.PageSize < 0 {
		problems = append(problems, errors.New("page_size must be above 0"))
	}
	if len(a.Organizations.Include)+len(a.Organizations.Exclude) > 0 {
		problems = append(problems, errors.New("organizations is not for vendor snow, whose credential selects the tenant; leave it out"))
	}
	return append(problems, a.Prefixes.check()...)
}

func (p Prefixes) check() []error {
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

// checkSnowCredential demands what the vendor takes: a client's id and secret.
func (a *Account) checkSnowCredential() error {
	o := a.HTTPClientConfig.OAuth2
	switch {
	case o == nil:
		return errors.New("no credential; set http_client_config.oauth2 with the client_id of an application registration and a client_secret_file")
	case o.ClientID == "":
		return errors.New("http_client_config.oauth2.client_id is missing; take that of the application registration")
	case o.ClientSecret == "" && o.ClientSecretFile == "":
		return errors.New("http_client_config.oauth2 has no secret; set client_secret_file to a file that holds the application registration's")
	}
	return nil
}
