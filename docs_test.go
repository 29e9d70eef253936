package main

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// docs/metrics.md is generated from the list of vendors and the table of metrics.
func TestDocument(t *testing.T) {
	const path = "docs/metrics.md"
	got := metricsReference(vendors)
	if *enginetest.Update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/metrics.md is stale, run make generate (-file +table):\n%s", diff)
	}
}

// metricsReference returns docs/metrics.md for a list of vendors.
func metricsReference(vendors collector.Vendors) string {
	var doc strings.Builder
	doc.WriteString(documentHead)
	section := func(title, text string, include func(*collector.Metric) bool) {
		fmt.Fprintf(&doc, "\n## %s\n\n%s\n\n| metric | labels | meaning | from |\n| --- | --- | --- | --- |\n", title, text)
		for _, m := range vendors.Metrics() {
			if include(m) {
				fmt.Fprintf(&doc, "| `%s`%s | %s | %s | %s |\n", m.Name, typeNote(m), labelList(m), m.Help, vendors.Origin(m))
			}
		}
	}
	section("Facts of all vendors", "All have the labels `vendor`, `account` and `organization_id`, and those in the table.",
		func(m *collector.Metric) bool { return !m.Own && strings.HasPrefix(m.Name, "license_") })
	for _, v := range vendors {
		text := "All have `vendor`, `account` and `organization_id`, too. " + v.Labels
		if v.Document != "" {
			text += fmt.Sprintf(" [%s](%s) has the details.", v.Title, v.Document)
		}
		section("Facts of "+v.Title, text, func(m *collector.Metric) bool { return slices.Contains(*v.Metrics, m) })
	}
	section("The exporter itself", "All have `vendor` and `account`, except for those about the configuration of the process. There are also `license_exporter_build_info` and the `go_`, `process_` and `promhttp_` metrics of the client library.",
		func(m *collector.Metric) bool { return m.Own })
	var listings []string
	for _, v := range vendors {
		listings = append(listings, "for "+v.Title+" "+v.Listing)
	}
	fmt.Fprintf(&doc, documentCollectors, strings.Join(listings, "; "))
	for _, v := range vendors {
		for _, r := range v.Collectors {
			state := "off"
			if r.Default {
				state = "on"
			}
			fmt.Fprintf(&doc, "| `%s` | %s | %s | %s | %s%s |\n", r.Name, v.Name, state, r.Help, r.Requests, ageNote(r.MaxAge))
		}
	}
	return doc.String()
}

const documentHead = `# Metrics

<!-- Made by make generate from collector/metrics.go and the vendors' folders below collector. -->

Every value is a fact that the vendor reports, or what the operator's [policies](configuration.md#policies) say. What is not
known is absent: there is never a 0, a -1 or a far date in its place. An end is that of a policy only where the vendor gives
none. Names are only on the ` + "`_info`" + ` metrics. Join them where a person reads them:

` + "```promql" + `
license_days_to_expiration
  * on (vendor, account, organization_id) group_left (organization_name) license_organization_info
` + "```" + `

- ` + "`organization_id`" + ` is empty for an account as a whole. ` + "`product`" + ` is the vendor's name for what is licensed. It is empty
  for an organization or subscription as a whole, and ` + "`unknown`" + ` for licenses that name no product. ` + "`unit`" + ` is what a
  seat is. The section of each vendor has the details.
- ` + "`license_id`" + ` names one subscription or agreement, or with ` + "`individual_licenses: true`" + ` one license. License keys are secrets and
  never shown, so co-term licenses, which have no other name, are only counted.
- A license in force is active, expiring, or without a device while its term runs. Licenses that wait for another one, are
  unused, canceled or invalidated are counted, but their ends are not.
- A count of 0 is left out where another series shows that the count is known. The table says where. A query that needs the 0 can
  add it: ` + "`license_licenses_without_expiration or 0 * license_next_expiration_timestamp_seconds`" + `. A 0 of
  ` + "`license_seats_*`, `license_ended_in_use`, `license_compliant` and `license_up`" + ` is never left out.
- Gauges keep their last good values while fetching fails. So alert on ` + "`license_up`" + `, too: it is 0 if a collector, or one
  of the objects that it reads, failed. It is absent for an account as a whole until its organizations have been listed once, and
  for organizations whose API access is switched off.
`

const documentCollectors = `
## Collectors

Each is switched by ` + "`--collector.NAME`" + ` and ` + "`--no-collector.NAME`" + `. Listing the organizations takes %s.

| collector | vendor | default | reads | requests of a refresh |
| --- | --- | --- | --- | --- |
`

// ageNote says how often a collector reads figures that seldom change.
func ageNote(maxAge time.Duration) string {
	switch maxAge {
	case 0:
		return ""
	case licensing.Day:
		return "; once a day"
	}
	return "; once in " + model.Duration(maxAge).String()
}

