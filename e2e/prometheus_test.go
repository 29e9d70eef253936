package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// prometheus is a Prometheus server that scrapes one exporter each second.
type prometheus struct{ *process }

// startPrometheus starts a server with its own configuration and storage. It scrapes the
// exporter's own metrics a second time, with native histograms.
func startPrometheus(t *testing.T, exporter *process) prometheus {
	t.Helper()
	return runPrometheus(t, fmt.Sprintf(`
global:
  scrape_interval: 1s
  scrape_timeout: 1s
  scrape_native_histograms: true
  always_scrape_classic_histograms: true
scrape_configs:
  - job_name: license_exporter
    static_configs: [{targets: [%[1]q]}]
  - job_name: license_exporter_itself
    metrics_path: /metrics/exporter
    static_configs: [{targets: [%[1]q]}]
`, exporter.address))
}

func runPrometheus(t *testing.T, config string) prometheus {
	t.Helper()
	return prometheus{start(t, prometheusBinary,
		"--config.file="+writeFile(t, "prometheus.yml", config), "--storage.tsdb.path="+t.TempDir())}
}

// query evaluates an expression now.
func (p prometheus) query(expr string) (model.Vector, error) { return p.queryAt(expr, "") }

// queryAt evaluates an expression at a time in Unix time, or now if there is none.
func (p prometheus) queryAt(expr, at string) (model.Vector, error) {
	body, err := p.get("/api/v1/query?" + url.Values{"query": {expr}, "time": {at}}.Encode())
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data struct {
			Result model.Vector `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", expr, err, body)
	}
	return answer.Data.Result, nil
}

// value evaluates an expression that must have one sample.
func (p prometheus) value(expr string) (float64, error) {
	vector, err := p.query(expr)
	if err != nil {
		return 0, err
	}
	if len(vector) != 1 {
		return 0, fmt.Errorf("%s: %d samples, want 1: %v", expr, len(vector), vector)
	}
	return float64(vector[0].Value), nil
}

// series evaluates an expression. It returns the values of some labels of each sample,
// joined by "/" and sorted.
func (p prometheus) series(expr string, labels ...model.LabelName) []string {
	p.t.Helper()
	vector, err := p.query(expr)
	if err != nil {
		p.t.Fatal(err)
	}
	found := []string{}
	for _, sample := range vector {
		values := make([]string, 0, len(labels))
		for _, label := range labels {
			values = append(values, string(sample.Metric[label]))
		}
		found = append(found, strings.Join(values, "/"))
	}
	slices.Sort(found)
	return found
}

// alerts returns the alerts that are firing, sorted.
func (p prometheus) alerts() ([]string, error) {
	vector, err := p.query(`ALERTS{alertstate="firing"}`)
	names := []string{}
	for _, sample := range vector {
		labels := map[string]string{}
		for name, value := range sample.Metric {
			labels[string(name)] = string(value)
		}
		names = append(names, alert{Labels: labels}.String())
	}
	slices.Sort(names)
	return names, err
}

// awaitScrapes waits until so many scrapes have been made.
func (p prometheus) awaitScrapes(n int) {
	p.t.Helper()
	eventually(p.t, 5*time.Minute, func() error {
		scrapes, err := p.value(`min(count_over_time(up[5m]))`)
		if err == nil && scrapes < float64(n) {
			err = fmt.Errorf("%v scrapes, want %d", scrapes, n)
		}
		return err
	})
}

// refused has the counters of samples that Prometheus scraped but did not store.
var refused = []string{
	"prometheus_target_scrapes_sample_duplicate_timestamp_total",
	"prometheus_target_scrapes_sample_out_of_bounds_total",
	"prometheus_target_scrapes_sample_out_of_order_total",
	"prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total",
	"prometheus_target_scrapes_exceeded_body_size_limit_total",
	"prometheus_target_scrapes_exceeded_sample_limit_total",
	"prometheus_target_scrapes_exemplar_out_of_order_total",
}

// checkScrapes checks that all scrapes so far were answered in time and stored completely.
func (p prometheus) checkScrapes() {
	p.t.Helper()
	for expr, want := range map[string]float64{
		`min(min_over_time(up[5m]))`:                               1,
		`max(max_over_time(scrape_duration_seconds[5m])) < bool 1`: 1,
		`min(min_over_time(scrape_samples_scraped[5m])) > bool 0`:  1,
	} {
		if got, err := p.value(expr); err != nil || got != want {
			p.t.Errorf("%s: %v, %v; want %v", expr, got, err, want)
		}
	}
	metrics, err := p.get("/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, name := range refused {
		if got, err := sample(metrics, name); err != nil || got != 0 {
			p.t.Errorf("Prometheus says %s %v, %v; want 0", name, got, err)
		}
	}
}

// sample returns the value of a series in the text format.
func sample(metrics, series string) (float64, error) {
	_, rest, ok := strings.Cut(metrics, "\n"+series+" ")
	if !ok {
		return 0, fmt.Errorf("no series %s", series)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return strconv.ParseFloat(value, 64)
}
