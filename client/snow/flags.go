package snow

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Flags is a set of names. The vendor sends a number with a bit for each name, a
// comma-separated list of names, or an array of either.
type Flags struct {
	// Names holds the flags that are set: first the known ones in the vendor's order
	// and spelling, then the unknown ones. A bit without a name is spelled as its
	// value.
	Names []string
	// Unknown holds those of Names that the vendor does not document.
	Unknown []string
	// Valid is set if there is a value, even one without flags.
	Valid bool
	// Unreadable is set if a part of the value is neither a number nor a name.
	Unreadable bool
}

// flagNames holds the name of each bit, which is empty if the bit has none.
type flagNames []string

// decode reads any value. It never fails.
func (n flagNames) decode(b []byte) Flags {
	var set flagSet
	var elements []json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		set.valid = json.Unmarshal(b, &elements) == nil
	} else {
		elements = []json.RawMessage{b}
	}
	for _, element := range elements {
		text, ok := scalar(element)
		if !ok {
			set.unreadable = true
			continue
		}
		for name := range strings.SplitSeq(string(text), ",") {
			set.add(n, strings.TrimSpace(name))
		}
	}
	return set.flags(n)
}

type flagSet struct {
	bits       uint64
	unknown    []string
	valid      bool
	unreadable bool
}

func (s *flagSet) add(names flagNames, name string) {
	if name == "" {
		return
	}
	s.valid = true
	if number, err := strconv.ParseUint(name, 10, 64); err == nil {
		s.bits |= number
		return
	}
	if _, err := strconv.ParseFloat(name, 64); err == nil { // negative or broken
		s.unreadable = true
		return
	}
	known := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	switch {
	case known >= 0:
		s.bits |= 1 << known
	case strings.EqualFold(name, "None"):
	case strings.EqualFold(name, "All"):
		s.bits |= names.all()
	case !slices.Contains(s.unknown, name):
		s.unknown = append(s.unknown, name)
	}
}

func (s *flagSet) flags(names flagNames) Flags {
	f := Flags{Valid: s.valid, Unreadable: s.unreadable}
	var nameless []string
	for rest := s.bits; rest != 0; rest &= rest - 1 {
		bit := bits.TrailingZeros64(rest)
		if bit < len(names) && names[bit] != "" {
			f.Names = append(f.Names, names[bit])
		} else {
			nameless = append(nameless, strconv.FormatUint(1<<bit, 10))
		}
	}
	f.Unknown = slices.Concat(nameless, s.unknown)
	f.Names = append(f.Names, f.Unknown...)
	return f
}

func (n flagNames) all() uint64 {
	var all uint64
	for bit, name := range n {
		if name != "" {
			all |= 1 << bit
		}
	}
	return all
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
