package meraki

import (
	"context"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// complianceCollector reads the violations of subscription organizations.
type complianceCollector struct{ *account }

func (complianceCollector) Applies(o licensing.Organization) bool {
	return subscriptionCollector{}.Applies(o)
}

func (c complianceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	r.Organization(o.ID)
	r.Empty = true
	for s, err := range c.client.ComplianceStatuses(ctx, o.ID) {
		if err != nil {
			return err
		}
		r.Empty = false
		// The response does not report whether organizations share the
		// subscription.
		addCompliance(s, o.ID, r.Shared(string(s.Subscription.ID)))
	}
	return nil
}

// addCompliance reports a subscription's verdict and what it lacks.
func addCompliance(s api.ComplianceStatus, organization string, r *collector.Report) {
	id := string(s.Subscription.ID)
	f := r.Organization(organization)
	status := known(r, fieldStatus, s.Subscription.Status, subscriptionStatuses)
	compliant, ok := verdict(status, s.Violations.ByProductClass)
	if ok {
		f.Verdict(licensing.LicenseKey{LicenseID: id}, compliant)
	}
	if status != "" && (status != subscriptionActive || !ok) { // with a verdict, the status is usually active
		f.Sample(metricComplianceStatus, 1, id, status)
	}
	for _, v := range s.Violations.ByProductClass {
		f.GraceEnd(licensing.LicenseKey{Product: string(v.ProductClass), LicenseID: id}, v.GracePeriodEndsAt.Time)
		for _, e := range v.Missing.Entitlements {
			if e.Quantity.Valid {
				f.MissingSeats(licensing.MissingKey{Product: string(v.ProductClass), SKU: string(e.SKU), Unit: unitDevice, LicenseID: id}, float64(e.Quantity.Value))
			}
		}
	}
}

// verdict returns what the vendor says of a subscription, by the worse of the status and
// the violations. There is no verdict if the violations are missing, or if the
// subscription is not active.
func verdict(status string, violations []api.Violation) (compliant, ok bool) {
	switch {
	case len(violations) > 0, status == subscriptionOutOfCompliance:
		return false, true
	case status == subscriptionActive, status == "":
		return true, violations != nil
	}
	return false, false
}
