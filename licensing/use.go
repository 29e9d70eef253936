package licensing

import (
	"cmp"
	"slices"
	"time"
)

// use is how much depends on licenses that have ended.
type use struct {
	// inUse and seats are sums of what is known. Either is not complete if the number of
	// some license is unknown.
	inUse, seats               float64
	inUseUnknown, seatsUnknown bool
	licenses                   bool // there are any
	// known is set if the use of any license of the product is known, ended or not.
	known bool
}

func (u *use) add(l *License) {
	u.merge(use{inUseUnknown: l.InUse == nil, seatsUnknown: l.Seats == nil, licenses: true})
	if l.InUse != nil {
		u.inUse += *l.InUse
	}
	if l.Seats != nil {
		u.seats += *l.Seats
	}
}

func (u *use) merge(o use) {
	u.inUse += o.inUse
	u.seats += o.seats
	u.inUseUnknown = u.inUseUnknown || o.inUseUnknown
	u.seatsUnknown = u.seatsUnknown || o.seatsUnknown
	u.licenses = u.licenses || o.licenses
	u.known = u.known || o.known
}

// Soon is how long before its end the use of a license in force is kept, so that it counts
// once the end passes. Facts are fetched again in less time.
const Soon = 5 * Day

// Uses sums up how much depends on the licenses of a product that have ended or are about to
// end, so that the sum is right when an end passes between two fetches. Its memory
// grows with the number of different ends that are soon.
type Uses struct {
	ended   use
	pending []pendingUse // sorted by end
}

// pendingUse is the use of licenses in force that end at the same time.
type pendingUse struct {
	end int64 // Unix time in nanoseconds
	use
}

// add adds a license whose phase is decided. A license in force whose end has passed, such as
// one that the vendor tolerates, has ended.
func (u *Uses) add(l *License, phase Phase, end, now time.Time) {
	u.ended.known = u.ended.known || l.InUse != nil
	switch {
	case phase == Ended && (!end.After(l.End) || !end.After(now)): // not continued by a license behind it
		u.ended.add(l)
	case phase != InForce && phase != Ended, end.IsZero():
	case !end.After(now):
		u.ended.add(l)
	case !end.After(now.Add(Soon)):
		u.at(end.UnixNano()).add(l)
	}
}

// at returns the use of the licenses that end at a time, in Unix time in nanoseconds.
func (u *Uses) at(end int64) *use {
	i, found := slices.BinarySearchFunc(u.pending, end, func(p pendingUse, end int64) int { return cmp.Compare(p.end, end) })
	if !found {
		if u.pending == nil {
			u.pending = make([]pendingUse, 0, 3) // there are seldom more
		}
		u.pending = slices.Insert(u.pending, i, pendingUse{end: end})
	}
	return &u.pending[i].use
}

func (u *Uses) merge(o *Uses) {
	u.ended.merge(o.ended)
	for _, p := range o.pending {
		u.at(p.end).merge(p.use)
	}
}

// endedAt returns the use of the licenses that have ended by now.
func (u *Uses) endedAt(now time.Time) use {
	ended := u.ended
	for _, p := range u.pending {
		if p.end > now.UnixNano() {
			break
		}
		ended.merge(p.use)
	}
	return ended
}

// inUse returns how much depends on the licenses that have ended by now. The sum of what is known
// is returned unless it is 0 and some use is unknown.
func (u *Uses) inUse(now time.Time) (n float64, known bool) {
	ended := u.endedAt(now)
	return ended.inUse, ended.inUse > 0 || ended.known && !ended.inUseUnknown
}

// nextAfter returns when the next license ends, if that is soon.
func (u *Uses) nextAfter(now time.Time) time.Time {
	for _, p := range u.pending {
		if p.end > now.UnixNano() {
			return time.Unix(0, p.end).UTC()
		}
	}
	return time.Time{}
}

// OrganizationProduct identifies a product of an organization.
type OrganizationProduct struct{ Organization, Product string }

// EndedUses determines how much of what has ended is still in use, by organization and
// product, from all reports about an organization. Use NewEndedUses to create one.
type EndedUses struct {
	now       time.Time
	byProduct map[OrganizationProduct]*endings
	free      []endings // for byProduct: one allocation for several
	// dependents are those of Facts.
	dependents map[OrganizationProduct]float64
	facts      []factsOf
}

// factsOf are facts about an organization.
type factsOf struct {
	organization string
	*Facts
}

