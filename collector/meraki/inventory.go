package meraki

import (
	"context"
	"errors"
	"strconv"
	"time"

	api "license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// inventoryName is the name of inventoryCollector.
const inventoryName = "meraki_inventory"

// inventoryCollector counts devices, in all licensing models.
type inventoryCollector struct{ *account }

func (inventoryCollector) Applies(o licensing.Organization) bool { return o.ID != "" }

func (c inventoryCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	n := needs{devices: map[model]int64{}, appliances: map[place]int64{}}
	inNetworks, counts := 0, map[use]float64{}
	licenseEnds, saleEnds, supportEnds := ends{}, ends{}, ends{}
	r.Empty = true
	for d, err := range c.client.InventoryDevices(ctx, o.ID) {
		if err != nil {
			return err
		}
		r.Empty = false
		m := model{string(d.Model), string(d.ProductType)}
		used := d.NetworkID != ""
		counts[use{m, used}]++
		saleEnds.add(m, d.EOX.EndOfSaleAt)
		supportEnds.add(m, d.EOX.EndOfSupportAt)
		if used {
			inNetworks++
			licenseEnds.add(m, d.LicenseExpirationDate)
			n.add(m, string(d.NetworkID))
		}
	}
	for u, n := range counts {
		f.Count(metricInventory, n, u.name, u.productType, strconv.FormatBool(u.used))
	}
	licenseEnds.report(f, metricInventoryNextEnd)
	saleEnds.report(f, metricEndOfSale)
	supportEnds.report(f, metricEndOfSupport)
	licensed, isKnown, err := c.licensed(ctx, o, r)
	if err != nil {
		return err
	}
	if inNetworks > 0 || isKnown && !licensed.forSystemsManager() { // whose devices are not in the inventory
		f.Depend("", float64(inNetworks))
	}
	if isKnown {
		addRequired(n, licensed, f)
	}
	return nil
}

// addRequired reports the seats that the devices need.
func addRequired(n needs, licensed licensed, f *collector.OrganizationReport) {
	for m, devices := range n.licenses() {
		if product, ok := licensed.product(m); ok {
			f.SeatsOf(licensing.SeatsKey{Product: product, Unit: unitDevice}, licensing.Seats{Required: licensing.Seat(devices)})
		}
	}
}

// licensed returns the products of a co-term organization, from its overview. Those of
// the other models have names that do not follow from the models of devices. isKnown is
// false if the overview could not be read yet.
func (c inventoryCollector) licensed(ctx context.Context, o licensing.Organization, r *collector.Report) (_ licensed, isKnown bool, err error) {
	if o.Model != api.ModelCoterm || !c.withOverview {
		return nil, true, nil
	}
	overview, err := c.overview(ctx, o, inventoryName, r)
	last := c.sharedOverview(o.ID).good.Load()
	switch {
	case err == nil:
		return licensed(overview.LicensedDeviceCounts), true, nil
	case errors.Is(err, rest.ErrNotApplicable) && last == nil:
		return nil, true, nil
	case errors.Is(err, rest.ErrAccessDisabled), ctx.Err() != nil:
		return nil, false, err
	}
	failure := collector.ChildFailure{Child: "overview", Err: err}
	if last != nil {
		failure.Kept = last.started
	}
	r.ChildFailed(failure)
	if last == nil {
		return nil, false, nil
	}
	return last.licensed, true, nil
}

// model is a model of devices.
type model struct{ name, productType string }

// use is a model, and whether its devices are in networks.
type use struct {
	model
	used bool
}

// place is where devices of a model are.
type place struct {
	model
	network string
}

// needs counts the devices that are in networks. Others need no license.
type needs struct {
	devices    map[model]int64
	appliances map[place]int64
}

func (n needs) add(m model, network string) {
	if m.productType == "appliance" {
		n.appliances[place{m, network}]++
	} else {
		n.devices[m]++
	}
}

// licenses returns the number of licenses that the devices need. Two appliances of a model
// in one network are a pair with a warm spare, which needs one license.
func (n needs) licenses() map[model]int64 {
	for at, devices := range n.appliances {
		pairs := devices / 2
		n.devices[at.model] += devices - pairs
	}
	return n.devices
}

// ends contains the earliest date by model.
type ends map[model]time.Time

func (e ends) add(m model, t api.Time) {
	if earliest, known := e[m]; !t.IsZero() && (!known || t.Before(earliest)) {
		e[m] = t.Time
	}
}

func (e ends) report(f *collector.OrganizationReport, metric *collector.Metric) {
	for m, end := range e {
		f.Time(metric, end, m.name, m.productType)
	}
}
