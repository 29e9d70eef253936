package status

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// part is what the reports of one of the engine's organizations say. They are about the organization
// itself. Those of the account as a whole are about other organizations, too. A part can be kept
// until its key or what is known of the account as a whole changes, or until a time.
type part struct {
	key   engine.FactsKey
	whole *known // of the account as a whole
	// until is when the judgement changes although the facts do not. It is zero if it never
	// does.
	until         time.Time
	known         // from the reports
	organizations []organizationPart
	days          *time.Location // as in collector.Connection
}

// known is what is known of products and units by id.
type known struct {
	products map[string]productNames
	units    map[string]string // their names
	// objected contains the products that are not compliant in the account as a whole.
	objected map[string]bool
}

// productNames are the names of a product and of its manufacturer. They are empty if there are none.
type productNames struct{ product, manufacturer string }

func (k *known) equal(o *known) bool {
	return maps.Equal(k.products, o.products) && maps.Equal(k.units, o.units) && maps.Equal(k.objected, o.objected)
}

// product returns the names of a product.
func (p *part) product(id string) productNames {
	names := p.products[id]
	if p.whole != nil && (names.product == "" || names.manufacturer == "") {
		whole := p.whole.products[id]
		names = productNames{cmp.Or(names.product, whole.product), cmp.Or(names.manufacturer, whole.manufacturer)}
	}
	return names
}

// unit returns the name of a unit, or the unit itself if it has none.
func (p *part) unit(id string) string {
	name := p.units[id]
	if name == "" && p.whole != nil {
		name = p.whole.units[id]
	}
	return cmp.Or(name, rest.Plain(id))
}

// organizationPart is what is known of the licenses of an organization.
type organizationPart struct {
	id       string
	owner    string // of the organization as a whole, by policy
	muted    bool   // the same
	licenses []License
	summary
	// collectors are those that report more about it than names of products.
	collectors []string

	index    map[licensing.LicenseKey]int
	expected int // about how many licenses the reports are about, together
	warnings map[string]licensing.Warning
	// renewals contains when licenses renew by themselves, if the vendor gives dates.
	renewals map[licensing.LicenseKey]time.Time
}

// fits reports whether the part is still valid.
func (p *part) fits(key engine.FactsKey, whole *known, now time.Time) bool {
	return p.whole == whole && p.key == key && (p.until.IsZero() || now.Before(p.until))
}

// newPart returns the part of an organization.
func newPart(s *engine.Snapshot, o *engine.Organization, key engine.FactsKey, whole *known) *part {
	b := partBuilder{part: &part{key: key, whole: whole, days: s.Days, known: known{products: map[string]productNames{}, units: map[string]string{}}}, byID: map[string]*organizationPart{}, ended: licensing.NewEndedUses(s.Now)}
	var reports []iter.Seq2[string, *collector.OrganizationReport]
	for i := range o.Collectors {
		c := &o.Collectors[i]
		if c.Report == nil || c.NotApplicable {
			continue
		}
		all := s.OrganizationReports(o, c)
		reports = append(reports, all)
		for id, f := range all {
			about := b.organization(id)
			about.expected += expected(f)
			if hasFacts(f) || id != "" {
				about.collectors = append(about.collectors, c.Name)
			}
		}
	}
	for _, all := range reports {
		for id, f := range all {
			b.addFacts(id, f)
		}
	}
	for g := range s.Governed(o) {
		b.addRules(g)
	}
	return b.build(s.Now)
}

// partBuilder builds a part.
type partBuilder struct {
	*part
	byID  map[string]*organizationPart
	ended *licensing.EndedUses
}

func (b *partBuilder) organization(id string) *organizationPart {
	o := b.byID[id]
	if o == nil {
		o = &organizationPart{id: id, index: map[licensing.LicenseKey]int{}}
		b.byID[id] = o
	}
	return o
}

// license returns the license with a key. It is valid until the next call.
func (o *organizationPart) license(key licensing.LicenseKey) *License {
	i, found := o.index[key]
	if !found {
		if o.licenses == nil {
			o.licenses = make([]License, 0, o.expected)
		}
		i = len(o.licenses)
		o.index[key] = i
		o.licenses = append(o.licenses, License{LicenseKey: key})
	}
	return &o.licenses[i]
}

