package snow

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// FakePersonMarker is how the ids of simulated users, computers and datacenters begin. Where it turns up in metrics or a log,
// something personal leaked.
const FakePersonMarker = "5ec2e700"

// noGUID is how the vendor spells the id of nothing, and of the root of the organizations.
const noGUID = "00000000-0000-0000-0000-000000000000"

// guidKind is the first group of an id. It says what the id belongs to.
type guidKind uint32

const (
	guidApplication guidKind = 0x5a410000 + iota
	guidFamily
	guidMetric
	guidOrganization
	guidManufacturer
	guidContact
	guidLicense
	guidSKU
	guidAgreement
	guidAgreementPeriod
	guidAgreementType
	guidMaintenancePeriod
	guidAssignment
	guidAssignmentType
	guidEntitlementState
	_
	guidTracking
	guidCustomValue
	guidCoverage
	guidPolicy
	guidPolicyField

	// guidPerson is the kind of FakePersonMarker. The part says which: user, computer, datacenter or virtual machine.
	guidPerson guidKind = 0x5ec2e700
)

// Parts of guidPerson.
const (
	partUser = iota + 1
	partComputer
	partDatacenter
	partVirtualMachine
)

// people is how many users there are, and how many computers, datacenters and virtual machines each.
const people = 5000

// personOf is the number of the n-th user or computer of an application. Applications share them.
func personOf(application, n int) int { return (application*17+n)%people + 1 }

func computerGUID(number int) string { return guid(guidPerson, number, partComputer) }

// holder returns the field of a record that names a user, datacenter or computer, and its id.
func holder(kind string, number int) (field, id string) {
	switch kind {
	case "users":
		return "userId", guid(guidPerson, number, partUser)
	case "datacenters":
		return "datacenterId", guid(guidPerson, number, partDatacenter)
	}
	return "computerId", computerGUID(number)
}

// guid is the id of a thing: the number-th of its kind, or the part-th of what belongs to that.
func guid(kind guidKind, number, part int) string {
	return fmt.Sprintf("%08x-%04x-4000-8000-%012x", uint32(kind), part&0xffff, number)
}

var guidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// number returns the number of the thing of a kind that has an id, in letters of either case.
func (kind guidKind) number(id string) (int, bool) {
	if !guidForm.MatchString(id) {
		return 0, false
	}
	n, err := strconv.ParseInt(id[24:], 16, 64)
	return int(n), err == nil && guid(kind, int(n), 0) == strings.ToLower(id)
}
