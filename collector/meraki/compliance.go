package meraki

import (
	"context"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// complianceCollector reads the violations of subscription organizations.
type complianceCollector struct{ client client }

func (complianceCollector) Applies(o licensing.Organization) bool {
	return subscriptionCollector{}.Applies(o)
}

func (c complianceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	r.Organization(o.ID)
	seen := map[string]bool{}
	for s, err := range c.client.ComplianceStatuses(ctx, o.ID) {
		if err != nil {
			return err
		}
		if seen[s.Subscription.ID] {
			continue
		}
		seen[s.Subscription.ID] = true
		// The response does not report whether organizations share the
		// subscription.
		addCompliance(s, o.ID, r.Shared(s.Subscription.ID))
	}
	return nil
}

// addCompliance reports a subscription's verdict and what it lacks.
func addCompliance(s api.ComplianceStatus, organization string, r *collector.Report) {
	id := s.Subscription.ID
	f := r.Organization(organization)
	f.Verdict(licensing.LicenseKey{LicenseID: id}, len(s.Violations.ByProductClass) == 0)
	if status := s.Subscription.Status; status != "" {
		r.CheckKnown(fieldStatus, status, subscriptionStatuses...)
		f.StateSet(metricComplianceStatus, status, subscriptionStatuses, id)
	}
	for _, v := range s.Violations.ByProductClass {
		r.ParseErrorIf(fieldGracePeriodEndsAt, v.GracePeriodEndsAt.Unreadable)
		f.GraceEnd(licensing.LicenseKey{Product: v.ProductClass, LicenseID: id}, v.GracePeriodEndsAt.Time)
		for _, e := range v.Missing.Entitlements {
			f.MissingSeats(licensing.MissingKey{Product: v.ProductClass, SKU: e.SKU, Unit: unitDevice, LicenseID: id}, float64(e.Quantity))
		}
	}
}
