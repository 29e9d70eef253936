package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"license_exporter/client/snow"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/internal/simulator"
	snowsim "license_exporter/internal/simulator/snow"
	"license_exporter/status"
)

// clientSecret must not appear in any output.
const clientSecret = "fedcba9876543210-the-client-secret"

// simulateSnow starts a simulated Snow Atlas and returns it with a
// configuration file that reads from it.
func simulateSnow(t *testing.T, o snowsim.Options) (*snowsim.API, string) {
	t.Helper()
	o.ClientID, o.ClientSecret = "client", clientSecret
	o.Limits.Off = true
	vendor := snowsim.New(o)
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), clientSecret)
	path := filepath.Join(dir, "license_exporter.yml")
	write(t, path, `
accounts:
  - name: corp
    vendor: snow
    base_url: `+baseURL+`
    individual_licenses: true
    rate_limit: {organization: 10000, source: 10000}
    http_client_config: {oauth2: {client_id: client, client_secret_file: secret}}
`)
	return vendor, path
}

func fixedNow() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// The facts of the demo's tenant with all collectors. There are many series, so the
// golden file has sums over organizations, products, units and licenses.
func TestDemoSnowEstate(t *testing.T) {
	_, file := simulateSnow(t, snowsim.Options{Estate: snowsim.DemoEstate(), Now: fixedNow})
	e := engineFor(t, file, fixedNow, "--demo")
	e.Refresh(t.Context(), engine.Selection{})
	facts := enginetest.Gatherer(e.Exposition, engine.Selection{})
	families, err := facts.Gather()
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Golden(t, "demo-snow.metrics", addUp(families))
	lint(t, facts)
}

// addUp returns a line for each metric and combination of labels that have few
// values, with the number of its series and their sum.
func addUp(families []*dto.MetricFamily) string {
	type sum struct {
		series int
		value  float64
	}
	many := []string{
		"account", "vendor", "organization_id", "organization_name", "product", "product_name", "unit", "license_id", "license_unit",
		"covered_product", "to_product", "upgraded_product", "order_id", "license_name",
	}
	sums := map[string]sum{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			var labels []string
			for _, pair := range m.GetLabel() {
				if !slices.Contains(many, pair.GetName()) {
					labels = append(labels, fmt.Sprintf("%s=%q", pair.GetName(), pair.GetValue()))
				}
			}
			key := family.GetName() + "{" + strings.Join(labels, ",") + "}"
			s := sums[key]
			sums[key] = sum{s.series + 1, s.value + m.GetGauge().GetValue()}
		}
	}
	var text bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(&text, "%s %d series, sum %.6g\n", key, sums[key].series, sums[key].value)
	}
	return text.String()
}

// The requests of a refresh with the default collectors. docs/vendors/snow.md has the
// formula.
func TestRequestsOfARefresh(t *testing.T) {
	const (
		applications = 7
		licenses     = 2500
		pages        = 3 // of a thousand licenses
		agreements   = 8 // of each simulated tenant
		policies     = 3 // of each simulated tenant
	)
	everyRefresh := map[string]map[string]int{
		"snow_agreements": {
			"getAgreements": 1, "getAgreementTypes": 1, "getAgreement": agreements, "getAgreementPeriods": agreements,
		},
		"snow_applications": {}, // shares the licenses and the entitlements
		"snow_compliance":   {}, // likewise
		"snow_coverage":     {"getExtendedCoverage": 1, "getExtendedCoverageTypes": 1},
		"snow_entitlements": {"getEntitlements": 1},
		"snow_licenses":     {"getLicenses": pages},
		"snow_maintenance":  {"getMaintenancePeriods": 2},
		"snow_policies":     {"getPolicies": 1, "getPolicyFields": policies},
	}
	onceADay := map[string]int{
		"token": 1, "getOrganizationTree": 1, "getApplication": applications, "getComplianceSummary": applications, "getCustomMetrics": 1,
	}
	want := map[string]int{}
	for _, r := range vendors.Find("snow").Collectors {
		if !r.Default {
			continue
		}
		if everyRefresh[r.Name] == nil {
			t.Errorf("the requests of %s are not known", r.Name)
		}
		for operation, n := range everyRefresh[r.Name] {
			want[operation] += n
		}
	}

	now := fixedNow()
	vendor, file := simulateSnow(t, snowsim.Options{Estate: snowsim.Generate(1, applications, licenses), Now: fixedNow})
	e := engineFor(t, file, func() time.Time { return now })
	e.Refresh(t.Context(), engine.Selection{})
	first := maps.Clone(want)
	maps.Copy(first, onceADay)
	if diff := cmp.Diff(first, vendor.Requests()); diff != "" {
		t.Errorf("the first refresh (-want +got):\n%s", diff)
	}
	now = now.Add(time.Hour)
	e.Refresh(t.Context(), engine.Selection{})
	second := vendor.Requests()
	for operation, n := range first {
		if second[operation] -= n; second[operation] == 0 {
			delete(second, operation)
		}
	}
	if diff := cmp.Diff(want, second); diff != "" {
		t.Errorf("a refresh within a day (-want +got):\n%s", diff)
	}
	for _, s := range status.Rows(e.Snapshots(engine.Selection{})) {
		if s.Problem != "" {
			t.Errorf("%s: %s", s.Collector, s.Problem)
		}
	}
}

