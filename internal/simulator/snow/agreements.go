package snow

import (
	"fmt"
	"maps"

	"license_exporter/internal/simulator"
)

// agreement is an agreement of the tenant. Numbers of other agreements and of types count from 1; 0 is none.
type agreement struct {
	name, manufacturer string
	typ, parent        int
	subscription       bool   // its periods override those of its licenses
	periods            []span // in any order
	warning, critical  int    // days before the end
	silent             bool   // the tenant wants no alerts
	ownEnds            int    // days to the first end of its licenses by their own dates; 0 if they end at any time
}

// The numbers of the agreements, by what they are an example of.
const (
	endingAgreement     = 1 + iota // ends within its critical days
	warnedAgreement                // ends within its warning days
	endedAgreement                 // has ended long ago
	renewedAgreement               // is in force, although its licenses have ended by their own dates
	lapsedAgreement                // has ended, although its licenses have not by their own dates
	prolongedAgreement             // has a period after the current one
	undatedAgreement               // is part of endingAgreement and has no periods
	maintainedAgreement            // has the periods of its licenses' maintenance
)

var agreements = [...]agreement{
	{name: "Contoso Enterprise Agreement", manufacturer: "Contoso", typ: 1, subscription: true,
		periods: []span{{-711, -346}, {-346, 20}}, warning: 60, critical: 30},
	{name: "Fabrikam Volume Agreement", manufacturer: "Fabrikam", typ: 2, periods: []span{{-290, 75}}, warning: 90, critical: 30},
	{name: "Adatum Support Agreement", manufacturer: "Adatum", typ: 3, periods: []span{{-465, -100}}, warning: 60, critical: 14},
	{name: "Litware Cloud Subscription", manufacturer: "Litware", typ: 4, subscription: true,
		periods: []span{{-330, 400}}, warning: 90, critical: 30, ownEnds: -40},
	{name: "Proseware HR Subscription", manufacturer: "Proseware", typ: 4, subscription: true,
		periods: []span{{-377, -12}}, warning: 45, critical: 15, ownEnds: 190},
	{name: "Tailspin Platform Agreement", manufacturer: "Tailspin", typ: 2,
		periods: []span{{300, 665}, {-65, 300}}, warning: 60, critical: 30},
	{name: "Contoso Enrollment for Stores", manufacturer: "Contoso", typ: 1, parent: endingAgreement, silent: true},
	{name: "Wingtip Maintenance Agreement", manufacturer: "Wingtip", typ: 3,
		periods: []span{{-600, -235}, {-235, 130}}, warning: 60, critical: 20},
}

var agreementTypes = [...]string{
	"Enterprise agreement", "Volume license agreement", "Maintenance agreement", "Subscription agreement",
}

func agreementGUID(number int) string { return guid(guidAgreement, number, 0) }

// agreements lists the tenant's agreements. A tenant without licenses has none.
func (c *call) agreements() list {
	if c.book.licenses == 0 {
		return list{}
	}
	return simulator.ListFunc(len(agreements), func(i int) simulator.Object { return agreements[i].item(i + 1) })
}

// item returns the agreement with a number as it is in the list.
func (a agreement) item(number int) simulator.Object {
	return simulator.Object{
		"id": agreementGUID(number), "parentId": simulator.When(a.parent > 0, agreementGUID(a.parent)),
		"assignedId": fmt.Sprintf("AGR-%04d", 2000+number), "name": a.name, "typeId": guid(guidAgreementType, a.typ, 0),
		"contactId": guid(guidContact, number, 0), "manufacturerId": guid(guidManufacturer, number, 0),
	}
}

// agreement returns an agreement with all fields, which include contacts.
func (c *call) agreement() simulator.Object {
	a := agreements[c.index]
	record := a.item(c.index + 1)
	maps.Copy(record, simulator.Object{
		"isSubscription": a.subscription, "isUpgradable": !a.subscription, "isValidForAll": a.parent == 0, "renewalDays": 30,
		"isAlertingOnExpiration": !a.silent, "warningDayLimit": a.warning, "criticalDayLimit": a.critical,
		"isAutoAttachingToComputers": false, "manufacturerName": a.manufacturer,
	})
	for field, format := range map[string]string{
		"description": "%s description", "contactName": "%s Contact", "contactDepartment": "%s Department", "contactPhone": "%s-555-0100",
		"contactEmail": "contact@%s.example", "manufacturerLink": "www.%s.example", "manufacturerPhone": "%s-555-0101",
		"manufacturerContact": "%s Account Manager", "manufacturerContactPhone": "%s-555-0102",
		"manufacturerContactEmail": "sales@%s.example",
	} {
		record[field] = fmt.Sprintf(format, simulator.FakeKeyMarker)
	}
	return record
}

func (c *call) agreementPeriods() list {
	periods := agreements[c.index].periods
	return simulator.ListFunc(len(periods), func(i int) simulator.Object {
		return simulator.Object{
			"id":        guid(guidAgreementPeriod, c.index+1, i+1),
			"validFrom": c.day(periods[i].from), "validTo": c.day(periods[i].to),
		}
	})
}

func (c *call) agreementTypes() list {
	return simulator.ListFunc(len(agreementTypes), func(i int) simulator.Object {
		return simulator.Object{"id": guid(guidAgreementType, i+1, 0), "name": agreementTypes[i], "description": agreementTypes[i]}
	})
}
