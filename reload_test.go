package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"license_exporter/internal/simulator/meraki"
	snowsim "license_exporter/internal/simulator/snow"
)

const reloadSuccess = "license_exporter_config_last_reload_successful "

func TestReload(t *testing.T) {
	vendor, file := simulate(t, meraki.Options{Estate: meraki.DemoEstate()})
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := launch(t, vendors, "--config.file="+file, "--web.enable-lifecycle", "--scrape.max-age=1h")
	defer p.stop()
	p.wait("/metrics", `license_up{account="demo",organization_id="2930101",vendor="meraki"} 1`)
	if page := p.get("/metrics"); !strings.Contains(page, "\n"+reloadSuccess+"1\n") {
		t.Error("the first configuration is not reported as applied")
	}
	before := vendor.Requests()["getOrganizations"]

	second := strings.ReplaceAll(string(good[strings.Index(string(good), "  - name"):]), "name: demo", "name: second")
	write(t, file, string(good)+second)
	if status, body := p.post("/-/reload"); status != http.StatusOK {
		t.Fatalf("reload: %d %s", status, body)
	}
	p.wait("/metrics", `license_up{account="second",organization_id="2930101",vendor="meraki"} 1`)
	if page := p.get("/metrics"); !strings.Contains(page, `license_up{account="demo",organization_id="2930101",vendor="meraki"} 1`) {
		t.Error("the account that has not changed lost its facts")
	}
	if n := vendor.Requests()["getOrganizations"] - before; n != 1 {
		t.Errorf("the organizations were listed %d times after the reload, want once, for the new account", n)
	}

	write(t, file, string(good)+"    color: blue\n")
	status, body := p.post("/-/reload")
	if status != http.StatusInternalServerError || !strings.Contains(body, "a key is not known") {
		t.Errorf("a bad file: %d %q", status, body)
	}
	page := p.get("/metrics")
	if !strings.Contains(page, "\n"+reloadSuccess+"0\n") || !strings.Contains(page, `license_up{account="second",organization_id="2930101"`) {
		t.Error("a bad file does not set the metric to 0, or changes something")
	}

	write(t, file, string(good))
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.wait("/metrics", "\n"+reloadSuccess+"1\n")
	if page := p.get("/metrics"); strings.Contains(page, `license_up{account="second"`) {
		t.Error("the account that was removed is still shown")
	}
	// Its counters vanish once its last fetch has ended.
	for deadline := time.Now().Add(30 * time.Second); strings.Contains(p.get("/metrics"), `account="second"`); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the counters of the account that was removed are still shown")
		}
	}
	if strings.Contains(p.stderr.String(), apiKey) {
		t.Error("the log shows the key")
	}
}

// A reload that changes only labels takes effect at once and sends no request.
func TestReloadOfLabels(t *testing.T) {
	vendor, file := simulate(t, meraki.Options{Estate: meraki.DemoEstate()})
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := launch(t, vendors, "--config.file="+file, "--web.enable-lifecycle", "--scrape.max-age=1h")
	defer p.stop()
	p.wait("/-/ready", "OK")
	before := requestsOf(vendor)
	for _, step := range []struct{ labels, want string }{
		{"{team: network, customer: acme}", `api_enabled="true",customer="acme",licensing_model=`},
		{"{customer: other}", `api_enabled="true",customer="other",licensing_model=`},
		{"{}", `api_enabled="true",licensing_model=`},
	} {
		write(t, file, string(good)+"    labels: "+step.labels+"\n")
		if status, body := p.post("/-/reload"); status != http.StatusOK {
			t.Fatalf("reload: %d %s", status, body)
		}
		for _, path := range []string{"/metrics", "/probe?account=demo&organization_id=2930101"} {
			page := p.get(path)
			if !strings.Contains(page, `license_organization_info{account="demo",`+step.want) || strings.Contains(page, `team="network"`) != strings.Contains(step.labels, "team") {
				t.Errorf("%s: %s lacks %s, or has other labels", step.labels, path, step.want)
			}
			if !strings.Contains(page, `license_up{account="demo",organization_id="2930101",vendor="meraki"} 1`) {
				t.Errorf("%s: %s lacks the facts", step.labels, path)
			}
		}
	}
	if n := requestsOf(vendor) - before; n != 0 {
		t.Errorf("%d requests were sent after the reloads", n)
	}
	write(t, file, string(good)+"    labels: {product: x}\n")
	if status, body := p.post("/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, "label product of labels is reserved") {
		t.Errorf("a label that is reserved: %d %s", status, body)
	}
}

