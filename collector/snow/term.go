package snow

import (
	"context"
	"fmt"
	"strings"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// covers contains the agreements that licenses may belong to.
type covers struct {
	// unused is set if agreements are off or withheld. Licenses then end by their own
	// periods.
	unused bool
	byID   map[api.ID]agreement
	now    time.Time
}

// coversOperation is the name in the tenant's memory of the agreements with their periods.
const coversOperation = "periods of agreements"

// covers returns the agreements. If they cannot be read, it returns an error if they could be
// read before, so that the last good facts are kept. Otherwise, the ends that depend on them
// are unknown.
func (t *tenant) covers(ctx context.Context, reader any, r *collector.Report) (covers, error) {
	const what = "the periods of agreements"
	none := covers{unused: true}
	if !t.withAgreements { // the operator should know that this affects the ends of licenses
		r.Withhold(what, fmt.Errorf("%s is %w", agreementsName, collector.ErrOff))
		return none, nil
	}
	agreements, err := t.listAgreements(ctx, reader, r)
	switch t.agreementsOutcome(err) {
	case collector.Good:
		t.memory.Classify(coversOperation, nil)
	case collector.Withheld:
		r.Withhold(what, err)
		return none, nil
	default:
		if t.memory.Has(coversOperation) {
			return none, err // the facts of before are better
		}
		r.ChildFailed(collector.ChildFailure{Child: what, Err: err})
	}
	c := covers{byID: map[api.ID]agreement{}, now: r.Now}
	for _, a := range agreements {
		c.byID[a.ID] = a
	}
	return c, nil
}

// of returns the cover that an agreement gives its licenses. governs is false if the
// licenses have their own. The phase is Undetermined if the agreement could not be read,
// or if the vendor does not say when it is in force. begun is false if the cover may not
// have begun.
func (c covers) of(id api.ID) (cover licensing.Cover, governs, begun bool) {
	a, ok := c.byID[id]
	switch {
	case c.unused, id == "", ok && isFalse(a.IsSubscription):
		return cover, false, true
	case !ok, !a.IsSubscription.Valid, a.unreadable: // an unreadable period may be the renewal
		return cover, true, false
	}
	return a.cover(c.now), true, !a.startless
}

// periodsByID returns the periods of all agreements by id.
func (c covers) periodsByID() map[api.ID][]licensing.Period {
	all := map[api.ID][]licensing.Period{}
	for _, a := range c.byID {
		for _, p := range a.periods {
			all[p.id] = append(all[p.id], p.Period)
		}
	}
	return all
}

// certainty answers a question that the vendor may leave open.
type certainty uint8

const (
	no certainty = iota
	perhaps
	yes
)

// term is a license with what follows from its state, dates and agreement.
type term struct {
	api.License
	license licensing.License
	// subscription is set if the license ends with a period, of its own or of an
	// agreement.
	subscription bool
	// usable reports whether its seats can be used.
	usable certainty
}

// terms returns the licenses of the tenant.
func (t *tenant) terms(ctx context.Context, reader any, r *collector.Report) ([]term, error) {
	covers, err := t.covers(ctx, reader, r)
	if err != nil {
		return nil, err
	}
	licenses, err := t.listLicenses(ctx, reader, r)
	if err != nil {
		return nil, err
	}
	terms := make([]term, len(licenses))
	for i, l := range licenses {
		terms[i] = termOf(l, covers, r.Now)
	}
	return terms, nil
}

// statusOf returns the status of a license in the vendor's spelling.
func statusOf(l api.License) string {
	for _, known := range []string{api.StatusActive, api.StatusArchived} {
		if strings.EqualFold(string(l.Status), known) {
			return known
		}
	}
	if l.Status == "" { // version 1.0.0 has no status, and all licenses count
		return api.StatusActive
	}
	return string(l.Status)
}

// isIncomplete reports whether a license lacks something, so that it is left out. The
// reasons decide if the vendor's flag is missing or cannot be read.
func isIncomplete(l api.License) certainty {
	switch {
	case isFalse(l.IsIncomplete):
		return no
	case l.IsIncomplete.Value, len(l.IncompleteReasons.Names) > 0:
		return yes
	case l.IsIncomplete.Unreadable && !l.IncompleteReasons.Valid:
		return perhaps
	}
	return no
}

func termOf(l api.License, covers covers, now time.Time) term {
	t := term{License: l, license: licensing.License{ID: string(l.ID), Product: productOf(l.ApplicationID)}}
	t.license.State.Name = statusOf(l)
	t.date(covers, now)
	if t.subscription && l.Quantity.Valid { // others do not end
		t.license.Seats = licensing.Seat(max(0, l.Quantity.Value)) // upgrades can leave a negative number
	}
	incomplete := isIncomplete(l)
	if incomplete == yes || t.license.State.Name == api.StatusArchived {
		t.license.Phase = licensing.Dormant
	}
	if t.license.Phase == licensing.Dormant { // it covers nothing, so its end must not raise alerts
		t.license.End = time.Time{}
	}
	switch {
	case t.license.State.Name != api.StatusActive, incomplete == yes:
		t.usable = no
	case incomplete == perhaps:
		t.usable = min(t.usable, perhaps)
	}
	return t
}

// date sets the phase, the start and the end of a license, and whether its seats can be used
// at that time. A license that the vendor does not call a subscription
// is perpetual, unless it belongs to a subscription agreement: it is then valid only in the
// periods of the agreement. Version 1.0.0 reports neither flags nor ends.
func (t *term) date(covers covers, now time.Time) {
	own := licensing.Period{From: t.SubscriptionValidFrom.Time, To: t.SubscriptionValidTo.Time}
	covered := licensing.CoverAt([]licensing.Period{own}, now)
	t.usable = yes
	agreed, governs, begun := covers.of(t.License.Agreement())
	switch {
	case governs:
		covered, t.subscription = agreed, true
		t.license.EndUnknown = agreed.To.IsZero() // subscriptions end
		if !begun {
			t.usable = perhaps
		}
	case isFalse(t.IsSubscription):
		t.license.Phase = licensing.InForce
		return
	default:
		t.subscription = t.IsSubscription.Value
		t.license.EndUnknown = own.To.IsZero() || !t.IsSubscription.Valid
		if t.SubscriptionValidFrom.Unreadable || t.SubscriptionValidTo.Unreadable {
			t.usable = perhaps
		}
	}
	switch covered.Phase {
	case licensing.Undetermined:
		t.usable = perhaps
	case licensing.Ended, licensing.Dormant:
		t.usable = no
		if !t.subscription { // it may be perpetual
			t.usable = perhaps
		}
	case licensing.InForce:
	}
	if covered.Phase == licensing.Undetermined || !t.subscription {
		t.license.Phase, t.license.EndUnknown = licensing.InForce, true
		return
	}
	t.license.Phase, t.license.Start, t.license.End = covered.Phase, covered.From, covered.To
}

// seatSums adds up seats of licenses by organization, product and unit. A sum of which a
// part is unknown is unknown, rather than too low.
type seatSums map[seatsKey]*seatSum

type seatsKey struct{ organization, product, unit string }

type seatSum struct {
	seats   float64
	unknown bool
}

// add adds the seats of a license to those of an organization. Seats that cannot be used
// count as 0, except that archived and incomplete licenses are left out: the latter may
// lack the application or the metric.
func (s seatSums) add(organization string, t term, seats api.Int) {
	key := seatsKey{organization, t.license.Product, string(t.MetricID)}
	switch {
	case t.license.State.Name != api.StatusActive, isIncomplete(t.License) == yes, t.ApplicationID == "":
		return
	case t.usable == yes && !seats.Valid && !seats.Unreadable: // the vendor gives no number
		return
	}
	if s[key] == nil {
		s[key] = &seatSum{}
	}
	switch {
	case t.usable == perhaps, t.usable == yes && seats.Unreadable:
		s[key].unknown = true
	case t.usable == yes:
		s[key].seats += float64(max(0, seats.Value)) // upgrades can leave a negative number
	}
}
