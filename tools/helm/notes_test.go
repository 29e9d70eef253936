package helm

import (
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// What Helm prints after an installation fits the values. helm template does not show it.
func TestNotes(t *testing.T) {
	for name, test := range map[string]struct {
		mode, webConfig string
		want, not       string
	}{
		"single":  {"single", "", "curl http://localhost:10190/metrics", "/sd"},
		"sharded": {"sharded", "", "curl http://localhost:10190/sd", "curl http://localhost:10190/metrics"},
		"TLS":     {"single", "web", "curl --insecure https://localhost:10190/metrics\n\nIf web-config.yml requires a password", "http:"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := loader.Load(chart)
			if err != nil {
				t.Fatal(err)
			}
			values, err := chartutil.ToRenderValues(c, map[string]any{"mode": test.mode, "webConfig": map[string]any{"existingSecret": test.webConfig}},
				chartutil.ReleaseOptions{Name: "test", Namespace: "monitoring"}, chartutil.DefaultCapabilities)
			if err != nil {
				t.Fatal(err)
			}
			files, err := engine.Render(c, values)
			if err != nil {
				t.Fatal(err)
			}
			notes := files["license_exporter/templates/NOTES.txt"]
			if !strings.Contains(notes, test.want) || strings.Contains(notes, test.not) || !strings.Contains(notes, "from the Secret license-exporter in the namespace monitoring") {
				t.Errorf("got\n%s", notes)
			}
			for line := range strings.SplitSeq(notes, "\n") {
				if strings.HasSuffix(line, " ") {
					t.Errorf("trailing space in %q", line)
				}
			}
		})
	}
}
