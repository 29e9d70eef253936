package snow

import (
	"fmt"
	"slices"

	"license_exporter/internal/simulator"
)

// The places of special licenses among those of an application.
const (
	baseLicense  = 0 // complete and in force; transfers and upgrades use a part of it
	firstUpgrade = 1 // to lastUpgrade: upgrades, if there is an older version
	lastUpgrade  = 2
	nextLicense  = 1 // ends first, if the application says when that is
)

// upgradeQuantity is the quantity that an upgrade upgrades.
const upgradeQuantity = 5

// Bits of incompleteReasons.
const (
	missingApplication = 1 << iota
	missingCount
	missingMetric
	missingBase
	invalidPeriod
	missingPeriod
	missingAgreement
	missingAssignmentType
)

var incompleteNames = []string{
	"MissingApplication", "MissingLicenseCount", "MissingMetric", "MissingBaseLicenses", "InvalidSubscriptionPeriod",
	"MissingValidFromToDate", "MissingAgreementNumber", "MissingAssignmentType",
}

// Bits of incompleteReasons that occur in licenses of either kind.
var (
	subscriptionFaults = []int{
		missingApplication, missingCount, missingMetric, invalidPeriod, missingPeriod, missingAgreement, missingAssignmentType,
		missingPeriod | missingAgreement,
	}
	perpetualFaults = []int{
		missingApplication, missingCount, missingMetric, missingBase, missingAgreement, missingAssignmentType,
		missingCount | missingMetric,
	}
)

// license is a license. It depends on the dice and its application.
type license struct {
	index, application, place int
	of                        application
	organization              int
	metric                    metric
	initial, upgraded         int // quantities as bought, and as used by upgrades to newer versions
	assignment                assignmentKind
	unassigned, invalid       int // parts of the quantity
	purchased, archived       int // days ago; archived is 0 if the license is not archived
	price                     money
	subscription              bool
	begins, ends              bool
	from, to                  int // dates of the license itself, in days from today
	agreement                 int // from 1; 0 is none
	faults                    int
	downgrade, edition, cross bool // may be used for older versions, other editions, other platforms
}

// license returns the license with an index.
func (b *book) license(i int) license {
	a, place := i%b.applications, i/b.applications
	l := license{index: i, application: a, place: place, of: b.application(a)}
	shape, fate, seats := b.Roll(a+1, 4*place), b.Roll(a+1, 4*place+1), b.Roll(a+1, 4*place+2)
	l.organization = simulator.Pick(shape, 0, len(organizations))
	if place%25 == 24 {
		l.organization = rootOrganization
	}
	l.metric, l.assignment = l.of.metric, l.of.assignment
	if l.of.second != noMetric && place%4 == 3 {
		l.metric = l.of.second
	}
	l.initial = (1 + simulator.Pick(shape, 16, 2*l.of.size-1)) * metrics[l.metric].step
	l.purchased = 40 + simulator.Pick(shape, 32, 1500)
	l.price = l.of.price * money(90+simulator.Pick(shape, 48, 21)) / 100
	l.subscription = l.of.subscription
	l.downgrade, l.edition, l.cross = simulator.Pick(fate, 48, 25) == 0, simulator.Pick(fate, 52, 30) == 0, simulator.Pick(fate, 40, 40) == 0
	if l.of.agreement > 0 && place%3 != 2 {
		l.agreement = l.of.agreement
		if l.of.owner > 0 {
			l.organization = l.of.owner - 1
		}
	}
	switch {
	case place == baseLicense:
		b.makeBase(&l)
	case l.isUpgrade():
		l.initial = upgradeQuantity
	default:
		l.decide(fate)
	}
	l.date(b.Roll(a+1, 4*place+3))
	l.seat(seats)
	return l
}

// makeBase makes a license the base license of its application.
func (b *book) makeBase(l *license) {
	l.initial = max(2*l.of.size*metrics[l.metric].step, 24)
	l.downgrade = l.downgrade || l.of.gives.kind == downgrading
	l.edition = l.edition || l.of.gives.kind == crossEdition
	l.cross = l.cross || l.of.gives.kind == crossPlatform
	for place := firstUpgrade; l.of.newer > 0 && place <= lastUpgrade; place++ {
		if place*b.applications+l.of.newer-1 < b.licenses {
			l.upgraded += upgradeQuantity
		}
	}
}

// decide determines whether the license is archived or incomplete.
func (l *license) decide(fate uint64) {
	switch chance := simulator.Pick(fate, 0, 100); {
	case chance < 4:
		l.archived = 10 + simulator.Pick(fate, 16, min(390, l.purchased-10))
	case chance < 8:
		faults := perpetualFaults
		if l.subscription {
			faults = subscriptionFaults
		}
		l.faults = faults[simulator.Pick(fate, 16, len(faults))]
	}
	if l.faults&missingCount != 0 {
		l.initial = 0
	}
	if l.faults&missingMetric != 0 {
		l.metric = noMetric
	}
	if l.faults&missingAgreement != 0 {
		l.agreement = 0
	}
}

