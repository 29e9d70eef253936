package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var promql = regexp.MustCompile("(?s)```promql\n(.*?)```")

// TestRunbooks checks that Prometheus accepts the queries of the runbooks, with the demo's
// data.
func TestRunbooks(t *testing.T) {
	exporter := startExporter(t, "--demo")
	prom := startPrometheus(t, exporter)
	prom.awaitScrapes(1)
	pages, err := filepath.Glob("../docs/runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	queries := 0
	for _, page := range pages {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range promql.FindAllSubmatch(content, -1) {
			queries++
			if _, err := prom.query(string(match[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
	if queries == 0 {
		t.Errorf("no query in %d runbooks", len(pages))
	}
}
