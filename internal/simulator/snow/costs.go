package snow

import (
	"fmt"

	"license_exporter/internal/simulator"
)

// The costs of a year of maintenance and of support, in percent of a license's price.
const (
	maintenancePercent = 18
	supportPercent     = 4
)

// byAgreement reports whether the license has the maintenance periods of its agreement.
func (l license) byAgreement() bool { return l.agreement == maintainedAgreement && l.archived == 0 }

// maintenance returns the periods of a license's maintenance. Subscriptions and incomplete licenses have none.
func (b *book) maintenance(l license) []span {
	if l.subscription || l.faults != 0 {
		return nil
	}
	if l.byAgreement() {
		return agreements[l.agreement-1].periods
	}
	roll := b.Roll(-l.application-1, l.place)
	days := simulator.Pick(roll, 16, 360)
	switch chance := simulator.Pick(roll, 0, 100); {
	case chance < 40:
		return nil
	case chance < 70: // renewed once
		return []span{{days - 725, days - 360}, {days - 360, days + 5}}
	case chance < 85: // ended
		return []span{{-366 - days, -1 - days}}
	default: // renewed ahead
		return []span{{days - 360, days + 5}, {days + 5, days + 370}}
	}
}

// maintainedLicense is the n-th period of a license's maintenance.
type maintainedLicense struct{ license, n int }

func (b *book) maintainedLicenses() []maintainedLicense {
	var all []maintainedLicense
	for i := range b.licenses {
		for n := range b.maintenance(b.license(i)) {
			all = append(all, maintainedLicense{i, n})
		}
	}
	return all
}

func (c *call) maintenancePeriods() list {
	all := c.book.maintained()
	return simulator.ListFunc(len(all), func(i int) simulator.Object {
		l, n := c.book.license(all[i].license), all[i].n
		p, price := c.book.maintenance(l)[n], c.book.costs(l).purchase
		return simulator.Object{
			"id": guid(guidMaintenancePeriod, l.index+1, n+1), "licenseId": l.guid(),
			"agreementPeriodId": simulator.When(l.byAgreement(), guid(guidAgreementPeriod, l.agreement, n+1)),
			"validFrom":         c.day(p.from), "validTo": c.day(p.to), "hasUpgradeRights": l.index%2 == 0,
			"invoiceReference": fmt.Sprintf("%s-M%d", simulator.FakeKeyMarker, l.index), "notes": simulator.FakeKeyMarker + " notes",
			"maintenanceCost": price * maintenancePercent / 100, "supportCost": price * supportPercent / 100,
			"purchaseCurrency": currencyOf(l.organization),
		}
	})
}

// costs has the costs of a license.
type costs struct {
	purchase, activeMaintenance, totalMaintenance, activeSupport, totalSupport money
}

func (c costs) total() money { return c.purchase + c.totalMaintenance + c.totalSupport }

// costs returns the costs of a license. Active costs are those of current periods. The totals include periods that have ended.
func (b *book) costs(l license) costs {
	c := costs{purchase: l.price * money(max(1, l.initial))}
	maintenance, support := c.purchase*maintenancePercent/100, c.purchase*supportPercent/100
	for _, p := range b.maintenance(l) {
		if p.now() {
			c.activeMaintenance += maintenance
			c.activeSupport += support
		}
		if p.begun() {
			c.totalMaintenance += maintenance
			c.totalSupport += support
		}
	}
	return c
}

// part returns the costs of the licenses from one to another, if there are as many as of. The parts add up to the whole.
func (c costs) part(from, to, of int) costs {
	cut := func(m money) money { return m*money(to)/money(of) - m*money(from)/money(of) }
	return costs{cut(c.purchase), cut(c.activeMaintenance), cut(c.totalMaintenance), cut(c.activeSupport), cut(c.totalSupport)}
}

// owners returns the shares of a license including its unassigned part, which belongs to its own organization.
func (l license) owners() []share {
	owners := l.shares()
	owners[0].quantity += l.unassigned
	return owners
}

// costs lists the costs of a license by organization.
func (c *call) costs() list {
	l, before := c.license(), 0
	all := c.book.costs(l)
	var records []simulator.Object
	for _, s := range l.owners() {
		part := all
		if of := l.quantity(); of > 0 {
			part = all.part(before, before+s.quantity, of)
		}
		before += s.quantity
		records = append(records, simulator.Object{
			"licenseId": l.guid(), "organizationId": organizationGUID(s.organization), "licenseQuantity": s.quantity, "licensePurchaseCost": part.purchase,
			"currentMaintenanceCost": part.activeMaintenance, "accumulatedMaintenanceCost": part.totalMaintenance,
			"currentSupportCost": part.activeSupport, "accumulatedSupportCost": part.totalSupport,
			"totalCost": part.total(), "currency": currencyOf(l.organization),
		})
	}
	return simulator.ListOf(records)
}
