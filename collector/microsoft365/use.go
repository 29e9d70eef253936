package microsoft365

import (
	"cmp"
	"slices"
	"time"

	"license_exporter/licensing"
)

// fold adds the subscriptions of the SKU to a fold, with how much of what is assigned depends on each.
//
// The vendor assigns seats of a SKU, not of a subscription. So the seats that last longest are used first. Those of a
// subscription that has ended are then in use only as far as the others do not have enough.
//
// The date of a subscription whose status is Enabled may have passed: the vendor takes up to some days to set the next
// date after a renewal, or another status. By its word, the subscription has not ended, so nothing depends on what has. That
// also applies if the date passes between two fetches.
func (s *stock) fold(f *licensing.Fold, now time.Time) {
	slices.SortStableFunc(s.licenses, compareTerms)
	left := s.used
	carried := false // by what lasts longer
	for _, t := range s.licenses {
		l := t.License
		if l.Phase == licensing.Dormant {
			f.Add(l)
			continue
		}
		if l.InUse, left = use(left, l.Seats); !s.hasSeats {
			l.InUse = nil
		}
		if l.Phase == licensing.InForce {
			l.Unattended = carried && l.InUse != nil && *l.InUse == 0
			carried = true
			if l.InUse != nil || !l.End.IsZero() && !l.End.After(now) {
				l.InUse = licensing.Seat(0)
			}
		}
		f.Add(l)
	}
}

// use returns how many of the seats that are in use belong to a subscription with so many seats, and how many are left. They are
// nil if that is not known.
func use(inUse, seats *float64) (used, left *float64) {
	switch {
	case inUse == nil, *inUse == 0:
		return inUse, inUse
	case seats == nil:
		return nil, nil
	}
	used = licensing.Seat(min(*inUse, max(*seats, 0)))
	return used, licensing.Seat(*inUse - *used)
}

// compareTerms puts subscriptions first that last longer.
func compareTerms(a, b term) int {
	rank := func(t term) int {
		switch {
		case t.Phase == licensing.InForce && !t.EndUnknown && t.End.IsZero():
			return 0
		case t.Phase == licensing.InForce && !t.EndUnknown:
			return 1
		case t.Phase == licensing.InForce:
			return 2
		case t.Phase == licensing.Undetermined:
			return 3
		case t.Phase == licensing.Ended:
			return 4
		}
		return 5
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), b.next.Compare(a.next), cmp.Compare(a.ID, b.ID))
}
