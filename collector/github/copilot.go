package github

import (
	"context"

	api "license_exporter/client/github"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// copilotCollector reads the Copilot seats of enterprises and organizations. They are billed
// by use, so that there is no limit.
type copilotCollector struct{ *account }

// Applies implements collector.Collector.
func (copilotCollector) Applies(o licensing.Organization) bool { return o.Model != modelServer }

// Update implements collector.Collector.
func (c copilotCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	var billing api.CopilotBilling
	var err error
	if o.Model == modelEnterprise {
		var seats api.CopilotSeats
		seats, err = c.client.CopilotSeats(ctx, o.ID)
		billing.Breakdown.Total = seats.Total
	} else {
		billing, err = c.client.CopilotBilling(ctx, o.ID)
	}
	if good, err := c.optional(r, "Copilot", o.ID, err); !good {
		return err
	}
	r.CheckKnown("plan_type", string(billing.Plan), "business", "enterprise")
	seats := billing.Breakdown
	addProduct(r, o.ID, productCopilot, "GitHub Copilot", string(billing.Plan))
	addSeats(r, o.ID, productCopilot, unitUser, scalar.Count{}, seats.Total)
	for state, n := range map[string]scalar.Count{
		"active_this_cycle": seats.Active, "inactive_this_cycle": seats.Inactive, "added_this_cycle": seats.Added,
		"pending_cancellation": seats.PendingCancellation, "pending_invitation": seats.PendingInvitation,
	} {
		r.Organization(o.ID).Number(metricCopilotSeats, n.Int, state)
	}
	return nil
}
