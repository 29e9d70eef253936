package snow

import (
	"fmt"
	"regexp"
	"slices"
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

	// guidPerson is the kind of FakePersonMarker. The part is the place in personKinds, from 1.
	guidPerson guidKind = 0x5ec2e700
)

// personKinds are the users and what belongs to them.
var personKinds = []string{"users", "computers", "datacenters", "virtualMachines"}

// people is how many there are of each of the personKinds.
const people = 5000

// personOf is the number of the n-th user or computer of an application. Applications share them.
func personOf(application, n int) int { return (application*17+n)%people + 1 }

// personGUID is the id of the number-th thing of one of the personKinds.
func personGUID(kind string, number int) string {
	return guid(guidPerson, number, slices.Index(personKinds, kind)+1)
}

// personField is the field of a record that names something of one of the personKinds, such as userId.
func personField(kind string) string { return strings.TrimSuffix(kind, "s") + "Id" }

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
