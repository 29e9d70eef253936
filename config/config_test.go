package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/collector/meraki"
	"license_exporter/collector/snow"
)

func TestLoad(t *testing.T) {
	c, err := Load("testdata/good.yml", vendors)
	if err != nil {
		t.Fatal(err)
	}
	emea, gov := c.Accounts[0], c.Accounts[1]
	if got := emea.HTTPClientConfig.Authorization.CredentialsFile; got != filepath.Join("testdata", "key") {
		t.Errorf("the credential file is %s, want it beside the configuration", got)
	}

	age := model.Duration(5 * time.Minute)
	want := []collector.AccountConfig{
		{
			Name: "emea", Vendor: "meraki", BaseURL: "https://api.meraki.com/api/v1",
			Organizations:      collector.OrganizationFilter{Include: []string{"2930418"}},
			IndividualLicenses: true, IndividualLicensesLimit: 50_000, MaxAge: &age,
			RateLimit: collector.RateLimit{Organization: 5, Source: 50},
		},
		{
			Name: "gov", Vendor: "meraki", BaseURL: "https://api.gov-meraki.com/api/v1",
			Organizations:           collector.OrganizationFilter{Exclude: []string{"1"}},
			IndividualLicensesLimit: 10,
			RateLimit:               collector.RateLimit{Organization: 8, Source: 80},
		},
	}
	if diff := cmp.Diff(want, []collector.AccountConfig{emea, gov}, cmpopts.IgnoreFields(collector.AccountConfig{}, "HTTPClientConfig", "Settings")); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
}

// vendors lists the vendors that the tests configure.
var vendors = collector.Vendors{meraki.Vendor, snow.Vendor}

