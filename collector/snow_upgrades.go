package collector

import (
	"context"
	"slices"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowUpgrades reads which licenses upgrade which. Archived ones upgrade
// nothing.
type snowUpgrades struct{ snowTenant }

func (c snowUpgrades) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	licenses, err := licensedByID(ctx, c.client)
	if err != nil {
		return err
	}
	// 1.0.0 does not say which licenses are upgrades.
	upgrading := slices.DeleteFunc(current(licenses), func(id snow.ID) bool { return denied(licenses[id].upgrade) })
	r.Organization(o.ID)
	read := func(ctx context.Context, license snow.ID) ([]snow.Upgrade, error) {
		return collect(snow.Distinct(c.client.Upgrades(ctx, license), func(u snow.Upgrade) snow.ID { return u.UpgradedLicenseID }))
	}
	return fanOut(ctx, upgrading, read, func(id snow.ID, upgrades []snow.Upgrade) {
		f := r.Organization(string(licenses[id].organization))
		for _, u := range upgrades {
			product, upgraded := string(licenses[id].application), string(licenses[u.UpgradedLicenseID].application)
			legible(r, fieldQuantity, u.Quantity.Unreadable)
			legible(r, fieldUpgradedQuantity, u.UpgradedQuantity.Unreadable)
			if u.Quantity.Valid {
				f.Count(metricSnowUpgradeQuantity, float64(u.Quantity.Value), product, upgraded)
			}
			if u.UpgradedQuantity.Valid {
				f.Count(metricSnowUpgradedQuantity, float64(u.UpgradedQuantity.Value), product, upgraded)
			}
		}
	})
}
