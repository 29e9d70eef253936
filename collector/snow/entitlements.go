package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// entitlementsCollector reads how much of each application organizations may
// use.
type entitlementsCollector struct{ *tenant }

func (c entitlementsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	entitlements, err := c.listEntitlements(ctx, c, r)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	for _, e := range entitlements {
		r.CheckKnown(fieldAssignmentType, string(e.AssignmentType), "Organization", "Computer", "User", "Site")
		if e.Quantity.Valid {
			// A record that occurs twice has the same labels, so that it is
			// counted once.
			r.Organization(organizationOf(e.OrganizationID)).Sample(metricEntitlement, float64(e.Quantity.Value),
				productOf(e.ApplicationID), string(e.MetricID), string(e.AssignmentType))
		}
	}
	return nil
}

// entitlementStatesCollector counts computers and users by the state of their
// entitlement to each application.
type entitlementStatesCollector struct{ *tenant }

func (c entitlementStatesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	states := map[api.ID]string{}
	for s, err := range c.client.EntitlementStates(ctx) {
		if err != nil {
			return err
		}
		states[s.ID] = string(s.Name)
	}
	f := r.Organization(o.ID)
	count := func(m *collector.Metric, e api.SubjectEntitlement) {
		state := states[e.EntitlementStateID]
		if state == "" {
			state = string(e.EntitlementStateID)
		}
		f.Count(m, 1, productOf(e.ApplicationID), string(e.MetricID), state)
	}
	for e, err := range c.client.ComputerEntitlements(ctx) {
		if err != nil {
			return err
		}
		count(metricEntitledComputers, e)
	}
	users := func() error {
		for e, err := range c.client.UserEntitlements(ctx) {
			if err != nil {
				return err
			}
			count(metricEntitledUsers, e)
		}
		return nil
	}
	err := users()
	if collector.Classify(err) == collector.NotApplicable {
		// The licenses show the version of the API, and thereby what a refusal means.
		if _, err := c.listLicenses(ctx, c, r); err != nil {
			return err
		}
		err = users()
	}
	if collector.Classify(err) == collector.NotApplicable { // version 1.0.0 has only computers
		r.Withhold("the states of users' entitlements", err)
		return nil
	}
	return err
}
