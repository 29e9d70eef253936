package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/internal/memorytest"
	"license_exporter/licensing"
)

// estate is a source and a collector. Each organization has about a hundred
// series.
type estate struct{ organizations int }

func (e estate) Discover(context.Context, *collector.Report) (collector.Discovery, error) {
	d := collector.Discovery{Organizations: []licensing.Organization{{APIAccess: licensing.APIEnabled}}}
	for i := range e.organizations {
		d.Organizations = append(d.Organizations, licensing.Organization{
			ID: strconv.Itoa(100_000 + i), Name: fmt.Sprintf("Organization %d", i), Model: "per-device", Region: "Europe", APIAccess: licensing.APIEnabled,
		})
	}
	return d, nil
}

func (estate) Applies(o licensing.Organization) bool { return o.ID != "" }

func (estate) Update(_ context.Context, o licensing.Organization, r *collector.Report) error {
	states := []licensing.State{
		{Name: "active", Assigned: licensing.Assigned}, {Name: "expired", Assigned: licensing.Assigned},
		{Name: "unused", Assigned: licensing.Unassigned},
	}
	fold := r.Fold(o.ID, states...)
	for p := range 8 {
		product := fmt.Sprintf("LIC-%d-ENT", p)
		fold.Add(licensing.License{Product: product, State: states[0], Phase: licensing.InForce, End: enginetest.Now.AddDate(0, 0, 10*p+3)})
		r.Organization(o.ID).SeatsOf(licensing.SeatsKey{Product: product, Unit: "device"}, licensing.Seats{
			Limit: licensing.Seat(40), Assigned: licensing.Seat(p), Available: licensing.Seat(40 - p),
		})
	}
	return nil
}

// estateEngine returns an engine that has fetched an estate. If maxAge is 0, each
// scrape fetches and renders all facts again.
func estateEngine(b *testing.B, organizations int, maxAge time.Duration) *enginetest.Harness {
	b.Helper()
	source := estate{organizations}
	h := enginetest.New(b, engine.Config{MaxAge: maxAge, Now: enginetest.Clock}, source, collector.Named{Name: "test_licenses", Collector: source})
	h.Refresh(b.Context(), engine.Selection{})
	return h
}

// plainExporter is an exporter of the same facts that only uses the client library: gauges that each refresh sets.
type plainExporter struct {
	registry *prometheus.Registry
	gauges   map[*dto.MetricFamily]*prometheus.GaugeVec
}

// newPlainExporter returns an exporter with the series of a page.
func newPlainExporter(b *testing.B, page []*dto.MetricFamily) *plainExporter {
	b.Helper()
	p := &plainExporter{prometheus.NewRegistry(), map[*dto.MetricFamily]*prometheus.GaugeVec{}}
	for _, family := range page {
		names := make([]string, 0, len(family.Metric[0].Label))
		for _, l := range family.Metric[0].Label {
			names = append(names, l.GetName())
		}
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		p.registry.MustRegister(vec)
		p.gauges[family] = vec
	}
	p.refresh()
	return p
}

// refresh sets all gauges, so that those of facts that are gone go, too.
func (p *plainExporter) refresh() {
	for family, vec := range p.gauges {
		vec.Reset()
		for _, m := range family.Metric {
			vec.WithLabelValues(labelValues(m)...).Set(m.GetGauge().GetValue())
		}
	}
}

func labelValues(m *dto.Metric) []string {
	values := make([]string, 0, len(m.Label))
	for _, l := range m.Label {
		values = append(values, l.GetValue())
	}
	return values
}

// servedBy returns the series that a handler serves, without those of promhttp itself.
func servedBy(b *testing.B, h http.Handler) []*dto.MetricFamily {
	b.Helper()
	w := httptest.NewRecorder()
	measure(b, h, w)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		b.Fatal(err)
	}
	maps.DeleteFunc(families, func(name string, _ *dto.MetricFamily) bool { return strings.HasPrefix(name, "promhttp_") })
	return slices.Collect(maps.Values(families))
}

// cost is the cost of a response.
type cost struct {
	duration time.Duration
	allocs   uint64
	bytes    uint64
}

