package snow

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Flags are names out of a set. The vendor sends them as a number whose bits
// stand for them, as names with commas between, or as an array of either.
type Flags struct {
	// Names are those that are set, in the vendor's order and spelling, and
	// then those that are unknown; a bit without a name is its value.
	Names []string
	// Unknown are those of Names that the vendor does not document.
	Unknown []string
	// Valid is set if the vendor says anything, be it that none is set.
	Valid bool
	// Unreadable is set if some of what the vendor says is neither number nor
	// name.
	Unreadable bool
}

// flagNames are the names of bits; those without are empty.
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

// IncompleteReasons are what a license lacks to count.
type IncompleteReasons struct{ Flags }

// UnmarshalJSON reads any value. It never fails.
func (r *IncompleteReasons) UnmarshalJSON(b []byte) error {
	r.Flags = incompleteReasons.decode(b)
	return nil
}

// InvalidAssignmentReasons are why an assignment of a license does not count.
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
