package config

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/common/model"

	"license_exporter/collector"
)

func TestLoadSnow(t *testing.T) {
	c, err := Load("testdata/good-snow.yml", vendors)
	if err != nil {
		t.Fatal(err)
	}
	age := model.Duration(6 * time.Hour)
	want := []collector.AccountConfig{
		{
			Name: "corp", Vendor: "snow", BaseURL: "https://eastus2.snowsoftware.io", IndividualLicenses: true,
			RateLimit: collector.RateLimit{Organization: 2, Source: 2},
		},
		{
			Name: "lab", Vendor: "snow", BaseURL: "https://snow.example.com", MaxAge: &age,
			RateLimit: collector.RateLimit{Organization: 5, Source: 5},
		},
		{
			Name: "plain", Vendor: "snow", BaseURL: "https://westeurope.snowsoftware.io",
			RateLimit: collector.RateLimit{Organization: 5, Source: 5},
		},
	}
	if diff := cmp.Diff(want, c.Accounts, cmpopts.IgnoreFields(collector.AccountConfig{}, "HTTPClientConfig", "IndividualLicensesLimit", "Settings")); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
	for i, want := range []struct{ settings, tokenURL string }{
		{
			"&{Region:eastus2 TokenURL:https://eastus2.snowsoftware.io/idp/api/connect/token " +
				"Prefixes:{Licenses: Agreements: Registry: Organizations: CustomMetrics:} PageSize:1000}",
			"https://eastus2.snowsoftware.io/idp/api/connect/token",
		},
		{
			"&{Region: TokenURL:https://login.example.com/token Prefixes:{Licenses:/sam/v1 Agreements:/sam/v2 " +
				"Registry:/registry/v1 Organizations:/organizations/v1 CustomMetrics:/custom-metrics/v1} PageSize:500}",
			"https://login.example.com/token",
		},
		{
			"&{Region:westeurope TokenURL:https://westeurope.snowsoftware.io/idp/api/connect/token " +
				"Prefixes:{Licenses: Agreements: Registry: Organizations: CustomMetrics:} PageSize:1000}",
			"https://westeurope.snowsoftware.io/idp/api/connect/token",
		},
	} {
		a := c.Accounts[i]
		if got := fmt.Sprintf("%+v", a.Settings); got != want.settings {
			t.Errorf("account %s has the settings %s, want %s", a.Name, got, want.settings)
		}
		if o := a.HTTPClientConfig.OAuth2; o.TokenURL != want.tokenURL {
			t.Errorf("account %s gets tokens at %s, want %s", a.Name, o.TokenURL, want.tokenURL)
		}
	}
	if got := c.Accounts[0].HTTPClientConfig.OAuth2.ClientSecretFile; got != filepath.Join("testdata", "key") {
		t.Errorf("the secret's file is %s, want it beside the configuration", got)
	}
}

func TestSnowFromEnvironment(t *testing.T) {
	c, err := FromEnvironment(environment("MERAKI_DASHBOARD_API_KEY=k", "SNOW_CLIENT_ID=id", "SNOW_CLIENT_SECRET= secret-value\n", "SNOW_REGION=UKSouth"), vendors)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Accounts) != 2 || c.Accounts[0].Name != "meraki" || c.Accounts[1].Name != "snow" {
		t.Fatalf("two vendors' credentials give %+v", c.Accounts)
	}
	a := c.Accounts[1]
	if o := a.HTTPClientConfig.OAuth2; a.BaseURL != "https://uksouth.snowsoftware.io" || o.ClientID != "id" || o.ClientSecret != "secret-value" ||
		o.TokenURL != "https://uksouth.snowsoftware.io/idp/api/connect/token" {
		t.Errorf("got %+v with %+v", a, o)
	}
	c, err = FromEnvironment(environment("SNOW_CLIENT_ID=id", "SNOW_CLIENT_SECRET=s", "SNOW_BASE_URL=http://127.0.0.1:1/", "SNOW_TOKEN_URL=http://127.0.0.1:2/token"), vendors)
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Accounts[0]; a.BaseURL != "http://127.0.0.1:1" || a.HTTPClientConfig.OAuth2.TokenURL != "http://127.0.0.1:2/token" {
		t.Errorf("addresses of one's own give %+v", a)
	}
	for _, test := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"SNOW_CLIENT_ID=id"}, "environment: SNOW_CLIENT_ID is set and SNOW_CLIENT_SECRET is not; set both"},
		{[]string{"SNOW_CLIENT_SECRET=secret-value"}, "environment: SNOW_CLIENT_SECRET is set and SNOW_CLIENT_ID is not; set both"},
		{
			[]string{"SNOW_CLIENT_ID=id", "SNOW_CLIENT_SECRET=secret-value", "SNOW_REGION=mars"},
			`environment: SNOW_REGION: account "snow": region is not known; use one of australiasoutheast, eastus2, uksouth, westeurope, or base_url and token_url`,
		},
	} {
		if _, err := FromEnvironment(environment(test.pairs...), vendors); err == nil || err.Error() != test.want {
			t.Errorf("%v: %v, want %s", test.pairs, err, test.want)
		}
	}
}
