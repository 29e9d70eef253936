package helm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// shippedDashboards returns the dashboards by the name of their file.
func shippedDashboards(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(root + "/dashboards/*.json")
	if err != nil || len(paths) < 4 {
		t.Fatalf("%v: %v", paths, err)
	}
	all := map[string]string{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = strings.TrimSpace(string(content))
	}
	return all
}

// The sidecar of Grafana finds every dashboard as it is in the file.
func TestDashboards(t *testing.T) {
	for name, test := range map[string]struct {
		args                           []string
		label, value, folder, in, name string
	}{
		"default": {args: []string{"--set=dashboards.enabled=true"}, label: "grafana_dashboard", value: "1", in: "monitoring"},
		"changed": {args: variants["dashboards"], label: "dashboards", value: "yes", folder: "Licenses", in: "grafana"},
	} {
		t.Run(name, func(t *testing.T) {
			m := render(t, test.args...)
			got := map[string]string{}
			for _, c := range m.dashboards {
				for file, content := range c.Data {
					got[file] = strings.TrimSpace(content)
				}
				if len(c.Data) != 1 || c.Labels[test.label] != test.value || c.Annotations["grafana_folder"] != test.folder || c.Namespace != test.in {
					t.Errorf("ConfigMap %+v", c.ObjectMeta)
				}
			}
			if diff := cmp.Diff(shippedDashboards(t), got); diff != "" {
				t.Errorf("the dashboards differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGrafanaOperator(t *testing.T) {
	m := render(t, variants["grafana-operator"]...)
	if len(m.dashboards) > 0 {
		t.Error("the sidecar would load the dashboards, too")
	}
	shipped := map[string]bool{}
	for _, content := range shippedDashboards(t) {
		shipped[content] = true
	}
	for _, g := range m.grafana {
		text, _, _ := unstructured.NestedString(g.Object, "spec", "json")
		if text = strings.TrimSpace(text); !shipped[text] || !json.Valid([]byte(text)) {
			t.Errorf("%s is no dashboard, or occurs twice", g.GetName())
		}
		delete(shipped, text)
		unstructured.RemoveNestedField(g.Object, "spec", "json")
		want := map[string]any{
			"instanceSelector":          map[string]any{"matchLabels": map[string]any{"grafana": "internal"}},
			"allowCrossNamespaceImport": true, "folder": "Licenses",
		}
		if diff := cmp.Diff(want, g.Object["spec"]); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", g.GetName(), diff)
		}
	}
	if len(shipped) > 0 {
		t.Errorf("%d dashboards are missing", len(shipped))
	}
}
