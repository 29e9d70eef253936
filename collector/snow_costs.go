package collector

import (
	"context"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowCosts reads what the licenses cost each organization. Archived ones are
// left out, as they are from license_cost.
type snowCosts struct{ snowTenant }

func (c snowCosts) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	licenses, err := licensedByID(ctx, c.client)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	read := func(ctx context.Context, license snow.ID) ([]snow.Cost, error) {
		return collect(snow.Distinct(c.client.Costs(ctx, license), func(c snow.Cost) snow.Cost { return c }))
	}
	return fanOut(ctx, current(licenses), read, func(id snow.ID, costs []snow.Cost) {
		for _, cost := range costs {
			snowCost(string(licenses[id].application), cost, r)
		}
	})
}

func snowCost(product string, c snow.Cost, r *Report) {
	f := r.Organization(string(c.OrganizationID))
	for component, amount := range map[string]snow.Number{
		"purchase":                c.LicensePurchaseCost,
		"current_maintenance":     c.CurrentMaintenanceCost,
		"accumulated_maintenance": c.AccumulatedMaintenanceCost,
		"current_support":         c.CurrentSupportCost,
		"accumulated_support":     c.AccumulatedSupportCost,
		"total":                   c.TotalCost,
	} {
		legible(r, fieldCost, amount.Unreadable)
		if amount.Valid {
			f.Count(metricSnowCost, amount.Value, product, component, string(c.Currency))
		}
	}
}
