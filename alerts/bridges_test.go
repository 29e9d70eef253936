package alerts

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"license_exporter/internal/metricsdoc"
)

const bridges = "license_bridges.rules.yml"

// TestBridgesRecordMetrics checks that what the bridges record looks as the metrics of
// the exporter do.
func TestBridgesRecordMetrics(t *testing.T) {
	labelsOf := map[string][]string{}
	for _, m := range metricsdoc.Read(t, "../docs/metrics.md") {
		labelsOf[m.Name] = append(m.Labels, "job", "cluster", "region")
	}
	for _, g := range groups(t, bridges) {
		for _, r := range g.Rules {
			if strings.HasPrefix(r.Record, "license_bridge:") {
				if r.Labels["vendor"] == "" {
					t.Errorf("a rule of %s sets no vendor", r.Record)
				}
				continue
			}
			if labelsOf[r.Record] == nil {
				t.Errorf("there is no metric %s", r.Record)
			}
			for _, list := range grouping.FindAllStringSubmatch(r.Expr, -1) {
				for _, l := range label.FindAllString(list[1], -1) {
					if !slices.Contains(labelsOf[r.Record], l) {
						t.Errorf("%s has no label %s", r.Record, l)
					}
				}
			}
		}
	}
}

var source = regexp.MustCompile(`\b(?:seconds_until|redpanda|vm|kong|emqx|pve|powerscale|flexlm|coderd)_\w+`)

// TestBridgesAreDocumentedAndTested checks that docs/bridges.md lists exactly the vendors
// and metrics that the rules read, and that tests have each of them.
func TestBridgesAreDocumentedAndTested(t *testing.T) {
	read := func(path string) string {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	_, document, _ := strings.Cut(read("../docs/bridges.md"), "## What is read")
	document, _, _ = strings.Cut(document, "\n## ")
	tests := read("tests/bridges_test.yml")
	used := map[string]bool{}
	for _, r := range groups(t, bridges)[0].Rules {
		if !strings.HasPrefix(r.Record, "license_bridge:") { // it reads those that do
			continue
		}
		names := source.FindAllString(r.Expr, -1)
		if len(names) == 0 {
			t.Errorf("a rule of %s for %s reads nothing", r.Record, r.Labels["vendor"])
		}
		for _, name := range append(names, r.Labels["vendor"]) {
			used[name] = true
		}
	}
	for name := range used {
		if !strings.Contains(document, "`"+name+"`") {
			t.Errorf("docs/bridges.md does not list %s", name)
		}
		if !strings.Contains(tests, name+"{") && !strings.Contains(tests, `vendor="`+name+`"`) {
			t.Errorf("no test has %s", name)
		}
	}
	for _, name := range source.FindAllString(document, -1) {
		if !used[name] && !strings.HasSuffix(name, "_exporter") {
			t.Errorf("docs/bridges.md lists %s, which no rule reads", name)
		}
	}
}