// There is a file for each rule. The test compares complete error messages.
func TestLoadRefuses(t *testing.T) {
	for file, want := range map[string]string{
		"absent.yml":               `--config.file: open testdata/absent.yml: no such file or directory`,
		"bad-syntax.yml":           `testdata/bad-syntax.yml:2: a list or mapping that begins in this line has no end; close it, and separate its entries by commas`,
		"bad-unknown-key.yml":      `testdata/bad-unknown-key.yml:4:5: account "a": key organisations is not known; did you mean organizations? docs/configuration.md lists all keys`,
		"bad-type.yml":             "testdata/bad-type.yml:4:26: account \"a\": individual_licenses must be true or false\ntestdata/bad-type.yml:5:41: account \"a\": http_client_config.authorization must be a mapping of keys to values",
		"bad-file.yml":             `testdata/bad-file.yml:1:1: the file must be a mapping of keys to values`,
		"bad-no-list.yml":          `testdata/bad-no-list.yml:1:1: accounts must be a list`,
		"bad-entry.yml":            `testdata/bad-entry.yml:2:5: account 1 of the list: it must be a mapping of keys to values`,
		"bad-merge.yml":            `testdata/bad-merge.yml:2:9: account "a": << must be followed by an alias of a mapping`,
		"bad-key-with-space.yml":   "testdata/bad-key-with-space.yml:4:5: account \"a\": key base url is not known; did you mean base_url? docs/configuration.md lists all keys\ntestdata/bad-key-with-space.yml:5:55: account \"a\": http_client_config.authorization.credentials must be text",
		"bad-vendor-type.yml":      `testdata/bad-vendor-type.yml:3:13: account "a": vendor must be text`,
		"bad-no-accounts.yml":      `testdata/bad-no-accounts.yml: no accounts; list at least one under the key accounts`,
		"bad-duplicate-name.yml":   `testdata/bad-duplicate-name.yml:5:11: account "a": the name is taken by an account above; names must be unique, because they become the label account`,
		"bad-no-name.yml":          `testdata/bad-no-name.yml:2:5: account "": name is missing; it becomes the label account`,
		"bad-vendor.yml":           `testdata/bad-vendor.yml:3:13: account "a": vendor is not known; use meraki or snow`,
		"bad-base-url.yml":         `testdata/bad-base-url.yml:4:15: account "a": base_url must be an address with a host and without query, like https://api.example.com/api/v1`,
		"bad-base-url-user.yml":    `testdata/bad-base-url-user.yml:4:15: account "a": base_url contains a user or password; put credentials in http_client_config`,
		"bad-no-credential.yml":    `testdata/bad-no-credential.yml:2:5: account "a": http_client_config has no credential; set authorization.credentials_file to a file with the API key`,
		"bad-missing-file.yml":     `testdata/bad-missing-file.yml:4:60: account "a": http_client_config.authorization.credentials_file: no such file or directory`,
		"bad-empty-file.yml":       `testdata/bad-empty-file.yml:4:60: account "a": http_client_config.authorization.credentials_file: the file is empty`,
		"bad-include-exclude.yml":  `testdata/bad-include-exclude.yml:4:31: account "a": organizations.include[0] is also excluded; take it out of one of the lists`,
		"bad-name-empty.yml":       `testdata/bad-name-empty.yml:4:36: account "a": organizations.include[1] has no name; write it like "name:Retail*"`,
		"bad-name-excluded.yml":    `testdata/bad-name-excluded.yml:4:36: account "a": organizations.include[1] is also excluded; take it out of one of the lists`,
		"bad-empty-id.yml":         `testdata/bad-empty-id.yml:4:31: account "a": organizations.include[0]: an organization's id is empty; write ids in quotes`,
		"bad-rate-limit.yml":       "testdata/bad-rate-limit.yml:4:32: account \"a\": rate_limit.organization must be above 0 requests per second\ntestdata/bad-rate-limit.yml:5:32: account \"a\": individual_licenses_limit must be above 0",
		"bad-rate-limit-nan.yml":   `testdata/bad-rate-limit-nan.yml:4:26: account "a": rate_limit.source must be above 0 requests per second`,
		"bad-empty-credential.yml": `testdata/bad-empty-credential.yml:4:5: account "a": http_client_config has no credential; set authorization.credentials_file to a file with the API key`,
		"bad-header-file.yml":      `testdata/bad-header-file.yml:4:74: account "a": http_client_config.http_headers[0].files[0]: no such file or directory`,
		"bad-proxy-url.yml":        `testdata/bad-proxy-url.yml:4:37: account "a": http_client_config.proxy_url must be an address, like https://proxy.example.com`,
		"bad-two-documents.yml":    `testdata/bad-two-documents.yml: there is more than one YAML document; leave what follows --- out`,
		"bad-max-age.yml":          `testdata/bad-max-age.yml:4:14: account "a": max_age must be a duration; write it like 90s, 5m or 24h`,
		"bad-two-credentials.yml":  `testdata/bad-two-credentials.yml:4:26: account "a": http_client_config.authorization: at most one of authorization credentials & credentials_file must be configured`,

		"bad-meraki-snow-keys.yml":    "testdata/bad-meraki-snow-keys.yml:4:13: account \"a\": region is only for vendor snow; leave it out\ntestdata/bad-meraki-snow-keys.yml:5:16: account \"a\": page_size is only for vendor snow; leave it out",
		"bad-snow-region.yml":         `testdata/bad-snow-region.yml:4:13: account "a": region is not known; use one of australiasoutheast, eastus2, uksouth, westeurope, or base_url and token_url`,
		"bad-snow-region-and-url.yml": `testdata/bad-snow-region-and-url.yml:4:13: account "a": region and base_url exclude each other; leave one out`,
		"bad-snow-token-url.yml":      `testdata/bad-snow-token-url.yml:5:16: account "a": token_url contains a user or password; put credentials in http_client_config`,
		"bad-snow-two-token-urls.yml": `testdata/bad-snow-two-token-urls.yml:4:16: account "a": token_url and http_client_config.oauth2.token_url differ; leave one out`,
		"bad-snow-no-credential.yml":  `testdata/bad-snow-no-credential.yml:4:5: account "a": http_client_config has no credential for this vendor; set oauth2 with the client_id of an application registration and a client_secret_file`,
		"bad-snow-no-client-id.yml":   `testdata/bad-snow-no-client-id.yml:4:26: account "a": http_client_config.oauth2.client_id is missing; use that of the application registration`,
		"bad-snow-no-secret.yml":      `testdata/bad-snow-no-secret.yml:4:26: account "a": http_client_config.oauth2 has no secret; set client_secret_file to a file with the secret of the application registration`,
		"bad-snow-two-secrets.yml":    `testdata/bad-snow-two-secrets.yml:4:26: account "a": http_client_config.oauth2: at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials`,
		"bad-snow-empty-file.yml":     `testdata/bad-snow-empty-file.yml:4:69: account "a": http_client_config.oauth2.client_secret_file: the file is empty`,
		"bad-snow-page-size.yml":      `testdata/bad-snow-page-size.yml:4:16: account "a": page_size must be above 0`,
		"bad-snow-prefix.yml":         `testdata/bad-snow-prefix.yml:4:26: account "a": prefixes.licenses must be a path, like /api/sam/v1`,
		"bad-snow-organizations.yml":  `testdata/bad-snow-organizations.yml:4:5: account "a": organizations cannot be set for vendor snow, because the credential selects the tenant; leave it out`,
	} {
		t.Run(file, func(t *testing.T) {
			_, err := Load(filepath.Join("testdata", file), vendors)
			if err == nil {
				t.Fatal("it is accepted")
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("the error differs (-want +got):\n%s", diff)
			}
			if strings.Contains(err.Error(), "secret-value") {
				t.Error("the error shows a value that may be a secret")
			}
		})
	}
}

