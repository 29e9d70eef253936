package snow

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// FakePersonMarker is the beginning of the ids of simulated users, computers and datacenters. If it appears in metrics or a log,
// personal data leaked.
const FakePersonMarker = "5ec2e700"

// noGUID is no id, and the id of the root organization.
const noGUID = "00000000-0000-0000-0000-000000000000"

// guidKind is the first group of an id, which determines what has the id.
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

	// guidPerson is FakePersonMarker. The part of such an id is an index in personKinds, plus 1.
	guidPerson guidKind = 0x5ec2e700
)

// personKinds are users, and things that identify them.
var personKinds = []string{"users", "computers", "datacenters", "virtualMachines"}

// people is the number of things of each of the personKinds.
const people = 5000

// personOf returns the number of the n-th user or computer of an application. Applications share users and computers.
func personOf(application, n int) int { return (application*17+n)%people + 1 }

// personGUID returns the id of a thing of one of the personKinds.
func personGUID(kind string, number int) string {
	return guid(guidPerson, number, slices.Index(personKinds, kind)+1)
}

// personField returns the field with the id of a thing of one of the personKinds, such as userId.
func personField(kind string) string { return strings.TrimSuffix(kind, "s") + "Id" }

// guid returns an id. Things that belong to the same thing have its number and different parts.
func guid(kind guidKind, number, part int) string {
	return fmt.Sprintf("%08x-%04x-4000-8000-%012x", uint32(kind), part&0xffff, number)
}

var guidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// number returns the number in an id of this kind, which may be in upper or lower case.
func (kind guidKind) number(id string) (int, bool) {
	if !guidForm.MatchString(id) {
		return 0, false
	}
	n, err := strconv.ParseInt(id[24:], 16, 64)
	return int(n), err == nil && guid(kind, int(n), 0) == strings.ToLower(id)
}
