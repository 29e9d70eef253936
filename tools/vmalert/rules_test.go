// Package vmalert tests the alerts with VictoriaMetrics, by its own vmalert-tool.
// It is a module of its own, since the tools have many dependencies.
package vmalert

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const alerts = "../../alerts/"

// start is when time begins in the tests of vmalert-tool. In those of promtool it
// begins with Unix time.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

type (
	object = map[string]any
	list   = []any
)

// TestDryRun checks that vmalert accepts the rule files.
func TestDryRun(t *testing.T) {
	run(t, "vmalert", "-dryRun", "-rule="+alerts+"*.rules.yml")
}

// TestGroups evaluates the groups as they are, in which rules read what others of
// the group recorded at the last evaluation.
func TestGroups(t *testing.T) {
	run(t, "vmalert-tool", "unittest", "--disableAlertgroupLabel", "--files=testdata/groups_test.yml")
}

// TestRules runs the tests for promtool with vmalert-tool.
func TestRules(t *testing.T) {
	for _, path := range glob(t, alerts+"tests/*_test.yml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file := read(t, path)
			rules := filepath.Join(t.TempDir(), "rules.yml")
			file["group_eval_order"] = writeRules(t, rules, file["rule_files"].(list))
			file["rule_files"] = list{rules}
			for _, test := range file["tests"].(list) {
				convert(t, test.(object))
			}
			converted := filepath.Join(t.TempDir(), filepath.Base(path))
			write(t, converted, file)
			run(t, "vmalert-tool", "unittest", "--disableAlertgroupLabel", "--files="+converted)
		})
	}
}

// writeRules writes rule files into one and returns the names of its groups.
// vmalert-tool shows to a rule what others of its group recorded at the last
// evaluation, but what groups before it recorded at this one, as Prometheus does
// within a group too. So a group ends before a rule that reads what it records.
//
// Functions of counters count as those of Prometheus do. Those of VictoriaMetrics see
// the sample before the range as well, so such alerts end a scrape later there, and
// begin with the first sample of a counter that is not 0.
func writeRules(t *testing.T, to string, from list) list {
	t.Helper()
	var names, groups list
	for _, path := range from {
		for _, group := range read(t, filepath.Join(alerts+"tests", path.(string)))["groups"].(list) {
			var rules, recorded list
			next := func() {
				name := fmt.Sprint(group.(object)["name"], len(names))
				names, groups = append(names, name), append(groups, object{"name": name, "rules": rules})
				rules, recorded = nil, nil
			}
			for _, r := range group.(object)["rules"].(list) {
				rule := r.(object)
				expr := counters.ReplaceAllString(rule["expr"].(string), "${1}_prometheus(")
				rule["expr"] = expr
				if slices.ContainsFunc(recorded, func(name any) bool {
					return strings.Contains(expr, name.(string)) || strings.Contains(expr, "__name__")
				}) {
					next()
				}
				rules = append(rules, rule)
				if name, ok := rule["record"]; ok {
					recorded = append(recorded, name)
				}
			}
			next()
		}
	}
	write(t, to, object{"groups": groups})
	return names
}

// convert turns a test for promtool into one for vmalert-tool.
func convert(t *testing.T, test object) {
	t.Helper()
	series, _ := test["input_series"].(list)
	for _, item := range series {
		s := item.(object)
		values := strings.ReplaceAll(s["values"].(string), " _x0 ", " ") // vmalert-tool takes it for one
		if isTime.MatchString(s["series"].(string)) {
			values = number.ReplaceAllStringFunc(values, func(text string) string {
				value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
				if err != nil {
					t.Fatal(err)
				}
				if value == 0 && zeroIsNone.MatchString(s["series"].(string)) {
					return text
				}
				return " " + strconv.FormatFloat(value+float64(start.Unix()), 'f', -1, 64)
			})
		}
		s["values"] = values
	}
	checks, _ := test["alert_rule_test"].(list)
	for _, check := range checks {
		expected, _ := check.(object)["exp_alerts"].(list)
		for _, alert := range expected {
			annotations, _ := alert.(object)["exp_annotations"].(object)
			for name, text := range annotations {
				annotations[name] = date.ReplaceAllStringFunc(text.(string), func(text string) string {
					day, err := time.Parse("2 January 2006", text)
					if err != nil {
						t.Fatal(err)
					}
					return day.Add(start.Sub(time.Unix(0, 0))).Format("2 January 2006")
				})
			}
		}
	}
	queries, _ := test["promql_expr_test"].(list)
	for _, query := range queries {
		// vmalert adds the name of the group to the series of alerts.
		query := query.(object)
		query["expr"] = firing.ReplaceAllString(query["expr"].(string), `label_del($0, "alertgroup")`)
	}
	delete(test, "promql_expr_test")
	test["metricsql_expr_test"] = queries
}

var (
	isTime = regexp.MustCompile(`^(?:\w+_timestamp_seconds|vm_license_expires_at|kong_enterprise_license_expiration|emqx_license_expiry_at|flexlm_feature_expiration_seconds)\{`)
	// Times for which products report 0 if there is none.
	zeroIsNone = regexp.MustCompile(`^(?:emqx|powerscale)_`)
	// The first number of 1, 1x10, 1+2x10, but not the x10 of _x10.
	number   = regexp.MustCompile(`(?:^|\s)-?[0-9.]+`)
	counters = regexp.MustCompile(`\b(rate|increase)\(`)
	firing   = regexp.MustCompile(`\bALERTS\b(?:\{[^}]*\})?`)
	date     = regexp.MustCompile(`\b\d+ (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}\b`)
)

func run(t *testing.T, tool string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"tool", tool}, args...)...)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", tool, err, output)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return paths
}

func read(t *testing.T, path string) object {
	t.Helper()
	var file object
	content, err := os.ReadFile(path)
	if err == nil {
		err = yaml.Unmarshal(content, &file)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return file
}

func write(t *testing.T, path string, file object) {
	t.Helper()
	content, err := yaml.Marshal(file)
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
