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

// Facts contains what is known about one organization. Its methods record facts. A
// fact that is recorded again replaces the earlier one, except where a method
// says otherwise. The zero value is empty and ready to use.
type Facts struct {
	Fold     *Fold
	Products map[string]Product
	// Units contains names of units whose ids say nothing to people.
	Units    map[string]string
	NextEnds Table[string, time.Time]
	// Dependents contains how much depends on the cover of a product.
	Dependents Table[string, float64]
	// Assigned contains the uses of licenses that are in the Fold of another collector.
	Assigned  Table[string, Uses]
	Seats     Table[SeatsKey, Seats]
	Compliant Table[LicenseKey, bool]
	Statuses  Table[string, Status]
	Missing   Table[MissingKey, float64]
	GraceEnds Table[LicenseKey, time.Time]
	// RenewalDeadlines contains the last moment to renew or cancel, where the vendor
	// gives one.
	RenewalDeadlines Table[LicenseKey, time.Time]
	// Renewals contains when a license renews by itself, where the vendor gives a date.
	Renewals Table[LicenseKey, time.Time]
	// Warnings contains the vendor's settings for the ends of licenses, by license.
	Warnings Table[string, Warning]
	Costs    Table[CostKey, float64]
	Licenses Table[LicenseKey, License]
}

// Product records a product and its name.
func (f *Facts) Product(p Product) { set(&f.Products, p.ID, p) }

// Unit records the name of a unit whose id says nothing to people.
func (f *Facts) Unit(id, name string) { set(&f.Units, id, name) }

// NextEnd records when the cover of a product ends, for vendors that report it
// separately from the licenses. The empty product means the whole
// organization. A zero end is ignored.
func (f *Facts) NextEnd(product string, end time.Time) {
	if !end.IsZero() {
		f.NextEnds.Set(product, end)
	}
}

// Depend records that n things, such as devices, depend on the cover of a product, or would
// if it ended now. It is for vendors that report this separately from the licenses, and only
// for products of which their uses are not known. The empty product means the whole
// organization. The largest number of each product is kept.
func (f *Facts) Depend(product string, n float64) {
	most := f.Dependents.At(product)
	*most = max(n, *most)
}

// Assign records how much uses a license that another collector folds, by License.InUse. It
// counts if nothing better is known.
func (f *Facts) Assign(l License, now time.Time) {
	f.Assigned.At(l.Product).add(&l, l.Phase, l.CoverEnd(), now)
}

// License records a license that always gets its own series, such as a
// subscription.
func (f *Facts) License(l License) { f.Licenses.Set(LicenseKey{l.Product, l.ID}, l) }

// SeatsOf records the seats of a product or license. Seats with the same key
// add up. If the vendor does not say how many are available, that follows from the rest.
func (f *Facts) SeatsOf(key SeatsKey, s Seats) {
	sum := f.Seats.At(key)
	*sum = sum.Plus(s.WithAvailable())
}

// Verdict records whether the vendor considers the organization, a product or a
// license compliant.
func (f *Facts) Verdict(key LicenseKey, compliant bool) { f.Compliant.Set(key, compliant) }

// Status records the status of a license. The empty id means the
// organization.
func (f *Facts) Status(licenseID string, s Status) { f.Statuses.Set(licenseID, s) }

// MissingSeats records that n seats are missing. Numbers with the same key add
// up.
func (f *Facts) MissingSeats(key MissingKey, n float64) { *f.Missing.At(key) += n }

// NextRenewal records when a license or product renews by itself. The earliest renewal of each key
// is kept. A zero time is ignored.
func (f *Facts) NextRenewal(key LicenseKey, when time.Time) {
	if !when.IsZero() {
		earliest := f.Renewals.At(key)
		*earliest = Earlier(*earliest, when)
	}
}

// GraceEnd records when the vendor stops tolerating a violation. The earliest
// end of each key is kept. A zero end is ignored.
func (f *Facts) GraceEnd(key LicenseKey, end time.Time) {
	if !end.IsZero() {
		earliest := f.GraceEnds.At(key)
		*earliest = Earlier(*earliest, end)
	}
}

// RenewalDeadline records until when a license must be renewed or canceled. A zero
// time is ignored.
func (f *Facts) RenewalDeadline(key LicenseKey, deadline time.Time) {
	if !deadline.IsZero() {
		f.RenewalDeadlines.Set(key, deadline)
	}
}

// Warn records how the vendor's settings want the end of a license to be reported.
func (f *Facts) Warn(licenseID string, w Warning) { f.Warnings.Set(licenseID, w) }

// Cost records an amount of money. Amounts with the same key add up.
func (f *Facts) Cost(key CostKey, amount float64) { *f.Costs.At(key) += amount }

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
	f.NextEnds.merge(o.NextEnds)
	f.Compliant.merge(o.Compliant)
	f.Statuses.merge(o.Statuses)
	f.RenewalDeadlines.merge(o.RenewalDeadlines)
	f.Warnings.merge(o.Warnings)
	f.Licenses.merge(o.Licenses)
	for product, n := range o.Dependents.All {
		f.Depend(product, n)
	}
	for product, uses := range o.Assigned.All {
		f.Assigned.At(product).merge(&uses)
	}
	for key, s := range o.Seats.All {
		f.SeatsOf(key, s)
	}
	for key, n := range o.Missing.All {
		f.MissingSeats(key, n)
	}
	for key, end := range o.GraceEnds.All {
		f.GraceEnd(key, end)
	}
	for key, when := range o.Renewals.All {
		f.NextRenewal(key, when)
	}
	for key, amount := range o.Costs.All {
		f.Cost(key, amount)
	}
}

// Ends yields the next end of cover of each product. A product can come twice:
// as the vendor reports it and as its licenses show it.
func (f *Facts) Ends(yield func(product string, end time.Time) bool) {
	for product, end := range f.NextEnds.All {
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

// Compact frees the memory that only further facts would need.
func (f *Facts) Compact() {
	if f.Fold != nil {
		f.Fold.compact()
	}
	for _, t := range []interface{ Compact() }{
		f.NextEnds, f.Dependents, f.Assigned, f.Seats, f.Compliant, f.Statuses, f.Missing,
		f.GraceEnds, f.RenewalDeadlines, f.Renewals, f.Warnings, f.Costs, f.Licenses,
	} {
		t.Compact()
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
