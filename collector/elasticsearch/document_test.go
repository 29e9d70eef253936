package elasticsearch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"license_exporter/collector"
	"license_exporter/config"
)

// noCertificate takes out what needs the certificate of an authority.
var noCertificate = strings.NewReplacer("      tls_config:\n        ca_file: /etc/license_exporter/elasticsearch-ca.crt\n", "")

// The examples of the vendor's page can be used as they are.
func TestExamplesOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../../docs/vendors/elasticsearch.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"elasticsearch.key", "elasticsearch.password"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(document), -1)
	if len(examples) < 2 {
		t.Fatalf("there are %d examples", len(examples))
	}
	for _, example := range examples {
		file := filepath.Join(dir, "config.yml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(noCertificate.Replace(example[1]), "/etc/license_exporter", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file, collector.Vendors{Vendor}); err != nil {
			t.Errorf("%v\n%s", err, example[1])
		}
	}
}
