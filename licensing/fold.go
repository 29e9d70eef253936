package licensing

import (
	"cmp"
	"slices"
	"time"
)

// Horizons are the numbers of days ahead for which Summary counts the licenses
// that end. They are cumulative.
var Horizons = [...]int{7, 30, 90}

// Summary summarizes the licenses of one product.
type Summary struct {
	Product string
	// Licenses counts licenses by state. It has only the states that occur.
	Licenses Table[State, int]
	// Dated is set if the end of any license is known. Otherwise, Expiring and
	// WithoutEnd mean nothing.
	Dated bool
	// inForce is set if any license is in force.
	inForce bool
	// Expiring counts the licenses in force whose cover ends within each of
	// Horizons, including those whose end has passed.
	Expiring [len(Horizons)]int32
	// WithoutEnd counts the licenses in force that have no end.
	WithoutEnd int32

	nextEnd   moment // of those for which somebody has to act
	nextQuiet moment // of the others
	latestEnd moment
	uses      Uses
}

// NextEnd returns the earliest end of cover among the licenses in force, without those that are
// unattended if others end. If no license is in force, it returns the latest end that has passed.
// It returns the zero time if there is no such end.
func (s *Summary) NextEnd() time.Time {
	if s.inForce {
		return cmp.Or(s.nextEnd, s.nextQuiet).time()
	}
	return s.latestEnd.time()
}

// CountsEnds reports whether Expiring says more than NextEnd and WithoutEnd: either a license ends
// within the horizons, or NextEnd and WithoutEnd do not show that the ends are known.
func (s *Summary) CountsEnds() bool {
	return s.Dated && (s.Expiring != [len(Horizons)]int32{} || !s.showsEnds())
}

// CountsWithoutEnd reports whether WithoutEnd says more than NextEnd.
func (s *Summary) CountsWithoutEnd() bool {
	return s.Dated && (s.WithoutEnd > 0 || !s.showsEnds())
}

// showsEnds reports whether an end, or a license without one, shows that the ends are known.
func (s *Summary) showsEnds() bool { return s.WithoutEnd > 0 || !s.NextEnd().IsZero() }

// Count returns the number of licenses in any state.
func (s *Summary) Count() int {
	count := 0
	for _, n := range s.Licenses.All {
		count += n
	}
	return count
}

func (s *Summary) add(l License, now time.Time) {
	*s.Licenses.At(l.State)++
	if !l.EndUnknown {
		s.Dated = true
	}
	end := l.CoverEnd()
	phase := l.Phase
	if phase == Undetermined {
		phase = phaseByDate(l, end, now)
	}
	switch phase {
	case InForce:
		s.inForce = true
		s.addInForce(l, end, now)
	case Ended:
		s.latestEnd = max(s.latestEnd, momentOf(end))
	case Dormant, Undetermined:
	}
	s.uses.add(&l, phase, end, now)
}

func (s *Summary) addInForce(l License, end, now time.Time) {
	if l.EndUnknown {
		return
	}
	if end.IsZero() {
		s.WithoutEnd++
		return
	}
	next := &s.nextEnd
	if l.Unattended {
		next = &s.nextQuiet
	}
	*next = next.earlier(momentOf(end))
	for i, days := range Horizons {
		if !end.After(now.Add(time.Duration(days) * Day)) {
			s.Expiring[i]++
		}
	}
}

func (s *Summary) merge(o *Summary) {
	for state, n := range o.Licenses.All {
		*s.Licenses.At(state) += n
	}
	s.Dated = s.Dated || o.Dated
	for i, n := range o.Expiring {
		s.Expiring[i] += n
	}
	s.WithoutEnd += o.WithoutEnd
	s.inForce = s.inForce || o.inForce
	s.nextEnd, s.nextQuiet = s.nextEnd.earlier(o.nextEnd), s.nextQuiet.earlier(o.nextQuiet)
	s.latestEnd = max(s.latestEnd, o.latestEnd)
	s.uses.merge(&o.uses)
}

// phaseByDate returns the phase of a license whose state is unknown. It assumes
// that a license that has not ended is in force, so that its end is shown: a
// false alarm is better than a missing one.
func phaseByDate(l License, end, now time.Time) Phase {
	if l.EndUnknown || end.IsZero() {
		return Dormant
	}
	if end.After(now) {
		return InForce
	}
	return Ended
}

// Fold summarizes a stream of licenses by product. Its memory grows with the
// number of products and states, not with the number of licenses. Use NewFold
// to create one.
type Fold struct {
	// Undated is set if the vendor's licenses have no dates. A fold without
	// licenses then reports no ends.
	Undated bool

	now      time.Time
	states   []State
	products Table[string, Summary]
}

// NewFold returns an empty Fold. Horizons count from now. states are the usual ones, such as
// active and expired, for MissingStates.
func NewFold(now time.Time, states ...State) *Fold {
	return &Fold{now: now, states: states}
}

// Add adds a license. One without a product counts for UnknownProduct.
func (f *Fold) Add(l License) {
	f.summary(cmp.Or(l.Product, UnknownProduct)).add(l, f.now)
}

// Merge adds the licenses of another Fold.
func (f *Fold) Merge(o *Fold) {
	f.Undated = f.Undated && o.Undated
	f.states = unionStates(f.states, o.states)
	for product, s := range o.products.All {
		f.summary(product).merge(&s)
	}
}

// Len returns the number of products.
func (f *Fold) Len() int { return f.products.Len() }

// MissingStates returns the usual states that no license has, of any product and assigned or
// not. They depend only on the facts.
func (f *Fold) MissingStates() []State {
	return slices.DeleteFunc(slices.Clone(f.states), func(usual State) bool {
		for _, s := range f.products.All {
			for state := range s.Licenses.Keys {
				if state.Name == usual.Name {
					return true
				}
			}
		}
		return false
	})
}

// Summaries returns a summary of each product, sorted by product. Without
// licenses, it returns one summary with zeros for the empty product, because an
// empty list is a valid answer. If there are no states either, it returns none.
func (f *Fold) Summaries() []*Summary {
	if f.products.Len() == 0 {
		if len(f.states) == 0 {
			return nil
		}
		return []*Summary{{Dated: !f.Undated}}
	}
	summaries := make([]*Summary, 0, f.products.Len())
	for i := range f.products.entries() {
		summaries = append(summaries, &f.products.data.entries[i].value)
	}
	if byProduct := func(a, b *Summary) int { return cmp.Compare(a.Product, b.Product) }; !slices.IsSortedFunc(summaries, byProduct) {
		slices.SortFunc(summaries, byProduct)
	}
	return summaries
}

func (f *Fold) summary(product string) *Summary {
	s := f.products.At(product)
	s.Product = product
	return s
}

// compact frees the memory that only further licenses would need.
func (f *Fold) compact() {
	f.products.Compact()
	for _, s := range f.Summaries() {
		s.Licenses.Compact()
		s.uses.pending = slices.Clip(slices.Clone(s.uses.pending))
	}
}

func unionStates(a, b []State) []State {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(slices.Clip(a), s)
		}
	}
	return a
}

// Earlier returns the earlier of two times. A zero time is one that is not known.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
