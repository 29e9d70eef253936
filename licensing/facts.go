package licensing

import "time"

// SeatsKey identifies seats. LicenseID is empty for the total of a product.
type SeatsKey struct{ Product, Unit, LicenseID string }

// LicenseKey identifies a license or subscription within an organization.
// Product is empty if a subscription covers several products, LicenseID if the
// key is for a product, and both if it is for the organization.
type LicenseKey struct{ Product, LicenseID string }

// MissingKey identifies seats that an organization lacks to be compliant.
type MissingKey struct{ Product, SKU, Unit, LicenseID string }

// CostKey identifies an amount of money.
type CostKey struct{ Product, Component, Currency string }

// The components of costs.
const (
	CostPurchase    = "purchase"
	CostMaintenance = "maintenance"
	CostSupport     = "support"
)

// Status is the status of a license or organization.
type Status struct {
	Current string
	// Known lists the statuses that are shown even if they are not the current one.
	Known []string
}

// Facts holds what is known about one organization. Its methods record facts. A
// fact that is recorded again replaces the earlier one, except where a method
// says otherwise. The zero value is empty and ready to use.
type Facts struct {
	Fold     *Fold
	Products map[string]Product
	// Units holds names of units whose ids say nothing to people.
	Units    map[string]string
	NextEnds map[string]time.Time
	// Dependents holds how much depends on the cover of a product.
	Dependents map[string]float64
	// Assigned holds the uses of licenses that are in the Fold of another collector.
	Assigned  map[string]*Uses
	Seats     map[SeatsKey]Seats
	Compliant map[LicenseKey]bool
	Statuses  map[string]Status
	Missing   map[MissingKey]float64
	GraceEnds map[LicenseKey]time.Time
	// RenewalDeadlines holds the last moment to renew or cancel, where the vendor
	// gives one.
	RenewalDeadlines map[LicenseKey]time.Time
	// Warnings holds the vendor's settings for the ends of licenses, by license.
	Warnings map[string]Warning
	Costs    map[CostKey]float64
	Licenses map[LicenseKey]License
}

// Product records a product and its name.
func (f *Facts) Product(p Product) { set(&f.Products, p.ID, p) }

// Unit records the name of a unit whose id says nothing to people.
func (f *Facts) Unit(id, name string) { set(&f.Units, id, name) }

// NextEnd records when the cover of a product ends, for vendors that report it
// separately from the licenses. The empty product stands for the whole
// organization. A zero end is ignored.
func (f *Facts) NextEnd(product string, end time.Time) {
	if !end.IsZero() {
		set(&f.NextEnds, product, end)
	}
}

// Depend records that n things, such as devices, depend on the cover of a product, or would
// if it ended now. It is for vendors that report this separately from the licenses, and only
// for products of which their uses are not known. The empty product stands for the whole
// organization. The largest number of each product is kept.
func (f *Facts) Depend(product string, n float64) {
	set(&f.Dependents, product, max(n, f.Dependents[product]))
}

// Assign records how much uses a license that another collector folds, by License.InUse. It
// counts if nothing better is known.
func (f *Facts) Assign(l License, now time.Time) {
	if f.Assigned[l.Product] == nil {
		set(&f.Assigned, l.Product, &Uses{})
	}
	f.Assigned[l.Product].add(&l, l.Phase, l.CoverEnd(), now)
}

// License records a license that always gets series of its own, such as a
// subscription.
func (f *Facts) License(l License) { set(&f.Licenses, LicenseKey{l.Product, l.ID}, l) }

// SeatsOf records the seats of a product or license. Seats with the same key
// add up.
func (f *Facts) SeatsOf(key SeatsKey, s Seats) {
	set(&f.Seats, key, f.Seats[key].Plus(s))
}

// Verdict records whether the vendor considers the organization, a product or a
// license compliant.
func (f *Facts) Verdict(key LicenseKey, compliant bool) { set(&f.Compliant, key, compliant) }

// Status records the status of a license. The empty id stands for the
// organization.
func (f *Facts) Status(licenseID string, s Status) { set(&f.Statuses, licenseID, s) }

// MissingSeats records that n seats are missing. Numbers with the same key add
// up.
func (f *Facts) MissingSeats(key MissingKey, n float64) { set(&f.Missing, key, f.Missing[key]+n) }

// GraceEnd records when the vendor stops tolerating a violation. The earliest
// end of each key is kept. A zero end is ignored.
func (f *Facts) GraceEnd(key LicenseKey, end time.Time) {
	if !end.IsZero() {
		set(&f.GraceEnds, key, earlier(f.GraceEnds[key], end))
	}
}

// RenewalDeadline records until when a license must be renewed or canceled. A zero
// time is ignored.
func (f *Facts) RenewalDeadline(key LicenseKey, deadline time.Time) {
	if !deadline.IsZero() {
		set(&f.RenewalDeadlines, key, deadline)
	}
}

// Warn records how the vendor's settings want the end of a license to be reported.
func (f *Facts) Warn(licenseID string, w Warning) { set(&f.Warnings, licenseID, w) }

// Cost records an amount of money. Amounts with the same key add up.
func (f *Facts) Cost(key CostKey, amount float64) { set(&f.Costs, key, f.Costs[key]+amount) }

// Merge records all facts of o.
func (f *Facts) Merge(o *Facts) {
	switch {
	case o.Fold == nil:
	case f.Fold == nil:
		f.Fold = NewFold(o.Fold.now)
		f.Fold.Undated = o.Fold.Undated
		fallthrough
	default:
		f.Fold.Merge(o.Fold)
	}
	merge(&f.Products, o.Products)
	merge(&f.Units, o.Units)
	merge(&f.NextEnds, o.NextEnds)
	merge(&f.Compliant, o.Compliant)
	merge(&f.Statuses, o.Statuses)
	merge(&f.RenewalDeadlines, o.RenewalDeadlines)
	merge(&f.Warnings, o.Warnings)
	merge(&f.Licenses, o.Licenses)
	for product, n := range o.Dependents {
		f.Depend(product, n)
	}
	for product, uses := range o.Assigned {
		if f.Assigned[product] == nil {
			set(&f.Assigned, product, &Uses{})
		}
		f.Assigned[product].merge(uses)
	}
	for key, s := range o.Seats {
		f.SeatsOf(key, s)
	}
	for key, n := range o.Missing {
		f.MissingSeats(key, n)
	}
	for key, end := range o.GraceEnds {
		f.GraceEnd(key, end)
	}
	for key, amount := range o.Costs {
		f.Cost(key, amount)
	}
}

// Ends yields the next end of cover of each product. A product can come twice:
// as the vendor reports it and as its licenses show it.
func (f *Facts) Ends(yield func(product string, end time.Time) bool) {
	for product, end := range f.NextEnds {
		if !yield(product, end) {
			return
		}
	}
	if f.Fold == nil {
		return
	}
	for _, s := range f.Fold.Summaries() {
		if end := s.NextEnd(); !end.IsZero() && !yield(s.Product, end) {
			return
		}
	}
}

func merge[K comparable, V any](m *map[K]V, o map[K]V) {
	for k, v := range o {
		set(m, k, v)
	}
}

func set[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

func sum(a, b *float64) *float64 {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	return Seat(*a + *b)
}
