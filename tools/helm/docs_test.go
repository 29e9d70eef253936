package helm

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// What docs/kubernetes.md shows is what the chart makes.
func TestDocumentation(t *testing.T) {
	content, err := os.ReadFile(root + "/docs/kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := yamlBlock.FindAllStringSubmatch(string(content), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d examples", len(blocks))
	}

	values := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(values, []byte(blocks[0][1]), 0o600); err != nil {
		t.Fatal(err)
	}
	release := []string{"--name-template=license-exporter", "--namespace=licenses", "--values=" + values}
	m := render(t, release...)
	if m.serviceMonitor == nil || m.deployment.Name != "license-exporter" || m.pod.Spec.Volumes[1].Secret.SecretName != "license-exporter" {
		t.Errorf("the values give %v, %s, %+v", m.kinds, m.deployment.Name, m.pod.Spec.Volumes)
	}

	m = render(t, append(release, "--set=mode=sharded,sharded.targets=pods,scrapeConfig.enabled=true")...)
	want := []string{"url: " + string(m.scrapeConfig.Spec.HTTPSDConfigs[0].URL)}
	for _, rule := range m.scrapeConfig.Spec.RelabelConfigs {
		if rule.Replacement != nil {
			want = append(want, "replacement: "+*rule.Replacement)
		}
	}
	if len(want) != 2 {
		t.Errorf("the chart makes %q", want)
	}
	for _, line := range want {
		if !strings.Contains(string(content), line+"\n") {
			t.Errorf("the documentation does not show %q", line)
		}
	}
	for _, block := range blocks {
		var example any
		if err := yaml.UnmarshalStrict([]byte(block[1]), &example); err != nil {
			t.Errorf("%v\n%s", err, block[1])
		}
	}
}
