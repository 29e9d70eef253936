package status

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// Whatever happens to an account, overviews from what is kept are like those that are made
// anew.
func TestKeptOverviewsFollowTheEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8)) //nolint:gosec // no secret
		one, whole := &enginetest.Collector{}, &enginetest.Collector{ForAccount: true}
		source := enginetest.NewSource("1", "2")
		h := enginetest.New(t, engine.Config{}, source, collector.Named{Name: "one", Collector: one}, collector.Named{Name: "whole", Collector: whole})
		defer h.Close()
		pages := NewPages(h.Engine)
		account := licensing.Organization{APIAccess: licensing.APIEnabled}
		ends := func(of ...string) enginetest.UpdateFunc {
			days := float64(rng.IntN(100))
			return func(_ context.Context, o licensing.Organization, r *collector.Report) error {
				for _, id := range append(of, o.ID) {
					r.Organization(id).NextEnd("a", r.Now.Add(time.Duration(days)*licensing.Day))
					r.Organization(id).Product(licensing.Product{ID: "a", Name: fmt.Sprint("A", int(days)%3)})
				}
				return nil
			}
		}
		fails := func(n int) enginetest.UpdateFunc {
			return func(context.Context, licensing.Organization, *collector.Report) error {
				return fmt.Errorf("failure %d", n)
			}
		}
		set := func(ids ...string) {
			d := enginetest.Organizations(ids...)
			d.Organizations = append([]licensing.Organization{account}, d.Organizations...)
			source.Set(d, nil)
		}
		one.Set(ends())
		whole.Set(ends("x"))
		events := []func(){
			func() { one.Set(ends()) },
			func() { whole.Set(ends("x", "y")) },
			func() { one.Set(fails(rng.IntN(3))) },
			func() { whole.Set(fails(rng.IntN(3))) },
			func() { set("1", "2") },
			func() { set("1", "2", "3") },
			func() { set() },
			func() { source.Set(collector.Discovery{}, fmt.Errorf("failure %d", rng.IntN(3))) },
			func() {
				source.Set(collector.Discovery{Organizations: []licensing.Organization{account}, Problem: "a problem"}, nil)
			},
			func() {
				h.Policies.Store(policy.NewSet([]policy.Policy{{Rules: policy.Rules{Owner: fmt.Sprint("owner", rng.IntN(2))}}, muted(policy.Match{OrganizationID: "2"})}))
			},
			func() { h.Policies.Store(nil) },
			func() {},
			func() { time.Sleep(20 * time.Hour) },
		}
		for i := range 400 {
			events[rng.IntN(len(events))]()
			for _, name := range []string{"one", "whole", "none"}[rng.IntN(4):] { // the organizations are listed each time
				h.Refresh(t.Context(), engine.Selection{Collectors: []string{name}})
			}
			time.Sleep(time.Minute) // longer than an overview is kept, and shorter than all else is
			synctest.Wait()
			if diff := cmp.Diff(overview(h), pages.Overview(), cmpopts.IgnoreUnexported(License{}),
				cmpopts.SortSlices(func(a, b License) bool { return compareKeys(a, b) < 0 })); diff != "" {
				t.Fatalf("event %d (-made +kept):\n%s", i, diff)
			}
		}
	})
}

// What is kept for pages does not keep reports in memory that newer ones have replaced.
func TestKeptOverviewsDoNotKeepReports(t *testing.T) {
	now := enginetest.Now
	var report weak.Pointer[collector.Report]
	c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
		if report == (weak.Pointer[collector.Report]{}) {
			report = weak.Make(r)
		}
		r.Organization(o.ID).SeatsOf(licensing.SeatsKey{Product: "a"}, licensing.Seats{Limit: licensing.Seat(1)})
		return enginetest.EndsIn(5)(ctx, o, r)
	}}
	h := enginetest.New(t, engine.Config{Now: func() time.Time { return now }}, enginetest.NewSource("1"), enginetest.Things(c))
	h.Refresh(t.Context(), engine.Selection{})
	pages := NewPages(h.Engine)
	if n := len(pages.Overview().Organizations[0].Licenses); n != 2 {
		t.Fatalf("%d licenses", n)
	}
	runtime.GC()
	if report.Value() == nil {
		t.Fatal("the report has gone while it is the latest")
	}
	now = now.Add(time.Minute)
	h.Refresh(t.Context(), engine.Selection{})
	runtime.GC()
	if report.Value() != nil {
		t.Error("the report is kept although there is a newer one")
	}
	runtime.KeepAlive(pages)
}
