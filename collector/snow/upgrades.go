package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// upgradesCollector reads which licenses upgrade which. It leaves archived
// upgrades out.
type upgradesCollector struct{ *tenant }

func (c upgradesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	licenses, err := c.licensesByID(ctx, c, r)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	fold := func(id api.ID, upgrades []api.Upgrade, _ bool) {
		f := r.Organization(organizationOf(licenses[id].OrganizationID))
		product := productOf(licenses[id].ApplicationID)
		for _, u := range upgrades {
			upgraded := string(licenses[u.UpgradedLicenseID].ApplicationID)
			number := func(m *collector.Metric, n api.Int) {
				if n.Valid {
					f.Count(m, float64(n.Value), product, upgraded)
				}
			}
			number(metricUpgradeQuantity, u.Quantity)
			number(metricUpgradedQuantity, u.UpgradedQuantity)
		}
	}
	var unlisted []api.ID
	for _, id := range unarchived(licenses) {
		switch l := licenses[id]; {
		case len(l.Upgrades) > 0:
			fold(id, l.Upgrades, false)
		case !listsTotals(l) && !isFalse(l.IsUpgrade): // version 1.0.0 lists neither
			unlisted = append(unlisted, id)
		}
	}
	return collector.ChildrenOf[api.ID, []api.Upgrade](c.memory, "upgrades").Read(ctx, r, unlisted, collector.Reading[api.ID, []api.Upgrade]{
		What: "upgrades of license", Limit: concurrency, Fold: fold, Read: collector.ReadEach(c.client.Upgrades),
	})
}