func typeNote(m *collector.Metric) string {
	switch {
	case m.Histogram:
		return " (histogram)"
	case m.Type == prometheus.CounterValue:
		return " (counter)"
	}
	return ""
}

func labelList(m *collector.Metric) string {
	if len(m.Labels) == 0 {
		return ""
	}
	return "`" + strings.Join(m.Labels, "`, `") + "`"
}

// lintExceptions maps metrics that promlint objects to, to the reason for them.
var lintExceptions = map[string]string{
	"license_days_to_expiration": "people ask for days; the same in seconds is license_next_expiration_timestamp_seconds",
}

func TestMetricsFollowTheConventions(t *testing.T) {
	families := make([]*dto.MetricFamily, 0, len(withExample.Metrics()))
	for _, m := range withExample.Metrics() {
		kind := dto.MetricType_GAUGE
		switch {
		case m.Histogram:
			kind = dto.MetricType_HISTOGRAM
		case m.Type == prometheus.CounterValue:
			kind = dto.MetricType_COUNTER
		}
		families = append(families, &dto.MetricFamily{Name: &m.Name, Help: &m.Help, Type: &kind, Metric: []*dto.Metric{{}}})
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, p := range problems {
		found[p.Metric] = true
		if lintExceptions[p.Metric] == "" {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	for name := range lintExceptions {
		if !found[name] {
			t.Errorf("%s is not an exception any more", name)
		}
	}
}

func TestVendorsAreSortedAndComplete(t *testing.T) {
	last := ""
	for _, v := range withExample {
		if v.Title == "" || v.Labels == "" || v.Listing == "" || v.Settings == nil || v.Connect == nil || v.Simulate == nil {
			t.Errorf("vendor %s lacks something", v.Name)
		}
		for _, r := range v.Collectors {
			if r.Name <= last {
				t.Errorf("%s comes after %s", r.Name, last)
			}
			last = r.Name
			if r.Help == "" || r.Requests == "" || !strings.HasPrefix(r.Name, v.Name+"_") {
				t.Errorf("%s lacks its vendor's prefix, its help or its number of requests", r.Name)
			}
		}
		for _, m := range *v.Metrics {
			if !strings.HasPrefix(m.Name, v.Name+"_") || !strings.HasPrefix(m.From, v.Name+"_") {
				t.Errorf("%s, from %s, lacks its vendor's prefix", m.Name, m.From)
			}
		}
		a := collector.AccountConfig{Name: "a", Vendor: v.Name, BaseURL: "https://api.example.com", Settings: v.Settings()}
		metrics := engine.NewTelemetry(prometheus.NewRegistry()).API(v.Name, a.Name)
		c, err := v.Connect(collector.Deps{
			Account: &a, HTTP: rest.Options{BaseURL: a.BaseURL, Metrics: metrics, Logger: log.NewNopLogger()},
			Memory: &collector.Memory{}, Enabled: func(string) bool { return true },
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		for i, r := range v.Collectors {
			if c.Collectors[i].Name != r.Name {
				t.Errorf("collector %d is registered as %s and made as %s", i, r.Name, c.Collectors[i].Name)
			}
		}
	}
}

// The documents have the name, environment variables and configuration keys of
// each vendor, on its own page or with those of all vendors.
func TestConfigurationOfEveryVendorIsDocumented(t *testing.T) {
	read := func(name string) string {
		content, err := docs.ReadFile("docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	for _, v := range vendors {
		text := read("configuration.md")
		if v.Document != "" {
			text += read(v.Document)
		}
		want := []string{"`" + v.Name + "`"}
		for _, variable := range v.Environment {
			want = append(want, "`"+variable.Name+"`")
		}
		for _, field := range reflect.VisibleFields(reflect.TypeOf(v.Settings()).Elem()) {
			want = append(want, "`"+field.Tag.Get("yaml"))
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("the documents of %s lack %s", v.Title, w)
			}
		}
	}
}

// Every metric has a collector that provides it.
func TestEveryMetricHasAnOrigin(t *testing.T) {
	for _, m := range withExample.Metrics() {
		if withExample.Origin(m) == "" {
			t.Errorf("%s comes from no collector", m.Name)
		}
	}
}

func TestDocumentSaysHowOftenFiguresAreRead(t *testing.T) {
	v := *vendors[0]
	v.Collectors = slices.Clone(v.Collectors[:2])
	v.Collectors[0].MaxAge, v.Collectors[1].MaxAge = licensing.Day, 6*time.Hour
	doc := metricsReference(collector.Vendors{&v})
	for i, want := range []string{"; once a day |\n", "; once in 6h |\n"} {
		if want = v.Collectors[i].Requests + want; !strings.Contains(doc, want) {
			t.Errorf("the document lacks %q", want)
		}
	}
}
