package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"
)

// alert is an alert in a notification.
type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// String returns the alert with names instead of identifiers, as people see it.
func (a alert) String() string {
	parts := []string{a.Labels["severity"], a.Labels["alertname"], a.Labels["vendor"]}
	for _, name := range []string{"organization_name", "product_name", "license_name", "unit", "collector", "job"} {
		if value := a.Labels[name]; value != "" && (name != "job" || a.Labels["vendor"] == "") {
			parts = append(parts, value)
		}
	}
	if owner := a.Labels["owner"]; owner != "" {
		parts = append(parts, "for "+owner)
	}
	return strings.Join(parts, " | ")
}

// receiver is a webhook that Alertmanager sends notifications to.
type receiver struct {
	*httptest.Server

	mu       sync.Mutex
	firing   map[string]alert
	resolved []string
	failures []string
}

func startReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{firing: map[string]alert{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	var message struct {
		Receiver string  `json:"receiver"`
		Alerts   []alert `json:"alerts"`
	}
	err := json.NewDecoder(req.Body).Decode(&message)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.failures = append(r.failures, err.Error())
	}
	bySeverity := map[string]string{"critical": "on-call", "warning": "tickets", "info": "digest"}
	for _, a := range message.Alerts {
		wants := bySeverity[a.Labels["severity"]]
		if owner := a.Labels["owner"]; owner == "sam-team" || owner == "network-team" {
			wants = owner
		}
		if message.Receiver != wants {
			r.failures = append(r.failures, fmt.Sprintf("%s went to %s", a, message.Receiver))
		}
		if same, ok := r.firing[a.String()]; ok && !maps.Equal(same.Labels, a.Labels) {
			r.failures = append(r.failures, "two alerts are named alike: "+a.String())
		}
		if a.Status == "firing" {
			r.firing[a.String()] = a
		} else {
			delete(r.firing, a.String())
			r.resolved = append(r.resolved, a.String())
		}
	}
}

// told returns the alerts that are firing, sorted.
func (r *receiver) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := make([]string, 0, len(r.firing))
	for name := range r.firing {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// runbooks returns the runbook URLs of the firing alerts.
func (r *receiver) runbooks() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	pages := map[string]bool{}
	for _, a := range r.firing {
		pages[a.Annotations["runbook_url"]] = true
	}
	return slices.Sorted(maps.Keys(pages))
}

// misrouted returns what was wrong with the notifications, other than that alerts resolved.
func (r *receiver) misrouted() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.failures)
}

// complaints returns what was wrong with the notifications.
func (r *receiver) complaints() []string {
	all := r.misrouted()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range r.resolved {
		all = append(all, "resolved: "+name)
	}
	for name, a := range r.firing {
		for _, key := range []string{"summary", "description", "runbook_url"} {
			if text := a.Annotations[key]; text == "" || strings.Contains(text, "<no value>") || strings.Contains(text, "<error") {
				all = append(all, fmt.Sprintf("%s: %s is %q", name, key, text))
			}
		}
		for _, key := range []string{"organization_name", "product_name", "license_name"} {
			if value := a.Labels[key]; !strings.Contains(a.Annotations["summary"]+a.Annotations["description"], value) {
				all = append(all, fmt.Sprintf("%s: nothing says %q", name, value))
			}
		}
	}
	return all
}

// startAlertmanager starts a server with the example configuration, except that it sends
// to the test's receiver and waits only two seconds for a group of alerts.
func startAlertmanager(t *testing.T, to *receiver) *process {
	t.Helper()
	return runAlertmanager(t, rewrite(t, "../alerts/alertmanager.example.yml", func(key, value string) string {
		switch key {
		case "url":
			return to.URL
		case "group_wait", "group_interval":
			return "2s"
		}
		return value
	}))
}

func runAlertmanager(t *testing.T, config string) *process {
	t.Helper()
	path := os.Getenv("ALERTMANAGER")
	for _, name := range []string{"prometheus-alertmanager", "alertmanager"} {
		if found, err := exec.LookPath(name); path == "" && err == nil {
			path = found
		}
	}
	if path == "" {
		t.Fatal("no Alertmanager is installed: install Debian's prometheus-alertmanager or set ALERTMANAGER to its path")
	}
	return start(t, path, "--config.file="+config, "--storage.path="+t.TempDir(), "--cluster.listen-address=")
}

// alertingPrometheus starts a server that evaluates the shipped rules each second, except
// that their alerts are pending for five seconds only.
func alertingPrometheus(t *testing.T, exporter, alertmanager *process) prometheus {
	t.Helper()
	var rules []string
	for _, name := range []string{"license_exporter.rules.yml", "license_exporter_itself.rules.yml"} {
		rules = append(rules, rewrite(t, "../alerts/"+name, func(key, value string) string {
			if key == "for" {
				return "5s"
			}
			return strings.ReplaceAll(value, "[15m:2m]", "[15m:1s]") // what has fired for less than a step is not held
		}))
	}
	return runPrometheus(t, fmt.Sprintf(`
global:
  scrape_interval: 1s
  scrape_timeout: 1s
  evaluation_interval: 1s
rule_files: [%s]
alerting:
  alertmanagers:
    - static_configs: [{targets: [%q]}]
scrape_configs:
  - job_name: license_exporter
    static_configs: [{targets: [%q]}]
`, strings.Join(rules, ", "), alertmanager.address, exporter.address))
}

// rewrite writes a copy of a YAML file with some values changed, and returns the path of
// the copy.
func rewrite(t *testing.T, path string, change func(key, value string) string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := yaml.Unmarshal(content, &tree); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	changed := 0
	var walk func(node any)
	walk = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			for key, value := range node {
				text, ok := value.(string)
				if !ok {
					walk(value)
				} else if node[key] = change(key, text); node[key] != text {
					changed++
				}
			}
		case []any:
			for _, value := range node {
				walk(value)
			}
		}
	}
	walk(tree)
	if changed == 0 {
		t.Fatalf("%s: nothing to change", path)
	}
	content, err = yaml.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, filepath.Base(path), string(content))
}
