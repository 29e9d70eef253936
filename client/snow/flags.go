package snow

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"license_exporter/client/scalar"
)

// Flags is a set of names. The vendor sends a number with a bit for each name, a
// comma-separated list of names, or an array of either.
type Flags struct {
	// Names contains the flags that are set: first the known ones in the vendor's order
	// and spelling, then the unknown ones. A bit without a name is spelled as its
	// value.
	Names []string
	// Unknown contains those of Names that the vendor does not document.
	Unknown []string
	// Valid is set if there is a value, even one without flags.
	Valid bool
	// Unreadable is set if a part of the value is neither a number nor a name.
	Unreadable bool
}

// Bad implements scalar.Value. Unknown flags are values that must be looked at, too.
func (f *Flags) Bad() bool { return f.Unreadable || len(f.Unknown) > 0 }

// flagNames contains the name of each bit.
type flagNames []string

// decode reads any value. It never fails.
func (n flagNames) decode(b []byte) Flags {
	var f Flags
	var elements []json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		f.Valid = json.Unmarshal(b, &elements) == nil
	} else {
		elements = []json.RawMessage{b}
	}
	var set uint64
	for _, element := range elements {
		text, ok := scalar.String(element)
		f.Unreadable = f.Unreadable || !ok
		for name := range strings.SplitSeq(string(text), ",") {
			set |= n.bits(strings.TrimSpace(name), &f)
		}
	}
	var nameless []string
	for bit := 0; set>>bit != 0; bit++ {
		switch {
		case set>>bit&1 == 0:
		case bit < len(n):
			f.Names = append(f.Names, n[bit])
		default:
			nameless = append(nameless, strconv.FormatUint(1<<bit, 10))
		}
	}
	f.Unknown = slices.Concat(nameless, f.Unknown)
	f.Names = append(f.Names, f.Unknown...)
	return f
}

// bits returns the bits that a number or a name means. It adds a name that is not
// known to f.Unknown, since names are shown as a scalar.Word.
func (n flagNames) bits(name string, f *Flags) (set uint64) {
	if name == "" {
		return 0
	}
	f.Valid = true
	if number, err := strconv.ParseUint(name, 10, 64); err == nil {
		return number
	}
	for bit, known := range n {
		if strings.EqualFold(name, known) || strings.EqualFold(name, "All") {
			set |= 1 << bit
		}
	}
	if set != 0 || strings.EqualFold(name, "None") {
		return set
	}
	if _, err := strconv.ParseFloat(name, 64); err == nil { // negative or broken
		f.Unreadable = true
	} else if word := string(scalar.WordOf(name)); !slices.Contains(f.Unknown, word) {
		f.Unknown = append(f.Unknown, word)
	}
	return 0
}

// IncompleteReasons are the reasons why a license is incomplete and not counted.
type IncompleteReasons struct{ Flags }

// UnmarshalJSON reads any value. It never fails.
func (r *IncompleteReasons) UnmarshalJSON(b []byte) error {
	r.Flags = incompleteReasons.decode(b)
	return nil
}

// InvalidAssignmentReasons are the reasons why an assignment is not counted.
type InvalidAssignmentReasons struct{ Flags }

// UnmarshalJSON reads any value. It never fails.
func (r *InvalidAssignmentReasons) UnmarshalJSON(b []byte) error {
	r.Flags = invalidAssignmentReasons.decode(b)
	return nil
}

// The vendor's flags by bit, in its spelling.
var (
	incompleteReasons = flagNames{
		"MissingApplication", "MissingLicenseCount", "MissingMetric", "MissingBaseLicenses",
		"InvalidSubscriptionPeriod", "MissingValidFromToDate", "MissingAgreementNumber", "MissingAssignmentType",
	}
	invalidAssignmentReasons = flagNames{
		"SubscriptionExpired", "Unassigned", "ComputerMissing", "InactiveComputer",
		"UserMissing", "DatacenterMissing", "InvalidMetric", "NoEliglibleApplicationInstalled",
		"NoEligibleApplicationIsInstalledOnAnyComputerWhereUserIsPrimary", "UserHasNotUsedAnyEligibleApplication",
		"Incomplete", "OverAssignment", "InvalidQuantity", "UserHasNotUsedAnyEligibleApplicationWithinPeriod",
		"InvalidMetricGroup", "InvalidProcessorCount",
	}
)
