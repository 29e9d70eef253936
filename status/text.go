package status

import (
	"math"
	"strconv"
	"time"
)

// EndDate returns the day of the end as people write it, at 00:00 UTC. It is zero without an end.
//
// Vendors give the time at which cover ends. An end at 00:00 UTC has the date of that day, as in
// their portals. Operators and some accounts, see License.Days, give the last day of cover. An end of
// 2027-03-31 is then the time at which that day is over, and EndDate returns that day.
func (l *License) EndDate() time.Time { return l.date(l.End) }

// ActDate returns the day by which somebody has to act before the end. It is zero without an
// end.
func (l *License) ActDate() time.Time { return l.date(l.Act) }

// DeadlineDate returns the day of the deadline. It is zero without one.
func (l *License) DeadlineDate() time.Time { return l.vendorDate(l.Deadline) }

// GraceDate returns the day of GraceEnd. It is zero without one.
func (l *License) GraceDate() time.Time { return l.vendorDate(l.GraceEnd) }

// ShownEnd returns the end as pages show it: EndDate if it is the end of a day, and otherwise End.
func (l *License) ShownEnd() time.Time {
	if l.EndByPolicy {
		return l.EndDate()
	}
	return Shown(l.End, l.Days)
}

// Shown returns a time that the vendor gives as pages show it: the day if it is the end of a day in a time
// zone, as in collector.Connection, and otherwise the time.
func Shown(t time.Time, days *time.Location) time.Time {
	if days == nil {
		return t
	}
	return lastDay(t, days)
}

func (l *License) date(t time.Time) time.Time {
	if l.EndByPolicy {
		return lastDay(t, time.UTC)
	}
	return l.vendorDate(t)
}

// vendorDate returns the day of a time that the vendor gives.
func (l *License) vendorDate(t time.Time) time.Time {
	return dayOf(Shown(t, l.Days).UTC())
}

// lastDay returns the last day before a time.
func lastDay(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return dayOf(t.Add(-time.Nanosecond).In(zone))
}

// dayOf returns the day of a time in its time zone, at 00:00 UTC.
func dayOf(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// dateText formats a date. It returns "" for the zero time.
func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// numberText formats a number with at most two decimals. It returns "" if that is not known.
func numberText(n *float64) string {
	if n == nil || math.IsNaN(*n) || math.IsInf(*n, 0) {
		return ""
	}
	return Decimal(*n)
}

// Decimal formats a number with at most two decimals.
func Decimal(n float64) string {
	if rounded := math.Round(n*100) / 100; !math.IsInf(rounded, 0) {
		n = rounded + 0 // 0 for -0
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
