package helm

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// Values that do not fit together give one message that says what to change. Each test is
// arguments of Helm and what it prints; without that, Helm accepts the values.
func TestValuesThatDoNotFit(t *testing.T) {
	const (
		monitor   = "--set=serviceMonitor.enabled=true,"
		web       = "webConfig.existingSecret=web,"
		basicAuth = "serviceMonitor.basicAuth.username.name=a,serviceMonitor.basicAuth.username.key=user,"
		password  = "serviceMonitor.basicAuth.password.name=a,serviceMonitor.basicAuth.password.key=password,"
		sharded   = "--set=mode=sharded,scrapeConfig.enabled=true,"
		rule      = "--set=prometheusRule.enabled=true,prometheusRule.thresholds."
		operator  = "dashboards.grafanaOperator.enabled=true,dashboards.grafanaOperator.instanceSelector.matchLabels.a=b"
		ended     = "extraArgs cannot contain "
	)
	for args, want := range map[string]string{
		"--name-template=1st":            "1st-license-exporter cannot be the name of a Service",
		"--name-template=a.b":            "a.b-license-exporter cannot be the name of a Service",
		"--set=image=null":               "missing property 'image'",
		"--set=serviceMonitor=null":      "missing property 'serviceMonitor'",
		"--set=dashboards.label=null":    "'/dashboards': missing property 'label'",
		"--set=strategy=null":            "",
		"--set=extraArgs=null":           "",
		"--set=policyFiles=null":         "",
		"--set=podLabels=null":           "",
		"--set=serviceMonitor.tlsConfig": "key \"tlsConfig\" has no value",

		"--set=image.repository=registry.example.com/a:0.1.0":      "image.repository contains a tag or a digest",
		"--set=image.repository=registry.example.com:5000/a@sha25": "image.repository contains a tag or a digest",
		"--set=image.repository=registry.example.com:5000/a":       "",

		"--set=strategy.type=OnDelete":                              "a Deployment has no OnDelete. Use RollingUpdate or Recreate",
		sharded + "sharded.targets=pods,strategy.type=Recreate":     "a StatefulSet has no Recreate. Use RollingUpdate or OnDelete",
		sharded + "sharded.replicas=0":                              "'/sharded/replicas': minimum: got 0, want 1",
		`--set=podLabels.app\.kubernetes\.io/name=a`:                "podLabels: the chart sets app.kubernetes.io/name",
		"--set=extraArgs={--config.file=a}":                         ended + "--config.file",
		"--set=extraArgs={--log.format=json,--web.config.file=a}":   ended + "--web.config.file",
		"--set=extraArgs={--web.health-listen-address=:1}":          ended + "--web.health-listen-address",
		"--set=extraArgs={--web.listen-address=:1}":                 ended + "--web.listen-address",
		"--set=extraArgs={--web.telemetry-path=/}":                  ended + "--web.telemetry-path",
		"--set=extraArgs={--check}":                                 ended + "--check",
		"--set=extraArgs={--no-scrape.at-start}":                    "",
		sharded + "extraArgs={--no-scrape.at-start}":                ended + "--scrape.at-start",
		sharded + "extraArgs={--scrape.at-start,--log.format=json}": ended + "--scrape.at-start",

		`--set-json=config.accounts=[` + accountJSON + `,` + accountJSON + `]`: "config.accounts: the name a occurs more than once",
		"--set=prometheusRule.enabled=true,prometheusRule.rules.a=[":           "prometheusRule.rules.a has no groups: error converting YAML",
		"--set=prometheusRule.enabled=true,prometheusRule.rules.a=b":           "prometheusRule.rules.a has no groups",
		rule + "notice_days=5":           "critical_days (7) must not be more than notice_days (5)",
		rule + "notice_days=7":           "",
		rule + "stale_warning_hours=21":  "stale_warning_hours (21) must not be more than stale_critical_hours (20)",
		rule + "stale_critical_hours=30": "stale_critical_hours must be below --scrape.max-stale",
		rule + "stale_critical_hours=30,extraArgs={--scrape.max-stale=48h}": "",
		rule + "throttled_ratio=5": "throttled_ratio': maximum: got 5, want 1",

		monitor + "serviceMonitor.interval=15s":                                         "serviceMonitor.scrapeTimeout: 30s is more than the interval of 15s",
		monitor + "serviceMonitor.interval=1m30s,serviceMonitor.scrapeTimeout=90s":      "",
		monitor + "serviceMonitor.interval=1m30s,serviceMonitor.scrapeTimeout=91000ms":  "serviceMonitor.scrapeTimeout: 91000ms is more than the interval of 1m30s",
		monitor + "serviceMonitor.interval=null":                                        "",
		"--set=serviceMonitor.interval=15s":                                             "",
		sharded + "scrapeConfig.scrapeTimeout=1h":                                       "scrapeConfig.scrapeTimeout: 1h is more than the interval of 5m",
		monitor + "serviceMonitor.tlsConfig.insecureSkipVerify=true":                    "Set webConfig.existingSecret, or serviceMonitor.scheme: https",
		monitor + web + "serviceMonitor.scheme=http,serviceMonitor.tlsConfig.caFile=/a": "serviceMonitor.tlsConfig is set, but Prometheus would scrape with http",
		sharded + "scrapeConfig.tlsConfig.insecureSkipVerify=true":                      "scrapeConfig.tlsConfig is set, but Prometheus would scrape with http",
		monitor + "serviceMonitor.scheme=https,serviceMonitor.tlsConfig.serverName=a":   "",
		monitor + web + "serviceMonitor.tlsConfig.insecure_skip_verify=true":            "'/serviceMonitor/tlsConfig': additional properties 'insecure_skip_verify' not allowed",
		monitor + web + "serviceMonitor.tlsConfig.ca.name=a":                            "'/serviceMonitor/tlsConfig/ca': additional properties 'name' not allowed",
		sharded + web + "scrapeConfig.tlsConfig.caFile=/a":                              "'/scrapeConfig/tlsConfig': additional properties 'caFile' not allowed",
		monitor + basicAuth: "properties 'password' required, if 'username' exists",
		monitor + basicAuth + password + "serviceMonitor.authorization.credentials.name=a,serviceMonitor.authorization.credentials.key=b": "serviceMonitor.basicAuth and serviceMonitor.authorization: set only one",
		monitor + "serviceMonitor.authorization.type=Bearer":                                                                              "properties 'credentials' required, if 'type' exists",

		"--set=dashboards.enabled=true," + operator:                         "dashboards.enabled and dashboards.grafanaOperator.enabled: set only one",
		"--set=dashboards.grafanaOperator.instanceSelector.dashboards=main": "additional properties 'dashboards' not allowed",
	} {
		_, err := template(t, strings.Split(args, " ")...)
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", args, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot %v\nwant %s", args, err, want)
		}
	}
}

