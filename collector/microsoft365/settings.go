package microsoft365

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	api "license_exporter/client/microsoft365"
	"license_exporter/collector"
)

// settings contains the configuration keys of Microsoft 365 accounts.
type settings struct {
	// Tenant is the id of the tenant, or one of its domains.
	Tenant string `yaml:"tenant"`
	// Tenants has several tenants that the app registration may read.
	Tenants []string `yaml:"tenants"`
	// Cloud is the name of the cloud. It determines the defaults of BaseURL and TokenURL, and the scope of tokens.
	Cloud string `yaml:"cloud"`
	// TokenURL is the OAuth 2 token endpoint. It may have {tenant} in place of the tenant.
	TokenURL string `yaml:"token_url"`
}

// own returns the Microsoft 365 settings of an account.
func own(a *collector.AccountConfig) *settings { return a.Settings.(*settings) }

// all returns the tenants in lower case.
func (s *settings) all() []string {
	if s.Tenant != "" {
		return []string{s.Tenant}
	}
	return s.Tenants
}

// SetDefaults implements collector.Settings.
func (s *settings) SetDefaults(a *collector.AccountConfig) {
	if s.Cloud = strings.ToLower(s.Cloud); s.Cloud == "" {
		s.Cloud = api.DefaultCloud
	}
	s.Tenant = strings.ToLower(strings.TrimSpace(s.Tenant))
	for i, tenant := range s.Tenants {
		s.Tenants[i] = strings.ToLower(strings.TrimSpace(tenant))
	}
	known := api.KnownCloud(s.Cloud)
	if a.BaseURL == "" && known {
		a.BaseURL = api.BaseURL(s.Cloud)
	}
	a.BaseURL = strings.TrimRight(a.BaseURL, "/")
	o, name := a.HTTPClientConfig.OAuth2, s.Cloud
	if o == nil {
		return
	}
	if !known { // which is one problem, not also that an address is missing
		name = api.DefaultCloud
	}
	if o.TokenURL == "" {
		if s.TokenURL == "" {
			s.TokenURL = api.TokenURL(name)
		}
		o.TokenURL = s.TokenURL
	}
	if len(o.Scopes) == 0 {
		o.Scopes = []string{api.Scope(name)}
	}
}

// Check implements collector.Settings.
func (s *settings) Check(a *collector.AccountConfig) []error {
	problems := s.checkTenants()
	if !api.KnownCloud(s.Cloud) {
		problems = append(problems, fmt.Errorf("cloud is not known; use one of %s", strings.Join(api.Clouds(), ", ")))
	}
	if strings.HasSuffix(a.BaseURL, "/v1.0") {
		problems = append(problems, errors.New("base_url must not end with /v1.0; take it off"))
	}
	key, address := "token_url", s.TokenURL
	if o := a.HTTPClientConfig.OAuth2; o != nil && s.TokenURL == "" {
		key, address = "http_client_config.oauth2.token_url", o.TokenURL
	} else if o != nil && o.TokenURL != s.TokenURL {
		problems = append(problems, errors.New("token_url and http_client_config.oauth2.token_url differ; leave one out"))
	}
	if address != "" {
		problems = append(problems, collector.CheckURL(key, address))
		if len(s.Tenants) > 1 && !strings.Contains(address, api.TenantPlaceholder) {
			problems = append(problems, fmt.Errorf("%s must contain %s in place of the tenant, because there are several tenants", key, api.TenantPlaceholder))
		}
	}
	if len(a.Organizations.Include)+len(a.Organizations.Exclude) > 0 {
		problems = append(problems, errors.New("organizations cannot be set for this vendor; list the tenants to read under tenants"))
	}
	return problems
}

// domain matches the name of a domain.
var domain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// guid matches the id of a tenant.
var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func (s *settings) checkTenants() []error {
	switch {
	case s.Tenant != "" && len(s.Tenants) > 0:
		return []error{errors.New("tenant and tenants exclude each other; leave one out")}
	case s.Tenant == "" && len(s.Tenants) == 0:
		return []error{errors.New("tenant is missing; set it to the id of the tenant (directory), or list several under tenants")}
	}
	var problems []error
	for i, tenant := range s.all() {
		key := "tenant"
		if s.Tenant == "" {
			key = fmt.Sprintf("tenants[%d]", i)
		}
		switch {
		case !guid.MatchString(tenant) && !domain.MatchString(tenant):
			problems = append(problems, fmt.Errorf("%s must be the id of a tenant, such as 48a80680-7326-48cd-9935-b556b81d3a4e, or one of its domains, such as contoso.onmicrosoft.com", key))
		case slices.Index(s.all(), tenant) < i:
			problems = append(problems, fmt.Errorf("%s is listed twice; leave one out", key))
		}
	}
	return problems
}

// CheckCredential implements collector.Settings. The vendor accepts only OAuth 2 client credentials of an app.
func (s *settings) CheckCredential(a *collector.AccountConfig) error {
	o := a.HTTPClientConfig.OAuth2
	switch {
	case o == nil:
		return errors.New("http_client_config has no credential for this vendor; set oauth2 with the client_id of an app registration and a client_secret_file")
	case o.ClientID == "":
		return errors.New("http_client_config.oauth2.client_id is missing; use the application (client) id of the app registration")
	case o.ClientSecret == "" && o.ClientSecretFile == "":
		return errors.New("http_client_config.oauth2 has no secret; set client_secret_file to a file with the value of a client secret of the app registration")
	}
	return nil
}

// FactsKey implements collector.Settings. Ids of tenants are unique at the vendor, so that another app registration reads
// the same facts, and further tenants do not change those of the others.
func (s *settings) FactsKey(*collector.AccountConfig) string { return "" }

// Addresses returns the addresses of the vendor besides the base URL, for tests.
func (s *settings) Addresses() []*string { return []*string{&s.TokenURL} }
