package snow

import "license_exporter/internal/simulator"

const (
	policiesPath = "/api/sam/v1/licenses-policies"
	coveragePath = "/api/sam/v1/extended-coverage"
)

// policyPlan is what the tenant demands of whoever enters a license.
type policyPlan []policyFieldPlan

type policyFieldPlan struct {
	name     string
	required bool
	items    []string // to choose from; none is free text
}

var policies = [...]policyPlan{
	{{"InvoiceReference", true, nil}, {"PurchaseDate", true, nil}, {"Vendor", false, []string{"Direct", "Reseller", "Marketplace"}}},
	{{"AgreementNumber", true, nil}, {"LicenseProofLocation", false, nil}},
	{{"PurchaseCurrency", true, []string{"EUR", "USD", "GBP"}}, {"ExternalId", false, nil}, {"MediaStorage", false, nil},
		{"Notes", false, nil}},
}

type policyRecord struct {
	ID    string `json:"id"`
	Links links  `json:"_links"`
}

// policyField is a field of a policy in the list.
type policyField struct {
	ID               string   `json:"id"`
	Name             string   `json:"name"`
	Description      string   `json:"description"`
	IsRequired       bool     `json:"isRequired"`
	IsComboBox       bool     `json:"isComboBox" since:"1.7"`
	IsEditingAllowed bool     `json:"isEditingAllowed" since:"1.7"`
	ListItems        []string `json:"listItems" since:"1.7"` // null if there are none
	Links            links    `json:"_links"`
}

func policyRecordOf(i int) policyRecord {
	id := guid(guidPolicy, i+1, 0)
	return policyRecord{id, selfLink(policiesPath + "/" + id)}
}

// fields are the fields of the i-th policy.
func (p policyPlan) fields(i int) []policyField {
	fields := make([]policyField, len(p))
	for n, f := range p {
		id := guid(guidPolicyField, i+1, n+1)
		fields[n] = policyField{
			ID: id, Name: f.name, Description: f.name, IsRequired: f.required, IsComboBox: len(f.items) > 0, IsEditingAllowed: true,
			ListItems: f.items, Links: selfLink(policiesPath + "/" + guid(guidPolicy, i+1, 0) + "/fields/" + id),
		}
	}
	return fields
}

// policy returns the place of the policy in the path.
func (c *call) policy() (int, bool) {
	number, part, ok := parseGUID(guidPolicy, c.request.PathValue("policyId"))
	return number - 1, ok && part == 0 && number >= 1 && number <= len(policies)
}

func listPolicies(c *call) simulator.Answer {
	return turnPage(c, 0, list[policyRecord]{len(policies), policyRecordOf})
}

func listPolicyFields(c *call) simulator.Answer {
	i, ok := c.policy()
	if !ok {
		return c.missing("policyId")
	}
	return turnPage(c, 0, listOf(policies[i].fields(i)))
}

// coverageReasons are why a computer is covered by another one's license.
var coverageReasons = [...]string{"Passive", "Disaster", "TestingOrDevelopment", "Other"}

// Every coverageEvery-th application has an extended coverage.
const coverageEvery = 4

type extendedCoverage struct {
	ID                         string                     `json:"id"`
	ParentComputerID           string                     `json:"parentComputerId"`
	IsParentComputerDatacenter bool                       `json:"isParentComputerDatacenter"`
	ExtendedComputerID         string                     `json:"extendedComputerId"`
	ApplicationID              string                     `json:"applicationId"`
	CoveredApplicationID       simulator.Optional[string] `json:"coveredApplicationId"`
	Reason                     string                     `json:"reason"`
	ReasonDescription          string                     `json:"reasonDescription"`
	Links                      links                      `json:"_links"`
}

type coverageType struct {
	Name  string `json:"name"`
	Links links  `json:"_links"`
}

// extendedCoverages are all of them, one for every few applications.
func (b *book) extendedCoverages() list[extendedCoverage] {
	return list[extendedCoverage]{(b.applications + coverageEvery - 1) / coverageEvery, func(i int) extendedCoverage {
		id := guid(guidCoverage, i+1, 0)
		application := i*coverageEvery + 1
		record := extendedCoverage{
			ID:                         id,
			ParentComputerID:           computerGUID(personOf(application-1, 1)),
			IsParentComputerDatacenter: i%5 == 4,
			ExtendedComputerID:         computerGUID(personOf(application-1, people/2)),
			ApplicationID:              applicationGUID(application),
			Reason:                     coverageReasons[i%len(coverageReasons)],
			ReasonDescription:          simulator.FakeKeyMarker + " reason",
			Links:                      selfLink(coveragePath + "/" + id),
		}
		if record.IsParentComputerDatacenter {
			record.ParentComputerID = guid(guidPerson, i+1, partDatacenter)
		}
		if i%2 == 0 {
			record.CoveredApplicationID = simulator.Some(record.ApplicationID)
		}
		return record
	}}
}

func listExtendedCoverage(c *call) simulator.Answer {
	return turnPage(c, 0, c.book.extendedCoverages())
}

func listCoverageTypes(c *call) simulator.Answer {
	return turnPage(c, 0, list[coverageType]{len(coverageReasons), func(i int) coverageType {
		return coverageType{coverageReasons[i], links{}}
	}})
}