const accountJSON = `{"name":"a","vendor":"meraki","http_client_config":{"authorization":{"credentials_file":"/run/secrets/a"}}}`

// Line ends of Windows change nothing.
func TestWindowsLineEnds(t *testing.T) {
	content, err := os.ReadFile(chart + "/ci/tls-values.yaml")
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err == nil {
		err = os.WriteFile(path, bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n")), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(render(t, variants["tls"]...), render(t, "--values="+path), cmp.AllowUnexported(manifests{})); diff != "" {
		t.Errorf("the objects differ (-want +got):\n%s", diff)
	}
}

// The schema knows the keys that the operator has for TLS.
func TestTLSKeys(t *testing.T) {
	content, err := os.ReadFile(chart + "/values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type keys struct{ Properties map[string]any }
	var schema struct {
		Properties map[string]struct {
			Properties struct{ TLSConfig keys }
		}
	}
	if err := json.Unmarshal(content, &schema); err != nil {
		t.Fatal(err)
	}
	for value, typ := range map[string]reflect.Type{
		"serviceMonitor": reflect.TypeFor[monitoringv1.TLSConfig](), "scrapeConfig": reflect.TypeFor[monitoringv1.SafeTLSConfig](),
	} {
		var want []string
		for _, field := range reflect.VisibleFields(typ) {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		got := slices.Sorted(maps.Keys(schema.Properties[value].Properties.TLSConfig.Properties))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s.tlsConfig in values.schema.json has other keys than the operator (-want +got):\n%s", value, diff)
		}
	}
}
