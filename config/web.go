package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	toolkit "github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"

	"license_exporter/internal/file"
)

// maxWebFile is the maximum size of a web configuration in bytes.
const maxWebFile = 1 << 20

// webFlag begins errors about the web configuration.
const webFlag = "--web.config.file: "

// CheckWeb returns an error if the web configuration of the exporter toolkit in a file cannot be
// used. The library's own errors may repeat what is in the file, and it would wait for a named pipe.
func CheckWeb(path string) error {
	content, err := file.ReadRegular(path, maxWebFile)
	if err != nil {
		return fmt.Errorf(webFlag+"%w", err)
	}
	root, err := parse(path, content)
	if err != nil {
		return fmt.Errorf(webFlag+"%w", err)
	}
	if root == nil {
		return nil
	}
	t := reflect.TypeFor[toolkit.Config]()
	d := &decoder{checker: newChecker(webFlag+path, homes{})}
	d.docs = webDocs
	d.homes.add(home{}, t)
	d.check(root, t, "")
	if len(d.problems) == 0 {
		checkUsers(d, root)
		if err := toolkit.Validate(path); err != nil {
			explainWeb(d, root, err.Error())
		}
	}
	return join(d.problems)
}

const webDocs = "https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md"

// webProblems are what the library's errors begin with, the key that is wrong, and what errors say
// instead of the rest, which may repeat a value.
var webProblems = []struct{ begin, key, text string }{
	{"missing one of cert or cert_file", "tls_server_config", "missing one of cert or cert_file"},
	{"missing one of key or key_file", "tls_server_config", "missing one of key or key_file"},
	{"failed to read cert_file", "tls_server_config.cert_file", "failed to read cert_file; check the path, which is relative to this file, and the permissions"},
	{"failed to read key_file", "tls_server_config.key_file", "failed to read key_file; check the path, which is relative to this file, and the permissions"},
	{"failed to load X509KeyPair", "tls_server_config", "failed to load X509KeyPair; the certificate and the key must be in PEM and belong together"},
	{"client CA's have been configured without a Client Auth Policy", "tls_server_config", "client CA's have been configured without a Client Auth Policy; set client_auth_type"},
	{"invalid ClientAuth", "tls_server_config.client_auth_type", "invalid ClientAuth; use NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert"},
	{"open ", "tls_server_config.client_ca_file", "the file cannot be read; check the path, which is relative to this file, and the permissions"},
	{"HTTP header ", "http_server_config.headers", "a header cannot be set; see " + webDocs},
	{"invalid value for ", "http_server_config.headers", "a header has an invalid value; see " + webDocs},
}

// bcrypt matches hashes of passwords.
var bcrypt = regexp.MustCompile(`^\$2[abxy]?\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$`)

// explainWeb adds what the library finds wrong, without what is in the file.
func explainWeb(d *decoder, root *yaml.Node, text string) {
	for _, p := range webProblems {
		if strings.HasPrefix(text, p.begin) {
			d.add(locate(root, p.key), "%s: %s", p.key, p.text)
			return
		}
	}
	if len(d.problems) == 0 {
		d.add(root, "a key or value is wrong; see %s", webDocs)
	}
}

// checkUsers checks the hashes of passwords, which the library does last.
func checkUsers(d *decoder, root *yaml.Node) {
	if _, users := child(root, "basic_auth_users"); users != nil {
		for i := 1; i < len(users.Content); i += 2 {
			if value := users.Content[i]; !bcrypt.MatchString(value.Value) {
				d.add(value, "basic_auth_users[%d] must be the bcrypt hash of a password, as htpasswd -nB makes it", i/2)
			}
		}
	}
}
