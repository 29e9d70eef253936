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
	licenses, err := c.licensesByID(ctx, c, r)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	var unlisted []api.ID
	for _, id := range unarchived(licenses) {
		if l := licenses[id]; listsTotals(l) {
			addCost(l.ApplicationID, listedCost(l), r)
		} else {
			unlisted = append(unlisted, id)
		}
	}
	return collector.ChildrenOf[api.ID, []api.Cost](c.memory, "costs").Read(ctx, r, unlisted, collector.Reading[api.ID, []api.Cost]{
		What: "costs of license", Limit: concurrency, Read: collector.ReadEach(c.client.Costs),
		Fold: func(id api.ID, costs []api.Cost, _ bool) {
			for _, cost := range costs {
				addCost(licenses[id].ApplicationID, cost, r)
			}
		},
	})
}

// listsTotals reports whether the record of a license in the list has the totals of its
// costs. Those of version 1.0.0 have none.
func listsTotals(l api.License) bool {
	for _, n := range []api.Number{l.ActiveMaintenanceCost, l.TotalMaintenanceCost, l.ActiveSupportCost, l.TotalSupportCost, l.TotalLicenseCost} {
		if n.Valid || n.Unreadable {
			return true
		}
	}
	return false
}

// listedCost returns the totals in the list.
func listedCost(l api.License) api.Cost {
	return api.Cost{
		OrganizationID:             l.OrganizationID,
		LicensePurchaseCost:        l.PurchaseValue,
		CurrentMaintenanceCost:     l.ActiveMaintenanceCost,
		AccumulatedMaintenanceCost: l.TotalMaintenanceCost,
		CurrentSupportCost:         l.ActiveSupportCost,
		AccumulatedSupportCost:     l.TotalSupportCost,
		TotalCost:                  l.TotalLicenseCost,
		Currency:                   l.PurchaseCurrency,
	}
}

func addCost(application api.ID, c api.Cost, r *collector.Report) {
	f := r.Organization(organizationOf(c.OrganizationID))
	for component, amount := range map[string]api.Number{
		"purchase":                c.LicensePurchaseCost,
		"current_maintenance":     c.CurrentMaintenanceCost,
		"accumulated_maintenance": c.AccumulatedMaintenanceCost,
		"current_support":         c.CurrentSupportCost,
		"accumulated_support":     c.AccumulatedSupportCost,
		"total":                   c.TotalCost,
	} {
		if amount.Valid {
			f.Count(metricCost, amount.Value, productOf(application), component, currencyOf(c.Currency))
		}
	}
}
