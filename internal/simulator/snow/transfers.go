package snow

import (
	"path"

	"license_exporter/internal/simulator"
)

// transferPlan describes how many licenses of an application are used for another one. by is "computers", "users" or "custom-values".
type transferPlan struct {
	kind  string
	by    string
	to    int // number of the other application
	count int
}

// Kinds of transfers. The names of the vendor's figures about transfers begin with them.
const (
	downgrading   = "downgrades"
	upgrading     = "upgrades"
	crossEdition  = "crossEdition"
	crossPlatform = "crossPlatform"
)

// transfer is the n-th license that an application gives to another one.
type transfer struct {
	giver, n int
	plan     transferPlan
}

// transfers returns the transfers from and to an application.
func (b *book) transfers(index int) []transfer {
	var all []transfer
	for _, giver := range []int{index, b.application(index).receives - 1} {
		if giver < 0 {
			continue
		}
		for n := range b.given(giver) {
			all = append(all, transfer{giver, n, b.application(giver).gives})
		}
	}
	return all
}

// transfers lists the transfers from and to an application. The end of the path says for what.
func (c *call) transfers() list {
	var records []simulator.Object
	for _, t := range c.book.transfers(c.index) {
		by := t.plan.by
		if by != path.Base(c.path) {
			continue
		}
		field, id := "customCompareValueId", guid(guidCustomValue, t.giver+1, t.n+1)
		if by != "custom-values" {
			field, id = personField(by), personGUID(by, personOf(t.plan.to-1, t.n))
		}
		base := c.book.license(t.giver)
		records = append(records, simulator.Object{
			"licenseId": base.guid(), "organizationId": organizationGUID(base.organization), field: id,
			"fromApplicationId": applicationGUID(t.giver + 1), "toApplicationId": applicationGUID(t.plan.to),
		})
	}
	return simulator.ListOf(records)
}

// transferredLicenses lists the licenses that are transferred and the kinds of their transfers. An application transfers parts of one
// license only.
func (c *call) transferredLicenses() list {
	var records []simulator.Object
	for _, t := range c.book.transfers(c.index) {
		if t.n == 0 {
			records = append(records, simulator.Object{
				"licenseId": licenseGUID(t.giver), "hasComputerTransfer": t.plan.by == "computers", "hasUserTransfer": t.plan.by == "users",
				"hasCustomCompareValueTransfer": t.plan.by == "custom-values",
			})
		}
	}
	return simulator.ListOf(records)
}
