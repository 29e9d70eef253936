package config

import (
	"fmt"
	"strings"
	"testing"

	"license_exporter/collector"
	"license_exporter/collector/github"
)

// A variable that other programs have as well creates no account by itself.
func TestFromEnvironmentWithCommonVariables(t *testing.T) {
	all := collector.Vendors{github.Vendor}
	for pairs, want := range map[string]string{
		"GITHUB_TOKEN=secret-value":                        "none",
		"GITHUB_TOKEN=secret value":                        "none",
		"GITHUB_ENTERPRISE=octo":                           "environment: GITHUB_ENTERPRISE is set and GITHUB_TOKEN is not; set both",
		"GITHUB_TOKEN=secret-value|GITHUB_ENTERPRISE=octo": "https://api.github.com &{[octo]} secret-value",
		"GITHUB_TOKEN=secret-value|GITHUB_ENTERPRISE=octo|GITHUB_BASE_URL=https://api.octo.ghe.com/": "https://api.octo.ghe.com &{[octo]} secret-value",
		"GITHUB_TOKEN=secret-value|GITHUB_ENTERPRISE=octo/labs": `environment: GITHUB_ENTERPRISE: account "github": enterprises[0] is not the name of an enterprise as in its address; ` +
			`write octo-name for https://github.com/enterprises/octo-name`,
	} {
		c, err := FromEnvironment(environment(strings.Split(pairs, "|")...), all)
		got := "none"
		if err != nil {
			got = err.Error()
		} else if c != nil {
			a := c.Accounts[0]
			got = fmt.Sprintf("%s %+v %s", a.BaseURL, a.Settings, a.HTTPClientConfig.Authorization.Credentials)
			got = strings.Replace(got, "Enterprises:", "", 1)
		}
		if got != want {
			t.Errorf("%q gives\n%s, want\n%s", pairs, got, want)
		}
	}
}
