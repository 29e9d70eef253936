package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/goleak"

	"license_exporter/engine"
	"license_exporter/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newHandler returns the handler with defaults for missing options.
func newHandler(t testing.TB, o Options) http.Handler {
	t.Helper()
	o.Logger = log.NewNopLogger()
	if o.Own == nil {
		o.Own = prometheus.NewRegistry()
	}
	return NewHandler(o)
}

// newServer serves newHandler. get returns the status code and body of a path.
func newServer(t *testing.T, o Options) (get func(path string, header ...string) (int, string)) {
	t.Helper()
	server := httptest.NewServer(newHandler(t, o))
	t.Cleanup(server.Close)
	return func(path string, header ...string) (int, string) {
		t.Helper()
		r := request(t, server.URL+path, header...)
		return r.status, string(r.body)
	}
}

// response is the response of a server.
type response struct {
	status int
	header http.Header
	body   []byte
}

// request sends a GET request. header has names and values in turn. If the body is
// compressed, request does not decompress it.
func request(t *testing.T, url string, header ...string) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{resp.StatusCode, resp.Header, body}
}

// withFake returns options that use f.
func withFake(f *fakeEngine, o Options) Options {
	o.Engine, o.Exposition, o.Overview = f, f, f.Overview
	o.Collectors = []string{"meraki_coterm", "meraki_device"}
	return o
}

// fakeEngine implements Engine, Exposition and Options.Overview. It does not
// fetch.
type fakeEngine struct {
	gatherer  prometheus.Gatherer
	refresh   func(context.Context, engine.Selection)
	one       func(account, organization string) error
	targets   []engine.Target
	overview  status.Overview
	untried   bool
	waiting   []string
	selection engine.Selection // of the latest scrape
}

func (f *fakeEngine) Refresh(ctx context.Context, s engine.Selection) {
	f.selection = s
	if f.refresh != nil {
		f.refresh(ctx, s)
	}
}

func (f *fakeEngine) WriteText(w io.Writer, _ engine.Selection) error { return f.write(w, textFormat) }

func (f *fakeEngine) WriteProtobuf(w io.Writer, _ engine.Selection) error {
	return f.write(w, expfmt.NewFormat(expfmt.TypeProtoDelim))
}

func (f *fakeEngine) write(w io.Writer, format expfmt.Format) error {
	families, err := f.gatherer.Gather()
	encoder := expfmt.NewEncoder(w, format)
	for _, family := range families {
		err = errors.Join(err, encoder.Encode(family))
	}
	return err
}

func (f *fakeEngine) One(_ context.Context, account, organization string) (engine.Selection, error) {
	var err error
	if f.one != nil {
		err = f.one(account, organization)
	}
	return engine.Selection{Account: account, One: true, Organization: organization}, err
}

func (f *fakeEngine) Overview() *status.Overview { return &f.overview }

func (f *fakeEngine) Waiting() []string { return f.waiting }

func (f *fakeEngine) Targets() ([]engine.Target, bool) { return f.targets, !f.untried }

// gauge returns a gatherer of one gauge.
func gauge(name string, value float64) prometheus.Gatherer {
	r := prometheus.NewRegistry()
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "A gauge."})
	g.Set(value)
	r.MustRegister(g)
	return r
}

func TestMetricsServesFactsAndTheExportersOwn(t *testing.T) {
	own := prometheus.NewRegistry()
	own.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "own_total", Help: "A counter."}))
	get := newServer(t, withFake(&fakeEngine{gatherer: gauge("fact", 3)}, Options{
		MetricsPath: "/telemetry", Own: own,
	}))
	status, body := get("/telemetry")
	if status != http.StatusOK || !strings.Contains(body, "\nfact 3\n") || !strings.Contains(body, "\nown_total 0\n") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := get("/metrics"); status != http.StatusNotFound {
		t.Errorf("/metrics answers %d, but the metrics have another path", status)
	}
}

// badFact is a collector that makes a series twice.
type badFact struct{}

func (badFact) Describe(chan<- *prometheus.Desc) {}

func (badFact) Collect(ch chan<- prometheus.Metric) {
	desc := prometheus.NewDesc("good", "A gauge.", []string{"l"}, nil)
	ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 1, "a")
	ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 2, "a")
	ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 3, "b")
}

