package licensing

import (
	"slices"
	"time"
)

// Period is the time from one moment to another. If From is zero, it has no start.
// If To is zero, it has no end.
type Period struct{ From, To time.Time }

// Cover is a run of periods without a gap between them.
type Cover struct {
	Period
	// Phase is InForce if the run includes now. Otherwise, it is Ended for the
	// latest run in the past, Dormant for the first run in the future, and
	// Undetermined if there are no periods.
	Phase Phase
}

// CoverAt returns the cover at a time: the run that includes it, else the latest
// run before it, else the first run after it.
func CoverAt(periods []Period, now time.Time) Cover {
	var found Cover
	for rest := sortPeriods(periods); len(rest) > 0; {
		var run Period
		run, rest = rest[0].run(rest[1:])
		switch {
		case run.From.After(now):
			if found.Phase == Undetermined {
				found = Cover{run, Dormant}
			}
			return found
		case run.To.IsZero(), run.To.After(now):
			return Cover{run, InForce}
		default:
			found = Cover{run, Ended}
		}
	}
	return found
}

// ContinuedBy reports whether next begins before p has ended, or so soon after it
// that there is no gap.
func (p Period) ContinuedBy(next Period) bool {
	return p.To.IsZero() || !next.From.After(p.To.Add(maxGap))
}

// maxGap is the longest time between two periods of one run. A renewal often starts on
// the day after the end.
const maxGap = Day

// run extends p by the sorted periods that continue it. rest are those after a gap.
func (p Period) run(sorted []Period) (run Period, rest []Period) {
	for i, next := range sorted {
		switch {
		case p.To.IsZero():
			return p, nil
		case !p.ContinuedBy(next):
			return p, sorted[i:]
		case next.To.IsZero() || next.To.After(p.To):
			p.To = next.To
		}
	}
	return p, nil
}

func sortPeriods(periods []Period) []Period {
	return slices.SortedFunc(slices.Values(periods), func(a, b Period) int { return a.From.Compare(b.From) })
}
