package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// costsCollector reads the costs of licenses by organization. Like license_cost,
// it leaves archived licenses out.
type costsCollector struct{ *tenant }

func (c costsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	licenses, err := c.licensesByID(ctx, c, r.Now)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	read := func(ctx context.Context, license api.ID) ([]api.Cost, error) {
		return collector.ReadAll(api.Distinct(c.client.Costs(ctx, license), func(c api.Cost) api.Cost { return c }))
	}
	return collector.FanOut(ctx, unarchived(licenses), concurrency, read, func(id api.ID, costs []api.Cost) {
		for _, cost := range costs {
			addCost(string(licenses[id].ApplicationID), cost, r)
		}
	})
}

func addCost(product string, c api.Cost, r *collector.Report) {
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
