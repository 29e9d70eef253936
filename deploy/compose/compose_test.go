// Package compose contains a Compose file that runs the exporter with Prometheus,
// Alertmanager and Grafana on one machine. Its tests check, without starting
// containers, that the files fit together.
package compose

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"license_exporter/dashboards"
)

type service struct {
	Image       string
	Build       struct{ Context string }
	Command     []string
	Environment map[string]string
	Volumes     []string
	Ports       []string
	DependsOn   []string `yaml:"depends_on"`
}

type stack struct {
	Services map[string]service
	Volumes  map[string]any
}

// read decodes a YAML file.
func read[T any](t *testing.T, path string) T {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var value T
	if err := yaml.Unmarshal(content, &value); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return value
}

// mounts returns the sources of a service's mounts by path in the container. A
// source is a path relative to this directory or a volume.
func (s service) mounts(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, v := range s.Volumes {
		parts := strings.Split(v, ":")
		if len(parts) < 2 {
			t.Fatalf("volume %q", v)
		}
		found[parts[1]] = parts[0]
	}
	return found
}

// The sources of all mounts exist, and files are mounted read-only.
func TestMountsExist(t *testing.T) {
	s := read[stack](t, "compose.yml")
	for name, service := range s.Services {
		for _, v := range service.Volumes {
			source := strings.Split(v, ":")[0]
			if !strings.HasPrefix(source, ".") {
				if _, ok := s.Volumes[source]; !ok {
					t.Errorf("%s mounts the volume %s, which is not declared", name, source)
				}
				continue
			}
			if _, err := os.Stat(source); err != nil {
				t.Errorf("%s mounts %s: %v", name, source, err)
			}
			if !strings.HasSuffix(v, ":ro") {
				t.Errorf("%s could write to %s", name, source)
			}
		}
		for _, other := range service.DependsOn {
			if _, ok := s.Services[other]; !ok {
				t.Errorf("%s depends on %s, which does not exist", name, other)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(s.Services["exporter"].Build.Context, "Dockerfile")); err != nil {
		t.Error(err)
	}
}

// Ports are open on the loopback interface only.
func TestPortsAreLocal(t *testing.T) {
	for name, service := range read[stack](t, "compose.yml").Services {
		if len(service.Ports) == 0 {
			t.Errorf("%s cannot be reached", name)
		}
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s listens on %s", name, port)
			}
		}
	}
}

// The images have the minor versions that the end-to-end tests use.
func TestImages(t *testing.T) {
	modules, err := os.ReadFile("../../tools/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := func(module string) string {
		m := regexp.MustCompile(regexp.QuoteMeta(module) + ` v(\d+\.\d+)\.`).FindSubmatch(modules)
		if m == nil {
			t.Fatalf("tools/go.mod does not name %s", module)
		}
		return string(m[1])
	}
	services := read[stack](t, "compose.yml").Services
	// Prometheus 3.13 is version 0.313 of its module.
	p := strings.Replace(version("github.com/prometheus/prometheus"), "0.3", "3.", 1)
	for name, want := range map[string]string{
		"prometheus":   "prom/prometheus:v" + p + ".",
		"alertmanager": "prom/alertmanager:v" + version("github.com/prometheus/alertmanager") + ".",
	} {
		if got := services[name].Image; !strings.HasPrefix(got, want) {
			t.Errorf("%s runs %s, want %s", name, got, want)
		}
	}
	if image := services["grafana"].Image; !regexp.MustCompile(`^grafana/grafana:\d+\.\d+\.\d+$`).MatchString(image) {
		t.Errorf("grafana runs %s, want a version", image)
	}
}

// The configuration of Prometheus has the right addresses of the exporter and
// Alertmanager, and the right paths of the rules.
func TestPrometheus(t *testing.T) {
	s := read[stack](t, "compose.yml")
	type targets []struct {
		StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
	}
	config := read[struct {
		RuleFiles []string `yaml:"rule_files"`
		Alerting  struct{ Alertmanagers targets }
		Scrapes   targets `yaml:"scrape_configs"`
	}](t, "prometheus.yml")
	for _, group := range append(config.Alerting.Alertmanagers, config.Scrapes...) {
		for _, static := range group.StaticConfigs {
			for _, target := range static.Targets {
				host, port, err := net.SplitHostPort(target)
				if err != nil || len(s.Services[host].Ports) != 1 || !strings.HasSuffix(s.Services[host].Ports[0], ":"+port) {
					t.Errorf("nothing listens at %s: %v", target, err)
				}
			}
		}
	}
	for _, pattern := range config.RuleFiles {
		dir := s.Services["prometheus"].mounts(t)[filepath.Dir(pattern)]
		if rules, err := filepath.Glob(filepath.Join(dir, filepath.Base(pattern))); err != nil || len(rules) == 0 {
			t.Errorf("no rules match %s: %v", pattern, err)
		}
	}
	checkConfigFlag(t, s.Services["prometheus"], "./prometheus.yml")
	checkConfigFlag(t, s.Services["alertmanager"], "../../alerts/alertmanager.example.yml")
}

// checkConfigFlag checks that --config.file of a service is the file want in this
// directory.
func checkConfigFlag(t *testing.T, s service, want string) {
	t.Helper()
	for _, flag := range s.Command {
		if path, ok := strings.CutPrefix(flag, "--config.file="); ok {
			if got := s.mounts(t)[path]; got != want {
				t.Errorf("%s is %q here, want %q", path, got, want)
			}
			return
		}
	}
	t.Errorf("%q has no --config.file", s.Command)
}

// Grafana is provisioned with the data source and all dashboards.
func TestGrafana(t *testing.T) {
	s := read[stack](t, "compose.yml")
	grafana := s.Services["grafana"]
	mounts := grafana.mounts(t)
	sources := read[struct {
		Datasources []struct{ Type, URL string }
	}](t, mounts["/etc/grafana/provisioning/datasources/license_exporter.yml"])
	if len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" || sources.Datasources[0].URL != "http://prometheus:9090" {
		t.Errorf("data sources %+v", sources.Datasources)
	}
	boards, err := dashboards.Load()
	if err != nil {
		t.Fatal(err)
	}
	providers := read[struct {
		Providers []struct {
			Options struct{ Path string }
		}
	}](t, mounts["/etc/grafana/provisioning/dashboards/license_exporter.yml"])
	if len(providers.Providers) != 1 {
		t.Fatalf("providers %+v", providers.Providers)
	}
	inside := providers.Providers[0].Options.Path
	for _, b := range boards {
		if _, err := os.Stat(filepath.Join(mounts[inside], b.UID+".json")); err != nil {
			t.Error(err)
		}
	}
	home := grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	if _, err := os.Stat(filepath.Join(mounts[inside], filepath.Base(home))); err != nil || filepath.Dir(home) != inside {
		t.Errorf("the first board is %s: %v", home, err)
	}
}
