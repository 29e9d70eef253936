package snow

import "license_exporter/internal/simulator"

// computersPerLicense is over how many computers a license is spread at most.
const computersPerLicense = 8

// invalidNames are why an assignment does not count. The spelling is the vendor's.
var invalidNames = []string{
	"SubscriptionExpired", "Unassigned", "ComputerMissing", "InactiveComputer", "UserMissing", "DatacenterMissing", "InvalidMetric",
	"NoEliglibleApplicationInstalled", "NoEligibleApplicationIsInstalledOnAnyComputerWhereUserIsPrimary",
	"UserHasNotUsedAnyEligibleApplication", "Incomplete", "OverAssignment", "InvalidQuantity",
	"UserHasNotUsedAnyEligibleApplicationWithinPeriod", "InvalidMetricGroup", "InvalidProcessorCount",
}

// Bits of invalidAssignmentReasons.
const (
	reasonExpired      = 1 << 0
	reasonComputer     = 1 << 3  // InactiveComputer
	reasonUser         = 1 << 9  // UserHasNotUsedAnyEligibleApplication
	reasonIncomplete   = 1 << 10 // Incomplete
	reasonNotInstalled = 1 << 7  // NoEliglibleApplicationInstalled
)

// assigned is a part of a license that something has.
type assigned struct {
	n, quantity int
	reasons     int // bits of invalidAssignmentReasons; 0 is valid
}

// inDatacenters reports whether the license is assigned to datacenters, of all computers.
func (l license) inDatacenters() bool {
	return l.assignment == toComputers && l.metric == cores && l.place%2 == 1
}

// assignments spreads the license over computers or users. The invalid ones come last. What is archived, and what nobody knows how to
// assign, is not assigned.
func (l license) assignments() []assigned {
	if l.archived > 0 || l.faults&missingAssignmentType != 0 {
		return nil
	}
	step := 1
	valid := l.quantity() - l.unassigned - l.invalid
	if l.assignment == toComputers {
		step = max(1, (valid+computersPerLicense-1)/computersPerLicense)
	}
	general, particular := 0, reasonUser
	if l.assignment == toComputers {
		particular = []int{reasonComputer, reasonNotInstalled}[l.index%2]
	}
	switch {
	case l.faults != 0:
		general = reasonIncomplete
	case l.expired():
		general = reasonExpired
	}
	var all []assigned
	add := func(quantity, step, reasons int) {
		for ; quantity > 0; quantity -= step {
			all = append(all, assigned{len(all), min(step, quantity), reasons})
		}
	}
	add(valid, step, general)
	add(l.invalid, 1, general|particular)
	return all
}

// assignmentItem is an assignment to a computer, a datacenter or a user.
type assignmentItem struct {
	ID                       string                     `json:"id"`
	LicenseID                string                     `json:"licenseId"`
	ApplicationID            simulator.Optional[string] `json:"applicationId"`
	ComputerID               string                     `json:"computerId,omitempty"`
	DatacenterID             string                     `json:"datacenterId,omitempty"`
	Quantity                 int                        `json:"quantity"`
	SupportedVMs             int                        `json:"numberOfSupportedVirtualMachines" since:"1.7"`
	HasVMUseRights           bool                       `json:"hasVmUseRights" since:"1.7"`
	InvalidAssignmentReasons flags                      `json:"invalidAssignmentReasons" since:"1.7"`
	VirtualMachines          []string                   `json:"virtualMachines" since:"1.7"`
	Links                    links                      `json:"_links"`
}

type userAssignment struct {
	ID                       string                     `json:"id"`
	LicenseID                string                     `json:"licenseId"`
	ApplicationID            simulator.Optional[string] `json:"applicationId"`
	UserID                   string                     `json:"userId"`
	Quantity                 int                        `json:"quantity" legacy:"quoted"`
	InvalidAssignmentReasons flags                      `json:"invalidAssignmentReasons" since:"1.7"`
	Links                    links                      `json:"_links"`
}

type organizationAssignment struct {
	ID              string                     `json:"id"`
	LicenseID       string                     `json:"licenseId"`
	ApplicationID   simulator.Optional[string] `json:"applicationId"`
	OrganizationID  string                     `json:"organizationId"`
	Quantity        int                        `json:"quantity"`
	IsAutoAllocated bool                       `json:"isAutoAllocated" since:"1.7"`
	Links           links                      `json:"_links"`
}

type assignmentsSummary struct {
	LicenseID                 string `json:"licenseId"`
	HasOrganizationAssignment bool   `json:"hasOrganizationAssignment"`
	HasComputerAssignment     bool   `json:"hasComputerAssignment"`
	HasUserAssignment         bool   `json:"hasUserAssignment"`
	HasSiteAssignment         bool   `json:"hasSiteAssignment"`
	Links                     links  `json:"_links"`
}