func TestInvalidSeriesDoesNotHideOthers(t *testing.T) {
	bad := prometheus.NewRegistry()
	bad.MustRegister(badFact{})
	get := newServer(t, withFake(&fakeEngine{gatherer: prometheus.NewRegistry()}, Options{MetricsPath: "/metrics", Own: bad}))
	if status, body := get("/metrics", "Accept", "application/openmetrics-text"); status != http.StatusOK || !strings.Contains(body, `good{l="a"} 1.0`) || !strings.Contains(body, `good{l="b"} 3.0`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestScrapeTimeout(t *testing.T) {
	for _, test := range []struct {
		header string
		offset time.Duration
		want   time.Duration
	}{
		{"", 500 * time.Millisecond, 9500 * time.Millisecond},
		{"30", 500 * time.Millisecond, 29500 * time.Millisecond},
		{"0.8", 500 * time.Millisecond, 300 * time.Millisecond},
		{"0.5", 500 * time.Millisecond, 125 * time.Millisecond}, // an offset that leaves too little time
		{"0.4", 500 * time.Millisecond, 100 * time.Millisecond},
		{"0.4", time.Hour, 100 * time.Millisecond},
		{"1e-300", time.Hour, 0},
		{"0", 0, 10 * time.Second},
		{"NaN", 0, 10 * time.Second},
		{"-Inf", 0, 10 * time.Second},
		{"1e400", 0, 10 * time.Second},
		{"Inf", 0, time.Hour},
		{"1e300", time.Second, time.Hour - time.Second},
		{"9.3e9", 0, time.Hour},
		{"1e9", 0, time.Hour},
		{"soon", 0, 10 * time.Second},
		{"-3", 0, 10 * time.Second},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		if test.header != "" {
			r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", test.header)
		}
		if got := scrapeTimeout(r, test.offset); got != test.want {
			t.Errorf("header %q less %v: %v, want %v", test.header, test.offset, got, test.want)
		}
	}
}

func TestRefreshHasTheDeadlineOfTheScrape(t *testing.T) {
	var left time.Duration
	get := newServer(t, withFake(&fakeEngine{gatherer: gauge("fact", 1), refresh: func(ctx context.Context, _ engine.Selection) {
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
	}}, Options{
		MetricsPath: "/metrics", TimeoutOffset: time.Second,
	}))
	get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "3600")
	if left < 3500*time.Second || left > 3599*time.Second {
		t.Errorf("%v are left of an hour less a second", left)
	}
}

// slowClient takes some time to read each write.
type slowClient struct {
	*httptest.ResponseRecorder
	wait time.Duration
}

func (c slowClient) Write(b []byte) (int, error) {
	time.Sleep(c.wait)
	return c.ResponseRecorder.Write(b)
}

// A slow client must not reduce the time for the next scrape.
func TestTimeOfSlowClientsIsNotReserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left time.Duration
		facts := &fakeEngine{gatherer: gauge("fact", 3), refresh: func(ctx context.Context, _ engine.Selection) {
			deadline, _ := ctx.Deadline()
			left = time.Until(deadline)
		}}
		handler := newHandler(t, withFake(facts, Options{MetricsPath: "/metrics", TimeoutOffset: time.Second}))
		for range 2 {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
			r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
			handler.ServeHTTP(slowClient{httptest.NewRecorder(), time.Minute}, r)
		}
		if left != 9*time.Second {
			t.Errorf("after a slow client %v are left, want 9s", left)
		}
	})
}

// A scrape must leave as much time for the response as the previous one needed.
func TestTimeToWriteIsReserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left []time.Duration
		facts := &fakeEngine{gatherer: prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			time.Sleep(2 * time.Second)
			return nil, nil
		}), refresh: func(ctx context.Context, _ engine.Selection) {
			deadline, _ := ctx.Deadline()
			left = append(left, time.Until(deadline))
		}}
		handler := newHandler(t, withFake(facts, Options{MetricsPath: "/metrics", TimeoutOffset: time.Second}))
		for _, scrape := range []struct{ path, timeout string }{
			{"/metrics?collect[]=meraki_coterm", "10"}, // which is no measure for all facts
			{"/metrics", "10"},
			{"/metrics", "10"},
			{"/metrics", "4"},
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, scrape.path, nil)
			r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", scrape.timeout)
			handler.ServeHTTP(httptest.NewRecorder(), r)
		}
		want := []time.Duration{9 * time.Second, 9 * time.Second, 7 * time.Second, 1500 * time.Millisecond}
		if !slices.Equal(left, want) {
			t.Errorf("fetches are given %v, want %v", left, want)
		}
	})
}

func TestHealthAndReadiness(t *testing.T) {
	f := &fakeEngine{waiting: []string{"account a: listing its organizations", "account b: first fetch of 2 organizations"}}
	get := newServer(t, withFake(f, Options{MetricsPath: "/metrics"}))
	if status, body := get("/-/healthy"); status != http.StatusOK || body != "OK\n" {
		t.Errorf("healthy: %d %q", status, body)
	}
	want := "Waiting for:\naccount a: listing its organizations\naccount b: first fetch of 2 organizations\n"
	if status, body := get("/-/ready"); status != http.StatusServiceUnavailable || body != want {
		t.Errorf("ready: %d %q", status, body)
	}
	f.waiting = nil
	if status, body := get("/-/ready"); status != http.StatusOK || body != "OK\n" {
		t.Errorf("ready: %d %q", status, body)
	}
}
