// Package status summarizes facts for people: the overview that the status page
// shows, and the table that --check prints.
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

// Overview summarizes the state of all accounts at one moment.
type Overview struct {
	// Now is the moment by the engine's clock.
	Now      time.Time
	Accounts []Account
	// Organizations is sorted by account and id. It includes an account as a
	// whole, with an empty id, if there are facts about it.
	Organizations []Organization
}

// Account is the state of an account without that of its organizations.
type Account struct {
	Name   string
	Vendor string
	// Organizations is the number of organizations. Failing is the number of
	// those for which the latest fetch of a collector failed.
	Organizations int
	Failing       int
	// Waiting describes what has not been tried yet. It is empty if everything
	// has been tried.
	Waiting string
	// Problem explains why some organizations may be missing.
	Problem string
	Freshness
}

// Organization is the state of an organization.
type Organization struct {
	Account string
	Vendor  string
	ID      string
	Name    string
	Model   string
	// APIEnabled is false if the organization does not allow access by API.
	// Only its name is then known.
	APIEnabled bool
	// Problem explains why its licenses may not be read correctly, or not at all.
	Problem string
	// Waiting is set until each collector has ended a fetch.
	Waiting bool
	Freshness

	// Owner is that of the organization as a whole, by the operator's policies. Muted is
	// the number of its products and licenses, and itself, that policies mute.
	Owner string
	Muted int

	// NextEnd is the earliest end of cover that is not muted. If all are, it is the
	// earliest of them, and EndMuted is set. It is zero if there is none.
	// NextProduct is the product whose cover ends then. It is empty if the end
	// is for the whole organization.
	NextEnd         time.Time
	EndMuted        bool
	NextProduct     string
	NextProductName string

	// Seats holds the sums over all products. A sum is nil if it is unknown for
	// a product, or if the seats have several units.
	Seats licensing.Seats
	// SeatsShort is the number of products that use more seats than there are and are not
	// muted.
	SeatsShort int

	// Compliant is the vendor's verdict. It is nil if there is none. Violations
	// is the number of verdicts that are not compliant and not muted.
	Compliant  *bool
	Violations int
	// MissingSeats is the number of seats that are missing by the vendor's count. It is
	// 0 if they have several units, and so do not add up.
	MissingSeats float64
	// GraceEnd is when the vendor stops tolerating the first violation. It is
	// zero if the vendor does not report it.
	GraceEnd time.Time
}

// Freshness describes how current facts are.
type Freshness struct {
	// Oldest is when the oldest facts were fetched. It is zero if there are none.
	Oldest time.Time
	// Failures lists the collectors whose latest fetch failed, or that of a child, or whose
	// requests under way have failed and are sent again.
	Failures []Failure
	// Notes lists what is missing although no fetch failed.
	Notes []Note
}

// Failure is the failure of a collector or of its children.
type Failure struct {
	Collector string
	Reason    rest.Reason
	// Objects names the child objects that could not be read. It is empty if the
	// fetch has failed as a whole.
	Objects string
	// Message is the error. It may contain text from the vendor.
	Message string
}

// addFetch adds the time of a successful fetch.
func (f *Freshness) addFetch(when time.Time) {
	if f.Oldest.IsZero() || (!when.IsZero() && when.Before(f.Oldest)) {
		f.Oldest = when
	}
}

// addFailure adds the failure of a fetch, if there is one.
func (f *Freshness) addFailure(name string, err, retrying error, r *collector.Report) {
	if failed := currentFailure(name, err, retrying, r); failed != nil {
		f.Failures = append(f.Failures, *failed)
	}
}

// add adds the state of a collector, but no notes.
func (f *Freshness) add(c *engine.CollectorState) {
	f.addFailure(c.Name, c.Err, c.Retrying, c.Report)
	if c.Report != nil {
		f.addFetch(c.Success)
	}
}

// overviewAge is how long an overview is cached. With thousands of organizations,
// it takes a noticeable time to make one.
const overviewAge = 3 * time.Second

// Shared returns a function that returns the overview of an engine. It caches the
// overview for a few seconds.
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
		b := newBuilder(snapshot)
		o.Accounts = append(o.Accounts, b.account())
		o.Organizations = append(o.Organizations, b.organizations()...)
	}
	return o
}

