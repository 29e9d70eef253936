package meraki

import (
	"context"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The statuses of a subscription, in the vendor's spelling.
const (
	subscriptionActive          = "active" // after its end, too, while the grace period runs
	subscriptionCanceled        = "canceled"
	subscriptionExpired         = "expired"
	subscriptionInactive        = "inactive" // claimed, but not started yet
	subscriptionOutOfCompliance = "out_of_compliance"
)

// subscriptionPhases maps statuses to what they mean for the customer.
var subscriptionPhases = map[string]licensing.Phase{
	subscriptionActive:          licensing.InForce,
	subscriptionCanceled:        licensing.Dormant,
	subscriptionExpired:         licensing.Ended,
	subscriptionInactive:        licensing.Dormant,
	subscriptionOutOfCompliance: licensing.InForce,
}

var (
	subscriptionStatuses = []string{
		subscriptionActive, subscriptionCanceled, subscriptionExpired, subscriptionInactive, subscriptionOutOfCompliance,
	}
	// subscriptionStates are shown even if no subscription has them.
	subscriptionStates = []string{subscriptionActive, subscriptionExpired}
)

// enterpriseAgreement is the type of subscriptions of which more may be used than was
// bought, until the next settlement.
const enterpriseAgreement = "enterpriseAgreement"

var subscriptionTypes = []string{"termed", enterpriseAgreement}

// subscriptionCollector reads the subscriptions of subscription organizations.
type subscriptionCollector struct{ *account }

func (subscriptionCollector) Applies(o licensing.Organization) bool {
	return o.ID != "" && o.Model == api.ModelSubscription
}

func (c subscriptionCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	r.Fold(o.ID, states(subscriptionStates)...)
	terms := termsByProduct{}
	r.Empty = true
	for s, err := range c.client.Subscriptions(ctx, o.ID) {
		if err != nil {
			return err
		}
		r.Empty = false
		target := r
		if s.Counts.Organizations.Value > 1 {
			target = r.Shared(string(s.SubscriptionID))
		}
		addSubscription(s, o.ID, target, terms)
	}
	terms.fold()
	return nil
}

// addSubscription reports a subscription and adds its terms.
func addSubscription(s api.Subscription, organization string, r *collector.Report, terms termsByProduct) {
	l := subscriptionLicense(s, r)
	f := r.Organization(organization)
	f.License(l)
	f.Status(l.ID, licensing.Status{Current: l.State.Name, Known: subscriptionStates})
	if l.State.Name == subscriptionOutOfCompliance {
		f.Verdict(licensing.LicenseKey{LicenseID: l.ID}, false)
	}
	kind := known(r, fieldType, s.Type, subscriptionTypes)
	products := seatsByProduct(s, kind)
	assigned := assignedByProduct(s, products)
	for product, seats := range products {
		if l.Phase == licensing.InForce {
			f.SeatsOf(licensing.SeatsKey{Product: product, Unit: unitDevice, LicenseID: l.ID}, seats)
		}
		l.InUse = assigned[product]
		terms.add(product, term{
			License: l, seats: seats, unclaimed: s.Claimed.Valid && !s.Claimed.Value,
			fold: r.Fold(organization, states(subscriptionStates)...),
		})
	}
	addSamples(s, kind, f)
	addTotals(s, products, l.Phase, f)
}

func subscriptionLicense(s api.Subscription, r *collector.Report) licensing.License {
	status := known(r, fieldStatus, s.Status, subscriptionStatuses)
	phase := subscriptionPhases[status]
	if phase == licensing.InForce && s.StartDate.After(r.Now.Add(licensing.Day)) { // a day, since zones differ
		phase = licensing.Dormant
	}
	return licensing.License{
		ID:    string(s.SubscriptionID),
		Name:  string(s.Name),
		State: licensing.State{Name: status},
		Phase: phase,
		Start: s.StartDate.Time,
		End:   s.EndDate.Time,
		// Every subscription ends. One that is not in force may have no end yet.
		EndUnknown: s.EndDate.Unreadable || s.EndDate.IsZero() && phase != licensing.Dormant,
		OrderID:    string(s.WebOrderID),
	}
}

// seatsByProduct returns the seats of a subscription of a type. A subscription that names
// no product has one that is unknown.
func seatsByProduct(s api.Subscription, kind string) map[string]licensing.Seats {
	products := make(map[string]licensing.Seats, len(s.Entitlements))
	for _, e := range s.Entitlements {
		if seats := newSeats(e.Seats); e.SKU != "" || seats != (licensing.Seats{}) {
			if kind == enterpriseAgreement {
				seats.Kind = licensing.OveruseAllowed
			}
			product := productOf(e.SKU)
			products[product] = products[product].Plus(seats)
		}
	}
	if len(products) == 0 {
		products[unknown] = licensing.Seats{}
	}
	return products
}

// assignedByProduct returns how many seats of each product of a subscription are assigned. It
// leaves out those of which that is not known. The vendor's total counts for a subscription
// that has a single product, and for all of them if it is 0.
func assignedByProduct(s api.Subscription, products map[string]licensing.Seats) map[string]*float64 {
	doubtful := map[string]bool{}
	for _, e := range s.Entitlements {
		if !e.Seats.Assigned.Valid {
			doubtful[productOf(e.SKU)] = true
		}
	}
	total := s.Counts.Seats.Assigned
	assigned := map[string]*float64{}
	for product, seats := range products {
		n := seats.Assigned
		switch {
		case n != nil && (*n > 0 || !doubtful[product]):
			assigned[product] = n
		case total.Valid && (len(products) == 1 || total.Value == 0):
			assigned[product] = total.Pointer()
		case s.Counts.Networks.Valid && s.Counts.Networks.Value == 0: // devices use it by their networks
			assigned[product] = licensing.Seat(0)
		}
	}
	return assigned
}

func addSamples(s api.Subscription, kind string, f *collector.OrganizationReport) {
	id := string(s.SubscriptionID)
	f.Sample(metricSubscriptionInfo, 1, id, kind, string(s.SmartAccount.Status))
	for _, suite := range s.EnterpriseAgreement.Suites {
		f.Sample(metricSubscriptionSuite, 1, id, string(suite))
	}
	for _, productType := range s.ProductTypes {
		f.Sample(metricSubscriptionProductType, 1, id, string(productType))
	}
	f.Time(metricSubscriptionStart, s.StartDate.Time, id)
	f.Number(metricSubscriptionNetworks, s.Counts.Networks, id)
	if s.Counts.Organizations.Value != 1 {
		f.Number(metricSubscriptionOrganizations, s.Counts.Organizations, id)
	}
	if s.RenewalRequested.Value {
		f.Sample(metricSubscriptionRenewal, 1, id)
	}
}

// addTotals reports the vendor's totals of a subscription's seats where they differ from the sums
// over the products that are shown.
func addTotals(s api.Subscription, products map[string]licensing.Seats, phase licensing.Phase, f *collector.OrganizationReport) {
	var shown licensing.Seats
	if phase == licensing.InForce {
		for _, seats := range products {
			shown = shown.Plus(seats)
		}
	}
	for m, n := range map[*collector.Metric]struct {
		total api.Int
		shown *float64
	}{
		metricSubscriptionLimit:     {s.Counts.Seats.Limit, shown.Limit},
		metricSubscriptionAssigned:  {s.Counts.Seats.Assigned, shown.Assigned},
		metricSubscriptionAvailable: {s.Counts.Seats.Available, shown.Available},
	} {
		if n.shown == nil || *n.shown != float64(n.total.Value) {
			f.Number(m, n.total, string(s.SubscriptionID))
		}
	}
}

// newSeats returns the vendor's numbers of seats. It computes the free ones if the vendor
// leaves them out.
func newSeats(c api.SeatCounts) licensing.Seats {
	return licensing.Seats{Limit: c.Limit.Pointer(), Assigned: c.Assigned.Pointer(), Available: c.Available.Pointer()}.WithAvailable()
}

func states(names []string) []licensing.State {
	all := make([]licensing.State, 0, len(names))
	for _, name := range names {
		all = append(all, licensing.State{Name: name})
	}
	return all
}
