package microsoft365

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	api "license_exporter/client/microsoft365"
	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The fields whose values are known words.
const (
	fieldStatus     = "status"
	fieldCapability = "capabilityStatus"
	fieldAppliesTo  = "appliesTo"
)

const (
	unitUser     = "user"
	manufacturer = "Microsoft"
)

// phases maps statuses to what they mean for the customer. A subscription that is suspended has no seats in use, so that
// nothing depends on it any more.
var phases = map[string]licensing.Phase{
	api.StatusEnabled:   licensing.InForce,
	api.StatusWarning:   licensing.Ended,
	api.StatusSuspended: licensing.Dormant,
	api.StatusLockedOut: licensing.Dormant,
	api.StatusDeleted:   licensing.Dormant,
}

// usualStates are shown even if no subscription has them. The vendor's words for active and expired are these.
var usualStates = []licensing.State{{Name: api.StatusEnabled}, {Name: api.StatusWarning}}

// licensesCollector reads the subscriptions and seats of tenants.
type licensesCollector struct {
	tenants []*tenant
	memory  *collector.Memory
}

// Applies implements collector.Collector.
func (licensesCollector) Applies(o licensing.Organization) bool { return o.ID != "" }

// Update implements collector.Collector.
func (c licensesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	i := slices.IndexFunc(c.tenants, func(t *tenant) bool { return t.id() == o.ID })
	if i < 0 {
		return rest.Missing("the tenant is not known; it is read when its domain can be")
	}
	t := c.tenants[i]
	skus, err := collector.ReadAll(t.client.SKUs(ctx))
	if err != nil {
		return err
	}
	subscriptions, err := collector.ReadAll(t.client.Subscriptions(ctx))
	if err != nil {
		return err
	}
	r.Empty = len(skus)+len(subscriptions) == 0
	bySKU := map[string]*stock{}
	for _, sku := range skus {
		addSKU(sku, r.Organization(o.ID), r, bySKU)
	}
	r.Fold(o.ID, usualStates...)
	for _, s := range subscriptions {
		addSubscription(s, r.Organization(o.ID), r, bySKU)
	}
	for _, s := range bySKU {
		s.fold(r.Fold(o.ID), r.Now)
	}
	nameErr := t.readName(ctx, r)
	if errors.Is(nameErr, errAnotherTenant) {
		return nameErr // the facts are those of another tenant
	}
	switch c.memory.Classify("name of "+t.key, nameErr) {
	case collector.Good:
	case collector.Withheld:
		r.Withhold("the name of the tenant", nameErr)
	default:
		r.ChildFailed(collector.ChildFailure{Child: "name of the tenant", Err: nameErr})
	}
	return ctx.Err()
}

// known returns a word in the vendor's spelling: the case does not matter. It reports another word, and returns it unchanged.
func known(r *collector.Report, field string, value scalar.Word, words ...string) string {
	for _, word := range words {
		if strings.EqualFold(word, string(value)) {
			return word
		}
	}
	r.CheckKnown(field, string(value))
	return string(value)
}

// productOf returns the product of a SKU.
func productOf(partNumber scalar.Text, sku scalar.ID) string {
	switch {
	case partNumber != "":
		return string(partNumber)
	case sku != "":
		return string(sku)
	}
	return licensing.UnknownProduct
}

