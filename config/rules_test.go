package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each of Prometheus's rules for HTTP clients is reported at the key that it is about.
func TestRulesOfHTTPClients(t *testing.T) {
	const (
		proxy = "proxy_url must be an address, like https://proxy.example.com"
		begin = "accounts:\n  - name: a\n    vendor: meraki\n    http_client_config:\n"
		auth  = "      authorization: {credentials: hunter2}\n"
	)
	for lines, want := range map[string]string{
		auth + "      basic_auth: {username: u, password: hunter2}\n":                                       "4:5: : at most one of basic_auth, oauth2 & authorization must be configured",
		auth + "      bearer_token: hunter2\n":                                                              "5:7: .authorization: authorization is not compatible with bearer_token & bearer_token_file",
		"      authorization: {type: Basic, credentials: hunter2}\n":                                        `5:7: .authorization: authorization type cannot be set to "basic", use "basic_auth" instead`,
		"      basic_auth: {username: u, username_ref: f}\n":                                                "5:7: .basic_auth: at most one of basic_auth username, username_file & username_ref must be configured",
		"      oauth2: {client_id: u}\n":                                                                    "5:7: .oauth2: oauth2 token_url must be configured",
		"      oauth2: {client_id: u, client_secret: hunter2, token_url: 'http://x', proxy_url: hunter2}\n": "5:88: .oauth2." + proxy,
		auth + "      no_proxy: hunter2\n":                                                                  "6:17: .no_proxy: if no_proxy is configured, proxy_url must also be configured",
		auth + "      proxy_connect_header: {A: [hunter2]}\n":                                               "6:7: .proxy_connect_header: if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured",
		auth + "      proxy_url: hunter2\n":                                                                 "6:18: ." + proxy,
		auth + "      proxy_url: ftp://hunter2\n":                                                           "6:18: ." + proxy,
		auth + "      proxy_url: http://hunter2:99999\n":                                                    "6:18: ." + proxy,
		auth + "      tls_config: {cert: hunter2}\n":                                                        "6:19: .tls_config: exactly one of key or key_file must be configured when a client certificate is configured",
		auth + "      tls_config:\n        key_file: hunter2\n":                                             "6:7: .tls_config: exactly one of cert or cert_file must be configured when a client key is configured",
		"      authorization:\n        credentials: ''\n":                                                   "4:5:  has no credential; set authorization.credentials_file to a file with the API key",
	} {
		_, _, err := decode("", []byte(begin+lines), vendors)
		if err == nil {
			t.Errorf("%s is accepted", lines)
			continue
		}
		got, _, _ := strings.Cut(strings.Replace(strings.TrimPrefix(err.Error(), ":"), `account "a": http_client_config`, "", 1), "\n")
		if diff := cmp.Diff(want, got); diff != "" || strings.Contains(err.Error(), secret) {
			t.Errorf("%s shows a value, or differs (-want +got):\n%s", lines, diff)
		}
	}
}

func TestTokenURLOfSnow(t *testing.T) {
	_, _, err := decode("f", []byte("accounts:\n  - name: a\n    vendor: snow\n    http_client_config:\n      oauth2: {client_id: a, client_secret: b, token_url: 'ht tp://hunter2'}\n"), vendors)
	wantError(t, err, `f:5:59: account "a": http_client_config.oauth2.token_url is not a valid URL; write it like https://api.example.com/api/v1`)
}

func TestValuesThatWouldBeChanged(t *testing.T) {
	_, _, err := decode("f", []byte("accounts:\n  - name: |\n      a\n    vendor: meraki\n    http_client_config: {authorization: {credentials: k}}\n  - name: b\n    vendor: snow\n    page_size: 1.5\n    individual_licenses_limit: 1e3\n"), vendors)
	wantError(
		t, err,
		`f:2:11: account "a\n": name must be one line without control characters; it becomes the label account`,
		`f:8:16: account "b": page_size must be a whole number`,
	)
}

// What an alias repeats is wrong each time, and is reported without its value.
func TestAliasesOfWrongValues(t *testing.T) {
	_, _, err := decode("f", []byte(`accounts:
  - &a
    name: a
    vendor: meraki
    max_age: &age hunter2
    http_client_config: &h {tls_config: {ca: hunter2, ca_file: x}}
  - <<: *a
    name: b
  - name: c
    vendor: meraki
    max_age: *age
    http_client_config: *h
  - vendor: meraky
    max_agee: 5m
`), vendors)
	wantError(
		t, err,
		`f:5:14: account "a": max_age must be a duration; write it like 90s, 5m or 24h`,
		`f:6:41: account "a": http_client_config.tls_config: at most one of ca, ca_file & ca_ref must be configured`,
		`f:11:14: account "c": max_age must be a duration; write it like 90s, 5m or 24h`,
		`f:13:13: account "": vendor is not known; use meraki or snow`,
		`f:14:5: account 4 of the list: key max_agee is not known; did you mean max_age? docs/configuration.md lists all keys`,
	)
}