// endings contains what is known of the ends of a product.
type endings struct {
	licenses, assigned Uses
	end                time.Time // of Facts.NextEnds, or of the operator
	reported           bool      // there are licenses, or an end
	// byOperator is set if the vendor gives no end. used is then how many seats are in use,
	// or nil if that is not known.
	byOperator bool
	used       *float64
}

// NewEndedUses returns an EndedUses for what has ended by now.
func NewEndedUses(now time.Time) *EndedUses {
	return &EndedUses{now: now, byProduct: map[OrganizationProduct]*endings{}, dependents: map[OrganizationProduct]float64{}}
}

// Add adds facts about an organization. The empty id is the account as a whole.
func (e *EndedUses) Add(organization string, f *Facts) {
	e.facts = append(e.facts, factsOf{organization, f})
	if f.Fold != nil {
		for product, s := range f.Fold.products.All {
			of := e.endings(organization, product)
			of.licenses.merge(&s.uses)
			of.reported = true
		}
		if f.Fold.Len() == 0 && len(f.Fold.states) > 0 { // as in Summaries
			e.endings(organization, "").reported = true
		}
	}
	for product, uses := range f.Assigned.All {
		e.endings(organization, product).assigned.merge(&uses)
	}
	for product, end := range f.NextEnds.All {
		of := e.endings(organization, product)
		of.end, of.reported = end, true
	}
	for product, n := range f.Dependents.All {
		key := OrganizationProduct{organization, product}
		e.dependents[key] = max(n, e.dependents[key])
	}
}

// AddEnd adds an end of a product that the operator has set. Its seats in use depend on it.
// All facts must be added before.
func (e *EndedUses) AddEnd(organization, product string, end time.Time) {
	of := e.endings(organization, product)
	of.end, of.reported, of.byOperator = end, true, true
	if of.used = e.used(organization, product); of.used == nil {
		of.used = e.used("", product) // the vendor may know the numbers for the account only
	}
}

// used returns how many seats of a product are in use, by the unit with the most, or nil if
// that is not known.
func (e *EndedUses) used(organization, product string) *float64 {
	byUnit := map[string]*float64{}
	for _, f := range e.facts {
		for key, s := range f.Seats.All {
			used := s.Assigned
			if used == nil {
				used = s.Required
			}
			if f.organization == organization && key.Product == product && used != nil {
				byUnit[key.Unit] = sum(byUnit[key.Unit], used)
			}
		}
	}
	var most *float64
	for _, n := range byUnit {
		if most == nil || *n > *most {
			most = n
		}
	}
	return most
}

func (e *EndedUses) endings(organization, product string) *endings {
	key := OrganizationProduct{organization, product}
	of := e.byProduct[key]
	if of == nil {
		if len(e.free) == 0 {
			e.free = make([]endings, 8)
		}
		of, e.free = &e.free[0], e.free[1:]
		e.byProduct[key] = of
	}
	return of
}

// All yields the products of which it is known how much of what has ended is in use.
func (e *EndedUses) All(yield func(OrganizationProduct, float64) bool) {
	for key, of := range e.byProduct {
		if n, known := e.inUse(key, of); of.reported && known && !yield(key, n) {
			return
		}
	}
}

// inUse prefers the uses of the licenses themselves, then what depends on the product as a
// whole, and then the assignments.
func (e *EndedUses) inUse(key OrganizationProduct, of *endings) (n float64, known bool) {
	if of.byOperator {
		if of.used == nil || of.end.After(e.now) {
			return 0, of.used != nil
		}
		return *of.used, true
	}
	if n, known = of.licenses.inUse(e.now); known {
		return n, true
	}
	n, known = e.dependents[key]
	if !known { // the vendor may know the numbers for the account only
		n, known = e.dependents[OrganizationProduct{Product: key.Product}]
	}
	ended := of.licenses.endedAt(e.now)
	switch coverEnded := !of.end.IsZero() && !of.end.After(e.now); {
	case !known:
		return of.assigned.inUse(e.now)
	case coverEnded:
		return n, true
	case !ended.licenses:
		return 0, true
	case !ended.seatsUnknown:
		return min(n, ended.seats), true
	}
	return n, true
}

// Next returns when the next cover ends, if that is soon, and otherwise the zero time. Until
// then, All yields the same.
func (e *EndedUses) Next() time.Time {
	var next time.Time
	for _, of := range e.byProduct {
		if of.end.After(e.now) {
			next = Earlier(next, of.end)
		}
		next = Earlier(next, Earlier(of.licenses.nextAfter(e.now), of.assigned.nextAfter(e.now)))
	}
	return next
}
