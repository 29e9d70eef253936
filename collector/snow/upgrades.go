package snow

import (
	"context"
	"slices"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// upgradesCollector reads which licenses upgrade which. It leaves archived
// upgrades out.
type upgradesCollector struct{ *tenant }

func (c upgradesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	licenses, err := c.licensesByID(ctx, c, r.Now)
	if err != nil {
		return err
	}
	// Version 1.0.0 does not report which licenses are upgrades, so that all are
	// read.
	upgrading := slices.DeleteFunc(unarchived(licenses), func(id api.ID) bool { return isFalse(licenses[id].IsUpgrade) })
	r.Organization(o.ID)
	read := func(ctx context.Context, license api.ID) ([]api.Upgrade, error) {
		return collector.ReadAll(api.Distinct(c.client.Upgrades(ctx, license), func(u api.Upgrade) api.ID { return u.UpgradedLicenseID }))
	}
	return collector.FanOut(ctx, upgrading, concurrency, read, func(id api.ID, upgrades []api.Upgrade) {
		f := r.Organization(string(licenses[id].OrganizationID))
		for _, u := range upgrades {
			product, upgraded := string(licenses[id].ApplicationID), string(licenses[u.UpgradedLicenseID].ApplicationID)
			r.ParseErrorIf(fieldQuantity, u.Quantity.Unreadable)
			r.ParseErrorIf(fieldUpgradedQuantity, u.UpgradedQuantity.Unreadable)
			if u.Quantity.Valid {
				f.Count(metricUpgradeQuantity, float64(u.Quantity.Value), product, upgraded)
			}
			if u.UpgradedQuantity.Valid {
				f.Count(metricUpgradedQuantity, float64(u.UpgradedQuantity.Value), product, upgraded)
			}
		}
	})
}
