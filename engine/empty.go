package engine

import (
	"hash/crc32"
	"math"
	"slices"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/cache"
)

// An organization that has nothing is fetched again after emptyFactor times max-age, but after
// maxEmptyAge at the latest, so that its first license is seen soon. That is less than the age
// at which alerts call facts stale. Half of max-stale is left for retries of a fetch that fails.
const (
	emptyFactor = 4
	maxEmptyAge = 4 * time.Hour
)

// pace is how often the facts about an organization are fetched.
type pace struct {
	maxAge time.Duration
	// period is set for an organization that has nothing. It is then fetched once in each
	// period, even if its facts are older than maxAge. Periods begin at a time of the
	// organization's own, which offset determines: the fetches are spread over the period.
	period, offset time.Duration
}

// paceOf returns the pace of an organization.
func (a *account) paceOf(o *organization) pace {
	p := pace{maxAge: a.maxAge}
	if period := min(emptyFactor*a.maxAge, maxEmptyAge, a.engine.MaxStale/2); period > a.maxAge && a.isEmpty(o) {
		p.period = period
		p.offset = time.Duration(float64(p.period) * float64(crc32.ChecksumIEEE([]byte(o.ID))) / (math.MaxUint32 + 1))
	}
	return p
}

// isEmpty reports whether an organization has nothing, by good and complete reports of all its
// collectors. Reports from before a reload of the account are ignored, and an account as a
// whole is never empty. What cannot be read may be anything, and alerts expect it to be counted in each
// max-age.
func (a *account) isEmpty(o *organization) bool {
	return o.ID != "" && !o.failed && !slices.ContainsFunc(o.entries, func(e *collectorEntry) bool {
		s := e.State()
		return s.Err != nil || s.Value == nil || !s.Value.Empty || failedChildren(s.Value) || len(s.Value.ParseErrors()) > 0 || s.Started.Before(a.created)
	})
}

// due reports whether facts must be fetched.
func (p pace) due(s cache.State[*collector.Report], now time.Time) bool {
	return due(s, now, p.maxAge, false) && (p.period == 0 || !p.begin(now).Equal(p.begin(s.Started)))
}

// begin identifies the period that a time is in. It returns when the period began, plus the offset.
func (p pace) begin(t time.Time) time.Time { return t.Add(p.offset).Truncate(p.period) }
