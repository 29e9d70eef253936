package table

import (
	"cmp"
	"fmt"
	"time"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	api "license_exporter/client/table"
	"license_exporter/collector"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// The usual states. A record without a state gets one of them, or queued, by its dates.
const (
	stateActive  = "active"
	stateExpired = "expired"
	stateQueued  = "queued"
)

// individual is the condition under which licenses have their own series.
const individual = "with individual_licenses"

// The defaults of columns.
const (
	defaultUnit      = "seat"
	defaultComponent = licensing.CostPurchase
)

// folder turns the records of a table into facts about organizations.
type folder struct {
	report   *collector.Report
	account  string
	selector *collector.Selector

	organizations licensing.Table[string, *organization]
	// seen contains the records with an id.
	seen map[uint64]sighting
	// endedInUse contains the licenses that have ended and are in use, by the key of seen. A
	// later record may continue them.
	endedInUse map[uint64]licensing.License
	records    int // that are kept, in selected organizations
}

// organization is an organization of the table.
type organization struct {
	name     string
	products licensing.Table[string, *product]
}

// sighting is the latest record with an id.
type sighting struct {
	place api.Place
	ended bool
}

func newFolder(r *collector.Report, account string, filter collector.OrganizationFilter) *folder {
	return &folder{
		report: r, account: account, selector: filter.Selector(),
		seen: map[uint64]sighting{}, endedInUse: map[uint64]licensing.License{},
	}
}

// add adds a record. A record that must not be used is a problem to report.
func (f *folder) add(l *api.License) (problem string) {
	id := cmp.Or(l.Organization, f.account)
	name := cmp.Or(l.OrganizationName, id)
	if !f.selector.Selects(id, name) {
		return ""
	}
	made := f.license(l)
	key, problem, ok := f.first(id, l, &made)
	if !ok {
		return problem
	}
	f.records++
	o := *f.organizations.At(id)
	if o == nil {
		o = &organization{name: name}
		f.organizations.Set(id, o)
		f.report.Fold(id, licensing.State{Name: stateActive}, licensing.State{Name: stateExpired})
	}
	p := *o.products.At(made.Product)
	if p == nil {
		p = &product{}
		o.products.Set(made.Product, p)
	}
	p.describe(l)
	p.add(l, &made)
	f.facts(id, l, &made)
	switch {
	case l.Muted.Value:
		p.mutedLicenses = append(p.mutedLicenses, made)
	case made.Phase == licensing.Ended && key != 0 && made.InUse != nil && *made.InUse > 0:
		if before, again := f.endedInUse[key]; again {
			f.fold(id, before, true)
		}
		f.endedInUse[key] = made
		p.waiting = append(p.waiting, key)
	default:
		f.fold(id, made, false)
	}
	if l.ID != "" && f.report.Individual(id, made) {
		f.setRules(id, licensing.LicenseKey{Product: made.Product, LicenseID: l.ID}, recordRules(l))
	}
	return ""
}

// first reports whether a record is the first with its id, of its product and organization. One
// that continues a license that has ended is used as well, and so is one that has ended. key
// identifies the id. It is 0 without an id.
func (f *folder) first(organization string, l *api.License, made *licensing.License) (key uint64, problem string, ok bool) {
	if l.ID == "" {
		return 0, "", true
	}
	key = scalar.HashOf([3]string{organization, made.Product, l.ID})
	ended := made.Phase == licensing.Ended
	before, again := f.seen[key]
	switch {
	case again && before.place.Page != l.Place.Page: // the list changed while it was read
		return key, "", false
	case !again, before.ended && !ended:
		f.seen[key] = sighting{l.Place, ended}
		return key, "", true
	case ended:
		if !before.ended { // its successor is in force
			made.InUse = licensing.Seat(0)
		}
		return key, "", true
	}
	return key, fmt.Sprintf("the id is that of %s, of the same product; the record is left out; give each record its own id, or do not map id", placeText(before.place)), false
}

// license returns the license of a record.
func (f *folder) license(l *api.License) licensing.License {
	made := licensing.License{
		ID: l.ID, Name: l.Name, Product: cmp.Or(l.Product, licensing.UnknownProduct), OrderID: l.OrderID,
		End: l.End.Time, EndUnknown: l.End.Unreadable || l.End.Time.IsZero() && !l.End.Never, Unattended: renews(l),
		InUse: pointer(l.Assigned), Seats: pointer(l.Seats),
	}
	if !l.Start.Time.After(f.report.Now) {
		made.Start = l.Start.Time
	}
	made.Phase = phaseOf(l, f.report.Now)
	made.State.Name = l.State
	if l.State == "" {
		made.State.Name = stateOf(made.Phase, l, f.report.Now)
	}
	return made
}

// fold adds a license to the fold of its organization. If it is continued, nothing depends on it.
func (f *folder) fold(organization string, l licensing.License, continued bool) {
	if continued {
		l.InUse = licensing.Seat(0)
	}
	f.report.Fold(organization).Add(l)
}

// facts records the facts that sum up over the records of a product.
func (f *folder) facts(organization string, l *api.License, made *licensing.License) {
	facts, key := f.report.Organization(organization), licensing.LicenseKey{Product: made.Product}
	if l.Compliant.Valid {
		if before, again := facts.Compliant.Get(key); !again || before {
			facts.Verdict(key, l.Compliant.Value)
		}
	}
	if made.Phase != licensing.InForce {
		return
	}
	if s := seatsOf(l); s != (licensing.Seats{}) {
		facts.SeatsOf(licensing.SeatsKey{Product: made.Product, Unit: cmp.Or(l.Unit, defaultUnit)}, s)
	}
	if l.Cost.Valid {
		facts.Cost(licensing.CostKey{Product: made.Product, Component: cmp.Or(l.Component, defaultComponent), Currency: l.Currency}, l.Cost.Value)
	}
	if hasEnded(made.End, f.report.Now) { // and is tolerated
		facts.GraceEnd(key, l.GraceEnd.Time)
	}
}

// finish completes the facts once all records have been added.
func (f *folder) finish() {
	for id, o := range f.organizations.All {
		for productID, p := range o.products.All {
			for _, l := range p.mutedLicenses {
				l.Unattended = true
				f.fold(id, l, p.audible)
			}
			for _, key := range p.waiting {
				if l, found := f.endedInUse[key]; found {
					f.fold(id, l, !f.seen[key].ended)
					delete(f.endedInUse, key)
				}
			}
			facts, key := f.report.Organization(id), licensing.LicenseKey{Product: productID}
			if p.Product != (licensing.Product{}) {
				p.ID = productID
				facts.Product(p.Product)
			}
			rules, renewal, deadline := p.rules(f.report.Now)
			f.setRules(id, key, rules)
			facts.NextRenewal(key, renewal)
			facts.RenewalDeadline(key, deadline)
		}
	}
}

func (f *folder) setRules(organization string, key licensing.LicenseKey, rules policy.Rules) {
	if !rules.Empty() {
		f.report.Organization(organization).Rules.Set(key, rules)
	}
}

// list returns the organizations.
func (f *folder) list() []licensing.Organization {
	all := make([]licensing.Organization, 0, f.organizations.Len())
	for id, o := range f.organizations.All {
		all = append(all, licensing.Organization{ID: id, Name: o.name})
	}
	return all
}

// empty returns the error of a table from which no record is left. read is how many records it has, and problem what is wrong
// with the first one that cannot be used.
func (f *folder) empty(read, kept int, problem string) error {
	switch {
	case f.records > 0:
		return nil
	case read == 0:
		return rest.Missing("the table has no records; check the file or the address, and records")
	case kept == 0 && problem != "":
		return rest.Missing(fmt.Sprintf("none of the %d records of the table can be used; the first: %s", read, problem))
	case kept == 0:
		return rest.Missing("none of the records of the table is kept; check if")
	}
	return collector.NoOrganization(kept)
}

func seatsOf(l *api.License) licensing.Seats {
	return licensing.Seats{Limit: pointer(l.Seats), Assigned: pointer(l.Assigned), Available: pointer(l.Available)}
}

func pointer(n api.Optional[float64]) *float64 {
	if !n.Valid {
		return nil
	}
	return &n.Value
}

func hasEnded(end, now time.Time) bool { return !end.IsZero() && !end.After(now) }

// placeText names a place for people. Several records may be in one line of JSON.
func placeText(p api.Place) string {
	if p.Line >= p.Record {
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("record %d", p.Record)
}
