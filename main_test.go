package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
)

func TestMain(m *testing.M) {
	clientClock = hurriedClock()
	goleak.VerifyTestMain(m)
}

// apiKey must not appear in any output.
const apiKey = "0123456789abcdef-the-api-key"

// simulate starts a simulated Meraki and returns it with a configuration file
// that reads from it.
func simulate(t *testing.T, o meraki.Options) (*meraki.API, string) {
	t.Helper()
	o.Key = apiKey
	vendor := meraki.New(o)
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return vendor, configFile(t, baseURL+"/api/v1")
}

func configFile(t *testing.T, baseURL string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "key"), apiKey)
	path := filepath.Join(dir, "license_exporter.yml")
	write(t, path, `
accounts:
  - name: demo
    vendor: meraki
    base_url: `+baseURL+`
    individual_licenses: true
    rate_limit: {organization: 1000, source: 1000}
    http_client_config: {authorization: {credentials_file: key}}
`)
	return path
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The facts of the demo's estate at a fixed time.
func TestDemoEstate(t *testing.T) {
	_, file := simulate(t, meraki.Options{Estate: meraki.DemoEstate(), Now: fixedNow, Limits: meraki.Limits{Off: true}})
	e := engineFor(t, file, fixedNow)
	e.Refresh(t.Context(), engine.Selection{})
	facts := enginetest.Gatherer(e.Exposition, engine.Selection{})
	enginetest.Golden(t, "demo.metrics", enginetest.Text(t, facts))
	lint(t, facts)
}

// The demo has series of every metric about licenses, except the vendor's total of licenses, which is only shown where it
// differs from the sum over the states.
func TestDemoShowsEveryMetricAndStops(t *testing.T) {
	p := launch(t, withExample, "--demo", "--web.enable-lifecycle")
	for deadline := time.Now().Add(time.Minute); p.get("/-/ready") != "OK\n"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it is not ready: %s", p.get("/-/ready"))
		}
	}
	if status, body := p.post("/-/reload"); status != http.StatusOK {
		t.Errorf("reload: %d %s", status, body)
	}
	page := p.get("/metrics") // the reload must not have replaced the simulators
	wanted := []string{"license_exporter_build_info{", "go_goroutines ", "promhttp_metric_handler_errors_total"}
	for _, v := range withExample {
		wanted = append(wanted, fmt.Sprintf(`license_up{account="demo-%s",organization_id="",vendor="%[1]s"} 1`, v.Name))
	}
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	for _, m := range withExample.Metrics() {
		if !m.Own && m.Name != "meraki_licenses" && !strings.Contains(page, "\n"+m.Name+"{") {
			t.Errorf("the demo has no %s", m.Name)
		}
	}
	p.stop()
}

func TestFirstFetchStartsWithoutAScrape(t *testing.T) {
	vendor, file := simulate(t, meraki.Options{Estate: meraki.DemoEstate()})
	p := launch(t, vendors, "--config.file="+file)
	for deadline := time.Now().Add(30 * time.Second); vendor.Requests()["getOrganizationLicenses"] == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no fetch at the start:\n%s", &p.stderr)
		}
	}
	p.stop()
}

func TestUnreachableVendor(t *testing.T) {
	t.Setenv("MERAKI_DASHBOARD_API_KEY", apiKey)
	t.Setenv("MERAKI_BASE_URL", "http://127.0.0.1:1/api/v1") // nothing listens there
	p := launch(t, vendors, "--scrape.max-age=0", "--log.level=info")
	for range 2 {
		if page := p.get("/metrics"); !strings.Contains(page, `license_up{account="meraki",organization_id="",vendor="meraki"} 0`) {
			t.Errorf("license_up is not 0:\n%s", page)
		}
	}
	p.stop()
	if n := strings.Count(p.stderr.String(), "level=error"); n != 1 || !strings.Contains(p.stderr.String(), "connection refused") {
		t.Errorf("%d lines, want one with the reason:\n%s", n, &p.stderr)
	}
}

