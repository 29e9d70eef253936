package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var promql = regexp.MustCompile("(?s)```promql\n(.*?)```")

// TestRunbooks checks that the exporter serves the runbooks as pages, and that Prometheus
// accepts their queries, with the demo's data.
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
		name := filepath.Base(page)
		served, err := exporter.get("/docs/runbooks/" + name)
		if alert := strings.TrimSuffix(name, ".md"); err != nil || !strings.Contains(served, ">"+alert+"</h1>") {
			t.Errorf("%s is not the page on %s: %v", name, alert, err)
		}
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
