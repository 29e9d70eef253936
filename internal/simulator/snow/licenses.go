package snow

import (
	"fmt"

	"license_exporter/internal/simulator"
)

// license returns the license in the path.
func (c *call) license() license { return c.book.license(c.index) }

// day is the start of a day, counted from today.
func (c *call) day(days int) any { return simulator.Moment(c.today, days, 0) }

func (c *call) licenses() list {
	return simulator.ListFunc(c.book.licenses, func(i int) simulator.Object { return c.licenseRecord(c.book.license(i)) })
}

// licenseRecord is a license as the list has it.
func (c *call) licenseRecord(l license) simulator.Object {
	price, agreement := c.book.costs(l), simulator.When(l.agreement > 0, agreementGUID(l.agreement))
	record := simulator.Object{
		"id": l.guid(), "organizationId": organizationGUID(l.organization), "applicationId": l.applicationID(),
		"agreementId": agreement, "contractId": agreement, "metricId": simulator.When(l.metric != noMetric, metrics[l.metric].id),
		"assignmentTypeId": simulator.When(l.faults&missingAssignmentType == 0, assignmentKinds[l.assignment].id),
		"skuId":            guid(guidSKU, l.application+1, 0),

		"purchaseDate": c.day(-l.purchased), "purchaseValue": price.purchase, "purchaseCurrency": currencyOf(l.organization),
		"quantity": simulator.When(l.quantity() > 0, l.quantity()), "initialQuantity": simulator.When(l.initial > 0, l.initial),
		"upgradedLicenseCount": simulator.When(l.upgraded > 0, l.upgraded), "upgrades": l.upgrades(),

		"mediaStorage":         simulator.FakeKeyMarker + "/media",
		"licenseProofLocation": simulator.FakeKeyMarker + "/proof",
		"invoiceReference":     fmt.Sprintf("%s-INV%06d", simulator.FakeKeyMarker, l.index),
		"vendor":               simulator.FakeKeyMarker + " Reseller",
		"externalId":           fmt.Sprintf("%s-EXT%06d", simulator.FakeKeyMarker, l.index),
		"productDescription":   simulator.FakeKeyMarker + " description",

		"isSubscription": l.subscription, "isCrossEdition": l.edition, "isCrossPlatform": l.cross, "isDowngrade": l.downgrade,
		"isUpgrade":    l.isUpgrade() || l.faults&missingBase != 0,
		"isIncomplete": l.faults != 0, "incompleteReasons": namesOf(l.faults, incompleteNames),
		"autoAllocateOnce": false, "isAutoAllocated": l.assignment == toOrganizations,
		"maintenanceAccordingToAgreement": l.byAgreement(),

		"activeMaintenanceCost": price.activeMaintenance, "totalMaintenanceCost": price.totalMaintenance,
		"activeSupportCost": price.activeSupport, "totalSupportCost": price.totalSupport, "totalLicenseCost": price.total(),

		"createdDate":           simulator.Moment(c.today, -l.purchased, 32_400),
		"updatedDate":           simulator.Moment(c.today, -min(l.purchased, 1+l.index%30), 36_000),
		"subscriptionValidFrom": simulator.When(l.begins, c.day(l.from)), "subscriptionValidTo": simulator.When(l.ends, c.day(l.to)),
		"status": "Active", "archivedDate": nil,
	}
	if l.archived > 0 {
		record["status"], record["archivedDate"] = "Archived", simulator.Moment(c.today, -l.archived, 50_400)
	}
	return record
}

// namesOf are the names of the bits that are set.
func namesOf(bits int, names []string) []string {
	set := []string{}
	for bit, name := range names {
		if bits>>bit&1 != 0 {
			set = append(set, name)
		}
	}
	return set
}

// upgrades are what a license upgrades, nil if it is no upgrade: the base license of the version before.
func (l license) upgrades() []simulator.Object {
	if !l.isUpgrade() {
		return nil
	}
	return []simulator.Object{{
		"licenseId": l.guid(), "quantity": l.quantity(),
		"upgradedLicenseId": licenseGUID(l.of.older - 1), "upgradedQuantity": upgradeQuantity,
	}}
}

func (c *call) upgrades() list { return simulator.ListOf(c.license().upgrades()) }
