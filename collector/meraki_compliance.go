package collector

import (
	"context"

	"license_exporter/client/meraki"
	"license_exporter/licensing"
)

// merakiCompliance reads what subscription organizations miss.
type merakiCompliance struct{ client MerakiClient }

func (merakiCompliance) Applies(o licensing.Organization) bool {
	return merakiSubscription{}.Applies(o)
}

func (c merakiCompliance) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	r.Organization(o.ID)
	seen := map[string]bool{}
	for s, err := range c.client.ComplianceStatuses(ctx, o.ID) {
		if err != nil {
			return merakiError(err)
		}
		if seen[s.Subscription.ID] {
			continue
		}
		seen[s.Subscription.ID] = true
		// The answer does not say whether the subscription is shared.
		compliance(s, o.ID, r.Shared(s.Subscription.ID))
	}
	return nil
}

func compliance(s meraki.ComplianceStatus, organization string, r *Report) {
	id := s.Subscription.ID
	f := r.Organization(organization)
	f.Verdict(licensing.LicenseKey{LicenseID: id}, len(s.Violations.ByProductClass) == 0)
	if status := s.Subscription.Status; status != "" {
		known(r, fieldStatus, status, subscriptionStatuses...)
		f.StateSet(metricMerakiComplianceStatus, status, subscriptionStatuses, id)
	}
	for _, v := range s.Violations.ByProductClass {
		readable(r, fieldGracePeriodEndsAt, v.GracePeriodEndsAt)
		f.GraceEnd(licensing.LicenseKey{Product: v.ProductClass, LicenseID: id}, v.GracePeriodEndsAt.Time)
		for _, e := range v.Missing.Entitlements {
			f.MissingSeats(licensing.MissingKey{Product: v.ProductClass, SKU: e.SKU, LicenseID: id}, float64(e.Quantity))
		}
	}
}