func TestReloadOverHTTPIsOffUnlessAskedFor(t *testing.T) {
	p := launch(t, vendors, "--demo")
	defer p.stop()
	if status, body := p.post("/-/reload"); status != http.StatusForbidden {
		t.Errorf("%d %s", status, body)
	}
}

// With --no-scrape.at-start, the exporter lists organizations, is then ready, and
// fetches only what scrapes select.
func TestNoFetchAtStart(t *testing.T) {
	vendor, file := simulate(t, meraki.Options{Estate: meraki.DemoEstate()})
	p := launch(t, vendors, "--config.file="+file, "--no-scrape.at-start", "--scrape.max-age=1h")
	defer p.stop()
	p.wait("/-/ready", "OK")
	if got := vendor.Requests(); len(got) != 1 || got["getOrganizations"] != 1 {
		t.Errorf("before the first scrape there were %v", got)
	}
	page := p.get("/probe?account=demo&organization_id=2930101")
	if !strings.Contains(page, `license_up{account="demo",organization_id="2930101",vendor="meraki"} 1`) || strings.Contains(page, "2930102") {
		t.Errorf("the probe shows\n%s", page)
	}
	if got := vendor.Requests()["getOrganizationLicensesOverview"]; got != 1 {
		t.Errorf("%d overviews were read for one organization", got)
	}
}

// A reload is no start: what the vendor has answered before it, it does not
// withhold after it.
func TestReloadRemembersWhatTheVendorAnswers(t *testing.T) {
	vendor, file := simulateSnow(t, snowsim.Options{Estate: snowsim.DemoEstate()})
	p := launch(t, vendors, "--config.file="+file, "--web.enable-lifecycle")
	defer p.stop()
	const names = `license_organization_info{account="corp",api_enabled="",licensing_model="",organization_id="5a41`
	p.wait("/metrics", names)
	vendor.Fail(func(r *http.Request) (int, string, bool) {
		return http.StatusForbidden, "{}", strings.Contains(r.URL.Path, "/organizations/")
	})
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(good)+"    max_age: 2h\n")
	if status, body := p.post("/-/reload"); status != http.StatusOK {
		t.Fatalf("reload: %d %s", status, body)
	}
	p.wait("/metrics", `license_exporter_collector_success{account="corp",collector="snow_organizations",organization_id="",vendor="snow"} 0`)
	if !strings.Contains(p.get("/metrics"), names) {
		t.Error("the names of the organizations have vanished")
	}
}

