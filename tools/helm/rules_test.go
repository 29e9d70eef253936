package helm

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

const threshold = "license_threshold:"

// readRules reads rule files. A change is an old text and what replaces it.
func readRules(t *testing.T, paths []string, changes ...string) monitoringv1.PrometheusRuleSpec {
	t.Helper()
	var all monitoringv1.PrometheusRuleSpec
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var rules monitoringv1.PrometheusRuleSpec
		if err := yaml.UnmarshalStrict([]byte(strings.NewReplacer(changes...).Replace(string(content))), &rules); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all.Groups = append(all.Groups, rules.Groups...)
	}
	return all
}

func shippedRules(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(root + "/alerts/license_exporter*.rules.yml")
	if err != nil || len(paths) < 2 {
		t.Fatalf("%v: %v", paths, err)
	}
	return paths
}

// The rules reach the operator as in the files, except for what the values change.
func TestPrometheusRule(t *testing.T) {
	shipped, own := shippedRules(t), "testdata/example.rules.yml"
	changed := readRules(t, shipped)
	for _, group := range changed.Groups {
		for i, rule := range group.Rules {
			switch rule.Record {
			case threshold + "notice_days":
				group.Rules[i].Expr = intstr.FromString("vector(45)")
			case threshold + "throttled_ratio":
				group.Rules[i].Expr = intstr.FromString("vector(0.125)")
			}
		}
	}
	const runbooks = "http://localhost:10190/docs/runbooks"
	for name, test := range map[string]struct {
		args []string
		want monitoringv1.PrometheusRuleSpec
	}{
		"default":    {nil, readRules(t, shipped)},
		"thresholds": {[]string{`--set-json=prometheusRule.thresholds={"notice_days":45,"throttled_ratio":0.125}`}, changed},
		"runbooks": {[]string{"--set=prometheusRule.runbookURL=https://example.org/licenses/"},
			readRules(t, shipped, runbooks, "https://example.org/licenses")},
		"another label": {[]string{"--set-json=prometheusRule.externalLabels=[\"site\"]"}, readRules(t, shipped, "cluster, region", "site")},
		"no label": {[]string{"--set-json=prometheusRule.externalLabels=[]"},
			readRules(t, shipped, "cluster, region, ", "", "cluster, region", "")},
		"bridges": {[]string{"--set=prometheusRule.bridges=true", "--set-json=prometheusRule.externalLabels=[\"site\"]"},
			readRules(t, append(shipped, root+"/alerts/license_bridges.rules.yml"), "cluster, region", "site")},
		"own": {[]string{"--set-file=prometheusRule.rules.own=" + own}, readRules(t, []string{own})},
	} {
		t.Run(name, func(t *testing.T) {
			got := render(t, append(test.args, "--set=prometheusRule.enabled=true")...).prometheusRule.Spec
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the rules differ (-want +got):\n%s", diff)
			}
			checkRules(t, got)
		})
	}
}

// checkRules has Prometheus check rules. Tools are at the versions of tools/go.mod.
func checkRules(t *testing.T, rules monitoringv1.PrometheusRuleSpec) {
	t.Helper()
	content, err := yaml.Marshal(rules)
	path := filepath.Join(t.TempDir(), "rules.yml")
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../go.mod", "promtool", "check", "rules", path)
	cmd.Env = append(os.Environ(), "GOFLAGS=-tags=remove_all_sd")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, output)
	}
}

// The schema knows the thresholds of the rules and no others.
func TestThresholds(t *testing.T) {
	var want, got []string
	for _, group := range readRules(t, shippedRules(t)).Groups {
		for _, rule := range group.Rules {
			if name, found := strings.CutPrefix(rule.Record, threshold); found {
				want = append(want, name)
			}
		}
	}
	content, err := os.ReadFile(chart + "/values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			PrometheusRule struct {
				Properties struct {
					Thresholds struct{ Properties map[string]any }
				}
			}
		}
	}
	if err := json.Unmarshal(content, &schema); err != nil {
		t.Fatal(err)
	}
	for name := range schema.Properties.PrometheusRule.Properties.Thresholds.Properties {
		got = append(got, name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the thresholds in values.schema.json are not those of the rules (-want +got):\n%s", diff)
	}
}
