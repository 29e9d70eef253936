package meraki

import (
	"context"
	"slices"
	"strconv"
	"time"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// inventoryCollector counts devices, in all licensing models.
type inventoryCollector struct{ client *api.Client }

func (inventoryCollector) Applies(o licensing.Organization) bool { return o.ID != "" }

func (c inventoryCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	type model struct{ name, productType string }
	ends := map[model]time.Time{}
	for d, err := range c.client.InventoryDevices(ctx, o.ID) {
		if err != nil {
			return err
		}
		used := d.NetworkID != ""
		m := model{string(d.Model), string(d.ProductType)}
		f.Count(metricInventory, 1, m.name, m.productType, strconv.FormatBool(used))
		if !used {
			continue // a device outside of networks needs no license
		}
		f.SeatsOf(licensing.SeatsKey{Product: licensedModel(m.name), Unit: unitDevice}, licensing.Seats{Required: licensing.Seat(1)})
		if end := d.LicenseExpirationDate.Time; !end.IsZero() && (ends[m].IsZero() || end.Before(ends[m])) {
			ends[m] = end
		}
	}
	for m, end := range ends {
		f.Time(metricInventoryNextEnd, end, m.name, m.productType)
	}
	return nil
}

// modelFamilies lists the product lines in which a license fits every model. In
// all others, the vendor has licenses for each model.
var modelFamilies = []string{"MG", "MR", "MT", "MV"}

// licensedModel returns the product name of the licenses for a model.
func licensedModel(model string) string {
	if len(model) > 2 && slices.Contains(modelFamilies, model[:2]) {
		return model[:2]
	}
	return model
}
