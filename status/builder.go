package status

import (
	"slices"
	"strings"
	"time"

	"license_exporter/client/rest"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// builder builds the overview of an account from a snapshot. It also adds
// organizations that only reports name: a collector that reads the account as a
// whole may report about organizations that the source does not list.
type builder struct {
	*engine.Snapshot
	freshness Freshness // of the account as a whole
	byID      map[string]*organizationBuilder
}

// organizationBuilder builds an Organization.
type organizationBuilder struct {
	Organization
	// hasCollectors is set if collectors read this organization separately.
	hasCollectors bool
	// muted is set if policies mute the organization as a whole.
	muted bool
}

func newBuilder(snapshot *engine.Snapshot, kept *accountParts) *builder {
	b := &builder{Snapshot: snapshot, byID: make(map[string]*organizationBuilder, len(snapshot.Organizations))}
	source := b.Vendor.SourceName()
	b.freshness.addFailure(source, b.DiscoveryErr, b.DiscoveryRetrying, b.Listing)
	b.freshness.Notes = notes(source, b.Listing)
	b.freshness.addFetch(b.DiscoverySuccess)
	for i, p := range kept.of(snapshot) {
		o := &b.Organizations[i]
		if o.ID != "" {
			b.addOrganization(o)
		}
		for j := range o.Collectors {
			b.addCollector(o, &o.Collectors[j])
		}
		for k := range p.organizations {
			b.addPart(o, &p.organizations[k])
		}
	}
	if len(b.freshness.Failures) > 0 || b.DiscoveryProblem != "" { // the list shows it, too
		whole := b.organization("")
		whole.Failures, whole.Oldest, whole.Problem = b.freshness.Failures, b.freshness.Oldest, rest.Plain(b.DiscoveryProblem)
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
		o.summarize(b.Now)
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
		o = &organizationBuilder{Organization: Organization{Account: b.Name, Vendor: b.Vendor.Name, ID: id, APIEnabled: true}}
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

// addCollector adds the freshness of a collector to the organization that it was fetched for.
func (b *builder) addCollector(state *engine.Organization, c *engine.CollectorState) {
	freshness := &b.freshness
	if state.ID != "" {
		freshness = &b.organization(state.ID).Freshness
	}
	freshness.add(c)
	freshness.Notes = append(freshness.Notes, notes(c.Name, c.Report)...)
}

// addPart adds what the reports for an organization say about it or another one.
func (b *builder) addPart(state *engine.Organization, p *organizationPart) {
	if p.id == "" && len(p.collectors) == 0 && len(p.licenses) == 0 {
		return // only names of products
	}
	o := b.organization(p.id)
	if p.id == "" {
		o.Name = rest.Plain(state.Name)
	}
	if p.id != state.ID || p.id == "" {
		for i := range state.Collectors {
			if c := &state.Collectors[i]; slices.Contains(p.collectors, c.Name) {
				o.add(c)
			}
		}
	}
	if o.Licenses == nil {
		o.Licenses, o.Seats = p.licenses, p.seats
	} else {
		o.Licenses = slices.Concat(o.Licenses, p.licenses)
		o.Seats = totalSeats(o.Licenses)
	}
	if p.owner != "" {
		o.Owner = p.owner
	}
	o.muted = o.muted || p.muted
	if p.verdict != nil && (o.Compliant == nil || !*p.verdict) {
		o.Compliant = p.verdict
	}
}

// summarize sums up the licenses.
func (o *organizationBuilder) summarize(now time.Time) {
	if o.muted {
		o.Muted++
	} else if severity := o.Unreadable(); severity != 0 {
		o.Worst = Problem{Kind: Unreadable, Severity: severity}
		o.Kinds = KindsOf([]Problem{o.Worst})
	}
	for i := range o.Licenses {
		l := &o.Licenses[i]
		o.Kinds |= l.Kinds
		if l.Muted && l.LicenseKey != (licensing.LicenseKey{}) {
			o.Muted++
		}
		if worst := l.Worst(); worst.Severity != 0 && (o.Worst.Severity == 0 || worst.Compare(o.Worst) < 0) {
			o.Worst = worst
		}
		if l.Compliant != nil && !*l.Compliant && !l.Muted {
			o.Violations++
		}
		if !l.End.IsZero() && (o.NextLicense == nil || endsBefore(l, o.NextLicense, now)) {
			o.NextEnd, o.NextLicense = l.End, l
		}
	}
}

// Unreadable returns the severity of what keeps the facts of an organization from being
// read. It is 0 if nothing does.
func (o *Organization) Unreadable() Severity {
	severity := Severity(0)
	for i := range o.Failures {
		if o.Failures[i].Objects == "" {
			return Warning
		}
		severity = Info // most objects could be read
	}
	if o.Problem != "" || !o.APIEnabled {
		return Warning
	}
	return severity
}

// endsBefore reports whether the end of a is shown for an organization rather than that of b:
// what ends from now on comes before what has ended, and what is not muted before what is.
func endsBefore(a, b *License, now time.Time) bool {
	switch aEnded, bEnded := !a.End.After(now), !b.End.After(now); {
	case aEnded != bEnded:
		return bEnded
	case a.Muted != b.Muted:
		return b.Muted
	case a.End.Equal(b.End):
		return a.Product < b.Product || a.Product == b.Product && a.LicenseID < b.LicenseID
	default:
		return a.End.Before(b.End) != aEnded
	}
}

// totalSeats returns the sums of the seats of all products, by unit. If there is a total for a
// product, it leaves out the seats of the product's licenses.
//
// A sum is nil if a product has seats, but not that number. Products with only
// required seats are ignored for this, because required seats can have other
// product names than bought ones.
func totalSeats(licenses []License) []Seats {
	type key struct{ product, unit string }
	var totals map[key]bool // of products, if there are seats of single licenses
	if slices.ContainsFunc(licenses, func(l License) bool { return l.LicenseID != "" && len(l.Seats) > 0 }) {
		totals = map[key]bool{}
		for i := range licenses {
			if l := &licenses[i]; l.LicenseID == "" {
				for _, s := range l.Seats {
					totals[key{l.Product, s.Unit}] = true
				}
			}
		}
	}
	var all []sumOfSeats
	for i := range licenses {
		l := &licenses[i]
		for _, s := range l.Seats {
			if l.LicenseID != "" && totals[key{l.Product, s.Unit}] {
				continue
			}
			at, found := slices.BinarySearchFunc(all, s.Unit, func(t sumOfSeats, unit string) int { return strings.Compare(t.Unit, unit) })
			if !found {
				all = slices.Insert(all, at, sumOfSeats{Seats: Seats{Unit: s.Unit, UnitName: s.UnitName}})
			}
			all[at].add(s)
		}
	}
	var sums []Seats
	for i := range all {
		sums = append(sums, all[i].sum())
	}
	return sums
}

// sumOfSeats is a sum with the numbers that some product lacks.
type sumOfSeats struct {
	Seats
	noLimit, noAssigned, noAvailable bool
}

func (t *sumOfSeats) add(s Seats) {
	t.Seats.Seats = t.Plus(s.Seats)
	if s.Limit != nil || s.Assigned != nil || s.Available != nil {
		t.noLimit = t.noLimit || s.Limit == nil
		t.noAssigned = t.noAssigned || s.Assigned == nil
		t.noAvailable = t.noAvailable || s.Available == nil
	}
}

func (t *sumOfSeats) sum() Seats {
	s := t.Seats
	s.Kind = "" // the products can differ
	if t.noLimit {
		s.Limit = nil
	}
	if t.noAssigned {
		s.Assigned = nil
	}
	if t.noAvailable {
		s.Available = nil
	}
	return s
}
