package collector

import (
	"context"
	"errors"

	"license_exporter/client/rest"
	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowEntitlements reads how much of each application the organizations may
// use.
type snowEntitlements struct{ snowTenant }

func (c snowEntitlements) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	r.Organization(o.ID)
	for e, err := range c.client.Entitlements(ctx, snow.Filter{}) {
		if err != nil {
			return snowError(err)
		}
		legible(r, fieldQuantity, e.Quantity.Unreadable)
		known(r, fieldAssignmentType, string(e.AssignmentType), "Organization", "Computer", "User", "Site")
		if e.Quantity.Valid {
			// All other fields tell records apart, so what comes again is the same.
			r.Organization(string(e.OrganizationID)).Sample(metricSnowEntitlement, float64(e.Quantity.Value),
				string(e.ApplicationID), string(e.MetricID), string(e.AssignmentType))
		}
	}
	return nil
}

// snowEntitlementStates counts on how many computers and for how many users an
// application is in which state.
type snowEntitlementStates struct{ snowTenant }

func (c snowEntitlementStates) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	states := map[snow.ID]string{}
	for s, err := range c.client.EntitlementStates(ctx) {
		if err != nil {
			return snowError(err)
		}
		states[s.ID] = string(s.Name)
	}
	f := r.Organization(o.ID)
	count := func(m *Metric, e snow.SubjectEntitlement) {
		state := states[e.EntitlementStateID]
		if state == "" {
			state = string(e.EntitlementStateID)
		}
		f.Count(m, 1, string(e.ApplicationID), string(e.MetricID), state)
	}
	for e, err := range c.client.ComputerEntitlements(ctx, snow.Filter{}) {
		if err != nil {
			return snowError(err)
		}
		count(metricSnowEntitledComputers, e)
	}
	for e, err := range c.client.UserEntitlements(ctx, snow.Filter{}) {
		if errors.Is(err, rest.ErrNotApplicable) { // 1.0.0 has computers alone
			r.Without("the states of users' entitlements", err)
			return nil
		}
		if err != nil {
			return err
		}
		count(metricSnowEntitledUsers, e)
	}
	return nil
}