func TestLoadFollowsAliases(t *testing.T) {
	c, err := Load("testdata/good-aliases.yml", vendors)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range c.Accounts {
		got = append(got, a.Name+" "+a.Vendor+" "+a.BaseURL)
	}
	if diff := cmp.Diff([]string{
		"emea meraki https://api.meraki.com/api/v1",
		"apac meraki https://api.meraki.com/api/v1",
		"gov meraki https://api.gov-meraki.com/api/v1",
		"tenant snow https://westeurope.snowsoftware.io",
	}, got); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
}

// A key that several vendors have is for these vendors.
func TestKeyOfSeveralOtherVendors(t *testing.T) {
	another := *snow.Vendor
	another.Name = "another"
	_, err := Load("testdata/bad-meraki-snow-keys.yml", append(slices.Clone(vendors), &another))
	if want := "page_size is only for vendor snow or another; leave it out"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEveryBadFileIsTested(t *testing.T) {
	files, err := filepath.Glob("testdata/bad-*.yml")
	if err != nil || len(files) != 43 {
		t.Errorf("%d bad files (%v); TestLoadRefuses knows 43", len(files), err)
	}
}

// environment returns a getenv function for variables of the form NAME=value.
func environment(variables ...string) func(name string) string {
	return func(name string) string {
		for _, variable := range variables {
			if value, ok := strings.CutPrefix(variable, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestFromEnvironment(t *testing.T) {
	if c, err := FromEnvironment(environment(), vendors); c != nil || err != nil {
		t.Errorf("an empty environment gives %v, %v", c, err)
	}
	c, err := FromEnvironment(environment("MERAKI_DASHBOARD_API_KEY= key\n"), vendors)
	if err != nil {
		t.Fatal(err)
	}
	a := c.Accounts[0]
	if len(c.Accounts) != 1 || a.Name != "meraki" || a.BaseURL != "https://api.meraki.com/api/v1" || a.HTTPClientConfig.Authorization.Credentials != "key" {
		t.Errorf("got %+v", a)
	}
	_, err = FromEnvironment(environment("MERAKI_DASHBOARD_API_KEY=secret-value", "MERAKI_BASE_URL=nonsense"), vendors)
	if err == nil || strings.Contains(err.Error(), "secret-value") || !strings.Contains(err.Error(), "base_url must be") {
		t.Errorf("a bad address gives %v", err)
	}
}

// Errors name the variable, and show no value.
func TestFromEnvironmentRefuses(t *testing.T) {
	for pairs, want := range map[string]string{
		"MERAKI_DASHBOARD_API_KEY=secret-value\nsecond":             "environment: MERAKI_DASHBOARD_API_KEY: the value contains a newline or another control character, which cannot be sent; it must be one line",
		"MERAKI_DASHBOARD_API_KEY=\ufeffsecret-value":               "environment: MERAKI_DASHBOARD_API_KEY: the value begins with a byte order mark; save the file as UTF-8 without one, often called UTF-8 without BOM",
		"MERAKI_DASHBOARD_API_KEY=Bearer secret-value":              "environment: MERAKI_DASHBOARD_API_KEY: the value contains a blank or an invisible character; it must be only the credential, without a name or a word before it",
		"MERAKI_DASHBOARD_API_KEY=secret-value|MERAKI_BASE_URL=x":   `environment: MERAKI_BASE_URL: account "meraki": base_url must be an address with a host and without query, like https://api.example.com/api/v1`,
		"MERAKI_DASHBOARD_API_KEY=secret value|SNOW_CLIENT_ID=a":    "environment: MERAKI_DASHBOARD_API_KEY: the value contains a blank or an invisible character; it must be only the credential, without a name or a word before it\nenvironment: SNOW_CLIENT_ID is set and SNOW_CLIENT_SECRET is not; set both",
		"SNOW_CLIENT_ID=a|SNOW_CLIENT_SECRET=secret\u200bvalue":     "environment: SNOW_CLIENT_SECRET: the value contains a blank or an invisible character; it must be only the credential, without a name or a word before it",
		"SNOW_CLIENT_ID=a|SNOW_BASE_URL=x|SNOW_TOKEN_URL=ftp:":      "environment: SNOW_CLIENT_ID is set and SNOW_CLIENT_SECRET is not; set both\nenvironment: SNOW_TOKEN_URL: account \"snow\": token_url must be an address with a host and without query, like https://api.example.com/api/v1\nenvironment: SNOW_BASE_URL: account \"snow\": base_url must be an address with a host and without query, like https://api.example.com/api/v1",
		"MERAKI_DASHBOARD_API_KEY=a\nb|MERAKI_BASE_URL=x":           "environment: MERAKI_DASHBOARD_API_KEY: the value contains a newline or another control character, which cannot be sent; it must be one line\nenvironment: MERAKI_BASE_URL: account \"meraki\": base_url must be an address with a host and without query, like https://api.example.com/api/v1",
		"MERAKI_DASHBOARD_API_KEY=a|MERAKI_BASE_URL=x y":            "environment: MERAKI_BASE_URL: the value contains a blank or an invisible character; it must be only the credential, without a name or a word before it",
		"SNOW_CLIENT_ID=a|SNOW_CLIENT_SECRET=k|SNOW_TOKEN_URL=ftp:": `environment: SNOW_TOKEN_URL: account "snow": token_url must be an address with a host and without query, like https://api.example.com/api/v1`,
	} {
		_, err := FromEnvironment(environment(strings.Split(pairs, "|")...), vendors)
		if err == nil || err.Error() != want {
			t.Errorf("%q gives\n%v, want\n%s", pairs, err, want)
		}
	}
}

func TestNewReportsDuplicates(t *testing.T) {
	a := collector.AccountConfig{Name: "a", Vendor: "cisko"}
	_, err := New(vendors, a, a)
	if err == nil || !strings.Contains(err.Error(), `account "a": the name is taken`) {
		t.Errorf("got %v", err)
	}
}

// Accounts may share what an anchor names, however many they are. A short file that
// expands to a huge one is refused before it fills the memory.
func TestManyAliases(t *testing.T) {
	const first = `accounts:
  - &first {name: first, vendor: meraki, organizations: &filter {exclude: &ids [` + "%s" + `]}, http_client_config: &shared {authorization: {credentials: k}}}
`
	ids := strings.Repeat(`"1", `, 40)
	var accounts strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&accounts, "  - {name: a%d, vendor: meraki, organizations: {exclude: *ids}, http_client_config: *shared}\n", i)
		fmt.Fprintf(&accounts, "  - {<<: *first, name: b%d, organizations: *filter}\n", i)
	}
	laughs := func(last string) string {
		var text strings.Builder
		text.WriteString("accounts:\n  - name: a\n    vendor: snow\n    http_client_config:\n      oauth2:\n        claims:\n          a0: &a0 x\n")
		for i := range 40 {
			fmt.Fprintf(&text, "          a%d: &a%[1]d [%s]\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
		}
		return text.String() + last
	}
	for _, test := range []struct{ content, want string }{
		{fmt.Sprintf(first, ids) + accounts.String(), ""},
		{"accounts:\n  - {name: a, vendor: meraki, organizations: {include: &ids [" + strings.Repeat(`"1", `, 5000) + `]}, http_client_config: {authorization: {credentials: k}}}
  - {name: b, vendor: meraki, organizations: {include: *ids}, http_client_config: {authorization: {credentials: k}}}`, ""},
		{fmt.Sprintf(first, ids) + accounts.String() + "  - {name: last, vendor: meraki, http_client_config: *shared, maxage: 5m}\n", `:20003:63: account "last": key maxage is not known; did you mean max_age? docs/configuration.md lists all keys`},
		{laughs(""), ": there are more than 2000000 values, including those that aliases repeat; use fewer aliases or shorter lists"},
		{"accounts: &a [*a]", ":1:11: an alias refers to a value that contains itself"},
		{"accounts: [&a {<<: *a, name: a, vendor: meraki}]", ":1:12: an alias refers to a value that contains itself"},
		{"accounts: [*hunter2]", ":1:12: an alias has no anchor; write values that begin with * in quotes"},
	} {
		var got string
		if _, _, err := decode("", []byte(test.content), vendors); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestKeysThatOccurTwice(t *testing.T) {
	for content, want := range map[string]string{
		"accounts: []\naccounts: []":                                 ":2:1: key accounts occurs twice; leave one out",
		"accounts: [{name: a, vendor: meraki, name: b}]":             `:1:38: account 1 of the list: key name occurs twice; leave one out`,
		"accounts: [{<<: {}, vendor: meraki, <<: {}, name: b}]":      `:1:37: account 1 of the list: a key occurs twice; leave one out`,
		"accounts: [{name: b, vendor: meraki, rate_limit:5}]":        `:1:38: account "b": key rate_limit needs a space after its colon; docs/configuration.md lists all keys`,
		"accounts: [{name: b, vendor: meraki, hunter2: 5}]":          `:1:38: account "b": a key is not known; docs/configuration.md lists all keys`,
		"accounts: [{name: b, vendor: meraki, [a]: 5}]":              `:1:38: account "b": a key is not plain text; docs/configuration.md lists all keys`,
		"accounts: [{vendor: meraki, rate_limit: {source: a}}]":      `:1:50: account 1 of the list: rate_limit.source must be a number`,
		"accounts: [{vendor: meraki, <<: [{max_age: }, {a: }]}]":     `:1:48: account 1 of the list: a key is not known; docs/configuration.md lists all keys`,
		"accounts: [{vendor: meraki, base_url: {source: a}}]":        `:1:39: account 1 of the list: base_url must be text`,
		"accounts: [{vendor: meraki, organizations: {include: {}}}]": `:1:54: account 1 of the list: organizations.include must be a list`,
	} {
		if _, _, err := decode("", []byte(content), vendors); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", content, err, want)
		}
	}
}
