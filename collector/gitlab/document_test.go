package gitlab

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"license_exporter/collector"
	"license_exporter/config"
)

// The examples of the vendor's page can be used as they are.
func TestExamplesOfTheDocument(t *testing.T) {
	document, err := os.ReadFile("../../docs/vendors/gitlab.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gitlab.token"), []byte("token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(document), -1)
	if len(examples) < 2 {
		t.Fatalf("there are %d examples", len(examples))
	}
	for _, example := range examples {
		file := filepath.Join(dir, "config.yml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(example[1], "/etc/license_exporter", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file, collector.Vendors{Vendor}); err != nil {
			t.Errorf("%v\n%s", err, example[1])
		}
	}
}
