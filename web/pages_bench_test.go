//go:build unix

package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/status"
)

// productEstate is a source and a collector. Each organization has 10 products, many of them
// with problems. Some organizations fail.
type productEstate struct{ estate }

func (productEstate) Update(_ context.Context, o licensing.Organization, r *collector.Report) error {
	n, err := strconv.Atoi(o.ID)
	if err != nil {
		return err
	}
	if n%50 == 7 {
		return errors.New("getThings: GET https://api.example.com/things?organization=" + o.ID + ": 500 Internal Server Error")
	}
	fold, about := r.Fold(o.ID), r.Organization(o.ID)
	for p := range 10 {
		product := fmt.Sprintf("LIC-%d-ENT-%d", p, n%7)
		i := n*10 + p
		about.Product(licensing.Product{ID: product, Name: fmt.Sprintf("Enterprise license %d of the %dth kind", p, n%7)})
		fold.Add(licensing.License{Product: product, State: licensing.State{Name: "active"}, Phase: licensing.InForce, End: enginetest.Days(float64(i*7919%1500 - 100))})
		for _, unit := range []string{"device", "user"} {
			about.SeatsOf(licensing.SeatsKey{Product: product, Unit: unit}, licensing.Seats{
				Limit: licensing.Seat(1200), Assigned: licensing.Seat(i * 31 % 1250), Available: licensing.Seat(1200 - i*31%1250),
			})
		}
		if i%11 == 0 {
			about.Verdict(licensing.LicenseKey{Product: product}, i%3 == 0)
		}
	}
	return nil
}

// largeOverview is the overview of 5,000 organizations with 10 products each.
var largeOverview = func() func(testing.TB) *status.Overview {
	var once sync.Once
	var overview *status.Overview
	return func(t testing.TB) *status.Overview {
		once.Do(func() {
			source := productEstate{estate{5000}}
			h := enginetest.New(t, engine.Config{MaxAge: time.Hour, Now: enginetest.Clock}, source, collector.Named{Name: "test_licenses", Collector: source})
			h.Refresh(t.Context(), engine.Selection{})
			overview = status.NewOverview(enginetest.Now, h.Snapshots(engine.Selection{}))
		})
		return overview
	}
}()

// pagesOfLists are pages with different filters and orders.
var pagesOfLists = []string{
	"/", "/?sort=name&page=50", "/?sort=end", "/?q=organization+49", "/?state=short&sort=seats",
	"/licenses", "/licenses?sort=name&page=500", "/licenses?sort=end", "/licenses?q=organization+49", "/licenses?state=expiring&sort=organization",
}

// BenchmarkPages reports the size of pages and the CPU time that they take.
func BenchmarkPages(b *testing.B) {
	overview := largeOverview(b)
	handler := newHandler(b, withFake(&fakeEngine{overview: *overview}, Options{MetricsPath: "/metrics"}))
	for _, page := range pagesOfLists {
		b.Run(page, func(b *testing.B) {
			size := 0
			before := cpu(b)
			for b.Loop() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, page, nil))
				size = w.Body.Len()
			}
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/page")
			b.ReportMetric(float64(size), "B/page")
		})
	}
}

// cpu returns the CPU time that the process has taken.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// A page of a large estate stays small.
func TestPagesOfFiveThousandOrganizations(t *testing.T) {
	overview := largeOverview(t)
	for _, page := range pagesOfLists {
		w := showPage(t, *overview, page)
		if w.Code != http.StatusOK || w.Body.Len() > 100_000 {
			t.Errorf("%s: %d, %d bytes, want at most 100,000", page, w.Code, w.Body.Len())
		}
	}
}
