package web

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"license_exporter/licensing"
	"license_exporter/status"
)

// The classes that style.css colors. The page always shows the same in words.
const (
	classCritical = "critical"
	classWarning  = "warning"
	classNotice   = "notice"
	classOK       = "ok"
)

// moment is a time in the formats that the page shows.
type moment struct {
	Words string
	Exact string // for machines, and shown on hovering
	Date  string
	Class string
}

func newMoment(t time.Time, words, class string) *moment {
	t = t.UTC()
	return &moment{Words: words, Exact: t.Format(time.RFC3339), Date: t.Format(time.DateOnly), Class: class}
}

// ending formats the end of something. It returns nil if there is no end.
func ending(end, now time.Time) *moment {
	if end.IsZero() {
		return nil
	}
	if !end.After(now) {
		return newMoment(end, "expired "+inDays(end, now), classCritical)
	}
	return newMoment(end, "ends "+inDays(end, now), urgency(end.Sub(now)))
}

// urgency returns the class for something that ends after some time. Its limits
// are licensing.Horizons.
func urgency(left time.Duration) string {
	for i, class := range []string{classCritical, classWarning, classNotice} {
		if left <= time.Duration(licensing.Horizons[i])*licensing.Day {
			return class
		}
	}
	return classOK
}

// inDays returns the time from now to t in words. It counts calendar days in UTC.
func inDays(t, now time.Time) string {
	// A time.Duration would end after 292 years.
	day := func(t time.Time) int {
		return int(t.UTC().Truncate(licensing.Day).Unix() / int64(licensing.Day/time.Second))
	}
	switch days := day(t) - day(now); {
	case days < -1:
		return fmt.Sprintf("%s days ago", integer(-days))
	case days == -1:
		return "yesterday"
	case days == 0:
		return "today"
	case days == 1:
		return "tomorrow"
	default:
		return fmt.Sprintf("in %s days", integer(days))
	}
}

// ago formats the age of facts. It returns nil if there are no facts.
func ago(t, now time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	age := now.Sub(t)
	words := fmt.Sprintf("%s days ago", integer(int(age/licensing.Day)))
	switch {
	case age < time.Second:
		words = "just now"
	case age < time.Minute:
		words = fmt.Sprintf("%d s ago", age/time.Second)
	case age < time.Hour:
		words = fmt.Sprintf("%d min ago", age/time.Minute)
	case age < 2*licensing.Day:
		words = fmt.Sprintf("%d h ago", age/time.Hour)
	}
	return newMoment(t, words, "")
}

// seatsView shows seats in words, and as a bar if there are numbers to compare.
type seatsView struct {
	Bar     bool
	Percent int // of the bar
	Class   string
	Words   string
	Short   string
}

// nearlyUsed is the ratio of assigned seats from which the bar is a warning.
const nearlyUsed = 0.9

// newSeats shows seats of one unit. It shows nothing of seats of several units.
func newSeats(all []status.Seats) seatsView {
	var v seatsView
	if len(all) != 1 {
		return v
	}
	limit, assigned, needed, available := all[0].Limit, all[0].Assigned, all[0].Required, all[0].Available
	switch {
	case limit != nil && assigned != nil:
		v.Words = fmt.Sprintf("%s of %s assigned", quantity(*assigned), quantity(*limit))
		v.bar(*assigned, *limit)
		if *assigned > *limit {
			v.Class = classCritical
			v.Words += fmt.Sprintf(", %s too many", quantity(*assigned-*limit))
		} else if *limit > 0 && *assigned >= nearlyUsed**limit {
			v.Class = classWarning
		}
	case limit != nil && needed != nil:
		// Only the vendor knows which license fits which device, so that too
		// few is only a warning. As many seats as needed are fine.
		v.Words = fmt.Sprintf("%s bought, %s needed", quantity(*limit), quantity(*needed))
		v.bar(*needed, *limit)
		if *needed > *limit {
			v.Class = classWarning
		}
	case limit != nil:
		v.Words = quantity(*limit) + " bought"
	case assigned != nil:
		v.Words = quantity(*assigned) + " assigned"
	case needed != nil:
		v.Words = quantity(*needed) + " needed"
	case available != nil:
		v.Words = quantity(*available) + " available"
	}
	return v
}

func (v *seatsView) bar(used, limit float64) {
	v.Bar, v.Class, v.Percent = true, classOK, 100
	if used < limit {
		v.Percent = int(max(used, 0) / limit * 100)
	}
}

// complianceView is the vendor's verdict in words.
type complianceView struct {
	Words, Class string
	Details      string
}

func newCompliance(o *organization) complianceView {
	switch {
	case o.Compliant == nil:
		return complianceView{}
	case *o.Compliant:
		return complianceView{Words: "compliant", Class: classOK}
	case o.Violations == 0:
		return complianceView{Words: "not compliant", Class: classNotice, Details: "muted"}
	}
	return complianceView{Words: "not compliant", Class: classCritical, Details: counted(o.Violations, "violation")}
}

// failureView shows the failure of a collector.
type failureView struct {
	Collector, Reason, Objects, Message, Advice string
	Open                                        bool
}

const (
	maxFailures = 3   // per account or organization
	maxMessage  = 300 // runes of a message
	maxObjects  = 600 // runes of the names of objects
	maxName     = 120 // runes of a name
)

func newFailures(all []status.Failure) (shown []failureView, more int) {
	for i, f := range all {
		if i == maxFailures {
			return shown, len(all) - maxFailures
		}
		shown = append(shown, failureView{
			Collector: f.Collector, Reason: string(f.Reason),
			Objects: shorten(f.Objects, maxObjects), Message: shorten(f.Message, maxMessage), Advice: f.Reason.Advice(),
		})
	}
	return shown, 0
}

func newNotes(all []status.Note) []status.Note {
	shown := slices.Clone(all)
	for i := range shown {
		shown[i].What, shown[i].Why = shorten(shown[i].What, maxMessage), shorten(shown[i].Why, maxMessage)
	}
	return shown
}

// shorten truncates a text. Vendors can send texts of any length.
func shorten(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes-1]) + "…"
}

// counted returns a number with a noun, such as "2 products".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return integer(n) + " " + thing + "s"
}

func integer(n int) string { return quantity(float64(n)) }

// quantity formats a number with commas between thousands and at most two
// decimals.
func quantity(n float64) string {
	if rounded := math.Round(n*100) / 100; !math.IsInf(rounded, 0) {
		n = rounded + 0 // 0 for -0
	}
	digits, fraction, _ := strings.Cut(strconv.FormatFloat(n, 'f', -1, 64), ".")
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if fraction != "" {
		digits += "." + fraction
	}
	return sign + digits
}
