package status

import (
	"slices"

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
	waiting   bool      // for collectors of the account as a whole
	byID      map[string]*organizationBuilder
	order     []string // the keys of byID
}

// organizationBuilder builds an Organization.
type organizationBuilder struct {
	Organization
	// hasCollectors is set if collectors read this organization separately.
	hasCollectors bool
	// muted is set if policies mute the organization as a whole.
	muted bool
}

func newBuilder(snapshot *engine.Snapshot, parts []*part) *builder {
	b := &builder{Snapshot: snapshot, byID: make(map[string]*organizationBuilder, len(snapshot.Organizations))}
	source := b.Vendor.SourceName()
	b.freshness.addFailure(source, b.DiscoveryErr, b.DiscoveryRetrying, b.Listing)
	b.freshness.Notes = notes(source, b.Listing)
	b.freshness.addFetch(b.DiscoverySuccess)
	for i, p := range parts {
		o := &b.Organizations[i]
		if o.ID != "" {
			b.addOrganization(o)
		} else {
			b.waiting = slices.ContainsFunc(o.Collectors, func(c engine.CollectorState) bool { return !c.Tried })
		}
		for j := range o.Collectors {
			b.addCollector(o, &o.Collectors[j])
		}
		for k := range p.organizations {
			b.addPart(o, &p.organizations[k])
		}
	}
	if len(b.freshness.Failures) > 0 || b.DiscoveryProblem != "" { // so that the list of organizations shows them, too
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
	if !slices.IsSortedFunc(b.order, licensing.CompareIDs) { // those of the snapshot are
		slices.SortFunc(b.order, licensing.CompareIDs)
	}
	for _, id := range b.order {
		o := b.byID[id]
		if !o.hasCollectors && o.APIEnabled {
			o.Waiting = o.Waiting || b.waiting
			if o.Oldest.IsZero() {
				o.Oldest = b.freshness.Oldest
			}
		}
		o.finish()
		all = append(all, o.Organization)
	}
	return all
}

// organization returns the organization with an id. It adds the organization if
// there is none.
func (b *builder) organization(id string) *organizationBuilder {
	o, ok := b.byID[id]
	if !ok {
		o = &organizationBuilder{Organization: Organization{Account: b.Name, Vendor: b.Vendor.Name, ID: id, APIEnabled: true}}
		b.byID[id] = o
		b.order = append(b.order, id)
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
		o.Licenses = p.licenses
		o.take(&p.summary)
	} else {
		o.Licenses = slices.Concat(o.Licenses, p.licenses)
		o.take(new(summarize(o.Licenses, b.Now)))
	}
	if p.owner != "" {
		o.Owner = p.owner
	}
	o.muted = o.muted || p.muted
}

// take takes the summary of the licenses.
func (o *Organization) take(s *summary) {
	o.Worst, o.Kinds, o.Over, o.Muted, o.Seats = s.worst, s.kinds, s.over, s.muted, s.seats
	o.Compliant, o.Violations = s.verdict, s.violations
	if s.next != nil {
		o.NextEnd, o.NextLicense = s.next.End, s.next
	}
}

// finish adds what policies and failures say about the organization itself.
func (o *organizationBuilder) finish() {
	if o.muted {
		o.Muted++
	} else if severity := o.Unreadable(); severity != 0 {
		p := Problem{Kind: Unreadable, Severity: severity}
		o.Kinds |= KindsOf([]Problem{p})
		if o.Worst.Severity == 0 || p.Compare(o.Worst) < 0 {
			o.Worst = p
		}
	}
}

// Unreadable returns the severity of the problem that facts of an organization cannot be read.
// It is 0 if all can be read.
func (o *Organization) Unreadable() Severity {
	severity := Severity(0)
	for i := range o.Failures {
		if o.Failures[i].Objects == "" {
			return Warning
		}
		severity = Info // only some objects could not be read
	}
	if o.Problem != "" || !o.APIEnabled {
		return Warning
	}
	return severity
}
