package licensing

import (
	"maps"
	"slices"
	"time"
)

// Horizons are the numbers of days within which the licenses that end are
// counted. They are cumulative.
var Horizons = [...]int{7, 30, 90}

// Summary is what remains of all licenses of one product.
type Summary struct {
	Product string
	// Licenses counts licenses by state.
	Licenses map[State]int
	// Dated tells whether the licenses of the product bear dates at all. Where
	// they do not, Expiring and WithoutEnd mean nothing.
	Dated bool
	// Expiring counts licenses in force whose cover ends within each of
	// Horizons, those whose end has passed included.
	Expiring [len(Horizons)]int
	// WithoutEnd counts licenses in force that have no end.
	WithoutEnd int

	inForce   int
	nextEnd   time.Time
	latestEnd time.Time
}

// NextEnd is the earliest end of cover among the licenses in force. If none is
// in force, it is the latest end that has passed. It is zero if there is no
// such date.
func (s *Summary) NextEnd() time.Time {
	if s.inForce > 0 {
		return s.nextEnd
	}
	return s.latestEnd
}

func (s *Summary) add(l License, now time.Time) {
	s.Licenses[l.State]++
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
		s.inForce++
		s.addInForce(l, end, now)
	case Ended:
		s.latestEnd = later(s.latestEnd, end)
	case Dormant, Undetermined:
	}
}

func (s *Summary) addInForce(l License, end, now time.Time) {
	if l.EndUnknown {
		return
	}
	if end.IsZero() {
		s.WithoutEnd++
		return
	}
	s.nextEnd = earlier(s.nextEnd, end)
	for i, days := range Horizons {
		if !end.After(now.Add(time.Duration(days) * Day)) {
			s.Expiring[i]++
		}
	}
}

// know counts states in which no license is.
func (s *Summary) know(states []State) {
	for _, state := range states {
		s.Licenses[state] += 0
	}
}

func (s *Summary) merge(o *Summary) {
	for state, n := range o.Licenses {
		s.Licenses[state] += n
	}
	s.Dated = s.Dated || o.Dated
	for i, n := range o.Expiring {
		s.Expiring[i] += n
	}
	s.WithoutEnd += o.WithoutEnd
	s.inForce += o.inForce
	s.nextEnd = earlier(s.nextEnd, o.nextEnd)
	s.latestEnd = later(s.latestEnd, o.latestEnd)
}

// phaseByDate judges a license whose state is unknown. To count it as in force
// is the safe guess: its end is then seen, and a false alarm is better than
// none.
func phaseByDate(l License, end, now time.Time) Phase {
	if l.EndUnknown || end.IsZero() {
		return Dormant
	}
	if end.After(now) {
		return InForce
	}
	return Ended
}

// Fold turns a stream of licenses into summaries. Its memory grows with the
// number of products and states, not with the number of licenses. Create it
// with NewFold.
type Fold struct {
	// Undated is set where licenses bear no dates, so that even an empty list
	// says nothing of ends.
	Undated bool

	now      time.Time
	states   []State
	products map[string]*Summary
}

// NewFold returns an empty Fold. Horizons are counted from now; states are
// those that the vendor is known to use, which are counted even where there is
// no license in them.
func NewFold(now time.Time, states ...State) *Fold {
	return &Fold{now: now, states: states, products: map[string]*Summary{}}
}

// Add folds one license in.
func (f *Fold) Add(l License) {
	f.summary(l.Product).add(l, f.now)
}

// Merge adds what another Fold has seen, as if this one had seen it.
func (f *Fold) Merge(o *Fold) {
	f.Undated = f.Undated && o.Undated
	f.states = unionStates(f.states, o.states)
	for product, s := range o.products {
		f.summary(product).merge(s)
	}
	for _, s := range f.products {
		s.know(f.states)
	}
}

// Summaries returns one summary per product, in the products' order. A Fold
// that saw no license has one for the empty product, with zeroes, since an
// empty list is an answer too; one that knows no states has none.
func (f *Fold) Summaries() []*Summary {
	if len(f.products) == 0 {
		if len(f.states) == 0 {
			return nil
		}
		empty := f.newSummary("")
		empty.Dated = !f.Undated
		return []*Summary{empty}
	}
	summaries := make([]*Summary, 0, len(f.products))
	for _, product := range slices.Sorted(maps.Keys(f.products)) {
		summaries = append(summaries, f.products[product])
	}
	return summaries
}

func (f *Fold) summary(product string) *Summary {
	s, ok := f.products[product]
	if !ok {
		s = f.newSummary(product)
		f.products[product] = s
	}
	return s
}

func (f *Fold) newSummary(product string) *Summary {
	s := &Summary{Product: product, Licenses: make(map[State]int, len(f.states))}
	s.know(f.states)
	return s
}

func unionStates(a, b []State) []State {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(slices.Clip(a), s)
		}
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
