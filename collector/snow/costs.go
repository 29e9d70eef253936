package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// costsCollector reads what the licenses cost each organization. Archived ones are
// left out, as they are from license_cost.
type costsCollector struct{ *tenant }

func (c costsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	licenses, err := c.licensesByID(ctx, r.Now)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	read := func(ctx context.Context, license api.ID) ([]api.Cost, error) {
		return collector.ReadAll(api.Distinct(c.client.Costs(ctx, license), func(c api.Cost) api.Cost { return c }))
	}
	return collector.FanOut(ctx, current(licenses), atOnce, read, func(id api.ID, costs []api.Cost) {
		for _, cost := range costs {
			snowCost(string(licenses[id].ApplicationID), cost, r)
		}
	})
}

func snowCost(product string, c api.Cost, r *collector.Report) {
	f := r.Organization(string(c.OrganizationID))
	for component, amount := range map[string]api.Number{
		"purchase":                c.LicensePurchaseCost,
		"current_maintenance":     c.CurrentMaintenanceCost,
		"accumulated_maintenance": c.AccumulatedMaintenanceCost,
		"current_support":         c.CurrentSupportCost,
		"accumulated_support":     c.AccumulatedSupportCost,
		"total":                   c.TotalCost,
	} {
		r.ParseErrorIf(fieldCost, amount.Unreadable)
		if amount.Valid {
			f.Count(metricCost, amount.Value, product, component, string(c.Currency))
		}
	}
}
