package helm

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const validAccount = `{name: a, vendor: meraki, http_client_config: {authorization: {credentials_file: /run/secrets/a}}}`

// templateConfig renders the chart with a configuration in YAML.
func templateConfig(t *testing.T, config string) error {
	t.Helper()
	var content any
	if err := yaml.Unmarshal([]byte(config), &content); err != nil {
		t.Fatalf("%v\n%s", err, config)
	}
	values, err := yaml.Marshal(map[string]any{"config": content})
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err == nil {
		err = os.WriteFile(path, values, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = template(t, "--values="+path)
	return err
}

// Helm refuses keys that the exporter would refuse, wherever they are.
func TestConfigRefuses(t *testing.T) {
	account := func(keys string) string {
		return "accounts: [{name: a, vendor: meraki, " + keys + ", http_client_config: {}}]"
	}
	client := func(keys string) string {
		return "accounts: [{name: a, vendor: meraki, http_client_config: {" + keys + "}}]"
	}
	policy := func(keys string) string { return "accounts: [" + validAccount + "]\npolicies: [{" + keys + "}]" }
	for config, want := range map[string]string{
		"acounts: []": "'/config': additional properties 'acounts' not allowed",
		"accounts: [" + validAccount + "]\npolices: []":                  "'/config': additional properties 'polices' not allowed",
		account("max_agee: 5m"):                                          "'/config/accounts/0': additional properties 'max_agee' not allowed",
		account("region: westeurope"):                                    "'/config/accounts/0': additional properties 'region' not allowed",
		account("organizations: {includes: [a]}"):                        "'/config/accounts/0/organizations': additional properties 'includes' not allowed",
		account("rate_limit: {org: 5}"):                                  "'/config/accounts/0/rate_limit': additional properties 'org' not allowed",
		account("max_age: soon"):                                         "'/config/accounts/0/max_age': 'soon' does not match pattern",
		account("max_age: 5"):                                            "'/config/accounts/0/max_age': maximum: got 5, want 0",
		account("max_age: 5m1h"):                                         "'/config/accounts/0/max_age': '5m1h' does not match pattern",
		account("individual_licenses: maybe"):                            "'/config/accounts/0/individual_licenses': got string, want null or boolean",
		account("rate_limit: 5"):                                         "'/config/accounts/0/rate_limit': got number, want null or object",
		account("labels: {customer: [a]}"):                               "'/config/accounts/0/labels/customer': got array, want null or string",
		account("organizations: {include: 5}"):                           "'/config/accounts/0/organizations/include': got number, want null or array",
		"accounts: [{name: a, vendor: snow, reigon: a}]":                 "'/config/accounts/0': additional properties 'reigon' not allowed",
		"accounts: [{name: a, vendor: snow, prefixes: {license: a}}]":    "'/config/accounts/0/prefixes': additional properties 'license' not allowed",
		"accounts: [{name: a, vendor: merakki, http_client_config: {}}]": "'/config/accounts/0/vendor': value must be one of 'meraki', 'snow'",
		"accounts: [{name: a, http_client_config: {}}]":                  "'/config/accounts/0': missing property 'vendor'",
		"accounts: [{vendor: meraki, http_client_config: {}}]":           "'/config/accounts/0': missing property 'name'",
		"accounts: [{name: a, vendor: meraki}]":                          "'/config/accounts/0': missing property 'http_client_config'",
		"accounts: [text]":                                               "'/config/accounts/0': got string, want object",
		client("autorization: {credentials_file: a}"):                    "http_client_config': additional properties 'autorization' not allowed",
		client("authorization: {credential_file: a}"):                    "http_client_config/authorization': additional properties 'credential_file' not allowed",
		client("authorization: {credentials_ref: a}"):                    "http_client_config/authorization': additional properties 'credentials_ref' not allowed",
		client("basic_auth: {user: a}"):                                  "http_client_config/basic_auth': additional properties 'user' not allowed",
		client("oauth2: {clientid: a}"):                                  "http_client_config/oauth2': additional properties 'clientid' not allowed",
		client("oauth2: {tls_config: {ca_files: a}}"):                    "http_client_config/oauth2/tls_config': additional properties 'ca_files' not allowed",
		client("tls_config: {min_version: TLS9}"):                        "http_client_config/tls_config/min_version': value must be one of",
		client("http_headers: {X-Key: {file: [a]}}"):                     "http_client_config/http_headers/X-Key': additional properties 'file' not allowed",
		policy("ower: team"):                                             "'/config/policies/0': additional properties 'ower' not allowed",
		policy("owner: team, match: {vendors: snow}"):                    "'/config/policies/0/match': additional properties 'vendors' not allowed",
		policy("renewal: never"):                                         "'/config/policies/0/renewal': value must be one of",
		policy("notice: 60 days"):                                        "'/config/policies/0/notice': '60 days' does not match pattern",
		policy("end: next year"):                                         "'/config/policies/0/end': 'next year' does not match pattern",
		policy("minimum_available_seats: -1"):                            "'/config/policies/0/minimum_available_seats': minimum: got -1, want 0",
		"accounts: [" + validAccount + "]\npolicy_files: policies.csv":   "'/config/policy_files': got string, want",
		"accounts: [&a {max_agee: 5m, name: a, vendor: meraki, http_client_config: {}}, {<<: *a, name: b}]": "'/config/accounts/1': additional properties 'max_agee' not allowed",
		"accounts: [" + validAccount + ", {name: b, vendor: snow, page: 10}]":                               "'/config/accounts/1': additional properties 'page' not allowed",
	} {
		if err := templateConfig(t, config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %v\nwant %s", config, err, want)
		}
	}
}

// Each value of the chart is known, too.
func TestValuesRefuses(t *testing.T) {
	for set, want := range map[string]string{
		"webConfig.secret=a":                              "'/webConfig': additional properties 'secret' not allowed",
		"webConfig.certificateSecret=a":                   "webConfig.certificateSecret needs webConfig.existingSecret",
		"strategy.typ=Recreate":                           "'/strategy': additional properties 'typ' not allowed",
		"policyFiles.a=b":                                 "'/policyFiles': additional properties 'a' not allowed",
		`policyFiles.license_exporter\.yml=b`:             "'/policyFiles/license_exporter.yml'",
		"serviceMonitor.scheme=ftp":                       "'/serviceMonitor/scheme': value must be one of",
		"serviceMonitor.basicAuth.user.name=a":            "'/serviceMonitor/basicAuth': additional properties 'user' not allowed",
		"scrapeConfig.authorization.credentials.name=a":   "'/scrapeConfig/authorization/credentials': missing property 'key'",
		"dashboards.enable=true":                          "'/dashboards': additional properties 'enable' not allowed",
		"dashboards.grafanaOperator.enabled=true":         "dashboards.grafanaOperator.instanceSelector is required, such as matchLabels: {dashboards: grafana}",
		"dashboards.grafanaOperator.instanceSelectr.a=b":  "'/dashboards/grafanaOperator': additional properties 'instanceSelectr' not allowed",
		"credentials.secret=a":                            "'/credentials': additional properties 'secret' not allowed",
		"networkPolicy.ingress[0].from=a":                 "'/networkPolicy': additional properties 'ingress' not allowed",
		"config.accounts[0].base_url=https://a:b@example": "'/config/accounts/0': missing properties",
	} {
		if output, err := template(t, "--set="+set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %v\nwant %s\n%s", set, err, want, output)
		}
	}
}

// Helm accepts what the documents show. An example of one part of the configuration becomes
// a whole one.
func TestConfigExamples(t *testing.T) {
	paths, err := filepath.Glob(root + "/docs/*.md")
	if err != nil || len(paths) < 5 {
		t.Fatalf("%v: %v", paths, err)
	}
	const common = "accounts:\n- name: a\n  vendor: meraki\n  http_client_config: {authorization: {credentials_file: /run/secrets/a}}\n"
	tested := map[string]int{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range yamlBlock.FindAllStringSubmatch(string(content), -1) {
			var example map[string]any
			if err := yaml.Unmarshal([]byte(block[1]), &example); err != nil {
				continue // a list, or no configuration
			}
			config := block[1]
			switch keys := slices.Collect(maps.Keys(example)); {
			case slices.Contains(keys, "accounts"):
			case slices.Contains(keys, "policies"), slices.Contains(keys, "policy_files"):
				config = common + config
			case slices.Contains(keys, "organizations"), slices.Contains(keys, "labels"), slices.Contains(keys, "rate_limit"):
				config = common + "  " + strings.TrimSpace(strings.ReplaceAll(config, "\n", "\n  ")) + "\n"
			default: // of Prometheus, Alertmanager or the chart
				continue
			}
			tested[filepath.Base(path)]++
			if err := templateConfig(t, config); err != nil {
				t.Errorf("%s: %v\n%s", path, err, config)
			}
		}
	}
	if tested["configuration.md"] < 3 {
		t.Errorf("the examples are %v", tested)
	}
	// The places that have no example.
	for _, config := range []string{
		"accounts: [" + validAccount + "]\npolicies: [{muted: true, end: 2027-03-31}, {end: 2027-03-31T12:00:00Z, minimum_available_seats: 5.5, notice: 1w2d}]",
		"accounts: [{name: a, vendor: meraki, max_age: 0, rate_limit: , labels: {key: x, password: z}, http_client_config: {tls_config: {ca: text, min_version: TLS12}}}]",
		"accounts: [{name: a, vendor: snow, page_size: 10, prefixes: {licenses: /a}, token_url: https://example.com, http_client_config: {http_headers: {A: {files: [b], values: [c]}}, oauth2: {claims: {a: {b: 1}}, endpoint_params: {a: b}, scopes: [a]}}}]",
	} {
		if err := templateConfig(t, config); err != nil {
			t.Errorf("%v\n%s", err, config)
		}
	}
}

// No secret gets into the ConfigMap, wherever the configuration can have one. The schema marks
// these places.
func TestSecretsAreRefusedEverywhere(t *testing.T) {
	content, err := os.ReadFile(chart + "/values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Definitions map[string]any }
	if err := json.Unmarshal(content, &schema); err != nil {
		t.Fatal(err)
	}
	tested := 0
	var visit func(schema any, config string)
	visit = func(node any, config string) {
		s, _ := node.(map[string]any)
		if s["writeOnly"] == true {
			tested++
			config = "accounts: [{name: a, vendor: snow, http_client_config: " + fmt.Sprintf(config, "hunter2") + "}]"
			if err := templateConfig(t, config); err == nil || !strings.Contains(err.Error(), " is a secret and must not be in a ConfigMap") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s\ngot %v", config, err)
			}
			return
		}
		properties, _ := s["properties"].(map[string]any)
		for key, inner := range properties {
			visit(inner, fmt.Sprintf(config, "{"+key+": %s}"))
		}
		if rest := s["additionalProperties"]; rest != nil {
			visit(rest, fmt.Sprintf(config, "{X-Name: %s}"))
		}
		if items := s["items"]; items != nil {
			visit(items, fmt.Sprintf(config, "[%s]"))
		}
	}
	visit(schema.Definitions["http_client_config"], "%s")
	if tested < 9 {
		t.Errorf("only %d places", tested)
	}
	for _, url := range []string{"base_url: https://me:hunter2@example.com/api", "token_url: HTTPS://hunter2@example.com"} {
		config := "accounts: [{name: a, vendor: snow, " + url + ", http_client_config: {}}]"
		if err := templateConfig(t, config); err == nil || !strings.Contains(err.Error(), " is a secret and must not be in a ConfigMap") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s\ngot %v", config, err)
		}
	}
}
