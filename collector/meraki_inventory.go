package collector

import (
	"context"
	"slices"
	"strconv"
	"time"

	"license_exporter/licensing"
)

// merakiInventory counts devices. It applies to all licensing models.
type merakiInventory struct{ client MerakiClient }

func (merakiInventory) Applies(o licensing.Organization) bool { return o.ID != "" }

func (c merakiInventory) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	f := r.Organization(o.ID)
	type model struct{ name, productType string }
	ends := map[model]time.Time{}
	for d, err := range c.client.InventoryDevices(ctx, o.ID) {
		if err != nil {
			return merakiError(err)
		}
		used := d.NetworkID != ""
		f.Count(metricMerakiInventory, 1, d.Model, d.ProductType, strconv.FormatBool(used))
		if !used {
			continue // a device in stock needs no license
		}
		f.SeatsOf(licensing.SeatsKey{Product: licensedModel(d.Model), Unit: unitDevice}, licensing.Seats{Required: licensing.Seat(1)})
		readable(r, fieldLicenseExpiration, d.LicenseExpirationDate)
		m := model{d.Model, d.ProductType}
		if end := d.LicenseExpirationDate.Time; !end.IsZero() && (ends[m].IsZero() || end.Before(ends[m])) {
			ends[m] = end
		}
	}
	for m, end := range ends {
		f.Time(metricMerakiInventoryNextEnd, end, m.name, m.productType)
	}
	return nil
}

// modelFamilies are the product lines in which one license fits every model.
// In the others the vendor licenses each model by its own name.
var modelFamilies = []string{"MG", "MR", "MT", "MV"}

// licensedModel returns the name under which the vendor licenses a model.
func licensedModel(model string) string {
	if len(model) > 2 && slices.Contains(modelFamilies, model[:2]) {
		return model[:2]
	}
	return model
}