// The numbers of requests in docs/vendors/snow.md: those of the first refresh and of a following
// one on the same day.
func TestRequestsByApplications(t *testing.T) {
	for _, test := range []struct{ applications, first, next int }{{40, 27 + 82, 27}, {500, 28 + 1002, 28}} {
		now := fixedNow()
		vendor, file := simulateSnow(t, snowsim.Options{Estate: snowsim.Generate(1, test.applications, 1000), Now: fixedNow})
		e := engineFor(t, file, func() time.Time { return now })
		requests := func() int {
			e.Refresh(t.Context(), engine.Selection{})
			n := 0
			for operation, of := range vendor.Requests() {
				if operation != "token" {
					n += of
				}
			}
			now = now.Add(time.Hour)
			return n
		}
		first := requests()
		if next := requests() - first; first != test.first || next != test.next {
			t.Errorf("%d applications: %d requests, then %d; want %d and %d", test.applications, first, next, test.first, test.next)
		}
	}
}

// No output, even at level debug, contains a secret, even if the vendor's answers
// and errors do.
func TestSnowSecretsAreNeverShown(t *testing.T) {
	for _, version := range []string{"1.7.0", "1.0.0"} {
		vendor, file := simulateSnow(t, snowsim.Options{Estate: snowsim.Generate(1, 20, 150), Version: version})
		vendor.Fail(func(r *http.Request) (int, string, bool) {
			if strings.HasSuffix(r.URL.Path, "/licenses-entitlements") {
				return http.StatusForbidden, `{"error": {"code": 403, "message": "cannot read ` + simulator.FakeKeyMarker + `-0001-0002-0003"}}`, true
			}
			return 0, "", false
		})
		args := []string{"--config.file=" + file, "--log.level=debug", "--scrape.max-age=0"}
		for _, r := range vendors.Collectors() {
			args = append(args, "--collector."+r.Name)
		}
		p := launch(t, vendors, args...)
		p.get("/metrics") // a repeated failure is logged at level debug only
		shown := p.get("/metrics") + p.get("/") + p.get("/-/ready")
		p.stop()
		var table, messages enginetest.Buffer
		if status := run(vendors, []string{"--check", "--config.file=" + file, "--log.level=debug"}, &table, &messages); status == 1 {
			t.Log("the check found the failures that were injected")
		}
		for where, text := range map[string]string{
			"page": shown, "stdout": p.stdout.String() + table.String(), "stderr": p.stderr.String() + messages.String(),
		} {
			for _, secret := range []string{clientSecret, simulator.FakeKeyMarker, snowsim.FakePersonMarker} {
				if i := strings.Index(text, secret); i >= 0 {
					t.Errorf("%s: %s shows %s: …%s…", version, where, secret, text[max(0, i-200):min(len(text), i+100)])
				}
			}
		}
		if !strings.Contains(shown, "license_info{") || !strings.Contains(p.stderr.String(), "level=debug") {
			t.Errorf("%s: the output lacks what it should contain", version)
		}
	}
}

// The error about a refused credential does not contain the credential.
func TestSnowRefusedCredential(t *testing.T) {
	_, file := simulateSnow(t, snowsim.Options{})
	const wrong = "a-wrong-secret-that-nobody-may-see"
	write(t, filepath.Join(filepath.Dir(file), "secret"), wrong)
	var stdout, stderr enginetest.Buffer
	status := run(vendors, []string{"--check", "--config.file=" + file, "--log.level=debug"}, &stdout, &stderr)
	if status != 1 || !strings.Contains(stdout.String(), "invalid_client") || !strings.Contains(stderr.String(), "reason=auth") {
		t.Errorf("status %d, table:\n%s\nlog:\n%s", status, &stdout, &stderr)
	}
	if text := stdout.String() + stderr.String(); strings.Contains(text, wrong) || strings.Contains(text, simulator.FakeKeyMarker) {
		t.Errorf("a secret is shown:\n%s", text)
	}
}

