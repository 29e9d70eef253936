package microsoft365

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	commonconfig "github.com/prometheus/common/config"

	"license_exporter/collector"
)

// account returns an account with these settings, after its defaults are set.
func account(s settings, change func(*collector.AccountConfig)) *collector.AccountConfig {
	a := &collector.AccountConfig{Name: "acme", Settings: &s}
	*a.HTTPClientConfig.EnsureOAuth2() = commonconfig.OAuth2{ClientID: "app", ClientSecret: "secret"}
	if change != nil {
		change(a)
	}
	s.SetDefaults(a)
	return a
}

// The addresses and the scope follow from the cloud, and can be set beside it.
func TestDefaults(t *testing.T) {
	type want struct{ base, token, scope string }
	for name, test := range map[string]struct {
		settings
		change func(*collector.AccountConfig)
		want   want
	}{
		"global": {settings{Tenant: contoso}, nil, want{
			"https://graph.microsoft.com", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "https://graph.microsoft.com/.default",
		}},
		"another cloud": {settings{Tenants: []string{contoso, fabrikam}, Cloud: "USGov-DoD"}, nil, want{
			"https://dod-graph.microsoft.us", "https://login.microsoftonline.us/{tenant}/oauth2/v2.0/token", "https://dod-graph.microsoft.us/.default",
		}},
		"a gateway": {settings{Tenant: contoso, Cloud: "china"}, func(a *collector.AccountConfig) { a.BaseURL = "https://gateway.example.com/graph/" }, want{
			"https://gateway.example.com/graph", "https://login.chinacloudapi.cn/{tenant}/oauth2/v2.0/token", "https://microsoftgraph.chinacloudapi.cn/.default",
		}},
		"token_url": {settings{Tenant: contoso, TokenURL: "https://sts.example.com/token"}, nil, want{
			"https://graph.microsoft.com", "https://sts.example.com/token", "https://graph.microsoft.com/.default",
		}},
		"oauth2": {settings{Tenant: contoso}, func(a *collector.AccountConfig) {
			a.HTTPClientConfig.OAuth2.TokenURL, a.HTTPClientConfig.OAuth2.Scopes = "https://sts.example.com/{tenant}", []string{"a"}
		}, want{"https://graph.microsoft.com", "https://sts.example.com/{tenant}", "a"}},
	} {
		a := account(test.settings, test.change)
		o := a.HTTPClientConfig.OAuth2
		if diff := cmp.Diff(test.want, want{a.BaseURL, o.TokenURL, strings.Join(o.Scopes, " ")}, cmp.AllowUnexported(want{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := errors.Join(append(own(a).Check(a), own(a).CheckCredential(a), a.HTTPClientConfig.Check())...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		settings
		change func(*collector.AccountConfig)
		want   string
	}{
		{settings{}, nil, "tenant is missing; set it to the id of the tenant (directory), or list several under tenants"},
		{settings{Tenant: contoso, Tenants: []string{fabrikam}}, nil, "tenant and tenants exclude each other; leave one out"},
		{settings{Tenant: "common"}, nil, "tenant must be the id of a tenant, such as "},
		{settings{Tenants: []string{contoso, "con toso"}}, nil, "tenants[1] must be the id of a tenant, such as "},
		{settings{Tenants: []string{contoso, fabrikam, " " + strings.ToUpper(contoso)}}, nil, "tenants[2] is listed twice; leave one out"},
		{settings{Tenant: contoso, Cloud: "germany"}, nil, "cloud is not known; use one of china, global, usgov, usgov-dod"},
		{settings{Tenants: []string{contoso, fabrikam}, TokenURL: "https://sts.example.com/token"}, nil, "token_url must contain {tenant} in place of the tenant, because there are several tenants"},
		{settings{Tenant: contoso, TokenURL: "sts.example.com"}, nil, "token_url must be an address"},
		{settings{Tenants: []string{contoso, fabrikam}}, func(a *collector.AccountConfig) { a.HTTPClientConfig.OAuth2.TokenURL = "https://sts.example.com" }, "http_client_config.oauth2.token_url must contain {tenant}"},
		{settings{Tenant: contoso, TokenURL: "https://a.example.com"}, func(a *collector.AccountConfig) { a.HTTPClientConfig.OAuth2.TokenURL = "https://b.example.com" }, "token_url and http_client_config.oauth2.token_url differ; leave one out"},
		{settings{Tenant: contoso}, func(a *collector.AccountConfig) { a.BaseURL = "https://graph.microsoft.com/v1.0" }, "base_url must not end with /v1.0; take it off"},
		{settings{Tenant: contoso}, func(a *collector.AccountConfig) { a.Organizations.Include = []string{contoso} }, "organizations cannot be set for this vendor; list the tenants to read under tenants"},
	} {
		a := account(test.settings, test.change)
		err := errors.Join(own(a).Check(a)...)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

func TestCheckCredential(t *testing.T) {
	for want, change := range map[string]func(*collector.AccountConfig){
		"http_client_config has no credential for this vendor; set oauth2 ": func(a *collector.AccountConfig) { a.HTTPClientConfig = collector.BearerToken("x") },
		"http_client_config.oauth2.client_id is missing; ":                  func(a *collector.AccountConfig) { a.HTTPClientConfig.OAuth2.ClientID = "" },
		"http_client_config.oauth2 has no secret; ":                         func(a *collector.AccountConfig) { a.HTTPClientConfig.OAuth2.ClientSecret = "" },
	} {
		a := account(settings{Tenant: contoso}, change)
		if err := own(a).CheckCredential(a); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Another tenant, app registration or secret does not change what the facts of a tenant mean.
func TestFactsKey(t *testing.T) {
	a := account(settings{Tenant: contoso}, nil)
	b := account(settings{Tenants: []string{fabrikam, contoso}}, func(a *collector.AccountConfig) { a.HTTPClientConfig.OAuth2.ClientID = "other" })
	if own(a).FactsKey(a) != own(b).FactsKey(b) {
		t.Error("the keys differ")
	}
}

// A cloud that is not known is one problem.
func TestUnknownCloud(t *testing.T) {
	a := account(settings{Tenant: contoso, Cloud: "germany"}, nil)
	if err := a.HTTPClientConfig.Check(); err != nil {
		t.Error(err)
	}
}
