// Package licensing defines the vendor-neutral model: organizations, licenses
// and when their cover ends, seats, violations and costs. A Fold summarizes a
// stream of licenses by product.
//
// The package knows no vendor, no HTTP and no Prometheus.
package licensing

import (
	"cmp"
	"strings"
	"time"
)

// Day is the unit in which vendors count the terms of licenses.
const Day = 24 * time.Hour

// Organization is a customer of a vendor, which owns licenses.
type Organization struct {
	// ID is the vendor's identifier. It is empty for the account as a whole.
	ID   string
	Name string
	// Model is the licensing model in the vendor's spelling. It is empty if the
	// vendor has only one.
	Model string
	// Region is where the vendor keeps the organization's data.
	Region string
	// APIAccess reports whether the organization allows access by API. If it does
	// not, only its name is known.
	APIAccess APIAccess
	// Problem explains why its licenses may not be read correctly, or not at all. It is
	// empty if there is no problem.
	Problem string
}

// APIAccess reports whether an organization allows access by API. It is the value of
// the label api_enabled.
type APIAccess string

// The values of APIAccess. An organization whose access is unknown is read.
const (
	APIUnknown  APIAccess = ""
	APIEnabled  APIAccess = "true"
	APIDisabled APIAccess = "false"
)

// APIAccessIf returns APIEnabled or APIDisabled.
func APIAccessIf(enabled bool) APIAccess {
	if enabled {
		return APIEnabled
	}
	return APIDisabled
}

// UnknownProduct is the product of licenses that name none. The empty product means
// the whole organization.
const UnknownProduct = "unknown"

// Product is something that is licensed.
type Product struct {
	// ID is the value of the label product.
	ID           string
	Name         string
	Manufacturer string
	Type         string
	Class        string
	FeatureTier  string
}

// Phase is what the state of a license means for the customer.
type Phase uint8

const (
	// Undetermined means that the exporter does not know the state. The dates
	// of the license decide.
	Undetermined Phase = iota
	// InForce means that the license covers something now.
	InForce
	// Ended means that the license no longer covers what it used to cover.
	Ended
	// Dormant means that the license covers nothing and that its end does not
	// matter: it has not begun, is unused, was canceled or is invalid.
	Dormant
)

// Assignment reports whether a license is assigned to what it licenses. It is
// the value of the label assigned.
type Assignment string

// The values of Assignment.
const (
	AssignmentUnknown Assignment = ""
	Assigned          Assignment = "true"
	Unassigned        Assignment = "false"
)

// AssignedIf returns Assigned or Unassigned.
func AssignedIf(assigned bool) Assignment {
	if assigned {
		return Assigned
	}
	return Unassigned
}

// State is the state of a license in the vendor's spelling.
type State struct {
	Name     string
	Assigned Assignment
}

// License is a license, or the part of a subscription that is for one product.
type License struct {
	ID      string
	Name    string
	Product string
	State   State
	Phase   Phase

	// Start is when the term of the license began. It is zero if the start is
	// unknown or in the future.
	Start time.Time
	// End is when the license itself ends. It is zero if it never ends.
	End time.Time
	// EndUnknown is set if the license has an end that is not known: the vendor
	// reports it elsewhere, or it could not be parsed. The license then counts
	// towards the states only.
	EndUnknown bool
	// Cover is how long the license and those queued behind it cover, counted
	// from Start. It is zero if the vendor does not report it.
	Cover time.Duration

	// Unattended is set if nobody has to act before the end, for example because the license
	// renews by itself. The end of a product is then that of other licenses in force, if any ends.
	Unattended bool

	// InUse is how much uses the license, such as the seats that are assigned, and how much
	// would depend on it if it ended now. It is nil if that is not known.
	InUse *float64
	// Seats is how many seats the license gives until it ends. It is nil if that is not
	// known.
	Seats *float64

	OrderID      string
	DeviceSerial string
	NetworkID    string
}

// CoverEnd returns when the cover of the license ends: its own end or that of
// the licenses queued behind it, whichever is later. It returns the zero time
// if the license has no end or an unknown end.
func (l License) CoverEnd() time.Time {
	if l.EndUnknown || l.End.IsZero() {
		return time.Time{}
	}
	if l.Cover > 0 && !l.Start.IsZero() {
		if end := l.Start.Add(l.Cover); end.After(l.End) {
			return end
		}
	}
	return l.End
}

// SeatsKind describes how seats differ from an ordinary pool. It is the value of the
// label kind.
type SeatsKind string

// The values of SeatsKind.
const (
	// PerDevice means that each license is for one device and is bought for it, so
	// that no seat is ever free.
	PerDevice SeatsKind = "per_device"
	// OveruseAllowed means that more seats may be used than were bought, as in an
	// enterprise agreement.
	OveruseAllowed SeatsKind = "overuse_allowed"
)

// Seats contains numbers of seats of a product or subscription. A nil number is
// unknown.
type Seats struct {
	Limit     *float64
	Assigned  *float64
	Available *float64
	Required  *float64
	// Kind is empty for an ordinary pool.
	Kind SeatsKind
}

// WithAvailable returns the seats with those that are available, if only the limit and those in use are known.
func (s Seats) WithAvailable() Seats {
	if s.Available == nil && s.Limit != nil && s.Assigned != nil {
		s.Available = Seat(*s.Limit - *s.Assigned)
	}
	return s
}

// Plus returns the sum of s and o. A number that only one of them has is kept.
func (s Seats) Plus(o Seats) Seats {
	return Seats{
		Limit:     sum(s.Limit, o.Limit),
		Assigned:  sum(s.Assigned, o.Assigned),
		Available: sum(s.Available, o.Available),
		Required:  sum(s.Required, o.Required),
		Kind:      cmp.Or(s.Kind, o.Kind),
	}
}

// Seat returns a pointer to a number of seats.
func Seat[N ~int | ~int64 | ~float64](n N) *float64 {
	f := float64(n)
	return &f
}

// CompareIDs compares ids: the empty id comes first, then numbers by value, and
// then all others as text.
func CompareIDs(a, b string) int {
	switch aNumber, bNumber := isNumber(a), isNumber(b); {
	case a == "" || b == "":
	case aNumber && bNumber:
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	case aNumber:
		return -1
	case bNumber:
		return 1
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && (s[0] != '0' || s == "0")
}