func TestCheckOfSnow(t *testing.T) {
	_, file := simulateSnow(t, snowsim.Options{Estate: snowsim.DemoEstate(), Withheld: []string{"getPolicies", "getEntitlements"}})
	var stdout, stderr enginetest.Buffer
	status := run(vendors, []string{"--check", "--config.file=" + file}, &stdout, &stderr)
	for _, want := range []string{
		`(?m)^corp +- +corp +- +1000 +2\d{3}-\d\d-\d\d +.*snow_entitlements, snow_policies: .*403 Forbidden.*sam\.license\.r`,
	} {
		if !regexp.MustCompile(want).MatchString(stdout.String()) {
			t.Errorf("no line like %s in\n%s", want, &stdout)
		}
	}
	if status != 1 || !strings.Contains(stderr.String(), `err="check found 2 problems"`) {
		t.Errorf("status %d, stderr:\n%s", status, &stderr)
	}
}

// The vendor's data change once a day, so Snow accounts have a max-age of an hour,
// unless it is configured.
func TestSnowMaxAge(t *testing.T) {
	file := filepath.Join(t.TempDir(), "license_exporter.yml")
	write(t, file, `
accounts:
  - {name: snow, vendor: snow, http_client_config: {oauth2: {client_id: x, client_secret: y}}}
  - {name: hasty, vendor: snow, max_age: 5m, http_client_config: {oauth2: {client_id: x, client_secret: y}}}
  - {name: meraki, vendor: meraki, http_client_config: {authorization: {credentials: z}}}
`)
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "1h 5m flag"},
		{[]string{"--scrape.max-age=1m"}, "flag 5m flag"},
		{[]string{"--scrape.max-stale=30m"}, "30m 5m flag"},
	} {
		f, _, err := parseFlags(vendors, append(test.args, "--config.file="+file), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		settings, _, err := loadConfig(vendors, f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range settings.Accounts {
			if a.MaxAge == nil {
				got = append(got, "flag")
			} else {
				got = append(got, a.MaxAge.String())
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%v: %v, want %s", test.args, got, test.want)
		}
	}
}

// The demo enables all collectors, except those that flags switch off.
func TestDemoSwitchesAllCollectorsOn(t *testing.T) {
	for _, test := range []struct {
		args []string
		want int
	}{
		{[]string{"--demo"}, len(vendors.Collectors())},
		{[]string{"--demo", "--no-collector.snow_compliance", "--no-collector.meraki_coterm"}, len(vendors.Collectors()) - 2},
		{[]string{"--demo", "--collector.disable-defaults", "--collector.snow_licenses"}, 1},
	} {
		f, _, err := parseFlags(vendors, test.args, io.Discard)
		if err != nil || len(f.enabled()) != test.want {
			t.Errorf("%v: %v, %v; want %d", test.args, f.enabled(), err, test.want)
		}
	}
}

// With all collectors on, a fetch of a large tenant must end within the timeout at
// the default rate limit. Otherwise it would fail each time.
func TestSnowFetchTimeoutIsLongEnough(t *testing.T) {
	const applications, licenses = 3000, 30_000
	requests := 3*licenses + // assignments
		licenses + // costs
		licenses + // upgrades, before version 1.6
		3*applications + 2*applications + 4*applications // compliance, tracking, transfers
	timeout := vendors.Find("snow").Defaults.FetchTimeout
	takes := time.Duration(float64(requests) / snow.SourceRateLimit * float64(time.Second))
	if takes > timeout {
		t.Errorf("it takes %s and may take %s", takes, timeout)
	}
	if timeout > 12*time.Hour {
		t.Error("facts could be dropped as too old before they are fetched again")
	}
}

// docs/vendors/snow.md lists every collector, whether it is on, and every metric.
func TestSnowIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("docs/vendors/snow.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range vendors.Find("snow").Collectors {
		state := "off"
		if r.Default {
			state = "on"
		}
		if !strings.Contains(string(doc), "| `"+r.Name+"` | "+state+" |") {
			t.Errorf("docs/vendors/snow.md does not list %s as %s", r.Name, state)
		}
	}
	for _, m := range vendors.Metrics() {
		if strings.HasPrefix(m.Name, "snow_") && !strings.Contains(string(doc), "`"+m.Name+"`") {
			t.Errorf("docs/vendors/snow.md lacks %s", m.Name)
		}
	}
}