// applicationID is the id of the license's application, if it is known.
func (l license) applicationID() simulator.Optional[string] {
	if l.faults&missingApplication != 0 {
		return simulator.Optional[string]{}
	}
	return simulator.Some(applicationGUID(l.application + 1))
}

func assignmentGUID(l license, n int) string { return guid(guidAssignment, l.index+1, n+1) }

func (l license) computers() []assignmentItem {
	if l.assignment != toComputers || l.inDatacenters() {
		return nil
	}
	return l.machines("computers")
}

func (l license) datacenters() []assignmentItem {
	if !l.inDatacenters() {
		return nil
	}
	return l.machines("datacenters")
}

// machines are the assignments to computers or datacenters.
func (l license) machines(kind string) []assignmentItem {
	var items []assignmentItem
	for _, a := range l.assignments() {
		id := assignmentGUID(l, a.n)
		item := assignmentItem{
			ID: id, LicenseID: l.guid(), ApplicationID: l.applicationID(), Quantity: a.quantity,
			InvalidAssignmentReasons: flags{a.reasons, invalidNames}, VirtualMachines: []string{},
			Links: selfLink(licensePath(l.index) + "/assignments/" + kind + "/" + id),
		}
		person := personOf(l.application, l.place*computersPerLicense+a.n)
		if kind == "computers" {
			item.ComputerID = computerGUID(person)
		} else {
			item.DatacenterID = guid(guidPerson, person, partDatacenter)
			item.SupportedVMs, item.HasVMUseRights = 2, true
			item.VirtualMachines = append(item.VirtualMachines, guid(guidPerson, person, partVirtualMachine))
		}
		items = append(items, item)
	}
	return items
}

func (l license) users() []userAssignment {
	if l.assignment != toUsers {
		return nil
	}
	var items []userAssignment
	for _, a := range l.assignments() {
		id := assignmentGUID(l, a.n)
		items = append(items, userAssignment{
			ID: id, LicenseID: l.guid(), ApplicationID: l.applicationID(),
			UserID: userGUID(personOf(l.application, l.place*31+a.n)), Quantity: a.quantity,
			InvalidAssignmentReasons: flags{a.reasons, invalidNames},
			Links:                    selfLink(licensePath(l.index) + "/assignments/users/" + id),
		})
	}
	return items
}

func (l license) organizations() []organizationAssignment {
	if l.assignment != toOrganizations {
		return nil
	}
	return l.allotted("/assignments/organizations/")
}

// allotted are the license's shares as assignments.
func (l license) allotted(path string) []organizationAssignment {
	if l.archived > 0 || l.faults&(missingAssignmentType|missingCount) != 0 {
		return nil
	}
	var items []organizationAssignment
	for n, s := range l.shares() {
		id := assignmentGUID(l, n)
		items = append(items, organizationAssignment{
			ID: id, LicenseID: l.guid(), ApplicationID: l.applicationID(), OrganizationID: organizationGUID(s.organization),
			Quantity: s.quantity, IsAutoAllocated: true, Links: selfLink(licensePath(l.index) + path + id),
		})
	}
	return items
}

// listAssignments is the listing of one kind of assignments of a license.
func listAssignments[T any](of func(license) []T) func(*call) simulator.Answer {
	return func(c *call) simulator.Answer {
		l, ok := c.license()
		if !ok {
			return c.missing("id")
		}
		return turnPage(c, uncounted, listOf(of(l)))
	}
}

// siteAssignment is the assignment to a site. It tells nothing of allocation.
type siteAssignment struct {
	ID             string                     `json:"id"`
	LicenseID      string                     `json:"licenseId"`
	ApplicationID  simulator.Optional[string] `json:"applicationId"`
	OrganizationID string                     `json:"organizationId"`
	Quantity       int                        `json:"quantity"`
	Links          links                      `json:"_links"`
}

// site are the license's assignments to a site: one or none.
func (l license) site() []organizationAssignment {
	if l.assignment != toSite {
		return nil
	}
	return l.allotted("/assignments/site/")
}

func showSite(c *call) simulator.Answer {
	l, ok := c.license()
	if !ok || len(l.site()) == 0 {
		return c.missing("id")
	}
	s, links := l.site()[0], selfLink(licensePath(l.index)+"/assignments/site")
	return c.show(siteAssignment{s.ID, s.LicenseID, s.ApplicationID, s.OrganizationID, s.Quantity, links})
}

func showAssignments(c *call) simulator.Answer {
	l, ok := c.license()
	if !ok {
		return c.missing("id")
	}
	return c.show(assignmentsSummary{
		LicenseID:                 l.guid(),
		HasOrganizationAssignment: len(l.organizations()) > 0,
		HasComputerAssignment:     len(l.computers())+len(l.datacenters()) > 0,
		HasUserAssignment:         len(l.users()) > 0,
		HasSiteAssignment:         len(l.site()) > 0,
		Links:                     selfLink(licensePath(l.index) + "/assignments-summary"),
	})
}