// builder builds the overview of an account from a snapshot. It also adds
// organizations that only reports name: a collector that reads the account as a
// whole may report about organizations that the source does not list.
type builder struct {
	*engine.Snapshot
	freshness Freshness // of the account as a whole
	byID      map[string]*organizationBuilder
	rules     map[string]rules  // by organization
	products  map[string]string // names by id
}

// organizationBuilder builds an Organization.
type organizationBuilder struct {
	Organization
	// hasCollectors is set if collectors read this organization separately.
	hasCollectors bool
	seats         map[licensing.SeatsKey]licensing.Seats
	missing       map[string]float64 // by unit
	// objections holds what the vendor considers not compliant. Several collectors may
	// report the same.
	objections map[licensing.LicenseKey]struct{}
	muted      map[licensing.LicenseKey]bool // by policies
}

func newBuilder(snapshot *engine.Snapshot) *builder {
	b := &builder{Snapshot: snapshot, byID: make(map[string]*organizationBuilder, len(snapshot.Organizations)), products: map[string]string{}, rules: rulesOf(snapshot)}
	source := b.Vendor.SourceName()
	b.freshness.addFailure(source, b.DiscoveryErr, b.DiscoveryRetrying, b.Listing)
	b.freshness.Notes = notes(source, b.Listing)
	b.freshness.addFetch(b.DiscoverySuccess)
	for i := range b.Organizations {
		o := &b.Organizations[i]
		if o.ID != "" {
			b.addOrganization(o)
		}
		for j := range o.Collectors {
			b.addCollector(o, &o.Collectors[j])
		}
	}
	return b
}

func (b *builder) account() Account {
	a := Account{Name: b.Name, Vendor: b.Vendor.Name, Waiting: b.Waiting(), Problem: rest.Plain(b.DiscoveryProblem), Freshness: b.freshness}
	for id, o := range b.byID {
		if id != "" {
			a.Organizations++
			a.Failing += min(len(o.Failures), 1)
		}
	}
	return a
}

// organizations returns the organizations sorted by id. An organization that no
// collector reads separately is as current as the account as a whole.
func (b *builder) organizations() []Organization {
	all := make([]Organization, 0, len(b.byID))
	for _, o := range b.byID {
		if !o.hasCollectors && o.Oldest.IsZero() && o.APIEnabled {
			o.Oldest = b.freshness.Oldest
		}
		o.NextProductName = b.products[o.NextProduct]
		o.Seats, o.SeatsShort = totalSeats(o.seats, o.muted)
		if len(o.missing) == 1 {
			for _, n := range o.missing {
				o.MissingSeats = n
			}
		}
		all = append(all, o.Organization)
	}
	slices.SortFunc(all, func(a, b Organization) int { return licensing.CompareIDs(a.ID, b.ID) })
	return all
}

// organization returns the organization with an id. It adds the organization if
// there is none.
func (b *builder) organization(id string) *organizationBuilder {
	o, ok := b.byID[id]
	if !ok {
		r := b.rules[id]
		o = &organizationBuilder{Organization: Organization{
			Account: b.Name, Vendor: b.Vendor.Name, ID: id, APIEnabled: true, Owner: r.owner, Muted: len(r.muted),
		}, muted: r.muted}
		for product, end := range r.ends {
			o.addEnd(product, end)
		}
		b.byID[id] = o
	}
	return o
}

func (b *builder) addOrganization(state *engine.Organization) {
	o := b.organization(state.ID)
	o.Problem = rest.Plain(state.Problem)
	o.Name, o.Model, o.APIEnabled = rest.Plain(state.Name), rest.Plain(state.Model), state.APIAccess != licensing.APIDisabled || state.Failed
	o.Waiting, o.hasCollectors = state.Health() == engine.Untried, len(state.Collectors) > 0 || state.Failed
	if state.Failed {
		o.addFailure(b.Vendor.SourceName(), b.OrganizationErr(state.ID), nil, nil)
	}
}