// product is like reported, for the license that represents a product.
func (o *organizationPart) product(id string) *License {
	return o.reported(licensing.LicenseKey{Product: id})
}

// reported returns the license with a key, and marks it as one that there is a fact about.
func (o *organizationPart) reported(key licensing.LicenseKey) *License {
	l := o.license(key)
	l.reported = true
	return l
}

// setEnd sets the end, unless another collector has given one.
func (l *License) setEnd(end time.Time) {
	if l.End.IsZero() {
		l.End = end
	}
}

func (b *partBuilder) addFacts(id string, f *collector.OrganizationReport) {
	for _, p := range f.Products {
		b.products[p.ID] = productNames{rest.Plain(p.Name), rest.Plain(p.Manufacturer)}
	}
	for unit, name := range f.Units {
		b.units[unit] = rest.Plain(name)
	}
	b.ended.Add(id, &f.Facts)
	o := b.organization(id)
	o.addLicenses(f)
	o.addVerdicts(f)
	for key, seats := range f.Seats.All {
		o.reported(licensing.LicenseKey{Product: key.Product, LicenseID: key.LicenseID}).addSeats(key.Unit, seats)
	}
	for key, deadline := range f.RenewalDeadlines.All {
		o.license(key).Deadline = deadline
	}
	if f.Renewals.Len() > 0 {
		if o.renewals == nil {
			o.renewals = map[licensing.LicenseKey]time.Time{}
		}
		maps.Insert(o.renewals, f.Renewals.All)
	}
	for key, amount := range f.Costs.All {
		l := o.product(key.Product)
		l.Costs = append(l.Costs, Cost{key.Component, key.Currency, amount})
	}
	if f.Warnings.Len() > 0 {
		if o.warnings == nil {
			o.warnings = map[string]licensing.Warning{}
		}
		maps.Insert(o.warnings, f.Warnings.All)
	}
}

// expected returns about how many licenses a part of a report has.
func expected(f *collector.OrganizationReport) int {
	products := max(f.NextEnds.Len(), f.Seats.Len(), f.Compliant.Len())
	if f.Fold != nil {
		products = max(products, f.Fold.Len())
	}
	return products + f.Licenses.Len() + f.Individual.Len()
}

func (o *organizationPart) addLicenses(f *collector.OrganizationReport) {
	if f.Fold != nil {
		for _, s := range f.Fold.Summaries() {
			count := s.Count()
			if count == 0 && s.Product == "" { // no licenses at all
				continue
			}
			l := o.product(s.Product)
			l.Count += count
			l.setEnd(s.NextEnd())
		}
	}
	for product, end := range f.NextEnds.All {
		o.product(product).setEnd(end)
	}
	for _, licenses := range []licensing.Table[licensing.LicenseKey, licensing.License]{f.Licenses, f.Individual} {
		for key, license := range licenses.All {
			l := o.reported(key)
			l.Name, l.State = cmp.Or(l.Name, rest.Plain(license.Name)), cmp.Or(l.State, rest.Plain(license.State.Name))
			l.setEnd(license.CoverEnd())
		}
	}
	for license, status := range f.Statuses.All {
		if license != "" {
			l := o.license(licensing.LicenseKey{LicenseID: license})
			l.State = cmp.Or(l.State, rest.Plain(status.Current))
		}
	}
}

// addVerdicts keeps the worse of the verdicts that several collectors report.
func (o *organizationPart) addVerdicts(f *collector.OrganizationReport) {
	for key, compliant := range f.Compliant.All {
		l := o.reported(key)
		if l.Compliant == nil || !compliant {
			l.Compliant = &compliant
		}
	}
	for key, n := range f.Missing.All {
		l := o.reported(licensing.LicenseKey{Product: key.Product, LicenseID: key.LicenseID})
		l.Missing = append(l.Missing, Missing{SKU: rest.Plain(key.SKU), Unit: key.Unit, Seats: n})
	}
	for key, end := range f.GraceEnds.All {
		l := o.reported(key)
		l.GraceEnd = licensing.Earlier(l.GraceEnd, end)
	}
}

