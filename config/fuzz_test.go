package config

import (
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"
	"unicode"

	"license_exporter/collector"
)

// Any file is loaded, or refused with errors that say where and why. The errors show no value that may be a secret.
// Loading takes memory in proportion to the file.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.ReplaceAll(string(text), "secret-value", secret))
	}
	f.Add(everyKey)
	for _, notation := range notations {
		f.Add("accounts: [{name: a, vendor: meraki, max_age: " + strings.ReplaceAll(notation, "SECRET", secret) + "}]")
	}
	for _, seed := range hostile {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		before := allocated()
		c, _, err := decode("file.yml", []byte(text), vendors)
		if used, limit := allocated()-before, uint64(64<<20+1000*len(text)); used > limit {
			t.Errorf("%d bytes are allocated for a file of %d", used, len(text))
		}
		if err == nil {
			wantComplete(t, c)
			return
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !strings.HasPrefix(line, "file.yml:") || strings.ContainsFunc(line, unicode.IsControl) {
				t.Errorf("the error does not begin with the file, or is no line: %q", line)
			}
		}
		if shown := names.ReplaceAllString(err.Error(), ""); strings.Contains(shown, secret) {
			t.Errorf("the error shows a value: %s", shown)
		}
	})
}

// wantComplete checks that nothing that an account needs is missing.
func wantComplete(t *testing.T, c *Config) {
	t.Helper()
	if len(c.Accounts) == 0 {
		t.Error("there is no account")
	}
	taken := map[string]bool{}
	for _, a := range c.Accounts {
		if a.Name == "" || taken[a.Name] || vendors.Find(a.Vendor) == nil || a.Settings == nil || collector.CheckURL("", a.BaseURL) != nil ||
			!(a.RateLimit.Organization > 0) || !(a.RateLimit.Source > 0) || a.IndividualLicensesLimit <= 0 || !a.HTTPClientConfig.HasCredential() {
			t.Errorf("an account is accepted, although it lacks something: %+v", a)
		}
		taken[a.Name] = true
	}
}

// allocated returns how many bytes this process has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// hostile are configurations with a secret in places where one may be by mistake.
var hostile = []string{
	"", "accounts", "accounts:", "accounts: [{}]", "accounts: [~]", "accounts: [[]]", "- accounts", "\x00", "\xff\xfe", "%YAML 9.9\n---\n", "accounts: !!binary hunter2", "? hunter2",
	"accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {credentials: hunter2}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {credentials: [hunter2]}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {credentials: !!int hunter2}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {credentials: *hunter2}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {credentials:hunter2}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {authorization: hunter2}}]", "accounts: [{name: a, vendor: meraki, http_client_config: hunter2}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {type: hunter2, credentials: hunter2}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {basic_auth: {username: a, password: {hunter2: 1}}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {bearer_token: hunter2, proxy_url: 'http://a:hunter2@proxy:x'}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {http_headers: {X-Key: {secrets: hunter2}}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {http_headers: {Authorization: {values: [hunter2]}}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {tls_config: {key: hunter2, min_version: hunter2}}}]",
	"accounts: [{name: a, vendor: meraki, http_client_config: {follow_redirects: hunter2, enable_http2: hunter2}}]",
	"accounts: [{name: a, vendor: meraki}]\npolicies: [{match: {vendor: hunter2, account: hunter2, hunter2: hunter2}, owner: hunter2, end: hunter2}]\npolicy_files: [[hunter2]]",
	"policies: [{match: hunter2, renewal: hunter2, notice: hunter2, minimum_available_seats: hunter2, muted: hunter2}]\npolicy_files: hunter2\naccounts: [{}]",
	"accounts: [{name: a, vendor: meraki, base_url: 'https://hunter2:hunter2@x'}]", "accounts: [{name: a, vendor: meraki, base_url: 'https://x/\x01hunter2'}]",
	"accounts: [{name: a, vendor: meraki, max_age: hunter2}]", "accounts: [{name: a, vendor: meraki, rate_limit: {organization: hunter2}}]",
	"accounts: [{name: a, vendor: snow, http_client_config: {oauth2: {client_id: a, client_secret: hunter2}}}]",
	"accounts: [{name: a, vendor: snow, http_client_config: {oauth2: {client_id: a, client_secret:hunter2}}}]",
	"accounts: [{name: a, vendor: snow, http_client_config: {oauth2: {client_id: a, client_secret: hunter2, token_url: 'https://a:hunter2@x'}}}]",
	"accounts: [{name: a, vendor: snow, token_url: hunter2, http_client_config: {oauth2: {client_id: a, client_secret: hunter2, scopes: hunter2}}}]",
	"accounts: [{name: a, vendor: snow, http_client_config: {oauth2: {client_id: [hunter2], client_secret: 'hunter2, endpoint_params: hunter2}}}]",
	"accounts: [{name: a, vendor: snow, page_size: hunter2, region: [hunter2], prefixes: {licenses: '?hunter2'}}]",
	"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\naccounts: [{name: *c, vendor: *c}]", "x: &x {<<: *x}\naccounts: [*x]", "accounts: &a [*a]", "accounts: [&a {<<: *a}]",
	"k: &k {authorization: {credentials: hunter2}}\naccounts:\n- {name: a, vendor: meraki, http_client_config: *k}\n- {name: b, vendor: meraki, http_client_config: *k}",
	"accounts: [{vendor: meraki,max_a\n\n0}]", "accounts: [{vendor: meraki, \"max\\e_age\": 1}]", "accounts: [{name: \"\\e\", vendor: meraki}]",
	"accounts:\n- name: a\n  vendor: meraki\n  hunter2: hunter2\n", "accounts:\n- {<<: hunter2}", "accounts:\n- name: a\n  name: hunter2\n",
}

// The environment gives an account for each vendor, or errors without values that may be secrets.
func FuzzFromEnvironment(f *testing.F) {
	f.Add("", "", "", "", "", "", "")
	f.Add(secret, "", "", "", "", "", "")
	f.Add(secret, "https://"+secret+":x@api.example.com", "client", secret, "", "westeurope", "")
	f.Add("\n", "nonsense", "", secret, "https://example.com", "mars", "%zz")
	f.Add("", "", "client", "\x00"+secret, "", "", "http://["+secret)
	var variables []string
	for _, v := range vendors {
		for _, variable := range v.Environment {
			variables = append(variables, variable.Name)
		}
	}
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h string) {
		values := map[string]string{}
		for i, value := range []string{a, b, c, d, e, g, h} {
			values[variables[i%len(variables)]] = value
		}
		settings, err := FromEnvironment(func(name string) string { return values[name] }, vendors)
		switch {
		case err != nil:
			if shown := names.ReplaceAllString(err.Error(), ""); strings.Contains(shown, secret) || !strings.HasPrefix(shown, "environment: ") {
				t.Errorf("the error is %s", shown)
			}
		case settings != nil:
			wantComplete(t, settings)
		}
		for _, v := range vendors {
			required, set := 0, 0
			for _, variable := range v.Environment {
				if variable.Required {
					required++
					set += min(1, len(strings.TrimSpace(values[variable.Name])))
				}
			}
			if configured := settings != nil && err == nil; configured && (set == required) != hasVendor(settings, v.Name) || err == nil && set > 0 && set < required {
				t.Errorf("%d of %d variables of %s give %+v, %v", set, required, v.Name, settings, err)
			}
		}
	})
}

func hasVendor(c *Config, name string) bool {
	for _, a := range c.Accounts {
		if a.Vendor == name {
			return true
		}
	}
	return false
}
