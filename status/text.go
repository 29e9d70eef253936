package status

import (
	"math"
	"strconv"
	"time"
)

// EndDate returns the day of the end as people write it, at 00:00 UTC. It is zero without an end.
//
// Vendors give the time at which cover ends. An end at 00:00 UTC has the date of that day, as in
// their portals. Operators give the last day of cover. A policy's end of 2027-03-31 is the time at
// which that day is over, and EndDate returns that day.
func (l *License) EndDate() time.Time { return l.date(l.End) }

// ActDate returns the day by which somebody has to act before the end. It is zero without an
// end.
func (l *License) ActDate() time.Time { return l.date(l.Act) }

func (l *License) date(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	if l.EndByPolicy {
		t = t.Add(-time.Nanosecond)
	}
	year, month, day := t.UTC().Date()
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
