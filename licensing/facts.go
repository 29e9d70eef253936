package licensing

import "time"

// SeatsKey tells what seats are of. LicenseID is empty for a product's total.
type SeatsKey struct{ Product, Unit, LicenseID string }

// LicenseKey names one license or subscription within an organization. Product
// is empty for a subscription as a whole, LicenseID for a product as a whole.
type LicenseKey struct{ Product, LicenseID string }

// MissingKey tells what is missing for an organization to be compliant.
type MissingKey struct{ Product, SKU, LicenseID string }

// CostKey tells what money is for.
type CostKey struct{ Product, Component, Currency string }

// The components of costs.
const (
	CostPurchase    = "purchase"
	CostMaintenance = "maintenance"
	CostSupport     = "support"
)

// Status is the current status of something, among those that it is known to
// be able to have.
type Status struct {
	Current string
	Known   []string
}

// Facts are what is known of one organization. Each fact stands once: to state
// it again replaces it, except where the methods say that it adds up. The zero
// value is ready for use.
type Facts struct {
	Fold       *Fold
	Products   map[string]Product
	NextEnds   map[string]time.Time
	Seats      map[SeatsKey]Seats
	Compliant  map[LicenseKey]bool
	Statuses   map[string]Status
	Missing    map[MissingKey]float64
	GraceEnds  map[LicenseKey]time.Time
	Costs      map[CostKey]float64
	Individual map[LicenseKey]License
}

// Product names a product.
func (f *Facts) Product(p Product) { set(&f.Products, p.ID, p) }

// NextEnd states when the cover of a product ends, where the vendor says so by
// itself rather than on the licenses. The empty product is the organization.
// A zero end states nothing.
func (f *Facts) NextEnd(product string, end time.Time) {
	if !end.IsZero() {
		set(&f.NextEnds, product, end)
	}
}

// Single states a license that counts by itself, such as a subscription.
func (f *Facts) Single(l License) { set(&f.Individual, LicenseKey{l.Product, l.ID}, l) }

// SeatsOf states the seats of a product or license. Seats stated before for the
// same key are added up.
func (f *Facts) SeatsOf(key SeatsKey, s Seats) {
	set(&f.Seats, key, f.Seats[key].Plus(s))
}

// Verdict states whether the vendor holds the organization, a product or a
// license to be compliant.
func (f *Facts) Verdict(key LicenseKey, compliant bool) { set(&f.Compliant, key, compliant) }

// Status states the current status of a license; the empty id stands for the
// organization.
func (f *Facts) Status(licenseID string, s Status) { set(&f.Statuses, licenseID, s) }

// MissingSeats states that seats are missing. Repeated statements add up.
func (f *Facts) MissingSeats(key MissingKey, n float64) { set(&f.Missing, key, f.Missing[key]+n) }

// GraceEnd states when the vendor stops tolerating a violation. Of several for
// the same key, the earliest counts. A zero end states nothing.
func (f *Facts) GraceEnd(key LicenseKey, end time.Time) {
	if !end.IsZero() {
		set(&f.GraceEnds, key, earlier(f.GraceEnds[key], end))
	}
}

// Cost states an amount of money. Repeated statements add up.
func (f *Facts) Cost(key CostKey, amount float64) { set(&f.Costs, key, f.Costs[key]+amount) }

// Merge adds the facts of o, as if they had been stated here too.
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
	merge(&f.NextEnds, o.NextEnds)
	merge(&f.Compliant, o.Compliant)
	merge(&f.Statuses, o.Statuses)
	merge(&f.Individual, o.Individual)
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

// Ends yields the next ends of cover by product, as the vendor states them and as
// the licenses have them.
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
