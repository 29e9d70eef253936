package web

import (
	"context"
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

	"license_exporter/collector"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newServer serves the handler; the facts are told how long they may take.
func newServer(t *testing.T, o Options) (get func(path string, header ...string) (int, string)) {
	t.Helper()
	o.Logger = log.NewNopLogger()
	if o.Own == nil {
		o.Own = prometheus.NewRegistry()
	}
	if o.Waiting == nil {
		o.Waiting = func() []string { return nil }
	}
	server := httptest.NewServer(NewHandler(o))
	t.Cleanup(server.Close)
	return func(path string, header ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(header) == 2 {
			req.Header.Set(header[0], header[1])
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
}

// fakeFacts are Facts made of functions; those that are nil do nothing.
type fakeFacts struct {
	gatherer  prometheus.Gatherer
	refresh   func(context.Context, collector.Selection)
	one       func(account, organization string) error
	targets   []collector.Target
	overview  collector.Overview
	untried   bool
	selection collector.Selection // of the latest scrape
}

func (f *fakeFacts) Refresh(ctx context.Context, s collector.Selection) {
	f.selection = s
	if f.refresh != nil {
		f.refresh(ctx, s)
	}
}

func (f *fakeFacts) Gatherer(collector.Selection) prometheus.Gatherer { return f.gatherer }

func (f *fakeFacts) WriteText(w io.Writer, _ collector.Selection) error {
	families, err := f.gatherer.Gather()
	for _, family := range families {
		_, err = expfmt.MetricFamilyToText(w, family)
	}
	return err
}

func (f *fakeFacts) One(_ context.Context, account, organization string) (collector.Selection, error) {
	var err error
	if f.one != nil {
		err = f.one(account, organization)
	}
	return collector.Selection{Account: account, One: true, Organization: organization}, err
}

func (f *fakeFacts) Overview() collector.Overview { return f.overview }

func (f *fakeFacts) Targets() ([]collector.Target, bool) { return f.targets, !f.untried }

// gauge is a gatherer of one metric.
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
	get := newServer(t, Options{
		MetricsPath: "/telemetry", Own: own,
		Facts: &fakeFacts{gatherer: gauge("fact", 3)},
	})
	status, body := get("/telemetry")
	if status != http.StatusOK || !strings.Contains(body, "\nfact 3\n") || !strings.Contains(body, "\nown_total 0\n") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := get("/metrics"); status != http.StatusNotFound {
		t.Errorf("/metrics answers %d though the path is another", status)
	}
}

// badFact is a metric that cannot be shown.
type badFact struct{}

func (badFact) Describe(chan<- *prometheus.Desc) {}

func (badFact) Collect(ch chan<- prometheus.Metric) {
	desc := prometheus.NewDesc("good", "A gauge.", []string{"l"}, nil)
	ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 1, "a")
	ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 2, "a")
	ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 3, "b")
}

func TestOneBadSeriesKeepsBackNoOther(t *testing.T) {
	bad := prometheus.NewRegistry()
	bad.MustRegister(badFact{})
	get := newServer(t, Options{MetricsPath: "/metrics", Facts: &fakeFacts{gatherer: bad}})
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
		{"0.4", 500 * time.Millisecond, 400 * time.Millisecond}, // an offset that leaves nothing is not kept
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

func TestFactsAreToldTheDeadlineOfTheScrape(t *testing.T) {
	var left time.Duration
	get := newServer(t, Options{
		MetricsPath: "/metrics", TimeoutOffset: time.Second,
		Facts: &fakeFacts{gatherer: gauge("fact", 1), refresh: func(ctx context.Context, _ collector.Selection) {
			deadline, _ := ctx.Deadline()
			left = time.Until(deadline)
		}},
	})
	get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "3600")
	if left < 3500*time.Second || left > 3599*time.Second {
		t.Errorf("%v are left of an hour less a second", left)
	}
}

// Writing takes its time, too, if there is much to write.
func TestTimeToWriteIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left []time.Duration
		facts := &fakeFacts{gatherer: prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			time.Sleep(2 * time.Second)
			return nil, nil
		}), refresh: func(ctx context.Context, _ collector.Selection) {
			deadline, _ := ctx.Deadline()
			left = append(left, time.Until(deadline))
		}}
		handler := mustHandler(t, Options{MetricsPath: "/metrics", TimeoutOffset: time.Second, Facts: facts})
		for _, timeout := range []string{"10", "10", "4"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
			r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", timeout)
			handler.ServeHTTP(httptest.NewRecorder(), r)
		}
		want := []time.Duration{9 * time.Second, 7 * time.Second, 1500 * time.Millisecond}
		if !slices.Equal(left, want) {
			t.Errorf("fetches are given %v, want %v", left, want)
		}
	})
}

func TestHealthAndReadiness(t *testing.T) {
	waiting := []string{"account a: listing its organizations", "account b: first fetch of 2 organizations"}
	get := newServer(t, Options{MetricsPath: "/metrics", Waiting: func() []string { return waiting }})
	if status, body := get("/-/healthy"); status != http.StatusOK || body != "OK\n" {
		t.Errorf("healthy: %d %q", status, body)
	}
	want := "Waiting for:\naccount a: listing its organizations\naccount b: first fetch of 2 organizations\n"
	if status, body := get("/-/ready"); status != http.StatusServiceUnavailable || body != want {
		t.Errorf("ready: %d %q", status, body)
	}
	waiting = nil
	if status, body := get("/-/ready"); status != http.StatusOK || body != "OK\n" {
		t.Errorf("ready: %d %q", status, body)
	}
}