// No output, even at level debug, contains the API key or a license key, even if
// the vendor's pages and errors do.
func TestSecretsAreNeverShown(t *testing.T) {
	vendor, file := simulate(t, meraki.Options{Estate: meraki.Generate(1, 6, 2100)})
	coterm := 0
	var mu sync.Mutex
	vendor.Fail(func(r *http.Request) (int, string, bool) {
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(r.URL.Path, "coterm") && strings.Contains(r.URL.RawQuery, "startingAfter") {
			coterm++ // the cursor is a license key
			return http.StatusInternalServerError, `{"errors": ["cannot read ` + simulator.FakeKeyMarker + `-0001-0002"]}`, coterm%2 == 0
		}
		return 0, "", false
	})
	p := launch(t, vendors, "--config.file="+file, "--log.level=debug", "--scrape.max-age=0")
	shown := p.get("/metrics") + p.get("/metrics") + p.get("/") + p.get("/-/ready")
	p.stop()
	var table, messages enginetest.Buffer
	if status := run(vendors, []string{"--check", "--config.file=" + file, "--log.level=debug"}, &table, &messages); status == 1 {
		t.Log("the check found the failures that were injected")
	}
	if coterm == 0 {
		t.Fatal("no second page of licenses was requested")
	}
	for where, text := range map[string]string{
		"page": shown, "stdout": p.stdout.String() + table.String(), "stderr": p.stderr.String() + messages.String(),
	} {
		for _, secret := range []string{apiKey, simulator.FakeKeyMarker} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s shows %s: …%s…", where, secret, text[max(0, i-200):min(len(text), i+100)])
			}
		}
	}
	if !strings.Contains(shown, "license_info{") || !strings.Contains(p.stderr.String(), "level=debug") {
		t.Error("the output lacks what it should contain")
	}
}

func TestCheck(t *testing.T) {
	_, file := simulate(t, meraki.Options{Estate: meraki.DemoEstate(), Now: func() time.Time {
		return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	}})
	var stdout, stderr enginetest.Buffer
	status := run(vendors, []string{"--check", "--config.file=" + file}, &stdout, &stderr)
	table := stdout.String()
	for _, want := range []string{
		`(?m)^ACCOUNT +ORGANIZATION +NAME +MODEL +LICENSES +NEXT END +PROBLEM$`,
		`(?m)^demo +- +12 organizations +- +- +- +-$`,
		`(?m)^demo +2930102 +Northwind Retail – Iberia +co-term +5 +2026-03-06 +-$`,
		`(?m)^demo +2930105 +Northwind Stores – North America +per-device +91 +2\d{3}-\d\d-\d\d +-$`,
		`(?m)^demo +2930111 +Northwind Archive +co-term +- +- +meraki_organizations: API access is switched off$`,
	} {
		if !regexp.MustCompile(want).MatchString(table) {
			t.Errorf("no line like %s in\n%s", want, table)
		}
	}
	if lines := strings.Count(table, "\n"); lines != 14 {
		t.Errorf("%d lines, want one for each organization, the account and the header:\n%s", lines, table)
	}
	errs := regexp.MustCompile(`(?m)^level=error ts=\S+ caller=\S+ msg="the check failed" err="check found 1 problem"$`).FindAllString(stderr.String(), -1)
	if status != 1 || len(errs) != 1 || strings.Count(stderr.String(), "level=error") != 1 {
		t.Errorf("status %d, stderr:\n%s", status, &stderr)
	}
}

// The demo has one problem, and the check says why.
func TestCheckOfTheDemo(t *testing.T) {
	var stdout, stderr enginetest.Buffer
	status := run(vendors, []string{"--demo", "--check"}, &stdout, &stderr)
	if status != 1 || !strings.HasSuffix(stdout.String(), "\n\n"+demoNote+"\n") || !strings.Contains(stderr.String(), `err="check found 1 problem"`) {
		t.Errorf("status %d\n%s%s", status, &stdout, &stderr)
	}
}

// A credential that the vendor refuses is one problem of the account, not one of each organization.
func TestCheckOfABadCredential(t *testing.T) {
	vendor, file := simulate(t, meraki.Options{Estate: meraki.DemoEstate()})
	vendor.Fail(func(r *http.Request) (int, string, bool) {
		isOrganization := regexp.MustCompile(`/organizations(/\d+)?$`).MatchString(r.URL.Path)
		return http.StatusUnauthorized, `{"errors": ["Invalid API key"]}`, !isOrganization
	})
	var stdout, stderr enginetest.Buffer
	status := run(vendors, []string{"--check", "--config.file=" + file, "--no-collector.meraki_compliance"}, &stdout, &stderr)
	for _, want := range []string{
		`(?m)^demo +- +12 organizations .* in all organizations: .*401.*check the credential.*note: without the compliance of subscriptions: meraki_compliance is off$`,
		`(?m)^demo +2930101 +\S.* +co-term +- +- +-$`,
	} {
		if !regexp.MustCompile(want).MatchString(stdout.String()) {
			t.Errorf("no line like %s in\n%s", want, &stdout)
		}
	}
	if status != 1 || strings.Count(stdout.String(), "401") != 1 || !strings.Contains(stderr.String(), `err="check found 2 problems"`) { // the other is an organization without access
		t.Errorf("status %d, stderr:\n%s", status, &stderr)
	}
}

