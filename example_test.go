package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/internal/enginetest"
)

// withExample is the list of vendors with the example added, which is the only
// change to a shared file that a new vendor needs.
var withExample = collector.Vendors(slices.SortedFunc(slices.Values(append(collector.Vendors{exampleVendor}, vendors...)), func(a, b *collector.Vendor) int {
	return strings.Compare(a.Name, b.Name)
}))

// exampleURL starts the simulator of the example vendor.
func exampleURL(t *testing.T) string {
	t.Helper()
	a, stop, err := exampleSimulate(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return a.BaseURL
}

// exampleFile returns a configuration with one account.
func exampleFile(t *testing.T, account string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "license_exporter.yml")
	write(t, path, "accounts:\n  - {name: a, http_client_config: {authorization: {credentials: x}}, "+account+"}\n")
	return path
}

func TestExampleIsConfigured(t *testing.T) {
	names := withExample.Names()
	last := len(names) - 1
	for account, want := range map[string]string{
		"vendor: example, site: us":       "",
		"vendor: example, site: mars":     `site is not known; use eu or us`,
		"vendor: example, page_size: 5":   "page_size is only for vendor snow; leave it out",
		"vendor: meraki, site: us":        "site is only for vendor example; leave it out",
		"vendor: example, sites: us":      "key sites is not known; did you mean site? docs/configuration.md lists all keys",
		"vendor: sample":                  `vendor is not known; use ` + strings.Join(names[:last], ", ") + " or " + names[last],
		`vendor: example, base_url: "x:"`: "base_url must be an address with a host and without query, like https://api.example.com/api/v1",
	} {
		c, err := config.Load(exampleFile(t, account), withExample)
		switch {
		case want != "":
			if err == nil || !strings.HasSuffix(err.Error(), ": "+want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v, want %s", account, err, want)
			}
		case err != nil:
			t.Errorf("%s: %v", account, err)
		default:
			a := c.Accounts[0]
			if a.BaseURL != "https://us.example.com/api" || a.RateLimit != (collector.RateLimit{Organization: 5, Source: 20}) {
				t.Errorf("%s: %+v", account, a)
			}
		}
	}
}

func TestExampleHasFlags(t *testing.T) {
	var help, stderr enginetest.Buffer
	run(withExample, []string{"--help"}, &help, &stderr)
	text := strings.Join(strings.Fields(help.String()), " ")
	for _, want := range []string{
		"--[no-]collector.example_licenses Licenses by plan, with their ends and seats. (on by default)",
		" 1h for Elasticsearch, Example, ",
		" EXAMPLE_TOKEN; ",
		"; SNOW_CLIENT_ID and SNOW_CLIENT_SECRET",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("--help lacks %q:\n%s", want, &help)
		}
	}
}

// The series of the example are scraped from the exporter, in a list of vendors
// with the others. The time of the fetch and the days to an end change.
func TestExampleIsScraped(t *testing.T) {
	p := launch(t, withExample, "--config.file="+exampleFile(t, "vendor: example, base_url: "+exampleURL(t)))
	defer p.stop()
	p.wait("/-/ready", "OK")
	want := `example_trials{account="a",organization_id="7",product="team",vendor="example"} 1
license_days_to_expiration{account="a",organization_id="7",product="team",vendor="example"} N
license_exporter_collector_last_success_timestamp_seconds{account="a",collector="example_organizations",organization_id="",vendor="example"} N
license_exporter_collector_oldest_success_timestamp_seconds{account="a",collector="example_licenses",vendor="example"} N
license_exporter_collector_oldest_success_timestamp_seconds{account="a",collector="example_organizations",vendor="example"} N
license_exporter_collector_success{account="a",collector="example_organizations",organization_id="",vendor="example"} 1
license_exporter_parse_errors_total{account="a",field="end",vendor="example"} 0
license_exporter_parse_errors_total{account="a",field="id",vendor="example"} 0
license_exporter_parse_errors_total{account="a",field="name",vendor="example"} 0
license_exporter_parse_errors_total{account="a",field="plan",vendor="example"} 0
license_exporter_parse_errors_total{account="a",field="seats",vendor="example"} 0
license_exporter_parse_errors_total{account="a",field="state",vendor="example"} 0
license_exporter_parse_errors_total{account="a",field="trial",vendor="example"} 0
license_exporter_parse_errors_total{account="a",field="used",vendor="example"} 0
license_exporter_series_dropped{account="a",collector="example_licenses",vendor="example"} 0
license_licenses{account="a",assigned="",organization_id="7",product="",state="expired",vendor="example"} 0
license_licenses{account="a",assigned="",organization_id="7",product="team",state="active",vendor="example"} 1
license_next_expiration_timestamp_seconds{account="a",organization_id="7",product="team",vendor="example"} 4.0709088e+09
license_organization_info{account="a",api_enabled="",licensing_model="",organization_id="7",organization_name="Contoso",region="",vendor="example"} 1
license_seats_assigned{account="a",license_id="",organization_id="7",product="team",unit="user",vendor="example"} 12
license_seats_available{account="a",license_id="",organization_id="7",product="team",unit="user",vendor="example"} 38
license_seats_limit{account="a",license_id="",organization_id="7",product="team",unit="user",vendor="example"} 50
license_up{account="a",organization_id="",vendor="example"} 1
license_up{account="a",organization_id="7",vendor="example"} 1
`
	lines := regexp.MustCompile(`(?m)^.*vendor="example".*\n`).FindAllString(p.get("/metrics"), -1)
	slices.Sort(lines)
	got := strings.Join(lines, "")
	got = regexp.MustCompile(`(?m)^license_exporter_(api|collector_(duration|errors)).*\n`).ReplaceAllString(got, "")
	got = regexp.MustCompile(`(?m)^((?:license_days|license_exporter_collector_.*_timestamp).*) .*$`).ReplaceAllString(got, "$1 N")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series differ (-want +got):\n%s", diff)
	}
	if probe := p.get("/probe?account=a&organization_id=7&collect[]=example_licenses"); !strings.Contains(probe, "\nexample_trials{") {
		t.Errorf("the probe has no series of the example:\n%s", probe)
	}
}

