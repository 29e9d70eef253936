package status

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// What is kept for the pages changes exactly when the same facts mean something else.
func TestKeptLicensesChangeInTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	hours := func() time.Time { return enginetest.Now.Add(time.Duration(rng.IntN(220*24)-60*24) * time.Hour) }
	report := func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		f := r.Organization(o.ID)
		f.NextEnd([]string{"", "a"}[rng.IntN(2)], hours())
		f.NextEnd("b", hours())
		f.Depend("b", float64(rng.IntN(2)))
		f.RenewalDeadline(licensing.LicenseKey{Product: "a"}, hours())
		f.License(licensing.License{ID: "l", End: hours()})
		f.Warn("l", licensing.Warning{Critical: new(20 * licensing.Day)})
		f.GraceEnd(licensing.LicenseKey{LicenseID: "l"}, hours())
		f.Verdict(licensing.LicenseKey{}, rng.IntN(2) == 0)
		r.Fold(o.ID).Add(licensing.License{Product: "c", Phase: licensing.InForce, End: hours(), InUse: licensing.Seat(3)})
		return nil
	}
	ids := []string{"1", "2", "3", "4"}
	var mu sync.Mutex // of the random numbers
	locked := func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
		mu.Lock()
		defer mu.Unlock()
		return report(ctx, o, r)
	}
	now := enginetest.Now
	h := enginetest.New(t, engine.Config{MaxStale: 1000 * licensing.Day, Now: func() time.Time { return now }}, enginetest.NewSource(ids...), enginetest.Things(&enginetest.Collector{Do: locked}))
	h.Policies.Store(policy.NewSet([]policy.Policy{
		{Match: policy.Match{OrganizationID: "1", Product: "b"}, Rules: policy.Rules{Renewal: policy.Automatic}},
		{Match: policy.Match{OrganizationID: "2", Product: "d*"}, Rules: policy.Rules{End: policy.End{Time: enginetest.Days(40)}}},
	}))
	h.Refresh(t.Context(), engine.Selection{})
	pages := NewPages(h.Engine)
	seen := map[Problem]bool{}
	byKey := cmpopts.SortSlices(func(a, b License) bool { return compareKeys(a, b) < 0 })
	for now.Before(enginetest.Days(180)) {
		kept, made := pages.Overview(), overview(h)
		if diff := cmp.Diff(made.Organizations, kept.Organizations, byKey, cmpopts.IgnoreUnexported(License{})); diff != "" {
			t.Fatalf("after %s (-made +kept):\n%s", now.Sub(enginetest.Now), diff)
		}
		for _, o := range kept.Organizations {
			for _, l := range o.Licenses {
				for _, p := range l.Problems {
					seen[Problem{Kind: p.Kind, Severity: p.Severity}] = true
				}
			}
		}
		now = now.Add(time.Duration(1+rng.IntN(15)) * time.Hour)
	}
	if len(seen) < 9 {
		t.Errorf("only %d kinds of problems were seen: %v", len(seen), seen)
	}
}

func compareKeys(a, b License) int {
	return slices.Compare([]string{a.Product, a.LicenseID}, []string{b.Product, b.LicenseID})
}
