package snow

import (
	"fmt"

	"license_exporter/internal/simulator"
)

// Parts of a license's price that a year of maintenance and support costs, in percent.
const (
	maintenancePercent = 18
	supportPercent     = 4
)

// maintained is a period of a license's maintenance.
type maintained struct {
	span
	agreementPeriod int // of the license's agreement, from 1; 0 is none
}

// periodPlace is a period of maintenance by its license and its number there.
type periodPlace struct{ license, n int }

// maintenance returns the periods of a license. Subscriptions have none, and neither does what is incomplete.
func (b *book) maintenance(l license) []maintained {
	if l.subscription || l.faults != 0 {
		return nil
	}
	if l.byAgreement() {
		var periods []maintained
		for i, s := range agreements[l.agreement-1].periods {
			periods = append(periods, maintained{s, i + 1})
		}
		return periods
	}
	roll := b.Roll(-l.application-1, l.place)
	days := simulator.Pick(roll, 16, 360)
	switch chance := simulator.Pick(roll, 0, 100); {
	case chance < 40:
		return nil
	case chance < 70: // renewed once
		return []maintained{{span{days - 725, days - 360}, 0}, {span{days - 360, days + 5}, 0}}
	case chance < 85: // ended
		return []maintained{{span{-366 - days, -1 - days}, 0}}
	default: // renewed ahead
		return []maintained{{span{days - 360, days + 5}, 0}, {span{days + 5, days + 370}, 0}}
	}
}

// byAgreement reports whether the license is maintained as its agreement says.
func (l license) byAgreement() bool { return l.agreement == maintainedAgreement && l.archived == 0 }

// placePeriods finds the periods of all licenses.
func (b *book) placePeriods() []periodPlace {
	var places []periodPlace
	for i := range b.licenses {
		for n := range b.maintenance(b.license(i)) {
			places = append(places, periodPlace{i, n})
		}
	}
	return places
}

// costs are what a license costs.
type costs struct {
	purchase                               money
	activeMaintenance, totalMaintenance    money
	activeSupport, totalSupport            money
	maintenancePerPeriod, supportPerPeriod money
}

func (c costs) total() money { return c.purchase + c.totalMaintenance + c.totalSupport }

// costs adds up what a license costs: of maintenance, the periods that run, and those that ended too.
func (b *book) costs(l license) costs {
	c := costs{purchase: l.price * money(max(1, l.initial))}
	c.maintenancePerPeriod = c.purchase * maintenancePercent / 100
	c.supportPerPeriod = c.purchase * supportPercent / 100
	for _, p := range b.maintenance(l) {
		if p.now() {
			c.activeMaintenance += c.maintenancePerPeriod
			c.activeSupport += c.supportPerPeriod
		}
		if p.begun() {
			c.totalMaintenance += c.maintenancePerPeriod
			c.totalSupport += c.supportPerPeriod
		}
	}
	return c
}

// part is what a share of a license costs. The part of the first of the licenses up to the second one, so that parts add up.
func (c costs) part(from, to, of int) costs {
	cut := func(m money) money { return m*money(to)/money(of) - m*money(from)/money(of) }
	return costs{
		purchase:          cut(c.purchase),
		activeMaintenance: cut(c.activeMaintenance), totalMaintenance: cut(c.totalMaintenance),
		activeSupport: cut(c.activeSupport), totalSupport: cut(c.totalSupport),
	}
}

// owners are the shares of a license with what is not assigned left to its own organization.
func (l license) owners() []share {
	owners := l.shares()
	owners[0].quantity += l.unassigned
	return owners
}

func listCosts(c *call) simulator.Answer {
	l, ok := c.license()
	if !ok {
		return c.missing("id")
	}
	return turnPage(c, 0, listOf(c.costsOf(l)))
}

// costsOf are the costs of a license by organization.
func (c *call) costsOf(l license) []licenseCost {
	all, before := c.book.costs(l), 0
	var records []licenseCost
	for _, s := range l.owners() {
		part := all
		if of := l.quantity(); of > 0 {
			part = all.part(before, before+s.quantity, of)
		}
		before += s.quantity
		id := organizationGUID(s.organization)
		records = append(records, licenseCost{
			LicenseID: l.guid(), OrganizationID: id, LicenseQuantity: s.quantity, LicensePurchaseCost: part.purchase,
			CurrentMaintenanceCost: part.activeMaintenance, TotalMaintenanceCost: part.totalMaintenance,
			CurrentSupportCost: part.activeSupport, TotalSupportCost: part.totalSupport,
			TotalCost: part.total(), Currency: currencyOf(l.organization), Links: selfLink(licensePath(l.index) + "/costs/" + id),
		})
	}
	return records
}

func listMaintenance(c *call) simulator.Answer {
	places := c.book.periods()
	return turnPage(c, uncounted, list[maintenancePeriod]{len(places), func(i int) maintenancePeriod {
		return c.maintenancePeriod(c.book.license(places[i].license), places[i].n)
	}})
}

// maintenancePeriod writes down a period of a license's maintenance.
func (c *call) maintenancePeriod(l license, n int) maintenancePeriod {
	p, price := c.book.maintenance(l)[n], c.book.costs(l)
	record := maintenancePeriod{
		ID:               guid(guidMaintenancePeriod, l.index+1, n+1),
		LicenseID:        l.guid(),
		ValidFrom:        simulator.Some(simulator.Moment(c.today, p.from, 0)),
		ValidTo:          simulator.Some(simulator.Moment(c.today, p.to, 0)),
		HasUpgradeRights: l.index%2 == 0,
		InvoiceReference: fmt.Sprintf("%s-M%d", simulator.FakeKeyMarker, l.index),
		Notes:            simulator.FakeKeyMarker + " notes",
		MaintenanceCost:  price.maintenancePerPeriod,
		SupportCost:      price.supportPerPeriod,
		PurchaseCurrency: currencyOf(l.organization),
		Links:            links{},
	}
	if p.agreementPeriod > 0 {
		record.AgreementPeriodID = simulator.Some(agreementPeriodGUID(l.agreement, p.agreementPeriod-1))
	}
	return record
}
