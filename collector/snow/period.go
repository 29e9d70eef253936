package snow

import (
	"slices"
	"time"

	"license_exporter/licensing"
)

// period is the time from one moment to another. If from is zero, it has no
// start. If to is zero, it has no end.
type period struct{ from, to time.Time }

// cover is a run of periods without a gap between them.
type cover struct {
	period
	// phase is InForce if the run includes now. Otherwise, it is Ended for the
	// latest run in the past, Dormant for the first run in the future, and
	// Undetermined if there are no periods.
	phase licensing.Phase
}

// coverOf returns the cover at a time: the run that includes it, else the latest
// run before it, else the first run after it. Periods with a gap of at most one
// day are one run, because a renewal often starts on the day after the end.
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
			i = len(sorted) // the run includes all later periods
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
