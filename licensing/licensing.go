// Package licensing is the vocabulary that all vendors are translated into:
// organizations, licenses and the moment their cover ends, seats and
// violations, and the folding of a stream of licenses into a summary per
// product.
//
// It knows no vendor, no HTTP and no Prometheus: only what a license is and
// what follows from its dates.
package licensing

import (
	"cmp"
	"strings"
	"time"
)

// Day is the length of the days in which the vendors count license terms.
const Day = 24 * time.Hour

// Organization is one customer of a vendor: the owner of licenses.
type Organization struct {
	// ID is the vendor's identifier. It is empty for what concerns an account
	// as a whole.
	ID string
	// Name is what people call it. It is free text.
	Name string
	// Model is the licensing model in the vendor's spelling, empty where the
	// vendor has one only.
	Model string
	// Region is where the vendor keeps the organization's data.
	Region string
	// APIEnabled tells whether the organization lets API clients in. Without,
	// nothing but its name can be known.
	APIEnabled bool
}

// Product names something that is licensed.
type Product struct {
	// ID is the value of the label product in all other facts.
	ID           string
	Name         string
	Manufacturer string
	Type         string
	Class        string
	FeatureTier  string
}

// Phase is what a license's state means for the customer.
type Phase uint8

const (
	// Undetermined means that the state is unknown to the exporter, so the dates decide.
	Undetermined Phase = iota
	// InForce means that the license covers something now.
	InForce
	// Ended means that the license covered something once.
	Ended
	// Dormant means that the license covers nothing and its end is of no concern, since
	// it waits, was never used, was canceled or was declared invalid.
	Dormant
)

// Assignment tells whether a license is bound to what it licenses.
type Assignment string

// The values of Assignment, as they stand in the label assigned.
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

// State is a state of licenses in the vendor's spelling.
type State struct {
	Name     string
	Assigned Assignment
}

// License is one license, or one subscription's share in a product.
type License struct {
	ID      string
	Name    string
	Product string
	State   State
	Phase   Phase

	// Start is when the license's term began; zero if it is not known or has
	// not begun.
	Start time.Time
	// End is when the license itself ends; zero if it has no end.
	End time.Time
	// EndUnknown is set where the end exists, but not on the license or not in
	// a form that could be read: the license is counted and not dated.
	EndUnknown bool
	// Cover is how long the license covers from Start on, together with those
	// that are queued behind it; zero if the vendor does not say.
	Cover time.Duration

	OrderID      string
	DeviceSerial string
	NetworkID    string
}

// CoverEnd is when the cover that began with the license ends: its own end, or
// that of the licenses queued behind it if that is later. It is zero for a
// license without end and for one whose end is unknown.
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

// Seats counts the seats of one product or subscription. A nil number is not
// known.
type Seats struct {
	Limit     *float64
	Assigned  *float64
	Available *float64
	Required  *float64
}

// Plus returns the sum of what is known of both.
func (s Seats) Plus(o Seats) Seats {
	return Seats{
		Limit:     sum(s.Limit, o.Limit),
		Assigned:  sum(s.Assigned, o.Assigned),
		Available: sum(s.Available, o.Available),
		Required:  sum(s.Required, o.Required),
	}
}

// Seat returns a known number of seats.
func Seat[N ~int | ~int64 | ~float64](n N) *float64 {
	f := float64(n)
	return &f
}

// CompareIDs orders ids: numbers by value, and everything else as text.
func CompareIDs(a, b string) int {
	if isNumber(a) && isNumber(b) {
		if c := cmp.Compare(len(a), len(b)); c != 0 {
			return c
		}
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && s[0] != '0'
}