// addCollector adds the facts and freshness of a collector to the organization
// that it was fetched for, and to the others in its report.
func (b *builder) addCollector(state *engine.Organization, c *engine.CollectorState) {
	freshness := &b.freshness
	if state.ID != "" {
		freshness = &b.organization(state.ID).Freshness
	}
	freshness.add(c)
	freshness.Notes = append(freshness.Notes, notes(c.Name, c.Report)...)
	if c.Report == nil {
		return
	}
	for id, f := range b.OrganizationReports(state, c) {
		for _, p := range f.Products {
			b.products[p.ID] = rest.Plain(p.Name)
		}
		if id == "" && !hasFacts(f) {
			continue
		}
		o := b.organization(id)
		if id == "" {
			o.Name = rest.Plain(state.Name)
		}
		if id != state.ID || id == "" {
			o.add(c)
		}
		o.addFacts(f)
	}
}

// hasFacts reports whether a part of a report has anything to show besides
// products' names.
func hasFacts(f *collector.OrganizationReport) bool {
	return f.Fold != nil || len(f.NextEnds)+len(f.Seats)+len(f.Compliant)+len(f.Missing)+len(f.GraceEnds) > 0
}

func (o *organizationBuilder) addFacts(f *collector.OrganizationReport) {
	for product, end := range f.Ends {
		o.addEnd(product, end)
	}
	if o.seats == nil {
		o.seats = maps.Clone(f.Seats)
	} else {
		for key, seats := range f.Seats {
			o.seats[key] = o.seats[key].Plus(seats)
		}
	}
	for key, compliant := range f.Compliant {
		if o.Compliant == nil {
			o.Compliant, o.objections = new(true), map[licensing.LicenseKey]struct{}{}
		}
		if !compliant {
			*o.Compliant = false
			if !o.muted[key] {
				o.objections[key] = struct{}{}
			}
		}
	}
	o.Violations = len(o.objections)
	for key, n := range f.Missing {
		if o.missing == nil {
			o.missing = map[string]float64{}
		}
		o.missing[key.Unit] += n
	}
	for _, end := range f.GraceEnds {
		if o.GraceEnd.IsZero() || end.Before(o.GraceEnd) {
			o.GraceEnd = end
		}
	}
}

// addEnd adds an end of cover.
func (o *organizationBuilder) addEnd(product string, end time.Time) {
	muted := o.muted[licensing.LicenseKey{Product: product}]
	switch {
	case o.NextEnd.IsZero(), o.EndMuted && !muted:
	case muted && !o.EndMuted:
		return
	case end.After(o.NextEnd), end.Equal(o.NextEnd) && product >= o.NextProduct:
		return
	}
	o.NextEnd, o.NextProduct, o.EndMuted = end, product, muted
}

// totalSeats returns the sums of the seats of all products, and the number of
// products that use more seats than they may and are not muted. If there is a total for a product,
// it leaves out the seats of the product's licenses.
//
// A sum is nil if a product has seats, but not that number. Products with only
// required seats are ignored for this, because required seats can have other
// product names than bought ones. All sums are nil if the seats have several units.
func totalSeats(all map[licensing.SeatsKey]licensing.Seats, muted map[licensing.LicenseKey]bool) (total licensing.Seats, short int) {
	var unlimited, unassigned, unbalanced bool
	units := map[string]struct{}{}
	for key, s := range all {
		if productTotal := (licensing.SeatsKey{Product: key.Product, Unit: key.Unit}); key != productTotal {
			if _, counted := all[productTotal]; counted {
				continue
			}
		}
		total = total.Plus(s)
		units[key.Unit] = struct{}{}
		if s.Limit != nil || s.Assigned != nil || s.Available != nil {
			unlimited = unlimited || s.Limit == nil
			unassigned = unassigned || s.Assigned == nil
			unbalanced = unbalanced || s.Available == nil
		}
		if s.Kind == licensing.OveruseAllowed || muted[licensing.LicenseKey{Product: key.Product, LicenseID: key.LicenseID}] {
			continue
		}
		if (s.Available != nil && *s.Available < 0) || (s.Limit != nil && s.Assigned != nil && *s.Assigned > *s.Limit) {
			short++
		}
	}
	if len(units) > 1 {
		return licensing.Seats{}, short
	}
	total.Kind = "" // the products can differ
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
