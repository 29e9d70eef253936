package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Errors about the web configuration have the place of what is wrong, and show no value.
func TestCheckWebRefuses(t *testing.T) {
	const docs = "; " + webDocs + " lists all keys"
	t.Chdir(t.TempDir())
	for name, test := range map[string]struct {
		content string
		want    []string
	}{
		"nothing": {"", nil},
		"good":    {"tls_server_config: {min_version: TLS13}\nrate_limit: {interval: 1s, burst: 5}\nhttp_server_config: {http2: false, headers: {X-Frame-Options: deny}}\nbasic_auth_users: {a: " + hash + "}", nil},
		"keys": {
			"hunter2: x\ncert_file: x\ntls_server_config:\n  certfile: x\n  burst: 1", []string{
				"1:1: a key is not known" + docs,
				"2:1: key cert_file belongs to tls_server_config" + docs,
				"4:3: key certfile of tls_server_config is not known; did you mean cert_file? " + webDocs + " lists all keys",
				"5:3: key burst belongs to rate_limit" + docs,
			},
		},
		"values": {
			"tls_server_config: {min_version: hunter2, cipher_suites: [hunter2], curve_preferences: [hunter2]}\nrate_limit: {interval: hunter2, burst: hunter2}\nhttp_server_config: {http2: hunter2}", []string{
				"1:34: tls_server_config.min_version must be TLS10, TLS11, TLS12 or TLS13",
				"1:59: tls_server_config.cipher_suites[0] must be the name of a cipher suite, like TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
				"1:89: tls_server_config.curve_preferences[0] must be the name of a curve, like X25519",
				"2:24: rate_limit.interval must be a duration; write it like 90s, 5m or 24h",
				"2:40: rate_limit.burst must be a whole number",
				"3:29: http_server_config.http2 must be true or false",
			},
		},
		"passwords": {"basic_auth_users:\n  a: " + hash + "\n  hunter2: hunter2", []string{"3:12: basic_auth_users[1] must be the bcrypt hash of a password, as htpasswd -nB makes it"}},
		"no key":    {"tls_server_config:\n  cert_file: hunter2", []string{"1:1: tls_server_config: missing one of key or key_file"}},
		"no file":   {"tls_server_config:\n  cert_file: hunter2\n  key_file: hunter2", []string{"2:14: tls_server_config.cert_file: failed to read cert_file; check the path, which is relative to this file, and the permissions"}},
		"a header":  {"http_server_config:\n  headers: {Hunter2: hunter2}", []string{"2:3: http_server_config.headers: a header cannot be set; see " + webDocs}},
		"its value": {"http_server_config:\n  headers: {X-Frame-Options: hunter2}", []string{"2:3: http_server_config.headers: a header has an invalid value; see " + webDocs}},
		"several":   {"basic_auth_users: {a: hunter2}\nhttp_server_config: {headers: {Hunter2: x}}", []string{"1:23: basic_auth_users[0] must be the bcrypt hash of a password, as htpasswd -nB makes it", "2:22: http_server_config.headers: a header cannot be set; see " + webDocs}},
		"cost":      {"basic_auth_users: {a: " + strings.Replace(hash, "10", "99", 1) + "}", []string{"1:23: basic_auth_users[0] must be the bcrypt hash of a password, as htpasswd -nB makes it"}},
		"syntax":    {"tls_server_config: {}\nrate_limit: [hunter2", []string{"2: a list or mapping that begins in this line has no end; close it, and separate its entries by commas"}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile("web.yml", []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			var got []string
			if err := CheckWeb("web.yml"); err != nil {
				for line := range strings.SplitSeq(err.Error(), "\n") {
					got = append(got, strings.TrimPrefix(line, "--web.config.file: web.yml:"))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" || strings.Contains(strings.Join(got, ""), secret) {
				t.Errorf("the errors differ, or show a value (-want +got):\n%s", diff)
			}
		})
	}
	if err := CheckWeb(filepath.Join("nowhere", "web.yml")); err == nil || err.Error() != "--web.config.file: open nowhere/web.yml: no such file or directory" {
		t.Errorf("got %v", err)
	}
}

// hash is that of a password in the documents of the exporter toolkit.
const hash = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"