// No request is sent for an organization before the end of the pause that the vendor asked
// for. Further fetches fail, also after a reload.
func TestRetryAfterIsObeyed(t *testing.T) {
	sim := meraki.New(meraki.Options{Estate: meraki.DemoEstate(), Key: apiKey})
	var throttled atomic.Bool
	var during atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if throttled.Load() && strings.Contains(r.URL.Path, "/organizations/2930101/") {
			during.Add(1)
			w.Header().Set("Retry-After", "1000000000")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		sim.ServeHTTP(w, r)
	}))
	defer server.Close()
	file := configFile(t, server.URL+"/api/v1")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := launch(t, vendors, "--config.file="+file, "--web.enable-lifecycle", "--scrape.max-age=0s")
	defer p.stop()
	up := func(value string) string {
		return `license_up{account="demo",organization_id="2930101",vendor="meraki"} ` + value
	}
	p.wait("/metrics", up("1"))
	throttled.Store(true)
	p.wait("/metrics", up("0"))
	const errs = `license_exporter_collector_errors_total{account="demo",collector="meraki_overview",reason="rate_limited",vendor="meraki"} `
	failures := func() string {
		_, after, _ := strings.Cut(p.get("/metrics"), errs)
		count, _, _ := strings.Cut(after, "\n")
		return count
	}
	for first := failures(); failures() == first; {
		time.Sleep(10 * time.Millisecond)
	}
	before := during.Load()
	if before == 0 {
		t.Fatal("no request was refused")
	}
	for first := failures(); failures() == first; {
		time.Sleep(10 * time.Millisecond)
	}
	write(t, file, string(good)+"    max_age: 1ms\n")
	if status, body := p.post("/-/reload"); status != http.StatusOK {
		t.Fatalf("reload: %d %s", status, body)
	}
	for range 5 {
		if page := p.get("/metrics"); !strings.Contains(page, up("0")) || !strings.Contains(page, `license_next_expiration_timestamp_seconds{account="demo",organization_id="2930101"`) {
			t.Fatal("the last good facts are not kept, or not as those of a failure")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if after := during.Load(); after != before {
		t.Errorf("%d requests were sent during the pause", after-before)
	}
	if log := p.stderr.String(); !strings.Contains(log, "the vendor asks to wait until 20") {
		t.Errorf("the log does not say until when:\n%s", log)
	}
}

// A SIGHUP while the exporter ends must not kill it. Here, it would kill the tests.
func TestHangupAtTheEnd(t *testing.T) {
	launch(t, vendors, "--demo").stop()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
}

// A reload applies policies without a request to the vendor.
func TestReloadAppliesPolicies(t *testing.T) {
	vendor, file := simulate(t, meraki.Options{Estate: meraki.DemoEstate()})
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	csv := filepath.Join(filepath.Dir(file), "policies.csv")
	write(t, csv, "organization_id;owner;muted\r\n2930101;first team;\r\n")
	write(t, file, string(good)+"policies:\n- match: {product: nowhere}\n  owner: nobody\npolicy_files: [policies.csv]\n")
	p := launch(t, vendors, "--config.file="+file, "--web.enable-lifecycle", "--scrape.max-age=1h")
	defer p.stop()
	const info = `license_policy_info{account="demo",license_id="",organization_id="2930101",owner="%s",product="",renewal="",vendor="meraki"} 1`
	p.wait("/metrics", fmt.Sprintf(info, "first team"))
	p.wait("/metrics/exporter", "\nlicense_exporter_unmatched_policies 1\n")
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(p.stderr.String(), "policy="+file+":"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the policy that matches nothing is not logged")
		}
	}
	before := requestsOf(vendor)

	write(t, csv, "organization_id;owner;muted\r\n2930101;second team;TRUE\r\n")
	write(t, file, string(good)+"policy_files: [policies.csv]\n")
	if status, body := p.post("/-/reload"); status != http.StatusOK {
		t.Fatalf("reload: %d %s", status, body)
	}
	for _, path := range []string{"/metrics", "/probe?account=demo&organization_id=2930101"} {
		page := p.get(path)
		for _, line := range []string{fmt.Sprintf(info, "second team"), `license_policy_muted{account="demo",license_id="",organization_id="2930101",product="",vendor="meraki"} 1`} {
			if !strings.Contains(page, line) {
				t.Errorf("%s has no %s after the reload", path, line)
			}
		}
	}
	if page := p.get("/metrics"); !strings.Contains(page, "\nlicense_exporter_unmatched_policies 0\n") {
		t.Error("policies match nothing after the reload")
	}
	if after := requestsOf(vendor); after != before {
		t.Errorf("the reload of policies caused %d requests", after-before)
	}

	write(t, csv, "organization_id;owner;muted\r\n2930101;third team;perhaps\r\n")
	status, body := p.post("/-/reload")
	if want := "policies.csv:2: column muted must be true or false"; status != http.StatusInternalServerError || !strings.Contains(body, want) {
		t.Errorf("a bad policy file: %d %q, want %s", status, body, want)
	}
	if page := p.get("/metrics"); !strings.Contains(page, fmt.Sprintf(info, "second team")) {
		t.Error("a bad policy file changes something")
	}
}