// addSKU reports the seats of a SKU.
func addSKU(sku api.SKU, f *collector.OrganizationReport, r *collector.Report, bySKU map[string]*stock) {
	product := productOf(sku.SKUPartNumber, sku.SKUID)
	status := known(r, fieldCapability, sku.CapabilityStatus, api.Statuses()...)
	forCompany := known(r, fieldAppliesTo, sku.AppliesTo, "User", api.AppliesToCompany) == api.AppliesToCompany
	addProduct(f, product, sku.SKUPartNumber, sku.SKUID)
	units := sku.PrepaidUnits
	for state, n := range map[string]scalar.Count{"enabled": units.Enabled, "warning": units.Warning, "suspended": units.Suspended, "locked_out": units.LockedOut} {
		if n.Valid && (n.Value != 0 || state == "enabled") {
			f.Count(metricPrepaid, float64(n.Value), product, state)
		}
	}
	if forCompany {
		return
	}
	s := stockOf(bySKU, sku.SKUID, product)
	s.used = add(s.used, sku.ConsumedUnits.Pointer(), s.hasSeats)
	s.hasSeats = true
	if phase := phases[status]; phase == licensing.Dormant {
		return
	}
	seats := licensing.Seats{Assigned: sku.ConsumedUnits.Pointer()}
	if units.Enabled.Valid && (units.Warning.Valid || !units.Warning.Unreadable) {
		seats.Limit = licensing.Seat(units.Enabled.Value + units.Warning.Value)
	}
	f.SeatsOf(licensing.SeatsKey{Product: product, Unit: unitUser}, seats)
}

// add returns the sum of two numbers. It is nil if either is not known.
func add(a, b *float64, more bool) *float64 {
	switch {
	case !more:
		return b
	case a == nil || b == nil:
		return nil
	}
	return licensing.Seat(*a + *b)
}

func addProduct(f *collector.OrganizationReport, product string, partNumber scalar.Text, sku scalar.ID) {
	if product != licensing.UnknownProduct && f.Products[product].Name == "" {
		f.Product(licensing.Product{ID: product, Name: api.ProductName(sku, partNumber), Manufacturer: manufacturer})
	}
}

// addSubscription reports a subscription, and adds it to the stock of its SKU.
func addSubscription(s api.Subscription, f *collector.OrganizationReport, r *collector.Report, bySKU map[string]*stock) {
	product := productOf(s.SKUPartNumber, s.SKUID)
	addProduct(f, product, s.SKUPartNumber, s.SKUID)
	status := known(r, fieldStatus, s.Status, api.Statuses()...)
	if status == "" {
		r.Missing(fieldStatus)
	}
	l := licensing.License{
		ID: string(s.ID), Product: product, State: licensing.State{Name: status}, Phase: phases[status], Seats: s.TotalLicenses.Pointer(),
		Name: cmp.Or(api.ProductName(s.SKUID, s.SKUPartNumber), product),
	}
	key, next := licensing.LicenseKey{Product: product, LicenseID: l.ID}, s.NextLifecycleDateTime
	switch status {
	case api.StatusWarning: // the cover has ended, and the vendor no longer says when
		l.EndUnknown = true
		f.GraceEnd(key, next.Time)
	case api.StatusSuspended, api.StatusLockedOut:
		l.EndUnknown = true
		f.Time(metricDeletion, next.Time, product, l.ID)
	case api.StatusDeleted:
		l.EndUnknown = true
	default:
		l.End, l.EndUnknown = next.Time, next.Unreadable
	}
	if s.IsTrial.Value && l.Phase != licensing.Dormant {
		f.Count(metricTrials, 1, product)
	}
	f.License(l)
	f.Status(l.ID, licensing.Status{Current: status, Known: []string{api.StatusEnabled, api.StatusWarning}})
	stockOf(bySKU, s.SKUID, product).add(l, next.Time)
}

// stock is what a tenant has of a SKU.
type stock struct {
	// hasSeats is set if the SKU has seats for people. used is how many are assigned, or nil if that is not known.
	hasSeats bool
	used     *float64
	licenses []term
}

// term is a subscription, and when it moves to the next status.
type term struct {
	licensing.License
	next time.Time
}

// stockOf returns the stock of a SKU. Without an id of the SKU, it is that of the product.
func stockOf(bySKU map[string]*stock, sku scalar.ID, product string) *stock {
	key := cmp.Or(string(sku), "product "+product)
	s := bySKU[key]
	if s == nil {
		s = &stock{}
		bySKU[key] = s
	}
	return s
}

func (s *stock) add(l licensing.License, next time.Time) {
	s.licenses = append(s.licenses, term{l, next})
}