// date sets the dates of a subscription.
func (l *license) date(roll uint64) {
	if !l.subscription || l.faults&missingPeriod != 0 {
		return
	}
	l.begins, l.ends = true, true
	quiet := l.of.quiet
	switch chance := simulator.Pick(roll, 0, 100); {
	case l.place == baseLicense:
		l.to = 120 + simulator.Pick(roll, 16, 500)
	case l.place == nextLicense && l.of.nextEnd > 0:
		l.to = l.of.nextEnd
	case l.agreement > 0 && agreements[l.agreement-1].ownEnds != 0:
		l.to = agreements[l.agreement-1].ownEnds + simulator.Pick(roll, 16, 20)
	case chance < 6 && (quiet == 0 || l.of.compliance >= 0): // so that nothing depends on what ended long ago
		l.to = -1 - quiet - simulator.Pick(roll, 16, 300)
	case chance < 9:
		l.to = 1 + quiet + simulator.Pick(roll, 16, 6)
	case chance < 14:
		l.to = 8 + quiet + simulator.Pick(roll, 16, 22)
	case chance < 24:
		l.to = 31 + quiet + simulator.Pick(roll, 16, 59)
	case chance < 30:
		l.ends = l.faults&invalidPeriod != 0
	default:
		l.to = 91 + quiet + simulator.Pick(roll, 16, 900)
	}
	years := max(1+simulator.Pick(roll, 32, 3), l.to/365+1)
	l.from = l.to - 365*years
	l.purchased = max(1, -l.from)
	l.archived = min(l.archived, l.purchased)
	if l.faults&invalidPeriod != 0 {
		l.from = l.to + 30
	}
}

// seat determines which parts of a license are unassigned and invalid.
func (l *license) seat(roll uint64) {
	if l.place == baseLicense || !l.counts() || l.assignment == toSite {
		return
	}
	if simulator.Pick(roll, 0, 100) < 15 {
		l.unassigned = 1 + simulator.Pick(roll, 16, l.quantity())/2
	}
	if simulator.Pick(roll, 8, 100) < 12 && l.assignment != toOrganizations {
		l.invalid = min(1+simulator.Pick(roll, 32, 3), l.quantity()-l.unassigned)
	}
}

func (l license) isUpgrade() bool {
	return l.of.older > 0 && l.place >= firstUpgrade && l.place <= lastUpgrade
}

// quantity returns the quantity of the license without its upgraded part.
func (l license) quantity() int { return l.initial - l.upgraded }

// expired reports whether the license's subscription has ended. The periods of a subscription agreement override its own dates.
func (l license) expired() bool {
	if !l.subscription {
		return false
	}
	if l.agreement > 0 {
		if a := agreements[l.agreement-1]; a.subscription && len(a.periods) > 0 {
			return !slices.ContainsFunc(a.periods, span.now)
		}
	}
	return l.ends && l.to <= 0
}

// counts reports whether the license counts for compliance.
func (l license) counts() bool { return l.archived == 0 && l.faults == 0 && !l.expired() }

// usable returns the quantity that can cover a requirement.
func (l license) usable() int {
	if !l.counts() {
		return 0
	}
	return l.quantity() - l.unassigned - l.invalid
}

// share is the part of a license that an organization has.
type share struct{ organization, quantity int }

// splitQuantity is the quantity from which on two organizations share a license.
const splitQuantity = 20

// shares returns the assigned part of a license by organization.
func (l license) shares() []share {
	assigned := l.quantity() - l.unassigned
	if l.assignment != toOrganizations || assigned < splitQuantity || l.organization == rootOrganization {
		return []share{{l.organization, assigned}}
	}
	rest := assigned / 3
	return []share{{l.organization, assigned - rest}, {(l.organization + 1) % len(organizations), rest}}
}

// applicationID returns the id of the license's application, or nil if that is missing.
func (l license) applicationID() any {
	return simulator.When(l.faults&missingApplication == 0, applicationGUID(l.application+1))
}

// guid returns the license's id.
func (l license) guid() string { return licenseGUID(l.index) }

func licenseGUID(index int) string { return guid(guidLicense, index+1, 0) }

// licensesOf returns the licenses of an application in the order of their places.
func (b *book) licensesOf(application int) func(yield func(license) bool) {
	return func(yield func(license) bool) {
		for i := application; i < b.licenses; i += b.applications {
			if !yield(b.license(i)) {
				return
			}
		}
	}
}

// license returns the license in the path.
func (c *call) license() license { return c.book.license(c.index) }

// day returns the start of the day that is so many days from today.
func (c *call) day(days int) any { return simulator.Moment(c.today, days, 0) }

func (c *call) licenses() list {
	return simulator.ListFunc(c.book.licenses, func(i int) simulator.Object { return c.licenseRecord(c.book.license(i)) })
}

// licenseRecord returns a license as it is in the list.
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

// namesOf returns the names of the bits that are set.
func namesOf(bits int, names []string) []string {
	set := []string{}
	for bit, name := range names {
		if bits>>bit&1 != 0 {
			set = append(set, name)
		}
	}
	return set
}

// upgrades returns what a license upgrades: the base license of the older version. It is nil if the license is not an upgrade.
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
