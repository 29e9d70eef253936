package snow

import "license_exporter/internal/simulator"

// transferItem is a license of one application that serves another, for one computer, user or custom value.
type transferItem struct {
	LicenseID            string `json:"licenseId"`
	OrganizationID       string `json:"organizationId"`
	ComputerID           string `json:"computerId,omitempty"`
	UserID               string `json:"userId,omitempty"`
	CustomCompareValueID string `json:"customCompareValueId,omitempty"`
	FromApplicationID    string `json:"fromApplicationId"`
	ToApplicationID      string `json:"toApplicationId"`
	Links                links  `json:"_links"`
}

// given is a transfer: the n-th of those that an application gives.
type givenTransfer struct {
	giver, n int
	plan     transferPlan
	base     license
}

// transfersOf are the transfers that an application takes part in, as giver or as receiver.
func (b *book) transfersOf(index int) []givenTransfer {
	var transfers []givenTransfer
	add := func(giver int) {
		if count := b.given(giver); count > 0 {
			for n := range count {
				transfers = append(transfers, givenTransfer{giver, n, b.application(giver).gives, b.license(giver)})
			}
		}
	}
	add(index)
	if receives := b.application(index).receives; receives > 0 {
		add(receives - 1)
	}
	return transfers
}

func (t givenTransfer) item() transferItem {
	item := transferItem{
		LicenseID: t.base.guid(), OrganizationID: organizationGUID(t.base.organization),
		FromApplicationID: applicationGUID(t.giver + 1), ToApplicationID: applicationGUID(t.plan.to), Links: links{},
	}
	path := "/api/sam/v1/licenses/transfers/" + item.ToApplicationID
	switch person := personOf(t.plan.to-1, t.n); t.plan.by {
	case forComputers:
		item.ComputerID = computerGUID(person)
		item.Links = selfLink(path + "/computers/" + item.ComputerID)
	case forUsers:
		item.UserID = userGUID(person)
		item.Links = selfLink(path + "/users/" + item.UserID)
	case forCustomValues:
		item.CustomCompareValueID = guid(guidCustomValue, t.giver+1, t.n+1)
		item.Links = selfLink(path + "/custom-values/" + item.CustomCompareValueID)
	}
	return item
}

// transfers returns the transfers of the application in the path for computers, users or custom values.
func (c *call) transfers(by transferSubject) ([]givenTransfer, bool) {
	index, _, ok := c.application("applicationId")
	if !ok {
		return nil, false
	}
	var chosen []givenTransfer
	for _, t := range c.book.transfersOf(index) {
		if t.plan.by == by {
			chosen = append(chosen, t)
		}
	}
	return chosen, true
}

func listTransfers(by transferSubject) func(*call) simulator.Answer {
	return func(c *call) simulator.Answer {
		transfers, ok := c.transfers(by)
		if !ok {
			return c.missing("applicationId")
		}
		return turnPage(c, uncounted, list[transferItem]{len(transfers), func(i int) transferItem { return transfers[i].item() }})
	}
}

// transferredLicense tells of which kinds a license has transfers.
type transferredLicense struct {
	LicenseID              string `json:"licenseId"`
	HasComputerTransfer    bool   `json:"hasComputerTransfer"`
	HasUserTransfer        bool   `json:"hasUserTransfer"`
	HasCustomValueTransfer bool   `json:"hasCustomCompareValueTransfer"`
	Links                  links  `json:"_links"`
}

func listTransferredLicenses(c *call) simulator.Answer {
	index, _, ok := c.application("applicationId")
	if !ok {
		return c.missing("applicationId")
	}
	records := []transferredLicense{}
	for _, t := range c.book.transfersOf(index) {
		if t.n == 0 { // all transfers of a giver are of one license
			records = append(records, transferredLicense{
				t.base.guid(), t.plan.by == forComputers, t.plan.by == forUsers, t.plan.by == forCustomValues, links{},
			})
		}
	}
	return turnPage(c, uncounted, listOf(records))
}

// entitledPerson is how far a computer or user is entitled to an application.
type entitledPerson struct {
	ComputerID         string `json:"computerId,omitempty"`
	UserID             string `json:"userId,omitempty"`
	ApplicationID      string `json:"applicationId"`
	MetricID           string `json:"metricId"`
	EntitlementStateID string `json:"entitlementStateId"`
	Links              links  `json:"_links"`
}

func listEntitledComputers(c *call) simulator.Answer { return entitled(c, c.book.computerCoverage()) }

func listEntitledUsers(c *call) simulator.Answer { return entitled(c, c.book.userCoverage()) }

func entitled(c *call, places []trackPlace) simulator.Answer {
	return turnPage(c, uncounted, list[entitledPerson]{len(places), func(i int) entitledPerson {
		item := places[i].item()
		return entitledPerson{
			item.ComputerID, item.UserID, item.ApplicationID, item.MetricID, places[i].state().guid(), links{},
		}
	}})
}

// entitlementState is how far a requirement is met.
type entitlementState int

const (
	notCovered entitlementState = iota
	partiallyCovered
	covered
	coveredByHost
)

var entitlementStates = [...]struct{ name, description string }{
	notCovered:       {"Not covered", "No license covers the requirement."},
	partiallyCovered: {"Partially covered", "Licenses cover part of the requirement."},
	covered:          {"Covered", "Licenses cover the whole requirement."},
	coveredByHost:    {"Covered by host", "The virtual machine is licensed by the host it is running on."},
}

func (s entitlementState) guid() string { return guid(guidEntitlementState, int(s)+1, 0) }

func (t track) state() entitlementState {
	switch {
	case t.received == 0:
		return notCovered
	case t.received < t.requirement:
		return partiallyCovered
	}
	return covered
}

type entitlementStateRecord struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Links       links  `json:"_links"`
}

// listEntitlementStates tells all states; version 1.0.0 tells one, without a list around it.
func listEntitlementStates(c *call) simulator.Answer {
	record := func(i int) entitlementStateRecord {
		s := entitlementStates[i]
		return entitlementStateRecord{entitlementState(i).guid(), s.name, s.description, links{}}
	}
	if c.legacy {
		return c.show(record(int(covered)))
	}
	return turnPage(c, 0, list[entitlementStateRecord]{len(entitlementStates), record})
}
