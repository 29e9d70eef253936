package fortigate

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	commonconfig "github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// estateServer serves devices. Each has a path of its own.
type estateServer struct {
	*httptest.Server

	mu      sync.Mutex
	answers map[string]func(http.ResponseWriter, *http.Request) // by device
	count   map[string]int                                      // requests
}

func serve(t *testing.T) *estateServer {
	t.Helper()
	f := &estateServer{answers: map[string]func(http.ResponseWriter, *http.Request){}, count: map[string]int{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		device, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		f.mu.Lock()
		answer := f.answers[device]
		f.count[device]++
		f.mu.Unlock()
		if answer == nil {
			answer = failing(http.StatusInternalServerError)
		}
		answer(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// set changes what a device answers.
func (f *estateServer) set(device string, answer func(http.ResponseWriter, *http.Request)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[device] = answer
}

// requests returns the number of requests to a device.
func (f *estateServer) requests(device string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count[device]
}

func failing(status int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// services answers with these services of the device with a serial number.
func services(serial, results string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"http_method": "GET", "results": %s, "status": "success", "serial": %q, "version": "v7.4.8"}`, results, serial)
	}
}

const oneService = `{"ips": {"type": "downloaded_fds_object", "status": "licensed", "expires": 1800000000, "entitlement": "NIDS"}}`

// recorded answers with a recording.
func recorded(t *testing.T, name string) func(http.ResponseWriter, *http.Request) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "client", "fortigate", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }
}

// serial returns an invented serial number.
func serial(n int) string { return fmt.Sprintf("FGT60FTK%08d", n) }

// harness is an engine with an account, whose clock the test sets.
type harness struct {
	*enginetest.Harness
	mu  sync.Mutex
	now time.Time
}

func (h *harness) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *harness) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// config returns the configuration of an account with devices, or with its base URL if there are none.
func config(base string, devices ...deviceKeys) *collector.AccountConfig {
	a := &collector.AccountConfig{Name: "acme", Vendor: "fortigate", BaseURL: base, Settings: &settings{Devices: devices}}
	a.HTTPClientConfig = collector.BearerToken("secret-token")
	if err := a.HTTPClientConfig.Check(); err != nil { // it sets defaults
		panic(err)
	}
	return a
}

func newHarness(t *testing.T, now time.Time, a *collector.AccountConfig) *harness {
	t.Helper()
	h := &harness{now: now}
	var buffer enginetest.Buffer
	connection, err := connect(collector.Deps{
		Account: a, Memory: &collector.Memory{}, Enabled: func(string) bool { return true },
		HTTP: rest.Options{
			BaseURL: a.BaseURL, HTTP: commonconfig.HTTPClientConfig(a.HTTPClientConfig),
			Budgets: rest.NewBudgets(rest.NewLimiter(0), 0), Metrics: enginetest.ClientMetrics(), Logger: log.NewLogfmtLogger(&buffer),
			Clock: rest.Clock{Sleep: func(context.Context, time.Duration) error { return nil }},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Harness = enginetest.NewOf(t, engine.Config{Now: h.clock, MaxAge: time.Hour}, &engine.Account{
		Name: "acme", Vendor: Vendor, Connection: connection, Organizations: a.Organizations,
		Options: collector.Options{IndividualLicenses: a.IndividualLicenses, IndividualLimit: 100},
	})
	return h
}

// wantUp fails the test unless license_up is as given by device, and 0 for the account if account is false.
func (h *harness) wantUp(t *testing.T, when string, account bool, up map[string]int) {
	t.Helper()
	lines := strings.Split(h.Scrape(t.Context(), "license_up"), "\n")
	var want []string
	for id, value := range up {
		want = append(want, fmt.Sprintf("license_up{organization_id=%q} %d", id, value))
	}
	want = append(want, fmt.Sprintf("license_up{organization_id=\"\"} %v", collector.Bool(account)))
	slices.Sort(lines)
	slices.Sort(want)
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("%s: license_up (-want +got):\n%s", when, diff)
	}
}
