package meraki

import (
	"slices"
	"time"

	"license_exporter/licensing"
)

// term is the part of a subscription that is for one product.
type term struct {
	licensing.License
	seats     licensing.Seats
	unclaimed bool            // by the vendor's word
	fold      *licensing.Fold // of the organization
}

// termsByProduct contains the terms of an organization's subscriptions. At this vendor a
// renewal is another subscription, which can be claimed before the first one ends.
type termsByProduct map[string][]term

func (t termsByProduct) add(product string, one term) { t[product] = append(t[product], one) }

// fold counts each subscription once for each of its products. Its cover of a product
// ends when its last renewal does.
func (t termsByProduct) fold() {
	for product, terms := range t {
		renewals := renewalsAmong(terms)
		for i := range terms {
			one := &terms[i]
			l := one.License
			l.Product, l.End = product, one.coverEnd(renewals)
			if l.Phase == licensing.Ended && l.End.After(one.End) { // the renewal covers what it covered
				l.InUse = notUsed
			}
			one.fold.Add(l)
		}
	}
}

// maxOverlap is the longest time before the end of a subscription at which a renewal of it
// starts.
const maxOverlap = 90 * licensing.Day

// renewalsAmong returns the terms that can continue another one, by their starts: those
// that are in force, and those that were claimed and have not started.
func renewalsAmong(terms []term) []*term {
	var renewals []*term
	for i := range terms {
		if t := &terms[i]; !t.Start.IsZero() && !t.End.IsZero() && (t.Phase == licensing.InForce || t.isWaiting()) {
			renewals = append(renewals, t)
		}
	}
	slices.SortStableFunc(renewals, func(a, b *term) int { return a.Start.Compare(b.Start) })
	return renewals
}

// isWaiting reports whether the subscription was claimed and has not started.
func (t *term) isWaiting() bool {
	return t.Phase == licensing.Dormant && t.State.Name != subscriptionCanceled && !t.unclaimed
}

// coverEnd returns the end of the last renewal in the chain that begins with the term. If
// there is no renewal, it returns the term's own end.
func (t *term) coverEnd(renewals []*term) time.Time {
	if t.EndUnknown {
		return time.Time{}
	}
	first, _ := slices.BinarySearchFunc(renewals, t.End.Add(-maxOverlap), func(r *term, start time.Time) int { return r.Start.Compare(start) })
	run := t.period()
	for _, r := range renewals[first:] {
		if !run.ContinuedBy(r.period()) { // the later ones do not either
			break
		}
		if r.End.After(run.To) && t.isRenewedBy(r) {
			run.To = r.End
		}
	}
	return run.To
}

func (t *term) period() licensing.Period { return licensing.Period{From: t.Start, To: t.End} }

// isRenewedBy reports whether another term renews this one. A term that starts within a day
// of the end, or later, is a renewal even if it has fewer seats. A term that starts earlier
// may also be an addition. It is a renewal if it has enough seats for those in use.
func (t *term) isRenewedBy(r *term) bool {
	if !r.Start.After(t.Start) {
		return false
	}
	if !r.Start.Before(t.End.Add(-licensing.Day)) {
		return true
	}
	free := r.seats.Available
	if r.isWaiting() {
		free = r.seats.Limit
	}
	if free == nil || t.seats.Assigned == nil {
		return r.isWaiting()
	}
	return *free >= *t.seats.Assigned
}
