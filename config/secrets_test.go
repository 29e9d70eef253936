package config

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// secret is what errors must not show.
const secret = "hunter2"

// everyKey is a configuration with all kinds of values.
const everyKey = `accounts:
  - name: first
    vendor: meraki
    base_url: https://api.example.com/api/v1
    organizations: {include: ["1"], exclude: ["2"]}
    individual_licenses: true
    individual_licenses_limit: 10
    labels: {customer: acme, team: network}
    max_age: 5m
    rate_limit:
      organization: 5
      source: 50.5
    http_client_config:
      authorization:
        type: Bearer
        credentials_file: nowhere
        credentials_ref: one
      follow_redirects: true
      enable_http2: true
      proxy_url: http://proxy.example.com:3128
      no_proxy: example.com
      proxy_connect_header: {X-Proxy: [one, two]}
      http_headers:
        X-Header: {values: [one], secrets: [two], files: [nowhere]}
      tls_config: {ca: text, cert: text, key: text, server_name: example.com, insecure_skip_verify: false, min_version: TLS12}
  - name: second
    vendor: snow
    region: eastus2
    prefixes: {licenses: /sam}
    page_size: 100
    http_client_config:
      basic_auth: {username: one, password: two, password_file: nowhere}
      bearer_token: one
      oauth2:
        client_id: one
        client_secret: two
        client_secret_file: nowhere
        scopes: [one]
        token_url: https://login.example.com/token
        endpoint_params: {audience: one}
        claims: {one: {two: [three]}}
        grant_type: client_credentials
        signature_algorithm: RS256
        tls_config: {ca_file: nowhere, max_version: TLS13}
        proxy_from_environment: true
policies:
  - match: {vendor: meraki, account: first, organization_id: one, organization_name: one*, product: one, product_name: one, license_id: one}
    owner: one
    renewal: automatic
    notice: 60d
    minimum_available_seats: 5
    end: 2027-03-31
    muted: true
policy_files: [one.csv]
`

// notations are ways to write a secret in the place of a value or key, or beside it.
// VALUE is what was there before.
var notations = []string{
	"SECRET", `"SECRET"`, `'SECRET'`, "VALUE SECRET", "VALUE:SECRET", "VALUE: SECRET", "{VALUE:SECRET}", "{SECRET}", "[SECRET]", "{SECRET: SECRET}", "[[SECRET], {a: SECRET}]",
	"*SECRET", "&SECRET VALUE", "&a SECRET", "!SECRET VALUE", "!!SECRET VALUE", "!<SECRET> VALUE",
	"!!int SECRET", "!!float SECRET", "!!bool SECRET", "!!null SECRET", "!!binary SECRET", "!!timestamp SECRET", "!!str SECRET", "!!map SECRET", "!!seq [SECRET]", "!!merge SECRET",
	"VALUE # SECRET", "\tSECRET", "\"SECRET", "'SECRET", "{SECRET", "[SECRET", "@SECRET", "`SECRET", "%SECRET", "SECRET: ", "? SECRET", "- SECRET", "<<: SECRET", "{<<: SECRET}", "{<<: [SECRET]}",
	"{SECRET: 1, SECRET: 2}", "{[SECRET]: 1}", "{{SECRET: 1}: 1}", "{!!int SECRET: 1}", `"\SECRET"`, `"\xSECRET"`, "\x01SECRET", "\xffSECRET",
	"https://user:SECRET@example.com", "https://user:SECRET@%zz", "http://[SECRET", ":SECRET", "https://example.com/?SECRET", "https://SECRET",
	"1SECRET", "5mSECRET", "1e5SECRET", "VALUESECRET", "SECRETVALUE", "/SECRET\x00", "SECRET/a", "VALUE\nSECRET", "|\n SECRET", ">\n SECRET", "VALUE: {SECRET", "--- SECRET", "...\nSECRET",
}

// names matches the names of accounts in errors.
var names = regexp.MustCompile(`account "(?:[^"\\]|\\.)*"`)

func checkNoSecret(t *testing.T, content string) {
	t.Helper()
	if _, _, err := decode("file.yml", []byte(content), vendors); err != nil && strings.Contains(names.ReplaceAllString(err.Error(), ""), secret) {
		t.Errorf("the error shows the secret: %v\n%s", err, content)
	}
}

func TestErrorsRepeatNothingOfTheFile(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(everyKey), &document); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(everyKey, "\n")
	places := 0
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		for _, child := range n.Content {
			visit(child)
		}
		if n.Kind != yaml.ScalarNode {
			return
		}
		places++
		line := lines[n.Line-1]
		before, after := line[:n.Column-1], line[n.Column-1:]
		quoted := n.Value
		if n.Style == yaml.DoubleQuotedStyle {
			quoted = fmt.Sprintf("%q", n.Value)
		}
		for _, notation := range notations {
			changed := strings.ReplaceAll(strings.ReplaceAll(notation, "SECRET", secret), "VALUE", n.Value)
			lines[n.Line-1] = before + changed + strings.TrimPrefix(after, quoted)
			checkNoSecret(t, strings.Join(lines, "\n"))
		}
		lines[n.Line-1] = line
	}
	visit(&document)
	if places < 100 {
		t.Errorf("only %d places were tried", places)
	}
}
