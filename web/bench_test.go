package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
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

// plainRegistry returns a registry with gauges that have the same series as g.
func plainRegistry(b *testing.B, g prometheus.Gatherer) *prometheus.Registry {
	b.Helper()
	families, err := g.Gather()
	if err != nil {
		b.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	for _, family := range families {
		names := make([]string, 0, len(family.Metric[0].Label))
		for _, l := range family.Metric[0].Label {
			names = append(names, l.GetName())
		}
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		registry.MustRegister(vec)
		for _, m := range family.Metric {
			vec.WithLabelValues(labelValues(m)...).Set(m.GetGauge().GetValue())
		}
	}
	return registry
}

func labelValues(m *dto.Metric) []string {
	values := make([]string, 0, len(m.Label))
	for _, l := range m.Label {
		values = append(values, l.GetValue())
	}
	return values
}

// cost is the cost of a response.
type cost struct {
	duration time.Duration
	allocs   uint64
	bytes    uint64
}

// over returns the ratios of c to another cost.
func (c cost) over(base cost) (duration, allocs, bytes float64) {
	return float64(c.duration) / float64(base.duration), float64(c.allocs) / float64(base.allocs), float64(c.bytes) / float64(base.bytes)
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

// BenchmarkServing compares the handler with promhttp serving the same series from
// a registry. It reports the ratios for facts that have not changed since the last
// scrape, and for facts that are all fetched and rendered again.
func BenchmarkServing(b *testing.B) {
	for _, series := range []int{1_000, 10_000, 100_000, 1_000_000} {
		for _, facts := range []string{"unchanged", "new"} {
			b.Run(fmt.Sprintf("series=%d/facts=%s", series, facts), func(b *testing.B) {
				maxAge := time.Hour
				if facts == "new" {
					maxAge = 0
				}
				benchmarkServing(b, estateEngine(b, series/100, maxAge))
			})
		}
	}
}

func benchmarkServing(b *testing.B, e *enginetest.Harness) {
	own := prometheus.NewRegistry()
	handler := NewHandler(Options{MetricsPath: "/metrics", Engine: e, Exposition: e, Own: own, Logger: log.NewNopLogger()})
	plain := promhttp.HandlerFor(plainRegistry(b, e.Gatherer(engine.Selection{})), promhttp.HandlerOpts{})
	compare(b, handler, plain)
	base, costs := measure(b, plain, discard{http.Header{}}), []cost{}
	for b.Loop() {
		costs = append(costs, measure(b, handler, discard{http.Header{}}))
	}
	slices.SortFunc(costs, func(x, y cost) int { return int(x.duration - y.duration) })
	duration, allocs, bytes := costs[len(costs)/2].over(base)
	b.ReportMetric(duration, "time/promhttp")
	b.ReportMetric(allocs, "allocs/promhttp")
	b.ReportMetric(bytes, "bytes/promhttp")
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
