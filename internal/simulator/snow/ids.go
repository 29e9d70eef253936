package snow

import (
	"fmt"
	"strconv"
	"strings"
)

// FakePersonMarker is how the ids of simulated users, computers and datacenters begin. Where it turns up in metrics or a log,
// something personal leaked.
const FakePersonMarker = "5ec2e700"

// noGUID is how the vendor spells the id of nothing, and of the root of the organizations.
const noGUID = "00000000-0000-0000-0000-000000000000"

// guidKind is the first group of an id. It tells what the id is one of.
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
	guidTransfer
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

// guid is the id of a thing: the number-th of its kind, or the part-th of what belongs to that.
func guid(kind guidKind, number, part int) string {
	return fmt.Sprintf("%08x-%04x-4000-8000-%012x", uint32(kind), part&0xffff, number)
}

// parseGUID undoes guid. It knows only what guid makes, in letters of either case.
func parseGUID(kind guidKind, id string) (number, part int, ok bool) {
	if !isGUID(id) {
		return 0, 0, false
	}
	n, err := strconv.ParseInt(id[24:], 16, 64)
	if err != nil {
		return 0, 0, false
	}
	p, err := strconv.ParseInt(id[9:13], 16, 32)
	if err != nil {
		return 0, 0, false
	}
	number, part = int(n), int(p)
	return number, part, guid(kind, number, part) == strings.ToLower(id)
}

// isGUID reports whether a text has the form of an id.
func isGUID(text string) bool {
	if len(text) != len(noGUID) {
		return false
	}
	for i, r := range text {
		if (noGUID[i] == '-') != (r == '-') || r != '-' && !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return false
		}
	}
	return true
}
