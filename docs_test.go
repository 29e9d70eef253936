package main

import (
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
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
	"license_exporter/config"
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
		fmt.Fprintf(&doc, "\n## %s\n\n%s\n", title, text)
		first := true
		for _, m := range vendors.Metrics() {
			if include(m) {
				if first {
					doc.WriteString("\n| Metric | Labels | Description | Collector |\n| --- | --- | --- | --- |\n")
					first = false
				}
				fmt.Fprintf(&doc, "| `%s`%s | %s | %s | %s |\n", m.Name, typeNote(m), labelList(m), m.Help, vendors.Origin(m))
			}
		}
	}
	section("Facts of all vendors", "All have the labels `vendor`, `account` and `organization_id` in addition to those in the table.",
		func(m *collector.Metric) bool { return !m.Own && strings.HasPrefix(m.Name, "license_") })
	for _, v := range vendors {
		text := v.Labels
		if v.Metrics != nil {
			text = "All have the labels `vendor`, `account` and `organization_id` in addition to those in the table. " + text
		}
		if v.Document != "" {
			text += fmt.Sprintf(" See [%s](%s).", v.Title, v.Document)
		}
		section("Facts of "+v.Title, text, func(m *collector.Metric) bool { return v.Metrics != nil && slices.Contains(*v.Metrics, m) })
	}
	section("The exporter itself", "All have the labels `vendor` and `account` in addition to those in the table, except for `license_exporter_config_*` and `license_exporter_unmatched_policies`. The exporter also has `license_exporter_build_info` and the `go_`, `process_` and `promhttp_` metrics of the Prometheus client library.",
		func(m *collector.Metric) bool { return m.Own })
	var listings []string
	for _, v := range vendors {
		listings = append(listings, fmt.Sprintf("- %s: %s", v.Title, v.Listing))
	}
	fmt.Fprintf(&doc, documentCollectors, strings.Join(listings, "\n"))
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

All metrics of the exporter, with their labels, and the collectors that provide them. You need this page to write queries, alerts and dashboards.

This query returns the days until licenses end, with the name of the organization. The number is negative for what has ended:

` + "```" + `promql
license_days_to_expiration
  * on (vendor, account, organization_id) group_left (organization_name) license_organization_info
` + "```" + `

For what ends within 30 days or has ended, begin it with ` + "`" + `(license_days_to_expiration < 30)` + "`" + `.