func TestExampleIsDocumented(t *testing.T) {
	reference := metricsReference(withExample)
	for _, want := range []string{
		"\n## Facts of Example\n",
		"\n| `example_trials` | `product` | Licenses that are trials. | example_licenses |\n",
		"\n| `example_licenses` | example | on | Licenses by plan, with their ends and seats. | 1 per organization |\n",
	} {
		if !strings.Contains(reference, want) {
			t.Errorf("the reference of metrics lacks %q", want)
		}
	}
	if !regexp.MustCompile(`\| Seats that were bought\. \| .*\bexample_licenses, .*\bmeraki_device, `).MatchString(reference) {
		t.Error("the reference of metrics does not list the example with the other vendors")
	}
}

func TestExampleIsInTheDemo(t *testing.T) {
	p := launch(t, withExample, "--demo", "--collector.disable-defaults", "--collector.example_licenses")
	defer p.stop()
	p.wait("/metrics", `example_trials{account="demo-example",organization_id="7",product="team",vendor="example"} 1`)
	p.wait("/metrics", `license_up{account="demo-meraki",organization_id="",vendor="meraki"} 1`)
}

func TestExampleIsInTheEnvironment(t *testing.T) {
	t.Setenv("EXAMPLE_TOKEN", "x")
	t.Setenv("EXAMPLE_BASE_URL", exampleURL(t))
	p := launch(t, withExample)
	defer p.stop()
	p.wait("/metrics", `example_trials{account="example",organization_id="7",product="team",vendor="example"} 1`)
}

func TestExampleIsChecked(t *testing.T) {
	var table, stderr enginetest.Buffer
	status := run(withExample, []string{"--check", "--config.file=" + exampleFile(t, "vendor: example, base_url: "+exampleURL(t))}, &table, &stderr)
	if want := regexp.MustCompile(`(?m)^a +7 +Contoso +- +1 +2099-01-01 +-$`); status != 0 || !want.MatchString(table.String()) {
		t.Errorf("status %d, %s\n%s", status, &stderr, &table)
	}
}

// CONTRIBUTING.md shows the example as it is compiled.
func TestContributingShowsTheExample(t *testing.T) {
	const path, begin, end = "CONTRIBUTING.md", "```go\n// example_vendor_test.go\n", "```\n"
	example, err := os.ReadFile("example_vendor_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(example), "\n"); lines >= 150 {
		t.Errorf("the example has %d lines; keep it under 150", lines)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(content), begin)
	shown, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no block that begins with %q", path, begin)
	}
	if *enginetest.Update {
		shown = string(example)
		write(t, path, before+begin+shown+end+after)
	}
	if diff := cmp.Diff(string(example), shown); diff != "" {
		t.Errorf("%s shows another example; run make generate (-example +shown):\n%s", path, diff)
	}
}