func TestCheckOfAnUnreachableVendor(t *testing.T) {
	var stdout, stderr enginetest.Buffer
	status := run(vendors, []string{"--check", "--config.file=" + configFile(t, "http://127.0.0.1:1")}, &stdout, &stderr)
	if status != 1 || !strings.Contains(stdout.String(), "connection refused") {
		t.Errorf("status %d, table:\n%s", status, &stdout)
	}
}

// A start that cannot work logs one line with the reason and exits with 1.
func TestStartRefuses(t *testing.T) {
	for _, v := range vendors {
		for _, variable := range v.Environment {
			t.Setenv(variable.Name, "")
		}
	}
	bad := func(content string) string {
		path := filepath.Join(t.TempDir(), "bad.yml")
		write(t, path, content)
		return "--config.file=" + path
	}
	webConfig := func(content string) string { return strings.Replace(bad(content), "--config", "--web.config", 1) }
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ arg, want string }{
		"no account":         {"--log.level=info", ", or SNOW_CLIENT_ID and SNOW_CLIENT_SECRET, or TABLE_FILE, or give --config.file, or try --demo"},
		"unknown flag":       {"--colector.meraki_device", "unknown long flag '--colector.meraki_device'; did you mean --collector.meraki_device? Try --help\"\n"},
		"another flag":       {"--no-colector.meraki_device", "did you mean --no-collector.meraki_device? Try --help\"\n"},
		"no such flag":       {"--hunter3", "unknown long flag '--hunter3'; try --help\"\n"},
		"short flag":         {"-x", "unknown short flag '-x'; try --help\"\n"},
		"an argument":        {"demo", `unexpected argument "demo"; give all settings as flags; try --help`},
		"bad duration":       {"--scrape.max-age=soon", `--scrape.max-age: "soon" is not a duration; write it like 90s, 5m or 24h; try --help`},
		"path without slash": {"--web.telemetry-path=metrics", "--web.telemetry-path must begin with /"},
		"path that is taken": {"--web.telemetry-path=/docs/", "--web.telemetry-path=/docs/ is taken; choose another path, such as /metrics"},
		"path of a page":     {"--web.telemetry-path=/licenses", "--web.telemetry-path=/licenses is taken"},
		"path below a page":  {"--web.telemetry-path=/organization/metrics", "--web.telemetry-path=/organization/metrics is taken"},
		"path of a file":     {"--web.telemetry-path=/licenses.csv", "--web.telemetry-path=/licenses.csv is taken"},
		"path with slashes":  {"--web.telemetry-path=/a//b", "--web.telemetry-path=/a//b can never be requested; choose a plain path, such as /metrics"},
		"path of dots":       {"--web.telemetry-path=/../x", "can never be requested"},
		"path of slashes":    {"--web.telemetry-path=//", "can never be requested"},
		"path with a query":  {"--web.telemetry-path=/metrics?x", "can never be requested"},
		"negative duration":  {"--scrape.max-age=-1s", "--scrape.max-age must not be negative"},
		"stale below age":    {"--scrape.max-stale=1s", "--scrape.max-stale must not be below --scrape.max-age"},
		"negative offset":    {"--scrape.timeout-offset=-1s", "--scrape.timeout-offset must not be negative"},
		"log level":          {"--log.level=loud", `--log.level must be one of debug, info, warn, error, not "loud"; try --help`},
		"log format":         {"--log.format=xml", `--log.format must be one of logfmt, json, not "xml"; try --help`},
		"no switch":          {"--no-config.file", "unknown long flag '--no-config.file'; try --help"},
		"value of a switch":  {"--demo=true", "--demo takes no value; write --demo or --no-demo"},
		"listen address":     {"--web.listen-address=nowhere", "--web.listen-address: listen tcp: address nowhere: missing port in address"},
		"no collectors":      {"--collector.disable-defaults", "all collectors are off; switch one on, such as --collector." + vendors.Collectors()[0].Name},
		"absent file":        {"--config.file=/nonexistent.yml", "--config.file: open /nonexistent.yml: no such file or directory"},
		"max_age too long":   {bad("accounts: [{name: a, vendor: meraki, max_age: 2d, http_client_config: {authorization: {credentials: x}}}]"), `bad.yml:1:47: account "a": max_age must not be above --scrape.max-stale (24h0m0s), or facts would be dropped before they are fetched again`},
		"unknown key":        {bad("acounts: []"), "bad.yml:1:1: key acounts is not known; did you mean accounts?"},
		"missing credential": {bad("accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {credentials_file: nowhere}}}]"), "authorization.credentials_file: no such file or directory"},
		"certificate":        {bad("accounts: [{name: a, vendor: meraki, http_client_config: {authorization: {credentials: x}, tls_config: {ca: x}}}]"), `bad.yml:1:109: account "a": http_client_config.tls_config.ca: it contains no certificate in PEM`},
		"web config":         {"--web.config.file=/nonexistent.yml", "--web.config.file: open /nonexistent.yml: no such file or directory"},
		"web config's keys":  {webConfig("tls_server_config: {}\nhunter2: hunter2"), ":2:1: a key is not known; https://github.com/prometheus/exporter-toolkit/"},
		"web config's users": {webConfig("basic_auth_users: {hunter2: hunter2}"), ":1:29: basic_auth_users[0] must be the bcrypt hash of a password"},
		"web config's TLS":   {webConfig("tls_server_config: {cert_file: hunter2, key_file: hunter2}"), ": failed to read cert_file"},
		"web config's level": {webConfig("tls_server_config: {min_version: hunter2}"), ":1:34: tls_server_config.min_version must be TLS10, TLS11, TLS12 or TLS13"},
		"named pipe":         {"--config.file=" + pipe, "pipe: it is a named pipe; give the path of a regular file"},
		"directory":          {"--config.file=" + filepath.Dir(pipe), ": it is a directory; give the path of a regular file"},
		"web config's pipe":  {"--web.config.file=" + pipe, "pipe: it is a named pipe; give the path of a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{test.arg, "--web.listen-address=127.0.0.1:0"}
			if strings.HasPrefix(test.arg, "--web.config") || strings.HasPrefix(test.arg, "--web.listen") {
				args = append(args, "--demo")
			}
			var stdout, stderr enginetest.Buffer
			if status := run(vendors, args, &stdout, &stderr); status != 1 {
				t.Errorf("status %d", status)
			}
			var lines []string
			for line := range strings.Lines(stderr.String()) {
				if strings.HasPrefix(line, "level=error ") {
					lines = append(lines, strings.ReplaceAll(line, `\"`, `"`))
				}
			}
			form := regexp.MustCompile(`^level=error ts=\S+ caller=\S+ msg="(cannot run|cannot parse the command line)" err=`)
			if len(lines) != 1 || !form.MatchString(lines[0]) || !strings.Contains(lines[0], test.want) || strings.Contains(lines[0], "hunter2") {
				t.Errorf("got %q, want one line with %q", lines, test.want)
			}
		})
	}
}

