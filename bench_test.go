package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/engine"
	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
)

// benchEngine returns an engine that reads from a simulated vendor at so many
// requests a second.
func benchEngine(b *testing.B, vendor *meraki.API, limit collector.RateLimit) *shownEngine {
	b.Helper()
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(stop)
	settings, err := config.New(vendors, collector.AccountConfig{
		Name: "bench", Vendor: "meraki", BaseURL: baseURL + "/api/v1",
		RateLimit: limit, HTTPClientConfig: collector.BearerToken(apiKey),
	})
	if err != nil {
		b.Fatal(err)
	}
	flags, _, err := parseFlags(vendors, nil, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	telemetry := engine.NewTelemetry(prometheus.NewRegistry())
	accounts, err := (&factory{vendors: vendors, enabled: flags.enabled(), telemetry: telemetry, logger: log.NewNopLogger(), userAgent: name}).accounts(settings)
	if err != nil {
		b.Fatal(err)
	}
	e := newShownEngine(engine.Config{MaxStale: time.Hour, Logger: log.NewNopLogger(), Telemetry: telemetry}, accounts)
	b.Cleanup(e.Close)
	return e
}

// unlimited is a vendor without limits.
func unlimited(organizations, licenses int) *meraki.API {
	return meraki.New(meraki.Options{
		Estate: meraki.Generate(1, organizations, licenses), Key: apiKey, Limits: meraki.Limits{Off: true},
	})
}

func requestsOf(vendor *meraki.API) int {
	total := 0
	for _, n := range vendor.Requests() {
		total += n
	}
	return total
}

// leastRequests is how many pages there are to read: the list of organizations
// and the catalogue, and for each organization three listings, of which those
// of licenses and devices have a page for a thousand. One in three
// organizations has subscriptions, which are few.
func leastRequests(organizations, licenses int) float64 {
	pages := (licenses + 999) / 1000
	perModel := []int{1 + 2*pages, 1 + 2*pages, 2 + pages} // per-device, co-term, subscription
	total := 1
	for i := range organizations {
		total += perModel[i%3]
	}
	if organizations >= 3 {
		total++ // the catalogue
	}
	return float64(total)
}

// BenchmarkRefresh reports how many requests the first refresh takes over the least
// possible number, and what an organization then costs in series, bytes of a
// page, and live heap, the cached series included. Later refreshes, which
// read no names, are measured as well.
func BenchmarkRefresh(b *testing.B) {
	for _, size := range []struct{ organizations, licenses int }{{1, 100}, {100, 100}, {5_000, 10}, {1, 10_000}} {
		b.Run(fmt.Sprintf("organizations=%d/licenses=%d", size.organizations, size.licenses), func(b *testing.B) {
			vendor := unlimited(size.organizations, size.licenses)
			before := liveHeap()
			e := benchEngine(b, vendor, collector.RateLimit{Organization: 1e6, Source: 1e6})
			first := 0
			b.ReportAllocs()
			for b.Loop() {
				e.Refresh(b.Context(), engine.Selection{})
				if first == 0 {
					first = requestsOf(vendor)
				}
			}
			b.ReportMetric(float64(first)/leastRequests(size.organizations, size.licenses), "requests/least")
			var page bytes.Buffer
			if err := e.WriteText(&page, engine.Selection{}); err != nil {
				b.Fatal(err)
			}
			organizations := float64(size.organizations)
			b.ReportMetric(float64(bytes.Count(page.Bytes(), []byte("} ")))/organizations, "series/organization")
			b.ReportMetric(float64(page.Len())/organizations, "page-bytes/organization")
			page = bytes.Buffer{}
			b.ReportMetric((liveHeap()-before)/organizations, "heap-bytes/organization")
			runtime.KeepAlive(e) // with the cached texts
		})
	}
}

// BenchmarkFirstRefresh reports how long the first refresh of a large estate
// takes over what the rate limits allow, and how many requests the vendor
// refused. The vendor's limits and the exporter's share of them are the real
// ones times ten, so that it takes seconds and not minutes.
func BenchmarkFirstRefresh(b *testing.B) {
	const scale = 10
	limit := collector.RateLimit{Organization: scale * 8, Source: scale * 80}
	for _, organizations := range []int{1_000, 5_000} {
		b.Run(fmt.Sprintf("organizations=%d/latency=50ms", organizations), func(b *testing.B) {
			var over, refused, requests float64
			for b.Loop() {
				vendor := meraki.New(meraki.Options{
					Estate: meraki.Generate(1, organizations, 10), Key: apiKey, Latency: 50 * time.Millisecond,
					Limits: meraki.Limits{Organization: scale * 10, Source: scale * 100},
				})
				e := benchEngine(b, vendor, limit)
				start := time.Now()
				e.Refresh(b.Context(), engine.Selection{})
				took := time.Since(start)
				sent := float64(requestsOf(vendor))
				bound := (sent - limit.Source/4) / limit.Source // a quarter of the rate may come at once
				over += took.Seconds() / bound
				refused += float64(vendor.RateLimited())
				requests += sent
				e.Close()
			}
			b.ReportMetric(over/float64(b.N), "time/bound")
			b.ReportMetric(refused/float64(b.N), "refused/op")
			b.ReportMetric(requests/float64(b.N), "requests/op")
		})
	}
}

// BenchmarkSteadyState reports by how much the heap and the number of
// goroutines have grown after ten thousand scrapes, of which one in a hundred
// fetches.
func BenchmarkSteadyState(b *testing.B) {
	const scrapes = 10_000
	e := benchEngine(b, unlimited(100, 100), collector.RateLimit{Organization: 1e6, Source: 1e6})
	for b.Loop() {
		scrape := func(n int) {
			for i := range n {
				if i%100 == 0 {
					e.Refresh(b.Context(), engine.Selection{})
				}
				if err := e.WriteText(io.Discard, engine.Selection{}); err != nil {
					b.Fatal(err)
				}
			}
		}
		scrape(scrapes / 10)
		heap, goroutines := liveHeap(), runtime.NumGoroutine()
		scrape(scrapes)
		b.ReportMetric(liveHeap()/heap, "heap/before")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines), "goroutines-more")
	}
}

// BenchmarkRefreshHeap reports the live heap after a refresh of one
// organization whose licenses grow, over that of one with a thousand.
func BenchmarkRefreshHeap(b *testing.B) {
	least := 0.0
	for _, licenses := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("licenses=%d", licenses), func(b *testing.B) {
			for b.Loop() {
				before := liveHeap()
				vendor := unlimited(1, licenses)
				e := benchEngine(b, vendor, collector.RateLimit{Organization: 1e6, Source: 1e6})
				e.Refresh(b.Context(), engine.Selection{})
				heap := liveHeap() - before
				if least == 0 {
					least = heap
				}
				b.ReportMetric(heap/least, "heap/first")
				b.ReportMetric(heap, "heap-bytes")
				e.Close()
			}
		})
	}
}

// liveHeap is what is in use after all that can be freed has been.
func liveHeap() float64 {
	runtime.GC()
	runtime.GC() // what finalizers have let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