// median returns the medians of costs.
func median(costs []cost) cost {
	middle := func(of func(cost) uint64) uint64 {
		values := make([]uint64, 0, len(costs))
		for _, c := range costs {
			values = append(values, of(c))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return cost{
		time.Duration(middle(func(c cost) uint64 { return uint64(c.duration) })),
		middle(func(c cost) uint64 { return c.allocs }), middle(func(c cost) uint64 { return c.bytes }),
	}
}

// measure serves a request and returns its cost.
func measure(b *testing.B, h http.Handler, w http.ResponseWriter) cost {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	h.ServeHTTP(w, r)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return cost{took, after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc}
}

// discard is a http.ResponseWriter that discards the response.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// leastPairs is how often both exporters are measured at least, so that there is a median.
const leastPairs = 3

// BenchmarkServing compares the handler with a plain exporter of the same series, in turn, and by the medians. The facts
// have not changed since the last scrape, or are all new: then the handler fetches and renders them again, and the
// plain exporter, which need not fetch, sets its gauges again. The heap of the handler has the facts, too.
func BenchmarkServing(b *testing.B) {
	for _, series := range []int{1_000, 10_000, 100_000, 1_000_000} {
		for _, facts := range []string{"unchanged", "new"} {
			b.Run(fmt.Sprintf("series=%d/facts=%s", series, facts), func(b *testing.B) {
				maxAge := time.Hour
				if facts == "new" {
					maxAge = 0
				}
				benchmarkServing(b, series/100, maxAge)
			})
		}
	}
}

func benchmarkServing(b *testing.B, organizations int, maxAge time.Duration) {
	before := memorytest.Live()
	e := estateEngine(b, organizations, maxAge)
	heap := float64(memorytest.Live() - before)
	handler := NewHandler(Options{
		MetricsPath: "/metrics", Engine: e, Exposition: e, Own: prometheus.NewRegistry(), Logger: log.NewNopLogger(),
	})
	page := servedBy(b, handler)
	before = memorytest.Live()
	plain := newPlainExporter(b, page)
	plainHeap := float64(memorytest.Live() - before)
	served := promhttp.HandlerFor(plain.registry, promhttp.HandlerOpts{})
	refreshed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if maxAge == 0 {
			plain.refresh()
		}
		served.ServeHTTP(w, r)
	})
	compare(b, handler, refreshed)

	var costs, plainCosts []cost
	pair := func() {
		costs = append(costs, measure(b, handler, discard{http.Header{}}))
		plainCosts = append(plainCosts, measure(b, refreshed, discard{http.Header{}}))
	}
	for b.Loop() {
		pair()
	}
	for len(costs) < leastPairs {
		pair()
	}
	series := 0
	for _, family := range page {
		series += len(family.Metric)
	}
	own, other := median(costs), median(plainCosts)
	b.ReportMetric(0, "ns/op") // it is of both together
	for _, m := range []struct {
		unit, ratio string
		of          func(cost) float64
	}{
		{"ms", "time/promhttp", func(c cost) float64 { return float64(c.duration) / 1e6 }},
		{"allocs", "allocs/promhttp", func(c cost) float64 { return float64(c.allocs) }},
		{"MB", "bytes/promhttp", func(c cost) float64 { return float64(c.bytes) / 1e6 }},
	} {
		b.ReportMetric(m.of(own), m.unit)
		b.ReportMetric(m.of(other), "promhttp-"+m.unit)
		b.ReportMetric(m.of(own)/m.of(other), m.ratio)
	}
	b.ReportMetric(float64(series), "series")
	b.ReportMetric(heap/float64(series), "heap-B/series")
	b.ReportMetric(plainHeap/float64(series), "promhttp-heap-B/series")
	runtime.KeepAlive(e)
	runtime.KeepAlive(plain)
}

// compare checks that both handlers serve the same lines.
func compare(b *testing.B, handler, plain http.Handler) {
	b.Helper()
	var lines [2][][]byte
	for i, h := range []http.Handler{handler, plain} {
		w := httptest.NewRecorder()
		measure(b, h, w)
		body, err := io.ReadAll(w.Body)
		if err != nil {
			b.Fatal(err)
		}
		lines[i] = slices.DeleteFunc(bytes.Split(body, []byte("\n")), func(line []byte) bool {
			return bytes.Contains(line, []byte("promhttp_")) // promhttp's own metrics
		})
		slices.SortFunc(lines[i], bytes.Compare)
	}
	if !slices.EqualFunc(lines[0], lines[1], bytes.Equal) {
		b.Fatalf("the responses differ: %d and %d lines", len(lines[0]), len(lines[1]))
	}
}
