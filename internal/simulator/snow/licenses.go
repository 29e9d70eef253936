package snow

import (
	"fmt"

	"license_exporter/internal/simulator"
)

const licensesPath = "/api/sam/v1/licenses"

func licensePath(index int) string { return licensesPath + "/" + licenseGUID(index) }

// license returns the license in the path.
func (c *call) license() (license, bool) { return c.book.licenseOf(c.request.PathValue("id")) }

func listLicenses(c *call) simulator.Answer {
	return turnPage(c, 0, list[licenseItem]{c.book.licenses, func(i int) licenseItem {
		return c.licenseItem(c.book.license(i))
	}})
}

// licenseItem writes down a license as the list tells it.
func (c *call) licenseItem(l license) licenseItem {
	price := c.book.costs(l)
	item := licenseItem{
		ID:                     l.guid(),
		OrganizationID:         organizationGUID(l.organization),
		ApplicationID:          l.applicationID(),
		MetricID:               simulator.Some(l.metric.id()),
		AssignmentTypeID:       simulator.Some(l.assignment.id()),
		PurchaseDate:           simulator.Moment(c.today, -l.purchased, 0),
		PurchaseValue:          price.purchase,
		PurchaseCurrency:       currencyOf(l.organization),
		Quantity:               simulator.Some(l.quantity()),
		InitialQuantity:        simulator.Some(l.initial),
		MediaStorage:           simulator.FakeKeyMarker + "/media",
		LicenseProofLocation:   simulator.FakeKeyMarker + "/proof",
		InvoiceReference:       fmt.Sprintf("%s-INV%06d", simulator.FakeKeyMarker, l.index),
		Vendor:                 simulator.FakeKeyMarker + " Reseller",
		ExternalID:             simulator.Some(fmt.Sprintf("%s-EXT%06d", simulator.FakeKeyMarker, l.index)),
		ProductDescription:     simulator.FakeKeyMarker + " description",
		IsSubscription:         l.subscription,
		IsCrossEdition:         l.edition,
		IsCrossPlatform:        l.cross,
		IsUpgrade:              l.isUpgrade() || l.faults&missingBase != 0,
		IsDowngrade:            l.downgrade,
		IsIncomplete:           l.faults != 0,
		IncompleteReasons:      flags{l.faults, incompleteNames},
		UpdatedDate:            simulator.Moment(c.today, -min(l.purchased, 1+l.index%30), 36_000),
		CreatedDate:            simulator.Moment(c.today, -l.purchased, 32_400),
		ActiveMaintenanceCost:  price.activeMaintenance,
		TotalMaintenanceCost:   price.totalMaintenance,
		ActiveSupportCost:      price.activeSupport,
		TotalSupportCost:       price.totalSupport,
		TotalLicenseCost:       price.total(),
		UpgradedLicenseCount:   simulator.Some(l.upgraded),
		IsAutoAllocated:        l.assignment == toOrganizations,
		MaintenanceByAgreement: l.byAgreement(),
		SKUID:                  guid(guidSKU, l.application+1, 0),
		Upgrades:               l.upgrades(),
		Status:                 "Active",
		Links:                  selfLink(licensePath(l.index)),
	}
	if l.faults&missingAssignmentType != 0 {
		item.AssignmentTypeID = simulator.Optional[string]{}
	}
	if l.agreement > 0 {
		item.AgreementID = simulator.Some(agreementGUID(l.agreement))
		item.ContractID = item.AgreementID
	}
	if l.archived > 0 {
		item.Status, item.ArchivedDate = "Archived", simulator.Some(simulator.Moment(c.today, -l.archived, 50_400))
	}
	if l.begins {
		item.SubscriptionValidFrom = simulator.Some(simulator.Moment(c.today, l.from, 0))
	}
	if l.ends {
		item.SubscriptionValidTo = simulator.Some(simulator.Moment(c.today, l.to, 0))
	}
	return item
}

// refuseLicense stands for the operation that tells a license's keys, which nobody may ask for. It finds no license, and refuses what is
// not an id as the vendor does: version 1.0.0 takes the path of the maintenance periods for one.
func refuseLicense(c *call) simulator.Answer { return c.missing("id") }

// upgrades are what a license upgrades: the base license of the version before.
func (l license) upgrades() []licenseUpgrade {
	if !l.isUpgrade() {
		return nil
	}
	return []licenseUpgrade{{
		LicenseID: l.guid(), Quantity: l.quantity(),
		UpgradedLicenseID: licenseGUID(l.of.older - 1), UpgradedQuantity: upgradeQuantity,
	}}
}

// upgradeRecords are upgrades with their links.
func (l license) upgradeRecords() []licenseUpgrade {
	upgrades := l.upgrades()
	for i := range upgrades {
		upgrades[i].Links = selfLink(licensePath(l.index) + "/upgrades/" + upgrades[i].UpgradedLicenseID)
	}
	return upgrades
}

func listUpgrades(c *call) simulator.Answer {
	l, ok := c.license()
	if !ok {
		return c.missing("id")
	}
	return turnPage(c, 0, listOf(l.upgradeRecords()))
}
