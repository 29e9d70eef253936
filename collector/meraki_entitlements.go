package collector

import (
	"context"
	"strconv"

	"license_exporter/client/meraki"
	"license_exporter/licensing"
)

// merakiEntitlements reads the catalogue of SKUs, once for an account that has
// subscription organizations.
type merakiEntitlements struct{ client MerakiClient }

func (merakiEntitlements) Applies(o licensing.Organization) bool {
	return o.ID == "" && o.Model == meraki.ModelSubscription
}

func (c merakiEntitlements) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	f := r.Organization(o.ID)
	for e, err := range c.client.Entitlements(ctx) {
		if err != nil {
			return merakiError(err)
		}
		f.Product(licensing.Product{
			ID:           e.SKU,
			Name:         e.Name,
			Manufacturer: "Cisco Meraki",
			Type:         e.ProductType,
			Class:        e.ProductClass,
			FeatureTier:  e.FeatureTier,
		})
		f.Sample(metricMerakiEntitlement, 1, e.SKU, strconv.FormatBool(e.IsAddOn), strconv.FormatBool(e.IsFree))
	}
	return nil
}
