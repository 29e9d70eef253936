package main

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/internal/simulator"
)

// benchEngine returns an engine that reads from a simulated estate without
// rate limits, and the vendor that counts its requests.
func benchEngine(b *testing.B, organizations, licenses int) (*collector.Engine, *simulator.Meraki) {
	b.Helper()
	vendor := simulator.NewMeraki(simulator.MerakiOptions{
		Estate: simulator.GenerateMeraki(1, organizations, licenses), Key: apiKey, Limits: simulator.MerakiLimits{Off: true},
	})
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(stop)
	a := config.Account{Name: "bench", Vendor: config.VendorMeraki, BaseURL: baseURL + "/api/v1"}
	a.RateLimit = config.RateLimit{Organization: 1e6, Source: 1e6}
	a.HTTPClientConfig = config.BearerToken(apiKey)
	settings, err := config.New(a)
	if err != nil {
		b.Fatal(err)
	}
	flags, _, err := parseFlags(nil, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	telemetry := collector.NewTelemetry(prometheus.NewRegistry())
	accounts, err := newAccounts(settings, flags.enabled(), telemetry, log.NewNopLogger(), name)
	if err != nil {
		b.Fatal(err)
	}
	engine := collector.New(collector.Config{MaxStale: time.Hour, Logger: log.NewNopLogger(), Telemetry: telemetry}, accounts)
	b.Cleanup(engine.Close)
	return engine, vendor
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

// BenchmarkRefresh reports how many requests a refresh takes over the least
// possible number.
func BenchmarkRefresh(b *testing.B) {
	for _, size := range []struct{ organizations, licenses int }{{1, 100}, {100, 100}, {1, 10_000}} {
		b.Run(fmt.Sprintf("organizations=%d/licenses=%d", size.organizations, size.licenses), func(b *testing.B) {
			engine, vendor := benchEngine(b, size.organizations, size.licenses)
			b.ReportAllocs()
			for b.Loop() {
				engine.Refresh(b.Context(), collector.Selection{})
			}
			requests := 0
			for _, n := range vendor.Requests() {
				requests += n
			}
			b.ReportMetric(float64(requests)/float64(b.N)/leastRequests(size.organizations, size.licenses), "requests/least")
		})
	}
}
