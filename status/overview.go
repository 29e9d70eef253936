// Package status turns facts into what people read: the overview of the status
// page, and the table of --check.
package status

import (
	"context"
	"maps"
	"slices"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// Overview is the state of everything at one moment, for people.
type Overview struct {
	// Now is the moment by the engine's clock.
	Now      time.Time
	Accounts []Account
	// Organizations come in the order of accounts and ids. What concerns an
	// account as a whole is among them, with an empty id, if there are facts
	// of it.
	Organizations []Organization
}

// Account is the state of an account, without that of its organizations.
type Account struct {
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

// Organization is what is known of one organization.
type Organization struct {
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

func newFailure(name string, err error) Failure {
	return Failure{Collector: name, Reason: rest.ReasonOf(err), Message: err.Error()}
}

func (f *Freshness) fetched(when time.Time) {
	if f.Oldest.IsZero() || (!when.IsZero() && when.Before(f.Oldest)) {
		f.Oldest = when
	}
}

// add takes the state of a collector into account.
func (f *Freshness) add(c *engine.CollectorState) {
	if c.Err != nil {
		f.Failures = append(f.Failures, newFailure(c.Name, c.Err))
	}
	if c.Report != nil {
		f.fetched(c.Success)
	}
}

// overviewAge is how long an overview is shared between those who look. Of
// thousands of organizations, it takes a noticeable time to make.
const overviewAge = 3 * time.Second

// Shared returns a function that returns the overview of an engine. Calls within
// a few seconds share one.
func Shared(e *engine.Engine) func() *Overview {
	var entry cache.Entry[*Overview]
	return func() *Overview {
		overview, _ := entry.Get(context.Background(), cache.Job[*Overview]{ // making one never fails
			Now:   e.Now,
			Due:   func(s cache.State[*Overview]) bool { return !s.Valid || e.Now().Sub(s.ValueStarted) >= overviewAge },
			Fetch: func(time.Time) (*Overview, error) { return NewOverview(e.Now(), e.Snapshots(engine.Selection{})), nil },
		})
		return overview
	}
}

// NewOverview summarizes snapshots of all accounts.
func NewOverview(now time.Time, snapshots []*engine.Snapshot) *Overview {
	o := &Overview{Now: now}
	for _, snapshot := range snapshots {
		s := summarize(snapshot)
		o.Accounts = append(o.Accounts, s.account())
		o.Organizations = append(o.Organizations, s.organizations()...)
	}
	return o
}

// summarizer summarizes the snapshot of an account. It adds organizations as
// reports name them, since a collector that reads the account as a whole may
// know of organizations that the source does not list.
type summarizer struct {
	*engine.Snapshot
	freshness Freshness // of what concerns the account as a whole
	byID      map[string]*organization
	products  map[string]string // names by id
}

// organization is an Organization in the making.
type organization struct {
	Organization
	// hasCollectors is set if there are collectors for this organization alone.
	hasCollectors bool
	seats         map[licensing.SeatsKey]licensing.Seats
}

func summarize(snapshot *engine.Snapshot) *summarizer {
	s := &summarizer{Snapshot: snapshot, byID: make(map[string]*organization, len(snapshot.Organizations)), products: map[string]string{}}
	if s.DiscoveryErr != nil {
		s.freshness.Failures = append(s.freshness.Failures, newFailure(s.Vendor.SourceName(), s.DiscoveryErr))
	}
	s.freshness.fetched(s.DiscoverySuccess)
	for i := range s.Organizations {
		o := &s.Organizations[i]
		if o.ID != "" {
			s.addOrganization(o)
		}
		for j := range o.Collectors {
			s.addCollector(o, &o.Collectors[j])
		}
	}
	return s
}

func (s *summarizer) account() Account {
	a := Account{Name: s.Name, Vendor: s.Vendor.Name, Waiting: s.Waiting(false), Freshness: s.freshness}
	for id, o := range s.byID {
		if id != "" {
			a.Organizations++
			a.Failing += min(len(o.Failures), 1)
		}
	}
	return a
}

// organizations returns the organizations in the order of their ids.
func (s *summarizer) organizations() []Organization {
	all := make([]Organization, 0, len(s.byID))
	for _, o := range s.byID {
		if !o.hasCollectors && o.Oldest.IsZero() && o.APIEnabled {
			o.Oldest = s.freshness.Oldest
		}
		o.NextProductName = s.products[o.NextProduct]
		o.Seats, o.SeatsShort = totalSeats(o.seats)
		all = append(all, o.Organization)
	}
	slices.SortFunc(all, func(a, b Organization) int { return licensing.CompareIDs(a.ID, b.ID) })
	return all
}

// organization returns the organization with an id, which it adds if there is
// none.
func (s *summarizer) organization(id string) *organization {
	o, ok := s.byID[id]
	if !ok {
		o = &organization{Organization: Organization{Account: s.Name, Vendor: s.Vendor.Name, ID: id, APIEnabled: true}}
		s.byID[id] = o
	}
	return o
}

func (s *summarizer) addOrganization(state *engine.Organization) {
	o := s.organization(state.ID)
	o.Name, o.Model, o.APIEnabled = state.Name, state.Model, state.APIEnabled || state.Failed
	o.Waiting, o.hasCollectors = state.Health() == engine.Untried, len(state.Collectors) > 0 || state.Failed
	if state.Failed {
		o.Failures = append(o.Failures, newFailure(s.Vendor.SourceName(), s.Unreadable(state.ID)))
	}
}

// addCollector adds what a collector reports, and how fresh that is, to the
// organization that it was fetched for and to all others that it names.
func (s *summarizer) addCollector(state *engine.Organization, c *engine.CollectorState) {
	if state.ID == "" {
		s.freshness.add(c)
	} else {
		s.organization(state.ID).add(c)
	}
	if c.Report == nil {
		return
	}
	for id, f := range s.Facts(state, c) {
		for _, p := range f.Products {
			s.products[p.ID] = p.Name
		}
		if id == "" && !saysMoreThanNames(f) {
			continue
		}
		o := s.organization(id)
		if id == "" {
			o.Name = state.Name
		}
		if id != state.ID || id == "" {
			o.add(c)
		}
		o.addFacts(f)
	}
}

func saysMoreThanNames(f *collector.OrganizationReport) bool {
	return f.Fold != nil || len(f.NextEnds)+len(f.Seats)+len(f.Compliant)+len(f.Missing)+len(f.GraceEnds) > 0
}

func (o *organization) addFacts(f *collector.OrganizationReport) {
	for product, end := range f.Ends {
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
