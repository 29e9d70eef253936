package alerts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"license_exporter/internal/metricsdoc"
)

// rule is an alert or a recording rule.
type rule struct {
	Record      string            `yaml:"record"`
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err == nil {
		err = yaml.Unmarshal(content, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// glob returns the files that match a pattern. There must be at least one.
func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return paths
}

// group is a group of rules.
type group struct {
	Name  string `yaml:"name"`
	Rules []rule `yaml:"rules"`
}

func groups(t *testing.T, pattern string) []group {
	t.Helper()
	var all []group
	for _, path := range glob(t, pattern) {
		var file struct {
			Groups []group `yaml:"groups"`
		}
		readYAML(t, path, &file)
		all = append(all, file.Groups...)
	}
	return all
}

// shipped are the rule files that are loaded by default.
const shipped = "license_exporter*.rules.yml"

func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, g := range groups(t, shipped) {
		all = append(all, g.Rules...)
	}
	return all
}

func alerts(t *testing.T) []rule {
	t.Helper()
	return slices.DeleteFunc(rules(t), func(r rule) bool { return r.Alert == "" })
}

var severity = regexp.MustCompile(`"severity", "(\w+)"`)

// TestAnnotations checks that each alert has a severity, annotations and a
// runbook.
func TestAnnotations(t *testing.T) {
	runbooks := map[string]bool{}
	for _, path := range glob(t, "../docs/runbooks/License*.md") {
		runbooks[strings.TrimSuffix(filepath.Base(path), ".md")] = true
	}
	table, err := os.ReadFile("../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	recorded := map[string]string{}
	for _, r := range rules(t) {
		recorded[r.Record] = r.Expr
	}
	for _, r := range alerts(t) {
		severities := []string{r.Labels["severity"]}
		if severities[0] == "" {
			severities = nil
			for _, m := range severity.FindAllStringSubmatch(r.Expr+recorded[metric.FindString(r.Expr)], -1) {
				severities = append(severities, m[1])
			}
		}
		if len(severities) == 0 {
			t.Errorf("%s has no severity", r.Alert)
		}
		for _, s := range severities {
			if !slices.Contains([]string{"critical", "warning", "info"}, s) {
				t.Errorf("%s has severity %q", r.Alert, s)
			}
		}
		for _, name := range []string{"summary", "description"} {
			if strings.TrimSpace(r.Annotations[name]) == "" {
				t.Errorf("%s has no %s", r.Alert, name)
			}
		}
		if got, want := r.Annotations["runbook_url"], "http://localhost:10190/docs/runbooks/"+r.Alert+".md"; got != want {
			t.Errorf("%s: runbook_url %s, want %s", r.Alert, got, want)
		}
		if !runbooks[r.Alert] {
			t.Errorf("%s has no runbook in docs/runbooks", r.Alert)
		}
		if !strings.Contains(string(table), "| [`"+r.Alert+"`](runbooks/"+r.Alert+".md) |") {
			t.Errorf("%s is not in the table of docs/alerts.md", r.Alert)
		}
		described[r.Alert] = true
	}
	for name := range runbooks {
		if !described[name] {
			t.Errorf("docs/runbooks/%s.md is about no alert", name)
		}
	}
}

var (
	quoted   = regexp.MustCompile(`"[^"]*"`)
	metric   = regexp.MustCompile(`\b((?:license|meraki|snow)_\w+(?::\w+)?)(\{[^}]*\})?`)
	matched  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)`)
	grouping = regexp.MustCompile(`\b(?:by|on|group_left|ignoring|without) \(([^)]*)\)`)
	label    = regexp.MustCompile(`\w+`)
)

// TestNames checks that the metrics and labels in the rules exist.
func TestNames(t *testing.T) {
	labelsOf := map[string][]string{}
	known := map[string]bool{
		"job": true, "instance": true, "cluster": true, "region": true, // Prometheus sets these
		"problem": true, "severity": true, // rules set these
	}
	for _, m := range metricsdoc.Read(t, "../docs/metrics.md") {
		labelsOf[m.Name] = m.Labels
		for _, name := range m.Labels {
			known[name] = true
		}
	}
	recorded := map[string]bool{}
	for _, r := range rules(t) {
		recorded[r.Record] = true
	}
	for _, r := range rules(t) {
		name := r.Alert + r.Record
		bare := quoted.ReplaceAllString(r.Expr, `""`) // without the values of labels
		for _, list := range grouping.FindAllStringSubmatch(bare, -1) {
			for _, l := range label.FindAllString(list[1], -1) {
				if !known[l] {
					t.Errorf("%s: no metric has the label %q", name, l)
				}
			}
		}
		for _, m := range metric.FindAllStringSubmatch(grouping.ReplaceAllString(bare, ""), -1) {
			has, exists := labelsOf[m[1]]
			if !exists && !recorded[m[1]] {
				t.Errorf("%s: there is no metric %s", name, m[1])
			}
			for _, l := range matched.FindAllStringSubmatch(m[2], -1) {
				if exists && l[1] != "job" && !slices.Contains(has, l[1]) {
					t.Errorf("%s: %s has no label %q", name, m[1], l[1])
				}
			}
		}
	}
}

// TestInhibitions checks that the alerts in the example for Alertmanager exist.
func TestInhibitions(t *testing.T) {
	content, err := os.ReadFile("alertmanager.example.yml")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, r := range alerts(t) {
		names[r.Alert] = true
	}
	found := regexp.MustCompile(`License[A-Z]\w+`).FindAllString(string(content), -1)
	if len(found) == 0 {
		t.Error("the example names no alerts")
	}
	for _, name := range found {
		if !names[name] {
			t.Errorf("the example names %s, which is no alert", name)
		}
	}
}
