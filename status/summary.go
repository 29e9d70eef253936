package status

import (
	"slices"
	"strings"
	"time"

	"license_exporter/licensing"
)

// summary sums up the licenses of an organization.
type summary struct {
	worst Problem
	kinds Kinds
	over  bool
	// muted is the number of products and licenses that policies mute.
	muted int
	// next is what ends next, as Organization.NextLicense.
	next       *License
	seats      []Seats
	verdict    *bool // the worst of all
	violations int
}

func summarize(licenses []License, now time.Time) summary {
	s := summary{seats: totalSeats(licenses)}
	for i := range licenses {
		l := &licenses[i]
		s.kinds |= l.Kinds
		s.over = s.over || l.Over
		if l.Muted && l.LicenseKey != (licensing.LicenseKey{}) {
			s.muted++
		}
		if worst := l.Worst(); worst.Severity != 0 && (s.worst.Severity == 0 || worst.Compare(s.worst) < 0) {
			s.worst = worst
		}
		if l.Compliant != nil {
			if s.verdict == nil || !*l.Compliant {
				s.verdict = l.Compliant
			}
			if !*l.Compliant && !l.Muted {
				s.violations++
			}
		}
		if !l.End.IsZero() && (s.next == nil || endsBefore(l, s.next, now)) {
			s.next = l
		}
	}
	return s
}

// endsBefore reports whether an organization shows the end of a rather than that of b. What is to
// end comes before what has ended, and what is not muted before what is.
func endsBefore(a, b *License, now time.Time) bool {
	switch aEnded, bEnded := !a.End.After(now), !b.End.After(now); {
	case aEnded != bEnded:
		return bEnded
	case a.Muted != b.Muted:
		return b.Muted
	case a.End.Equal(b.End):
		return a.Product < b.Product || a.Product == b.Product && a.LicenseID < b.LicenseID
	default:
		return a.End.Before(b.End) != aEnded
	}
}

// totalSeats returns the sums of the seats of all products, by unit. If there is a total for a
// product, it leaves out the seats of the product's licenses.
//
// A sum is nil if a product has seats, but not that number. Products with only
// required seats are ignored for this, because required seats can have other
// product names than bought ones.
func totalSeats(licenses []License) []Seats {
	type key struct{ product, unit string }
	var totals map[key]bool // of products, if there are seats of single licenses
	if hasSeatsOfLicenses(licenses) {
		totals = map[key]bool{}
		for i := range licenses {
			if l := &licenses[i]; l.LicenseID == "" {
				for _, s := range l.Seats {
					totals[key{l.Product, s.Unit}] = true
				}
			}
		}
	}
	var all []sumOfSeats
	for i := range licenses {
		l := &licenses[i]
		for _, s := range l.Seats {
			if l.LicenseID != "" && totals[key{l.Product, s.Unit}] {
				continue
			}
			at, found := slices.BinarySearchFunc(all, s.Unit, func(t sumOfSeats, unit string) int { return strings.Compare(t.Unit, unit) })
			if !found {
				all = slices.Insert(all, at, sumOfSeats{Seats: Seats{Unit: s.Unit, UnitName: s.UnitName}})
			}
			all[at].add(s)
		}
	}
	var sums []Seats
	for i := range all {
		sums = append(sums, all[i].sum())
	}
	return sums
}

func hasSeatsOfLicenses(licenses []License) bool {
	for i := range licenses { // without copies of all of them
		if licenses[i].LicenseID != "" && len(licenses[i].Seats) > 0 {
			return true
		}
	}
	return false
}

// sumOfSeats is a sum. It also records which numbers some product lacks.
type sumOfSeats struct {
	Seats
	noLimit, noAssigned, noAvailable bool
}

func (t *sumOfSeats) add(s Seats) {
	t.Seats.Seats = t.Plus(s.Seats)
	if s.Limit != nil || s.Assigned != nil || s.Available != nil {
		t.noLimit = t.noLimit || s.Limit == nil
		t.noAssigned = t.noAssigned || s.Assigned == nil
		t.noAvailable = t.noAvailable || s.Available == nil
	}
}

func (t *sumOfSeats) sum() Seats {
	s := t.Seats
	s.Kind = "" // the products can differ
	if t.noLimit {
		s.Limit = nil
	}
	if t.noAssigned {
		s.Assigned = nil
	}
	if t.noAvailable {
		s.Available = nil
	}
	return s
}