func (l *License) addSeats(unit string, seats licensing.Seats) {
	i, found := slices.BinarySearchFunc(l.Seats, unit, func(s Seats, unit string) int { return strings.Compare(s.Unit, unit) })
	if !found {
		l.Seats = slices.Insert(l.Seats, i, Seats{Unit: unit})
	}
	l.Seats[i].Seats = l.Seats[i].Plus(seats)
}

// addRules adds what policies say.
func (b *partBuilder) addRules(g *engine.Governed) {
	o := b.organization(g.Organization)
	if g.LicenseKey == (licensing.LicenseKey{}) {
		o.owner, o.muted = g.Owner, g.IsMuted()
	}
	l := o.license(g.LicenseKey)
	l.Owner, l.Renewal, l.Muted = g.Owner, g.Renewal, g.IsMuted()
	if g.Notice != nil {
		l.notice = new(time.Duration(*g.Notice))
	}
	if g.MinimumAvailableSeats != nil {
		l.Minimum = new(float64(*g.MinimumAvailableSeats))
	}
	if g.EndByPolicy {
		l.End, l.EndByPolicy, l.reported = g.End, true, true
		if g.LicenseID == "" {
			b.ended.AddEnd(g.Organization, g.Product, g.End)
		}
	}
}

// build judges the licenses.
func (b *partBuilder) build(now time.Time) *part {
	for key, n := range b.ended.All {
		b.organization(key.Organization).license(licensing.LicenseKey{Product: key.Product}).InUse = &n
	}
	b.until = b.ended.Next()
	if whole := b.byID[""]; whole != nil {
		b.objected = whole.objections()
	}
	objected := b.objected
	if b.whole != nil {
		objected = b.whole.objected
	}
	b.part.organizations = make([]organizationPart, 0, len(b.byID))
	for id, o := range b.byID {
		j := judge{now: now, until: b.until, licenses: o.licenses, index: o.index, warnings: o.warnings, renewals: o.renewals}
		if id != "" {
			j.objected = objected
		}
		j.all()
		b.until = j.until
		o.licenses = slices.Clone(slices.DeleteFunc(o.licenses, func(l License) bool { return !l.reported })) // without room for more
		for i := range o.licenses {
			b.name(&o.licenses[i])
			o.licenses[i].sort()
		}
		o.summary = summarize(o.licenses, now)
		o.index, o.warnings, o.renewals = nil, nil, nil
		b.part.organizations = append(b.part.organizations, *o)
	}
	return b.part
}

// name sets the names of the product and the units, and the time zone of days.
func (b *partBuilder) name(l *License) {
	l.Days = b.days
	if l.Product != "" {
		names := b.product(l.Product)
		l.ProductName, l.Manufacturer = names.product, names.manufacturer
	}
	for i := range l.Seats {
		l.Seats[i].UnitName = b.unit(l.Seats[i].Unit)
	}
	for i := range l.Missing {
		l.Missing[i].UnitName = b.unit(l.Missing[i].Unit)
	}
	for i := range l.Problems {
		l.Problems[i].UnitName = b.unit(l.Problems[i].Unit)
	}
}

// sort sorts what comes from maps, so that the same facts are always shown in the same order.
func (l *License) sort() {
	slices.SortFunc(l.Missing, func(a, b Missing) int { return cmp.Or(strings.Compare(a.SKU, b.SKU), strings.Compare(a.Unit, b.Unit)) })
	slices.SortFunc(l.Costs, func(a, b Cost) int {
		return cmp.Or(strings.Compare(a.Currency, b.Currency), strings.Compare(a.Component, b.Component))
	})
}

// objections returns the products that the vendor says are not compliant.
func (o *organizationPart) objections() map[string]bool {
	objected := map[string]bool{}
	for i := range o.licenses {
		if l := &o.licenses[i]; l.Product != "" && l.Compliant != nil && !*l.Compliant {
			objected[l.Product] = true
		}
	}
	return objected
}

// hasFacts reports whether a part of a report has anything to show besides
// products' names.
func hasFacts(f *collector.OrganizationReport) bool {
	return f.Fold != nil || f.NextEnds.Len()+f.Seats.Len()+f.Compliant.Len()+f.Missing.Len()+f.GraceEnds.Len() > 0
}
