package github

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// errNoPlan is why an organization has no plan.
const errNoPlan = rest.Missing("GitHub shows the plan only to owners of the organization; use the token of an owner, with the scope read:org or admin:org")

// planCollector reads the plans of organizations.
type planCollector struct{ *account }

// Applies implements collector.Collector.
func (planCollector) Applies(o licensing.Organization) bool {
	return o.Model == modelOrganization
}

// Update implements collector.Collector. The seats of a plan are shown as those of a product
// if the organization has bought them: the plan free has no seats to buy, and the seats of
// the plan enterprise are those of an enterprise, to which several organizations may belong.
func (c planCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	organization, err := c.client.Organization(ctx, o.ID)
	if err != nil {
		return err
	}
	plan, what := organization.Plan, "the plan of "+o.ID
	switch {
	case plan != nil && plan.Name != "":
		c.memory.Classify(what, nil)
	case c.memory.Has(what):
		return errNoPlan
	default:
		r.Withhold(what, errNoPlan)
		return nil
	}
	facts, name := r.Organization(o.ID), strings.ToLower(string(plan.Name))
	facts.Number(metricPlanSeats, plan.Seats.Int, name)
	facts.Number(metricPlanFilled, plan.Filled.Int, name)
	if name != "free" && name != productEnterprise {
		addProduct(r, o.ID, name, planName(name), "")
		addSeats(r, o.ID, name, unitUser, plan.Seats, plan.Filled)
	}
	return nil
}

// planName returns the name of a plan for people.
func planName(plan string) string {
	first, size := utf8.DecodeRuneInString(plan)
	return "GitHub " + string(unicode.ToUpper(first)) + plan[size:]
}
