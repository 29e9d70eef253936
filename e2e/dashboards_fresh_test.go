package e2e

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// freshness has what exporters show of their fetches, by path. The values of the
// timestamps are hours ago. Of account a, replica x fails for organization 1, which replica
// y reads well, and both fail for 2. The account p is read by probes. The account h is
// healthy.
var freshness = map[string]string{
	"/x": `license_up{account="a"} 1
license_up{account="a",organization_id="1"} 0
license_up{account="a",organization_id="2"} 0
license_exporter_collector_success{account="a",collector="organizations"} 1
license_exporter_collector_last_success_timestamp_seconds{account="a",collector="organizations"} 1
license_exporter_collector_oldest_success_timestamp_seconds{account="a",collector="organizations"} 1
license_exporter_collector_success{account="a",organization_id="1",collector="things"} 0
license_exporter_collector_last_success_timestamp_seconds{account="a",organization_id="1",collector="things"} 10
license_exporter_collector_success{account="a",organization_id="2",collector="things"} 0
license_exporter_collector_last_success_timestamp_seconds{account="a",organization_id="2",collector="things"} 9
license_exporter_collector_oldest_success_timestamp_seconds{account="a",collector="things"} 10
`,
	"/y": `license_up{account="a"} 1
license_up{account="a",organization_id="1"} 1
license_up{account="a",organization_id="2"} 0
license_exporter_collector_success{account="a",organization_id="2",collector="things"} 0
license_exporter_collector_last_success_timestamp_seconds{account="a",organization_id="2",collector="things"} 8
license_exporter_collector_oldest_success_timestamp_seconds{account="a",collector="things"} 8
license_up{account="h",organization_id="1"} 1
license_exporter_collector_oldest_success_timestamp_seconds{account="h",collector="things"} 3
`,
	"/probe1": `license_up{account="p",organization_id="1"} 1
license_exporter_collector_success{account="p",organization_id="1",collector="things"} 1
license_exporter_collector_last_success_timestamp_seconds{account="p",organization_id="1",collector="things"} 2
`,
	"/probe2": `license_up{account="p",organization_id="2"} 0
license_exporter_collector_success{account="p",organization_id="2",collector="things"} 0
license_exporter_collector_last_success_timestamp_seconds{account="p",organization_id="2",collector="things"} 5
license_exporter_collector_success{account="p",organization_id="2",collector="others"} 1
license_exporter_collector_last_success_timestamp_seconds{account="p",organization_id="2",collector="others"} 2
`,
}

// TestFreshness checks how the boards show the age of facts and the collectors that fail.
// Healthy organizations have no series of their own about it, except in answers of /probe.
func TestFreshness(t *testing.T) {
	now := time.Now()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for line := range strings.Lines(freshness[r.URL.Path]) {
			series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			if strings.Contains(series, "timestamp") {
				ago, err := time.ParseDuration(value + "h")
				if err != nil {
					t.Error(err)
				}
				value = fmt.Sprint(now.Add(-ago).Unix())
			}
			_, _ = fmt.Fprintln(w, series, value)
		}
	}))
	t.Cleanup(server.Close)
	var jobs strings.Builder
	for path, job := range map[string]string{"/x": "license_exporter", "/y": "license_exporter", "/probe1": "probe", "/probe2": "probe"} {
		fmt.Fprintf(&jobs, `
  - job_name: %[1]s
    metrics_path: %[1]s
    fallback_scrape_protocol: PrometheusText0.0.4
    static_configs: [{targets: [%[2]q]}]
    relabel_configs:
      - {target_label: job, replacement: %[3]s}
      - {target_label: instance, replacement: %[1]s}
`, path, strings.TrimPrefix(server.URL, "http://"), job)
	}
	prom := runPrometheus(t, "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"+jobs.String())
	eventually(t, time.Minute, func() error {
		if up, err := prom.value("sum(up)"); err != nil || up != float64(len(freshness)) {
			return errors.Join(err, fmt.Errorf("%v targets are up", up))
		}
		return nil
	})
	for _, test := range []struct {
		board, title, account string
		target                int
		want                  []string // account, organization and collector; ages are in hours
	}{
		{"license-exporter", "Collectors failing", ".*", 0, []string{"// 2"}},
		{"license-exporter", "Collectors failing", "h", 0, []string{"// 0"}},
		{"license-exporter", "Collectors failing", "none", 0, nil},
		{"license-exporter", "Oldest fetch", ".*", 0, []string{"// 8h"}},
		{"license-exporter", "Oldest fetch", "p", 0, []string{"// 5h"}},
		{"license-exporter", "Age of facts by collector", ".*", 0, []string{"a//organizations 1h", "a//things 8h", "h//things 3h", "p//others 2h", "p//things 5h"}},
		{"license-exporter", "How current the facts are", ".*", 1, []string{"a//organizations 1h", "a//things 8h", "a/2/things 8h", "h//things 3h", "p//others 2h", "p//things 5h", "p/2/others 2h", "p/2/things 5h"}},
		{"license-exporter", "How current the facts are", ".*", 2, []string{"a//organizations 1", "a//things 0", "a/2/things 0", "h//things 1", "p//others 1", "p//things 0", "p/2/others 1", "p/2/things 0"}},
		{"license-overview", "Organizations", ".*", 2, []string{"a/2/ 8h", "p/2/ 5h"}},
	} {
		chosen := selection{"cluster": ".*", "job": ".*", "vendor": ".*", "account": test.account, "organization": ".*"}
		vector, err := prom.query(panelsOf(t, test.board, chosen)[test.title].Targets[test.target].Expr)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, sample := range vector {
			value := fmt.Sprint(sample.Value)
			if sample.Value > 60 {
				value = fmt.Sprint(math.Floor(float64(sample.Value)/time.Hour.Seconds()), "h")
			}
			got = append(got, fmt.Sprintf("%s/%s/%s %s", sample.Metric["account"], sample.Metric["organization_id"], sample.Metric["collector"], value))
		}
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s of %s, query %d (-want +got):\n%s", test.title, test.account, test.target, diff)
		}
	}
}
