package helm

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// docs/kubernetes.md and the README show what the chart makes.
func TestDocumentation(t *testing.T) {
	content, blocks := examples(t, root+"/docs/kubernetes.md", 8)
	release := []string{"--name-template=license-exporter", "--namespace=licenses", "--values=" + blocks[0]}
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
		if !strings.Contains(content, line+"\n") {
			t.Errorf("the documentation does not show %q", line)
		}
	}
	_, ofReadme := examples(t, chart+"/README.md", 1)
	known := chartValues(t)
	values := 0
	for _, path := range append(blocks, ofReadme...) {
		var example any
		block, err := os.ReadFile(path)
		if err == nil {
			err = yaml.UnmarshalStrict(block, &example)
		}
		if err != nil {
			t.Errorf("%v\n%s", err, block)
		}
		keys, _ := example.(map[string]any)
		if slices.ContainsFunc(slices.Collect(maps.Keys(keys)), func(key string) bool { return known[key] == nil }) || len(keys) == 0 {
			continue // not values of the chart
		}
		values++
		render(t, "--values="+path)
	}
	if values < 6 {
		t.Errorf("only %d examples of values", values)
	}
}

// examples returns a document, and the files that its blocks of YAML were written to.
func examples(t *testing.T, path string, atLeast int) (content string, blocks []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i, block := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, filepath.Join(dir, fmt.Sprintf("%d.yaml", i)))
		if err := os.WriteFile(blocks[i], []byte(block[1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(blocks) < atLeast {
		t.Fatalf("%s has %d examples", path, len(blocks))
	}
	return string(text), blocks
}

// chartValues returns the content of values.yaml.
func chartValues(t *testing.T) (values map[string]any) {
	t.Helper()
	content, err := os.ReadFile(chart + "/values.yaml")
	if err == nil {
		err = yaml.Unmarshal(content, &values)
	}
	if err != nil {
		t.Fatal(err)
	}
	return values
}
