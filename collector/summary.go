package collector

import (
	"maps"
	"slices"
	"time"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

// Overview is the state of everything at one moment, for people.
type Overview struct {
	// Now is the moment by the engine's clock.
	Now      time.Time
	Accounts []AccountSummary
	// Organizations come in the order of accounts and ids. What concerns an
	// account as a whole is among them, with an empty id, if there are facts
	// of it.
	Organizations []OrganizationSummary
}

// AccountSummary is the state of an account, without that of its organizations.
type AccountSummary struct {
	Name   string
	Vendor string
	// Organizations counts those that the account sees, and Failing those of
	// them of which facts are missing or old.
	Organizations int
	Failing       int
	// Waiting is what must be tried before the account is known; empty if all
	// has been tried.
	Waiting string
	Freshness
}

// OrganizationSummary is what is known of one organization.
type OrganizationSummary struct {
	Account string
	Vendor  string
	ID      string
	Name    string
	Model   string
	// APIEnabled is false where the vendor lets no client in, so that nothing
	// but the name can be known.
	APIEnabled bool
	// Waiting is set as long as a collector has not been tried.
	Waiting bool
	Freshness

	// NextEnd is the earliest end that concerns the organization; zero if
	// there is none. NextProduct is what ends then; empty for all of it.
	NextEnd         time.Time
	NextProduct     string
	NextProductName string

	// Seats are totals of all products. One that is not known for all of them
	// is not known.
	Seats licensing.Seats
	// SeatsShort counts the products of which more is used than there is.
	SeatsShort int

	// Compliant is the vendor's verdict; nil if there is none. Violations
	// counts what the vendor objects to.
	Compliant    *bool
	Violations   int
	MissingSeats float64
	// GraceEnd is when the vendor stops tolerating the first violation; zero
	// if it does not say.
	GraceEnd time.Time
}

// Freshness tells how far facts can be relied on.
type Freshness struct {
	// Oldest is when the oldest of them were fetched; zero if there are none.
	Oldest time.Time
	// Failures are the collectors whose latest fetch failed.
	Failures []Failure
}

// Failure is why a collector failed.
type Failure struct {
	Collector string
	Reason    rest.Reason
	// Message may hold the vendor's own text.
	Message string
}

func newFailure(collector string, err error) Failure {
	return Failure{Collector: collector, Reason: rest.ReasonOf(err), Message: err.Error()}
}

func (f *Freshness) fetched(when time.Time) {
	if f.Oldest.IsZero() || (!when.IsZero() && when.Before(f.Oldest)) {
		f.Oldest = when
	}
}

// unit takes the state of a unit in.
func (f *Freshness) unit(u *unitView) {
	if u.err != nil {
		f.Failures = append(f.Failures, newFailure(u.name, u.err))
	}
	if u.has && !u.value.notApplicable {
		f.fetched(u.success)
	}
}

// Overview summarizes the facts at hand. It fetches nothing.
func (e *Engine) Overview() Overview {
	o := Overview{Now: e.Now()}
	for _, a := range *e.accounts.Load() {
		s := newSummarizer(a.view(Selection{}))
		o.Accounts = append(o.Accounts, s.account())
		o.Organizations = append(o.Organizations, s.all()...)
	}
	return o
}

// summarizer makes summaries of a view. Organizations appear in it as units
// speak of them, since a collector for the account as a whole may know of
// organizations that are no scopes.
type summarizer struct {
	view
	whole    Freshness // of what concerns the account as a whole
	byID     map[string]*summary
	products map[string]string // names by id
}

// summary is an OrganizationSummary in the making.
type summary struct {
	OrganizationSummary
	// byItself is set if there are collectors for the organization alone.
	byItself bool
	seats    map[licensing.SeatsKey]licensing.Seats
}

func newSummarizer(v view) *summarizer {
	s := &summarizer{view: v, byID: make(map[string]*summary, len(v.scopes)), products: map[string]string{}}
	if s.discovery.err != nil {
		s.whole.Failures = append(s.whole.Failures, newFailure(s.SourceName, s.discovery.err))
	}
	s.whole.fetched(s.discovery.success)
	owners := s.owners()
	for i := range s.scopes {
		scope := &s.scopes[i]
		if scope.ID != "" {
			s.scope(scope)
		}
		for j := range scope.units {
			s.unit(scope, &scope.units[j], owners)
		}
	}
	return s
}

func (s *summarizer) account() AccountSummary {
	a := AccountSummary{Name: s.Name, Vendor: s.Vendor, Waiting: s.waiting(false), Freshness: s.whole}
	for id, o := range s.byID {
		if id != "" {
			a.Organizations++
			a.Failing += min(len(o.Failures), 1)
		}
	}
	return a
}

// all returns the summaries in the order of ids.
func (s *summarizer) all() []OrganizationSummary {
	all := make([]OrganizationSummary, 0, len(s.byID))
	for _, o := range s.byID {
		if !o.byItself && o.Oldest.IsZero() && o.APIEnabled {
			o.Oldest = s.whole.Oldest
		}
		o.NextProductName = s.products[o.NextProduct]
		o.Seats, o.SeatsShort = totalSeats(o.seats)
		all = append(all, o.OrganizationSummary)
	}
	slices.SortFunc(all, func(a, b OrganizationSummary) int { return compareIDs(a.ID, b.ID) })
	return all
}

// organization returns the summary of an organization, which then exists.
func (s *summarizer) organization(id string) *summary {
	o, ok := s.byID[id]
	if !ok {
		o = &summary{}
		o.Account, o.Vendor, o.ID, o.APIEnabled = s.Name, s.Vendor, id, true
		s.byID[id] = o
	}
	return o
}

func (s *summarizer) scope(scope *scopeView) {
	o := s.organization(scope.ID)
	o.Name, o.Model, o.APIEnabled = scope.Organization.Name, scope.Model, scope.APIEnabled || scope.failed
	o.Waiting, o.byItself = scope.health() == untried, len(scope.units) > 0 || scope.failed
	if scope.failed {
		o.Failures = append(o.Failures, newFailure(s.SourceName, s.unreadable(scope)))
	}
}

// unit adds what a unit says, and how fresh that is, to the organization that
// it belongs to and to all others that it speaks of.
func (s *summarizer) unit(scope *scopeView, u *unitView, owners owners) {
	if scope.ID == "" {
		s.whole.unit(u)
	} else {
		s.organization(scope.ID).unit(u)
	}
	if !u.has {
		return
	}
	for id, f := range u.facts(scope.ID, owners) {
		for _, p := range f.Products {
			s.products[p.ID] = p.Name
		}
		if id == "" && !f.tells() {
			continue
		}
		o := s.organization(id)
		if id == "" {
			o.Name = scope.Organization.Name
		}
		if id != scope.ID || id == "" {
			o.unit(u)
		}
		o.add(f)
	}
}

// tells returns whether the facts are more than names.
func (f *Facts) tells() bool {
	return f.Fold != nil || len(f.NextEnds)+len(f.Seats)+len(f.Compliant)+len(f.Missing)+len(f.GraceEnds) > 0
}

func (o *summary) add(f *Facts) {
	for product, end := range f.ends {
		if o.NextEnd.IsZero() || end.Before(o.NextEnd) || (end.Equal(o.NextEnd) && product < o.NextProduct) {
			o.NextEnd, o.NextProduct = end, product
		}
	}
	if o.seats == nil {
		o.seats = maps.Clone(f.Seats)
	} else {
		for key, seats := range f.Seats {
			o.seats[key] = o.seats[key].Plus(seats)
		}
	}
	for _, compliant := range f.Compliant {
		if o.Compliant == nil {
			o.Compliant = new(true)
		}
		if !compliant {
			*o.Compliant = false
			o.Violations++
		}
	}
	for _, n := range f.Missing {
		o.MissingSeats += n
	}
	for _, end := range f.GraceEnds {
		if o.GraceEnd.IsZero() || end.Before(o.GraceEnd) {
			o.GraceEnd = end
		}
	}
}

// totalSeats adds the seats of all products up, and counts those of which more
// is used than there is. Where a product's total is known, its licenses do not
// count again. What is needed may go by other names than what is bought, so it
// says nothing of what is known of a product.
func totalSeats(all map[licensing.SeatsKey]licensing.Seats) (total licensing.Seats, short int) {
	var unlimited, unassigned, unbalanced bool
	for key, s := range all {
		if whole := (licensing.SeatsKey{Product: key.Product, Unit: key.Unit}); key != whole {
			if _, counted := all[whole]; counted {
				continue
			}
		}
		total = total.Plus(s)
		if s.Limit != nil || s.Assigned != nil || s.Available != nil {
			unlimited = unlimited || s.Limit == nil
			unassigned = unassigned || s.Assigned == nil
			unbalanced = unbalanced || s.Available == nil
		}
		if (s.Available != nil && *s.Available < 0) || (s.Limit != nil && s.Assigned != nil && *s.Assigned > *s.Limit) {
			short++
		}
	}
	if unlimited {
		total.Limit = nil
	}
	if unassigned {
		total.Assigned = nil
	}
	if unbalanced {
		total.Available = nil
	}
	return total, short
}
