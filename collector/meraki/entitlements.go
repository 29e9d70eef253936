package meraki

import (
	"context"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// entitlementsCollector reads the catalogue of SKUs. It is the same for all
// organizations, so it is read once per account, and only if the account has
// subscription organizations. It only names SKUs, so once a day is enough.
type entitlementsCollector struct{ *account }

func (entitlementsCollector) Applies(o licensing.Organization) bool {
	return o.ID == "" && o.Model == api.ModelSubscription
}

func (c entitlementsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	catalogue, err := c.catalogue.Get(ctx, r, func(ctx context.Context) ([]api.Entitlement, error) {
		return collector.ReadAll(c.client.Entitlements(ctx))
	})
	if err != nil {
		return err
	}
	for _, e := range catalogue {
		f.Product(licensing.Product{
			ID:           string(e.SKU),
			Name:         string(e.Name),
			Manufacturer: "Cisco Meraki",
			Type:         string(e.ProductType),
			Class:        string(e.ProductClass),
			FeatureTier:  string(e.FeatureTier),
		})
		f.Sample(metricEntitlement, 1, string(e.SKU), collector.BoolLabel(e.IsAddOn), collector.BoolLabel(e.IsFree))
	}
	return nil
}
