package status

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// OwnerSum is what one owner has to do.
type OwnerSum struct {
	// Owner is empty for what has no owner.
	Owner string
	// Action is the number of products and licenses that need action, which is those with a
	// warning or worse. Ending is the number of those that end soon, and Renewing of those
	// that renew by themselves soon.
	Action, Ending, Renewing int
}

// MonthSum is what ends or renews by itself in a month, in UTC.
type MonthSum struct {
	// Month is the first moment of the month.
	Month time.Time
	// Ending and Renewing are numbers of products, and of licenses whose ends count like
	// those of products. What is muted is left out.
	Ending, Renewing int
	// Costs are those of what ends, by currency. They have no components.
	Costs []Cost
}

// ByOwner sums up by owner. The owner with the most to do comes first, and what has no owner
// last. It leaves out owners with nothing to do.
func (o *Overview) ByOwner() []OwnerSum {
	byOwner := map[string]*OwnerSum{}
	for l := range o.licenses {
		if len(l.Problems) == 0 {
			continue
		}
		sum := byOwner[l.Owner]
		if sum == nil {
			sum = &OwnerSum{Owner: l.Owner}
			byOwner[l.Owner] = sum
		}
		sum.Action += toInt(l.Severity() >= Warning)
		sum.Ending += toInt(l.Kinds.Has(Expiring))
		sum.Renewing += toInt(l.Kinds.Has(Renewing))
	}
	var sums []OwnerSum
	for _, sum := range byOwner {
		if sum.Action+sum.Ending+sum.Renewing > 0 {
			sums = append(sums, *sum)
		}
	}
	slices.SortFunc(sums, func(a, b OwnerSum) int {
		return cmp.Or(toInt(a.Owner == "")-toInt(b.Owner == ""), b.Action-a.Action, b.Ending-a.Ending, strings.Compare(a.Owner, b.Owner))
	})
	return sums
}

// ByMonth sums up by month, beginning with what is left of the current one. It includes months in
// which nothing ends.
func (o *Overview) ByMonth(months int) []MonthSum {
	sums := make([]MonthSum, months)
	year, month, _ := o.Now.UTC().Date()
	for i := range sums {
		sums[i].Month = time.Date(year, month+time.Month(i), 1, 0, 0, 0, 0, time.UTC)
	}
	after := time.Date(year, month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	for l := range o.licenses {
		if !l.Upcoming(o.Now) {
			continue
		}
		end := l.EndDate()
		if !end.Before(after) {
			continue
		}
		endYear, endMonth, _ := end.Date()
		sum := &sums[(endYear-year)*12+int(endMonth-month)]
		if l.Renews {
			sum.Renewing++
			continue
		}
		sum.Ending++
		sum.Costs = addCosts(sum.Costs, l.Costs)
	}
	return sums
}

// Upcoming reports whether an end, or a renewal, is still to come and counts in the sums by month.
func (l *License) Upcoming(now time.Time) bool { return l.EndCounts && !l.Muted && l.End.After(now) }

// Cost returns the sums of the costs by currency. They have no components.
func (l *License) Cost() []Cost { return addCosts(nil, l.Costs) }

// addCosts adds costs to sums by currency.
func addCosts(sums, costs []Cost) []Cost {
	for _, c := range costs {
		i, found := slices.BinarySearchFunc(sums, c.Currency, func(sum Cost, currency string) int { return strings.Compare(sum.Currency, currency) })
		if !found {
			sums = slices.Insert(sums, i, Cost{Currency: c.Currency})
		}
		sums[i].Amount += c.Amount
	}
	return sums
}

// licenses yields all licenses.
func (o *Overview) licenses(yield func(*License) bool) {
	for i := range o.Organizations {
		all := o.Organizations[i].Licenses
		for j := range all {
			if !yield(&all[j]) {
				return
			}
		}
	}
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
