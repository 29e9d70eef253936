package meraki

import (
	"context"
	"strconv"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// entitlementsCollector reads the catalogue of SKUs. It is the same for all
// organizations, so it is read once per account, and only if the account has
// subscription organizations.
type entitlementsCollector struct{ client client }

func (entitlementsCollector) Applies(o licensing.Organization) bool {
	return o.ID == "" && o.Model == api.ModelSubscription
}

func (c entitlementsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	for e, err := range c.client.Entitlements(ctx) {
		if err != nil {
			return err
		}
		f.Product(licensing.Product{
			ID:           e.SKU,
			Name:         e.Name,
			Manufacturer: "Cisco Meraki",
			Type:         e.ProductType,
			Class:        e.ProductClass,
			FeatureTier:  e.FeatureTier,
		})
		f.Sample(metricEntitlement, 1, e.SKU, strconv.FormatBool(e.IsAddOn), strconv.FormatBool(e.IsFree))
	}
	return nil
}
