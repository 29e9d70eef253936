package status

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/enginetest"
)

// license returns a license with problems of these kinds, of which the first is a warning and
// others are infos.
func license(owner string, kinds ...Kind) License {
	l := License{Owner: owner}
	for i, k := range kinds {
		l.Problems = append(l.Problems, Problem{Kind: k, Severity: Warning - Severity(min(i, 1))})
	}
	l.Kinds = KindsOf(l.Problems)
	return l
}

func TestByOwner(t *testing.T) {
	renews := License{Owner: "b", Problems: []Problem{{Kind: Renewing, Severity: Info}}, Kinds: KindsOf([]Problem{{Kind: Renewing}})}
	few := License{Owner: "d", Problems: []Problem{{Kind: FewSeats, Severity: Info}}, Kinds: KindsOf([]Problem{{Kind: FewSeats}})}
	o := Overview{Organizations: []Organization{
		{Licenses: []License{license("", Expiring), license("a", Short, Expiring), license("", Expired), {Owner: "c"}}},
		{Licenses: []License{license("b", Expiring), license("b", NonCompliant), renews, few}},
	}}
	want := []OwnerSum{{"b", 2, 1, 1}, {"a", 1, 1, 0}, {"", 2, 1, 0}}
	if diff := cmp.Diff(want, o.ByOwner()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestByMonth(t *testing.T) {
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	ends := func(end time.Time, change func(*License)) License {
		l := License{End: end, EndCounts: true, Costs: []Cost{{"purchase", "USD", 1}, {"support", "EUR", 2}, {"purchase", "EUR", 40}}}
		if change != nil {
			change(&l)
		}
		return l
	}
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	o := Overview{Now: now, Organizations: []Organization{
		{Licenses: []License{
			ends(day(2026, 11, 1), nil), // has ended
			ends(now, nil),              // the same
			ends(day(2026, 11, 27), nil),
			ends(day(2026, 12, 31), nil),
			ends(day(2027, 1, 1), func(l *License) { l.Renews = true }),
			ends(day(2027, 1, 31), func(l *License) { l.Muted = true }),
			ends(day(2027, 2, 1), nil), // too late
		}},
		{Licenses: []License{
			ends(time.Time{}, nil),
			ends(day(2026, 12, 1), func(l *License) { l.EndCounts = false }),
			ends(day(2026, 12, 1), func(l *License) { l.Costs = nil }),
			ends(time.Date(2026, 12, 1, 0, 30, 0, 0, time.FixedZone("", 3600)), nil), // still November in UTC
		}},
	}}
	cost := func(n float64) []Cost { return []Cost{{"", "EUR", 42 * n}, {"", "USD", n}} }
	want := []MonthSum{
		{day(2026, 11, 1), 2, 0, cost(2)},
		{day(2026, 12, 1), 2, 0, cost(1)},
		{day(2027, 1, 1), 0, 1, nil},
	}
	if diff := cmp.Diff(want, o.ByMonth(3)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := (&Overview{Now: enginetest.Now}).ByMonth(2); len(got) != 2 || got[1].Month != day(2026, 4, 1) {
		t.Errorf("without organizations: %v", got)
	}
}
