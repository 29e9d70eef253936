package meraki

import (
	"context"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// subscriptionPhases maps statuses to what they mean for the customer. An active
// subscription is in force even if its end has passed: the vendor then grants a
// grace period.
var subscriptionPhases = map[string]licensing.Phase{
	"active":            licensing.InForce,
	"canceled":          licensing.Dormant,
	"expired":           licensing.Ended,
	"inactive":          licensing.Dormant,
	"out_of_compliance": licensing.InForce,
}

var (
	subscriptionStatuses = []string{"active", "canceled", "expired", "inactive", "out_of_compliance"}
	// subscriptionStates are shown even if no subscription has them.
	subscriptionStates = []string{"active", "expired"}
)

// subscriptionCollector reads the subscriptions of subscription organizations.
type subscriptionCollector struct{ *account }

func (subscriptionCollector) Applies(o licensing.Organization) bool {
	return o.ID != "" && o.Model == api.ModelSubscription
}

func (c subscriptionCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	r.Fold(o.ID, states(subscriptionStates)...)
	for s, err := range c.client.Subscriptions(ctx, o.ID) {
		if err != nil {
			return err
		}
		target := r
		if s.Counts.Organizations.Value > 1 {
			target = r.Shared(string(s.SubscriptionID))
		}
		addSubscription(s, o.ID, target)
	}
	return nil
}

func addSubscription(s api.Subscription, organization string, r *collector.Report) {
	phase, isKnown := subscriptionPhases[string(s.Status)]
	if !isKnown {
		r.ParseError(fieldStatus)
	}
	license := licensing.License{
		ID:         string(s.SubscriptionID),
		Name:       string(s.Name),
		State:      licensing.State{Name: string(s.Status)},
		Phase:      phase,
		Start:      s.StartDate.Time,
		End:        s.EndDate.Time,
		EndUnknown: s.EndDate.Unreadable,
		OrderID:    string(s.WebOrderID),
	}
	f := r.Organization(organization)
	f.License(license)
	f.Status(license.ID, licensing.Status{Current: license.State.Name, Known: subscriptionStates})
	addProducts(s, license, f, r.Fold(organization, states(subscriptionStates)...))
	addSamples(s, f)
}

// addProducts reports the seats of a subscription, and counts it once for each
// of its products.
func addProducts(s api.Subscription, l licensing.License, f *collector.OrganizationReport, fold *licensing.Fold) {
	if len(s.Entitlements) == 0 {
		fold.Add(l)
	}
	counted := map[string]bool{}
	for _, e := range s.Entitlements {
		l.Product = string(e.SKU)
		f.SeatsOf(licensing.SeatsKey{Product: l.Product, Unit: unitDevice, LicenseID: l.ID}, newSeats(e.Seats))
		if !counted[l.Product] {
			counted[l.Product] = true
			fold.Add(l)
		}
	}
}

func addSamples(s api.Subscription, f *collector.OrganizationReport) {
	id := string(s.SubscriptionID)
	f.Time(metricSubscriptionStart, s.StartDate.Time, id)
	f.Number(metricSubscriptionNetworks, s.Counts.Networks, id)
	f.Number(metricSubscriptionOrganizations, s.Counts.Organizations, id)
	f.Number(metricSubscriptionLimit, s.Counts.Seats.Limit, id)
	f.Number(metricSubscriptionAssigned, s.Counts.Seats.Assigned, id)
	f.Number(metricSubscriptionAvailable, s.Counts.Seats.Available, id)
	if s.RenewalRequested.Valid {
		f.Sample(metricSubscriptionRenewal, collector.Bool(s.RenewalRequested.Value), id)
	}
}

func newSeats(c api.SeatCounts) licensing.Seats {
	return licensing.Seats{Limit: seat(c.Limit), Assigned: seat(c.Assigned), Available: seat(c.Available)}
}

func seat(n api.Int) *float64 {
	if !n.Valid {
		return nil
	}
	return licensing.Seat(n.Value)
}

func states(names []string) []licensing.State {
	all := make([]licensing.State, 0, len(names))
	for _, name := range names {
		all = append(all, licensing.State{Name: name})
	}
	return all
}
