package meraki

import (
	"cmp"
	"math"
	"time"

	api "license_exporter/client/meraki"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// queues determines how long licenses cover a device together with those that are queued
// behind them, and which of them another license of the device replaces. The vendor lists
// them in any order. So a license is held back until all are
// listed, with only the data that are needed: there may be a million licenses.
type queues struct {
	held   []heldLicense
	groups []group
	index  map[groupKey]int32
	// behind contains the queues by the license that they are behind.
	behind map[uint64]queue
	// heads contains the license that each queued license is behind.
	heads map[uint64]uint64
}

// heldLicense is a license that others may be queued behind.
type heldLicense struct {
	id         uint64        // a hash
	target     uint64        // a hash of the device or network that it is assigned to
	start, end int64         // in microseconds, in Unix time
	term       time.Duration // the license's own
	totalDays  int32         // that of the vendor
	group      int32         // in groups
}

// groupKey is what many licenses have in common.
type groupKey struct {
	product        string
	state          licensing.State
	phase          licensing.Phase
	systemsManager bool
}

type group struct {
	groupKey
	kind uint64 // a hash
}

// queue is what is queued behind a license.
type queue struct {
	head  string        // id of the license
	terms time.Duration // of those without dates
	end   time.Time     // the latest of those with dates
}

func newQueues() *queues {
	return &queues{index: map[groupKey]int32{}, behind: map[uint64]queue{}, heads: map[uint64]uint64{}}
}

// hold holds a license back if it matters when it ends, and reports whether it does: fold
// then counts the license. A license that is queued is only recorded.
func (q *queues) hold(record api.License, l licensing.License) bool {
	id := scalar.Hash(l.ID)
	if l.State.Name == deviceRecentlyQueued {
		q.enqueue(id, record)
		return false
	}
	if l.Phase == licensing.Dormant {
		return false
	}
	term := days(record.DurationInDays)
	if term == 0 {
		term = max(0, l.End.Sub(l.Start))
	}
	q.held = append(q.held, heldLicense{
		id: id, target: scalar.Hash(cmp.Or(l.DeviceSerial, l.NetworkID)),
		start: l.Start.UnixMicro(), end: l.End.UnixMicro(), term: term,
		totalDays: int32(l.Cover / licensing.Day), //nolint:gosec // a Duration has room for fewer days
		group:     q.group(groupKey{l.Product, l.State, l.Phase, isSystemsManager(record)}),
	})
	return true
}

// group returns the index of a group. It adds the group if it is new.
func (q *queues) group(key groupKey) int32 {
	n, ok := q.index[key]
	if !ok {
		n = int32(len(q.groups)) //nolint:gosec // there are few groups
		q.index[key] = n
		q.groups = append(q.groups, group{key, scalar.Hash(kindOf(key.product, key.systemsManager))})
	}
	return n
}

func (q *queues) enqueue(id uint64, record api.License) {
	head := scalar.Hash(string(record.HeadLicenseID))
	if head == 0 {
		return
	}
	q.heads[id] = head
	add := queue{head: string(record.HeadLicenseID), end: record.ExpirationDate.Time}
	if add.end.IsZero() {
		add.terms = max(days(record.DurationInDays), days(record.TotalDurationInDays))
	}
	q.behind[head] = q.behind[head].plus(add)
}

func (q queue) plus(o queue) queue {
	sum := queue{head: cmp.Or(q.head, o.head), terms: addTerms(q.terms, o.terms), end: q.end}
	if o.end.After(sum.end) {
		sum.end = o.end
	}
	return sum
}

// addTerms returns the sum, or the longest possible term.
func addTerms(a, b time.Duration) time.Duration { return a + min(b, math.MaxInt64-a) }

// fold counts the licenses that were held back, and prolongs those with series of their
// own.
func (q *queues) fold(fold *licensing.Fold, f *collector.OrganizationReport, now time.Time) {
	q.joinQueues()
	replaced := q.replacements(now)
	for _, h := range q.held {
		l := q.license(h)
		if behind, ok := q.behind[h.id]; ok {
			key := licensing.LicenseKey{Product: l.Product, LicenseID: behind.head}
			if individual, ok := f.Individual.Get(key); ok {
				individual.Cover = l.Cover
				f.Individual.Set(key, individual)
			}
		}
		l.InUse = q.inUse(h)
		if target := q.target(h); target != 0 && replaced[target].After(lapse(l, now)) {
			l.InUse = notUsed
		}
		fold.Add(l)
	}
}

// license returns a license with its cover.
func (q *queues) license(h heldLicense) licensing.License {
	g := q.groups[h.group]
	l := licensing.License{
		Product: g.product, State: g.state, Phase: g.phase,
		Start: time.UnixMicro(h.start).UTC(), End: time.UnixMicro(h.end).UTC(), Cover: time.Duration(h.totalDays) * licensing.Day,
	}
	l.EndUnknown = l.End.IsZero() // it is not dormant
	if behind, ok := q.behind[h.id]; ok {
		l.Cover = max(l.Cover, addTerms(h.term, behind.terms), behind.end.Sub(l.Start))
	}
	return l
}

var notUsed, usedOnce = licensing.Seat(0), licensing.Seat(1)

// inUse returns how much uses a license by itself: the device or network that it is
// assigned to. A Systems Manager license without a network may be for all of them.
func (q *queues) inUse(h heldLicense) *float64 {
	switch {
	case h.target != 0:
		return usedOnce
	case q.groups[h.group].systemsManager:
		return nil
	}
	return notUsed
}

// target identifies what a license is for, such as a device's cloud archive. It is 0 if it is
// not assigned.
func (q *queues) target(h heldLicense) uint64 {
	if h.target == 0 {
		return 0
	}
	return h.target ^ q.groups[h.group].kind
}

// replacements returns when the cover of each target lapses that has a license which has
// ended or ends soon. A license that lapses earlier was replaced by another one of the same
// target, perhaps of another type: nothing depends on it.
func (q *queues) replacements(now time.Time) map[uint64]time.Time {
	lapses := map[uint64]time.Time{}
	for _, h := range q.held {
		if target := q.target(h); target != 0 && !lapse(q.license(h), now).After(now.Add(licensing.Soon)) {
			lapses[target] = time.Time{}
		}
	}
	for _, h := range q.held {
		target := q.target(h)
		if last, ok := lapses[target]; ok && target != 0 {
			if end := lapse(q.license(h), now); end.After(last) {
				lapses[target] = end
			}
		}
	}
	return lapses
}

// never is after all ends.
var never = time.Unix(math.MaxInt32, 0).AddDate(10_000, 0, 0)

// lapse returns when a license ceases to cover. It is the zero time if that is not known.
func lapse(l licensing.License, now time.Time) time.Time {
	end := l.CoverEnd()
	switch {
	case l.EndUnknown && l.Phase == licensing.InForce:
		return never
	case l.Phase == licensing.Ended && end.After(now) && !end.After(l.End): // the vendor ended it early
		return now
	}
	return end
}

// maxDepth is the maximum number of queues that follow each other. A cycle has no end.
const maxDepth = 100

// joinQueues adds a queue behind a queued license to the queue that the license is in.
func (q *queues) joinQueues() {
	for id, behind := range q.behind {
		head := id
		for range maxDepth {
			next, queued := q.heads[head]
			if !queued {
				break
			}
			head = next
		}
		if first, ok := q.behind[head]; ok && head != id {
			q.behind[head] = first.plus(behind)
		}
	}
}
