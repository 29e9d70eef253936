package snow

import (
	"path"

	"license_exporter/internal/simulator"
)

// computersPerLicense is the greatest number of computers that have one license.
const computersPerLicense = 8

// invalidNames has the reasons why an assignment is not valid, in the vendor's spelling.
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
	reasonNotInstalled = 1 << 7  // NoEliglibleApplicationInstalled
	reasonUser         = 1 << 9  // UserHasNotUsedAnyEligibleApplication
	reasonIncomplete   = 1 << 10 // Incomplete
)

// assignedTo returns the end of the path that lists the license's assignments.
func (l license) assignedTo() string {
	if l.assignment == toComputers && l.metric == cores && l.place%2 == 1 {
		return "datacenters"
	}
	return assignmentKinds[l.assignment].path
}

// assigned is a part of a license that is assigned.
type assigned struct {
	quantity     int
	reasons      int // bits of invalidAssignmentReasons; 0 if the assignment is valid
	organization int // if it is assigned to an organization or a site
}

// assignments returns the parts of the license that are assigned. Invalid ones come last. Archived licenses and those without an
// assignment type have none.
func (l license) assignments() []assigned {
	var all []assigned
	if l.archived > 0 || l.faults&missingAssignmentType != 0 {
		return nil
	}
	if l.assignment == toOrganizations || l.assignment == toSite {
		if l.faults&missingCount == 0 {
			for _, s := range l.shares() {
				all = append(all, assigned{quantity: s.quantity, organization: s.organization})
			}
		}
		return all
	}
	step, valid := 1, l.quantity()-l.unassigned-l.invalid
	general, particular := 0, reasonUser
	if l.assignment == toComputers {
		step = max(1, (valid+computersPerLicense-1)/computersPerLicense)
		particular = []int{reasonComputer, reasonNotInstalled}[l.index%2]
	}
	switch {
	case l.faults != 0:
		general = reasonIncomplete
	case l.expired():
		general = reasonExpired
	}
	for ; valid > 0; valid -= step {
		all = append(all, assigned{quantity: min(step, valid), reasons: general})
	}
	for range l.invalid {
		all = append(all, assigned{quantity: 1, reasons: general | particular})
	}
	return all
}

// assignments lists the assignments of a license. The end of the path says to what.
func (c *call) assignments() list {
	l := c.license()
	if l.assignedTo() != path.Base(c.path) {
		return list{}
	}
	all := l.assignments()
	return simulator.ListFunc(len(all), func(n int) simulator.Object { return c.assignment(l, all[n], n) })
}

// assignment returns the record of the n-th assignment of a license.
func (c *call) assignment(l license, a assigned, n int) simulator.Object {
	record := simulator.Object{
		"id": guid(guidAssignment, l.index+1, n+1), "licenseId": l.guid(), "applicationId": l.applicationID(), "quantity": a.quantity,
	}
	kind, person := l.assignedTo(), personOf(l.application, l.place*computersPerLicense+n)
	switch kind {
	case "computers":
		record["numberOfSupportedVirtualMachines"], record["hasVmUseRights"], record["virtualMachines"] = 0, false, []string{}
	case "datacenters":
		record["numberOfSupportedVirtualMachines"], record["hasVmUseRights"] = 2, true
		record["virtualMachines"] = []string{personGUID("virtualMachines", person)}
	case "users":
		person = personOf(l.application, l.place*31+n)
	default:
		record["organizationId"], record["isAutoAllocated"] = organizationGUID(a.organization), true
		return record
	}
	record[personField(kind)], record["invalidAssignmentReasons"] = personGUID(kind, person), namesOf(a.reasons, invalidNames)
	return record
}

// siteAssignment returns the assignment of a license to a site. Other than in lists, its record lacks isAutoAllocated.
func (c *call) siteAssignment() simulator.Object {
	all := c.assignments()
	if all.Length == 0 {
		return nil
	}
	record := all.At(0)
	delete(record, "isAutoAllocated")
	return record
}

// assignmentsSummary reports which kinds of assignments a license has. Datacenters count as computers.
func (c *call) assignmentsSummary() simulator.Object {
	l := c.license()
	record := simulator.Object{"licenseId": l.guid()}
	for kind, k := range assignmentKinds {
		record["has"+k.name+"Assignment"] = l.assignment == assignmentKind(kind) && len(l.assignments()) > 0
	}
	return record
}