func TestDemoAndConfigFileExcludeEachOther(t *testing.T) {
	var stdout, stderr enginetest.Buffer
	if status := run(vendors, []string{"--demo", "--config.file=x"}, &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "exclude each other") {
		t.Errorf("status %d, %s", status, &stderr)
	}
}

func TestHelpAndVersion(t *testing.T) {
	for arg, want := range map[string]string{"--help": "--[no-]collector.meraki_device", "--version": "license_exporter, version"} {
		var stdout, stderr enginetest.Buffer
		if status := run(vendors, []string{arg}, &stdout, &stderr); status != 0 || !strings.Contains(stdout.String(), want) || stderr.String() != "" {
			t.Errorf("%s: status %d\n%s%s", arg, status, &stdout, &stderr)
		}
	}
}

func TestCollectorFlags(t *testing.T) {
	defaults := 0
	for _, r := range vendors.Collectors() {
		if r.Default {
			defaults++
		}
	}
	for _, test := range []struct {
		args []string
		want int // collectors that are on
	}{
		{nil, defaults},
		{[]string{"--no-collector.meraki_inventory"}, defaults - 1},
		{[]string{"--collector.snow_costs"}, defaults + 1},
		{[]string{"--collector.disable-defaults", "--collector.meraki_overview"}, 1},
		{[]string{"--collector.disable-defaults", "--collector.meraki_overview", "--no-collector.meraki_overview", "--collector.meraki_device"}, 1},
	} {
		f, _, err := parseFlags(vendors, test.args, io.Discard)
		if len(test.args) == 4 {
			if err == nil {
				t.Errorf("%v: contradicting flags are accepted", test.args)
			}
			continue
		}
		if err != nil || len(f.enabled()) != test.want {
			t.Errorf("%v: %v, %v; want %d", test.args, f.enabled(), err, test.want)
		}
	}
}

// docs/configuration.md lists every flag.
func TestEveryFlagIsDocumented(t *testing.T) {
	var help, none enginetest.Buffer
	run(vendors, []string{"--help"}, &help, &none)
	doc, err := os.ReadFile("docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^ +(?:-h, )?--(?:\[no-\])?([a-z0-9.\-_]+)`).FindAllStringSubmatch(help.String(), -1)
	if len(flags) < 15 {
		t.Fatalf("only %d flags found in\n%s", len(flags), &help)
	}
	for _, flag := range flags {
		if name := flag[1]; !regexp.MustCompile(`^collector\.[a-z0-9]+_`).MatchString(name) && !strings.HasPrefix(name, "help-") && !strings.Contains(string(doc), "`--"+name+"`") {
			t.Errorf("docs/configuration.md lacks --%s", name)
		}
	}
}