Values are facts that the vendor reports, or what your [policies](configuration.md#policies) say. Unknown values are absent. They are never replaced by 0, -1 or a date in the far
future. To find out why a metric is absent, see [Find out why a fact is missing](fetching.md#find-out-why-a-fact-is-missing).

| Label | Description |
| --- | --- |
| ` + "`" + `vendor` + "`" + `, ` + "`" + `account` + "`" + ` | The vendor, and the name of the account (one credential at one vendor) in the configuration. |
| ` + "`" + `organization_id` + "`" + ` | The organization. It is empty for the account as a whole. |
| ` + "`" + `product` + "`" + ` | The vendor's name for what is licensed. It is empty for an organization or a subscription as a whole, and ` + "`" + `unknown` + "`" + ` for licenses that name no product. |
| ` + "`" + `unit` + "`" + ` | What seats are counted by, such as devices or users. |
| ` + "`" + `license_id` + "`" + ` | One subscription or agreement, or with ` + "`" + `individual_licenses: true` + "`" + ` one license. License keys are secrets and are never shown. Co-term licenses have no other id and are only counted. |

- **Names** are labels of the ` + "`" + `_info` + "`" + ` metrics only. Join them as above.
- **In force** means that a license is active, is expiring, or has no device while its term runs. Licenses that are unused, canceled or
  invalidated, or that wait for another one to end, are counted, but their ends are ignored.
- **Zeros** are left out if another series shows that the number is known; the descriptions say where. A query that needs the 0 can
  add it: ` + "`" + `license_licenses_without_expiration or 0 * license_next_expiration_timestamp_seconds` + "`" + `. The 0 of
  ` + "`" + `license_seats_*` + "`" + `, ` + "`" + `license_ended_in_use` + "`" + `, ` + "`" + `license_compliant` + "`" + ` and ` + "`" + `license_up` + "`" + ` is never left out.
- **Ends** are those of the vendor. The end of a policy is used only if the vendor gives none.
- **Stale facts.** Metrics keep their last good values while fetches fail. Therefore, also alert on ` + "`" + `license_up` + "`" + `. It is absent for organizations whose API access is switched off, and
  until the organization or account has been tried once.
`

const documentCollectors = `
## Collectors

Switch a collector on with ` + "`" + `--collector.NAME` + "`" + ` and off with ` + "`" + `--no-collector.NAME` + "`" + `. In addition to the requests in the table, each account lists its
organizations:

%s

| Collector | Vendor | Default | Reads | Requests per refresh |
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
		if v.Metrics == nil {
			continue
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
			if !field.Anonymous { // its fields are visible, too
				want = append(want, "`"+field.Tag.Get("yaml"))
			}
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
	v.Collectors = slices.Repeat(v.Collectors[:1], 2) // the vendor may have only one
	v.Collectors[0].MaxAge, v.Collectors[1].MaxAge = licensing.Day, 6*time.Hour
	doc := metricsReference(collector.Vendors{&v})
	for i, want := range []string{"; once a day |\n", "; once in 6h |\n"} {
		if want = v.Collectors[i].Requests + want; !strings.Contains(doc, want) {
			t.Errorf("the document lacks %q", want)
		}
	}
}

// The examples of configuration files in the documents are valid, with the files that they name.
func TestExamplesOfConfigurationsLoad(t *testing.T) {
	example := regexp.MustCompile("(?s)```(yaml|csv)\n(.*?)```")
	const account = "accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {credentials: k}}}]\n"
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	server := httptest.NewTLSServer(nil)
	server.Close()
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	documents := []string{"configuration.md", "vendors/table-presets.md"}
	for _, v := range vendors {
		documents = append(documents, v.Document)
	}
	for _, name := range documents {
		text, err := docs.ReadFile("docs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, m := range example.FindAllStringSubmatch(string(text), -1) {
			content := strings.ReplaceAll(m[2], "/etc/license_exporter/", dir+"/")
			for _, file := range regexp.MustCompile(regexp.QuoteMeta(dir)+`/(\S+)`).FindAllStringSubmatch(content, -1) {
				if write(file[1], "key\n"); strings.HasSuffix(file[1], ".pem") {
					write(file[1], authority)
				}
			}
			write("policies.csv", "owner\na\n")
			switch {
			case m[1] == "csv":
				write("policies.csv", content)
				content = account + "policy_files: [policies.csv]\n"
			case strings.HasPrefix(content, "policies:"):
				content = account + content
			case !strings.HasPrefix(content, "accounts:"):
				continue // a part of an account
			}
			if _, err := config.Load(write("license_exporter.yml", content), vendors); err != nil {
				t.Errorf("%s: %v in\n%s", name, err, content)
			}
			found++
		}
		if found == 0 {
			t.Errorf("%s has no example", name)
		}
	}
}

// The walk from a spreadsheet to its check prints what the document shows.
func TestWalkFromASpreadsheet(t *testing.T) {
	text, err := docs.ReadFile("docs/vendors/table.md")
	if err != nil {
		t.Fatal(err)
	}
	_, walk, _ := strings.Cut(string(text), "\n## Start with a spreadsheet\n")
	blocks := map[string][]string{}
	for _, m := range regexp.MustCompile("(?s)   ```(text|yaml)\n(.*?)   ```").FindAllStringSubmatch(walk, -1) {
		blocks[m[1]] = append(blocks[m[1]], regexp.MustCompile("(?m)^   ").ReplaceAllString(m[2], ""))
	}
	if len(blocks["text"]) != 2 || len(blocks["yaml"]) != 1 {
		t.Fatalf("the document has the blocks %q", blocks)
	}
	t.Chdir(t.TempDir())
	write(t, "contracts.csv", blocks["text"][0])
	write(t, "config.yml", blocks["yaml"][0])
	for flag, want := range map[string]struct {
		status int
		text   string
	}{
		"--config.file=config.yml":   {0, blocks["text"][1]},
		"--table.file=contracts.csv": {1, strings.Replace(blocks["yaml"][0], "name: contracts", "name: table", 1)},
	} {
		var stdout, stderr enginetest.Buffer
		if status := run(vendors, []string{flag, "--check"}, &stdout, &stderr); status != want.status || !strings.Contains(stdout.String(), want.text) {
			t.Errorf("%s: status %d, and the output lacks\n%s\nin\n%s%s", flag, status, want.text, &stdout, &stderr)
		}
	}
}
