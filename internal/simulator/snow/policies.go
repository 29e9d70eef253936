package snow

import "license_exporter/internal/simulator"

// policyField is a field of the form for new licenses.
type policyField struct {
	name     string
	required bool
	items    []string // to choose from; empty for free text
}

var policies = [...][]policyField{
	{{"InvoiceReference", true, nil}, {"PurchaseDate", true, nil}, {"Vendor", false, []string{"Direct", "Reseller", "Marketplace"}}},
	{{"AgreementNumber", true, nil}, {"LicenseProofLocation", false, nil}},
	{{"PurchaseCurrency", true, []string{"EUR", "USD", "GBP"}}, {"ExternalId", false, nil}, {"MediaStorage", false, nil},
		{"Notes", false, nil}},
}

func (c *call) policies() list {
	return simulator.ListFunc(len(policies), func(i int) simulator.Object {
		return simulator.Object{"id": guid(guidPolicy, i+1, 0)}
	})
}

func (c *call) policyFields() list {
	fields := policies[c.index]
	return simulator.ListFunc(len(fields), func(n int) simulator.Object {
		f := fields[n]
		return simulator.Object{
			"id": guid(guidPolicyField, c.index+1, n+1), "name": f.name, "description": f.name, "isRequired": f.required,
			"isComboBox": len(f.items) > 0, "isEditingAllowed": true, "listItems": f.items, // null if there are none
		}
	})
}

// coverageReasons has the reasons why the license of one computer covers another one.
var coverageReasons = [...]string{"Passive", "Disaster", "TestingOrDevelopment", "Other"}

// Every coverageEvery-th application has an extended coverage.
const coverageEvery = 4

func (c *call) extendedCoverages() list {
	return simulator.ListFunc((c.book.applications+coverageEvery-1)/coverageEvery, func(i int) simulator.Object {
		index := i * coverageEvery
		parent, application := personGUID("computers", personOf(index, 1)), applicationGUID(index+1)
		if i%5 == 4 {
			parent = personGUID("datacenters", i+1)
		}
		return simulator.Object{
			"id": guid(guidCoverage, i+1, 0), "parentComputerId": parent, "isParentComputerDatacenter": i%5 == 4,
			"extendedComputerId": personGUID("computers", personOf(index, people/2)), "applicationId": application,
			"coveredApplicationId": simulator.When(i%2 == 0, application), "reason": coverageReasons[i%len(coverageReasons)],
			"reasonDescription": simulator.FakeKeyMarker + " reason",
		}
	})
}

func (c *call) coverageTypes() list {
	return simulator.ListFunc(len(coverageReasons), func(i int) simulator.Object {
		return simulator.Object{"name": coverageReasons[i]}
	})
}
