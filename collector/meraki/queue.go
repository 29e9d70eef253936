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
// behind them. The vendor lists both in any order. So a license is held back until all are
// listed, with only the data that are needed: there may be a million licenses.
type queues struct {
	held   []heldLicense
	groups []group
	index  map[group]int
	// behind holds the queues by the license that they are behind.
	behind map[uint64]queue
	// heads holds the license that each queued license is behind.
	heads map[uint64]uint64
}

// heldLicense is a license that others may be queued behind.
type heldLicense struct {
	id         uint64 // a hash
	start, end int64  // in microseconds, in Unix time
	// term is the license's own, total that of the vendor.
	term, total time.Duration
	group       int // in groups
}

// group is what many licenses have in common.
type group struct {
	product string
	state   licensing.State
	phase   licensing.Phase
}

// queue is what is queued behind a license.
type queue struct {
	head  string        // id of the license
	terms time.Duration // of those without dates
	end   time.Time     // the latest of those with dates
}

func newQueues() *queues {
	return &queues{index: map[group]int{}, behind: map[uint64]queue{}, heads: map[uint64]uint64{}}
}

// hold holds a license back if others may be queued behind it, and reports whether it does:
// fold then counts the license. A license that is queued is only recorded.
func (q *queues) hold(record api.License, l licensing.License) bool {
	id := scalar.Hash(l.ID)
	if l.State.Name == deviceRecentlyQueued {
		q.enqueue(id, record)
		return false
	}
	if id == 0 || l.Phase == licensing.Dormant || l.EndUnknown || l.Start.IsZero() {
		return false
	}
	g := group{l.Product, l.State, l.Phase}
	n, ok := q.index[g]
	if !ok {
		n = len(q.groups)
		q.index[g], q.groups = n, append(q.groups, g)
	}
	term := days(record.DurationInDays)
	if term == 0 {
		term = max(0, l.End.Sub(l.Start))
	}
	q.held = append(q.held, heldLicense{id, l.Start.UnixMicro(), l.End.UnixMicro(), term, l.Cover, n})
	return true
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
func (q *queues) fold(fold *licensing.Fold, f *collector.OrganizationReport) {
	q.joinQueues()
	for _, h := range q.held {
		g := q.groups[h.group]
		l := licensing.License{
			Product: g.product, State: g.state, Phase: g.phase,
			Start: time.UnixMicro(h.start).UTC(), End: time.UnixMicro(h.end).UTC(), Cover: h.total,
		}
		if behind, ok := q.behind[h.id]; ok {
			l.Cover = max(h.total, addTerms(h.term, behind.terms), behind.end.Sub(l.Start))
			key := licensing.LicenseKey{Product: l.Product, LicenseID: behind.head}
			if individual, ok := f.Individual[key]; ok {
				individual.Cover = l.Cover
				f.Individual[key] = individual
			}
		}
		fold.Add(l)
	}
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
