package collector

import (
	"context"

	"license_exporter/client/meraki"
	"license_exporter/licensing"
)

// subscriptionPhases tell what the statuses of a subscription mean. One whose
// end has passed is still in force as long as the vendor calls it active: it
// is tolerated.
var subscriptionPhases = map[string]licensing.Phase{
	"active":            licensing.InForce,
	"canceled":          licensing.Dormant,
	"expired":           licensing.Ended,
	"inactive":          licensing.Dormant,
	"out_of_compliance": licensing.InForce,
}

var (
	subscriptionStatuses = []string{"active", "canceled", "expired", "inactive", "out_of_compliance"}
	subscriptionStates   = states(subscriptionStatuses)
)

// merakiSubscription reads the subscriptions of subscription organizations.
type merakiSubscription struct{ client MerakiClient }

func (merakiSubscription) Applies(o licensing.Organization) bool {
	return o.ID != "" && o.Model == meraki.ModelSubscription
}

func (c merakiSubscription) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	r.Fold(o.ID, subscriptionStates...)
	seen := map[string]bool{}
	for s, err := range c.client.Subscriptions(ctx, o.ID) {
		if err != nil {
			return merakiError(err)
		}
		if seen[s.SubscriptionID] {
			continue
		}
		seen[s.SubscriptionID] = true
		target := r
		if n := s.Counts.Organizations; n != nil && *n > 1 {
			target = r.Shared(s.SubscriptionID)
		}
		subscription(s, o.ID, target)
	}
	return nil
}

func subscription(s meraki.Subscription, organization string, r *Report) {
	phase, isKnown := subscriptionPhases[s.Status]
	if !isKnown {
		r.ParseError(fieldStatus)
	}
	readable(r, fieldStartDate, s.StartDate)
	readable(r, fieldEndDate, s.EndDate)
	whole := licensing.License{
		ID:         s.SubscriptionID,
		Name:       s.Name,
		State:      licensing.State{Name: s.Status},
		Phase:      phase,
		Start:      s.StartDate.Time,
		End:        s.EndDate.Time,
		EndUnknown: s.EndDate.Unreadable,
		OrderID:    s.WebOrderID,
	}
	f := r.Organization(organization)
	f.Single(whole)
	f.Status(s.SubscriptionID, licensing.Status{Current: s.Status, Known: subscriptionStatuses})
	subscriptionProducts(s, whole, f, r.Fold(organization, subscriptionStates...))
	subscriptionSamples(s, f)
}

// subscriptionProducts counts a subscription once for each of its products.
func subscriptionProducts(s meraki.Subscription, l licensing.License, f *Facts, fold *licensing.Fold) {
	if len(s.Entitlements) == 0 {
		fold.Add(l)
	}
	counted := map[string]bool{}
	for _, e := range s.Entitlements {
		f.SeatsOf(licensing.SeatsKey{Product: e.SKU, Unit: unitDevice, LicenseID: s.SubscriptionID}, merakiSeats(e.Seats))
		if !counted[e.SKU] {
			counted[e.SKU] = true
			l.Product = e.SKU
			fold.Add(l)
		}
	}
}

func subscriptionSamples(s meraki.Subscription, f *Facts) {
	id := s.SubscriptionID
	f.Time(metricMerakiSubscriptionStart, s.StartDate.Time, id)
	f.Number(metricMerakiSubscriptionNetworks, s.Counts.Networks, id)
	f.Number(metricMerakiSubscriptionOrganizations, s.Counts.Organizations, id)
	f.Number(metricMerakiSubscriptionLimit, s.Counts.Seats.Limit, id)
	f.Number(metricMerakiSubscriptionAssigned, s.Counts.Seats.Assigned, id)
	f.Number(metricMerakiSubscriptionAvailable, s.Counts.Seats.Available, id)
	if s.RenewalRequested != nil {
		f.Sample(metricMerakiSubscriptionRenewal, boolValue(*s.RenewalRequested), id)
	}
}

func merakiSeats(c meraki.SeatCounts) licensing.Seats {
	return licensing.Seats{Limit: seat(c.Limit), Assigned: seat(c.Assigned), Available: seat(c.Available)}
}

func seat(n *int64) *float64 {
	if n == nil {
		return nil
	}
	return licensing.Seat(*n)
}

func states(names []string) []licensing.State {
	all := make([]licensing.State, 0, len(names))
	for _, name := range names {
		all = append(all, licensing.State{Name: name})
	}
	return all
}
