package alerts

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// promtoolTest is a test of promtool. Its name begins with what kinds of test it
// is, before a colon.
type promtoolTest struct {
	Name   string `yaml:"name"`
	Series []struct {
		Series string `yaml:"series"`
		Values string `yaml:"values"`
	} `yaml:"input_series"`
	Exprs []struct {
		Expr    string `yaml:"expr"`
		Time    string `yaml:"eval_time"`
		Samples []struct {
			Labels string  `yaml:"labels"`
			Value  float64 `yaml:"value"`
		} `yaml:"exp_samples"`
	} `yaml:"promql_expr_test"`
	Alerts []struct {
		Name     string `yaml:"alertname"`
		Time     string `yaml:"eval_time"`
		Expected []any  `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

var (
	alertName = regexp.MustCompile(`License[A-Z]\w+`)
	allAlerts = regexp.MustCompile(`^ALERTS(\{[^}]*!=[^}]*\})?$`)
	instances = regexp.MustCompile(`\binstance="([^"]*)"`)
	jobs      = regexp.MustCompile(`\bjob="([^"]*)"`)
)

// distinct returns how many values of a label the series have.
func (p promtoolTest) distinct(label *regexp.Regexp) int {
	values := map[string]bool{}
	for _, s := range p.Series {
		if m := label.FindStringSubmatch(s.Series); m != nil {
			values[m[1]] = true
		}
	}
	return len(values)
}

// shows says whether the test has what a kind needs, for an alert or for all.
// What fires and what is silent is found at the same time, by product or
// organization, so only the moment can be told from the expectations.
func (p promtoolTest) shows(t *testing.T, kind, alert string, interval time.Duration) bool {
	t.Helper()
	duration := func(text string) time.Duration {
		d, err := model.ParseDuration(text)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		return time.Duration(d)
	}
	fires, silent, moment := false, false, false
	for i, e := range p.Exprs {
		here := alertName.FindString(e.Expr) == alert && !allAlerts.MatchString(e.Expr)
		for _, s := range e.Samples {
			fires = fires || here || alertName.FindString(s.Labels) == alert
		}
		silent = silent || here || len(e.Samples) == 0 && allAlerts.MatchString(e.Expr)
		for _, other := range p.Exprs[:i] {
			moment = moment || here && other.Expr == e.Expr && duration(e.Time)-duration(other.Time) == interval &&
				!reflect.DeepEqual(e.Samples, other.Samples)
		}
	}
	for i, a := range p.Alerts {
		here := a.Name == alert
		fires = fires || here && len(a.Expected) > 0
		silent = silent || here && len(a.Expected) == 0
		for _, other := range p.Alerts[:i] {
			moment = moment || here && other.Name == alert && duration(a.Time)-duration(other.Time) == interval &&
				len(a.Expected) != len(other.Expected)
		}
	}
	switch kind {
	case "firing":
		return fires
	case "silent":
		return silent
	case "moment":
		return moment
	case "gap":
		return fires && slices.ContainsFunc(p.Series, func(s struct {
			Series string `yaml:"series"`
			Values string `yaml:"values"`
		},
		) bool {
			return strings.Contains(s.Values, "stale _x")
		})
	case "replicas":
		return fires && p.distinct(instances) > 1
	case "shards":
		return fires && p.distinct(jobs) > 1
	}
	t.Fatalf("%s: there are no tests of the kind %q", p.Name, kind)
	return false
}

// TestTests checks that there are tests for promtool of each kind for each alert:
// firing, silent, the moment of change, data that go and come back, replicas, and
// shards. The last three matter less to alerts about the exporter itself.
func TestTests(t *testing.T) {
	shown := map[string]map[string]bool{}
	for _, r := range alerts(t) {
		shown[r.Alert] = map[string]bool{}
	}
	for _, path := range glob(t, "tests/*_test.yml") {
		var file struct {
			Interval string         `yaml:"evaluation_interval"`
			Tests    []promtoolTest `yaml:"tests"`
		}
		readYAML(t, path, &file)
		interval, err := model.ParseDuration(file.Interval)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, test := range file.Tests {
			list, _, _ := strings.Cut(test.Name, ": ")
			for kind := range strings.SplitSeq(list, ", ") {
				used := false
				for alert, kinds := range shown {
					if test.shows(t, kind, alert, time.Duration(interval)) {
						kinds[kind], used = true, true
					}
				}
				if !used {
					t.Errorf("%s: %q is of the kind %s for no alert", path, test.Name, kind)
				}
			}
		}
	}
	want := map[string][]string{
		"license_exporter.rules.yml":        {"firing", "silent", "moment", "gap", "replicas", "shards"},
		"license_exporter_itself.rules.yml": {"firing", "silent", "moment", "replicas"},
	}
	for path, kinds := range want {
		for _, g := range groups(t, path) {
			for _, r := range g.Rules {
				for _, kind := range kinds {
					if r.Alert != "" && !shown[r.Alert][kind] {
						t.Errorf("%s has no test of the kind %s", r.Alert, kind)
					}
				}
			}
		}
	}
}
