package snow

import (
	"slices"
	"time"

	"license_exporter/licensing"
)

// period is when something is in force. A zero from is since ever, a zero to
// without end.
type period struct{ from, to time.Time }

// cover is what periods amount to: one run of them without a gap.
type cover struct {
	period
	// phase is InForce for the run that is in force now; Ended for the latest
	// that was; Dormant if all are still to come; Undetermined if there are no
	// periods.
	phase licensing.Phase
}

// coverOf returns the cover of periods. A period that ends on one day and one
// that begins on the next make one run: it is renewed, not ended.
func coverOf(periods []period, now time.Time) cover {
	sorted := slices.Clone(periods)
	slices.SortFunc(sorted, func(a, b period) int { return a.from.Compare(b.from) })
	var found cover
	for i := 0; i < len(sorted); {
		run := sorted[i]
		for i++; i < len(sorted) && !run.to.IsZero() && !sorted[i].from.After(run.to.Add(licensing.Day)); i++ {
			if to := sorted[i].to; to.IsZero() || to.After(run.to) {
				run.to = to
			}
		}
		if run.to.IsZero() {
			i = len(sorted) // whatever follows lies within
		}
		switch {
		case run.from.After(now):
			if found.phase == licensing.Undetermined {
				found = cover{run, licensing.Dormant}
			}
			return found
		case run.to.IsZero(), run.to.After(now):
			return cover{run, licensing.InForce}
		default:
			found = cover{run, licensing.Ended}
		}
	}
	return found
}
