package web

import (
	"fmt"
	"slices"
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
}

func newMoment(t time.Time, words string) *moment {
	t = t.UTC()
	return &moment{Words: words, Exact: t.Format(time.RFC3339), Date: t.Format(time.DateOnly)}
}

// asOf formats the moment that a page is about.
func asOf(now time.Time) *moment { return newMoment(now, now.UTC().Format("2006-01-02 15:04:05 UTC")) }

// newEnd formats the end of a license. It returns nil if there is none.
func newEnd(l *status.License, now time.Time) *moment {
	if l.End.IsZero() {
		return nil
	}
	end := l.ShownEnd()
	verb := "ends "
	switch {
	case !l.End.After(now):
		verb = "ended "
	case l.Renews:
		verb = "renews "
	}
	return newMoment(end, verb+inDays(end, now))
}

// newProblemOf is like newProblem, for a problem of a license. It shows the end as newEnd
// does.
func newProblemOf(l *status.License, p status.Problem, now time.Time) problemView {
	if p.When.Equal(l.End) && !l.End.IsZero() {
		p.When = l.ShownEnd()
	} else {
		p.When = status.Shown(p.When, l.Days)
	}
	v := newProblem(p, now)
	if p.Kind == status.Expired && p.When.After(now) {
		v.When = nil // other licenses of the product have ended
	}
	return v
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
	return newMoment(t, words)
}

// seatsView shows seats of one unit in words, and as a bar if there are numbers to compare.
type seatsView struct {
	Bar         bool
	Percent     int // of the bar
	Class       string
	Words, Unit string
}

// nearlyUsed is the ratio of assigned seats from which the bar is a warning.
const nearlyUsed = 0.9

// newSeats shows the seats of the first units, and returns how many further units there are.
// Units of which nothing is known are left out.
func newSeats(all []status.Seats) (shown []seatsView, more int) {
	for i := range all {
		v := seatsOf(&all[i])
		switch {
		case v.Words == "":
		case len(shown) == maxUnits:
			more++
		default:
			shown = append(shown, v)
		}
	}
	return shown, more
}

func seatsOf(s *status.Seats) seatsView {
	v := seatsView{Unit: shorten(s.UnitName, maxUnit)}
	switch {
	case s.Limit != nil && s.Assigned != nil:
		v.Words = fmt.Sprintf("%s of %s assigned", quantity(*s.Assigned), quantity(*s.Limit))
		v.bar(*s.Assigned, *s.Limit)
		if *s.Assigned > *s.Limit {
			v.Class = classCritical
			v.Words += fmt.Sprintf(", %s too many", quantity(*s.Assigned-*s.Limit))
		} else if *s.Limit > 0 && *s.Assigned >= nearlyUsed**s.Limit {
			v.Class = classWarning
		}
	case s.Limit != nil && s.Required != nil:
		// Only the vendor knows which license fits which device, so too few are
		// only a warning. As many seats as are required are fine.
		v.Words = fmt.Sprintf("%s bought, %s required", quantity(*s.Limit), quantity(*s.Required))
		v.bar(*s.Required, *s.Limit)
		if *s.Required > *s.Limit {
			v.Class = classWarning
		}
	case s.Limit != nil:
		v.Words = quantity(*s.Limit) + " bought"
		if s.Available != nil {
			v.Words += ", " + available(*s.Available)
		}
	case s.Assigned != nil:
		v.Words = quantity(*s.Assigned) + " assigned"
	case s.Required != nil:
		v.Words = quantity(*s.Required) + " required"
	case s.Available != nil:
		v.Words = available(*s.Available)
	}
	return v
}

// available returns a number of available seats in words.
func available(n float64) string {
	if n < 0 {
		return quantity(-n) + " short"
	}
	return quantity(n) + " free"
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
	severity := status.Severity(0)
	for i := range o.Licenses {
		severity = max(severity, o.Licenses[i].SeverityOf(status.NonCompliant))
	}
	v := verdict(o.Compliant, o.Violations == 0, severity)
	if o.Violations > 1 {
		v.Details = counted(o.Violations, "verdict")
	}
	return v
}

// verdict shows a verdict of the vendor, which is nil if there is none, and the severity of the
// problem that it is.
func verdict(compliant *bool, muted bool, severity status.Severity) complianceView {
	switch {
	case compliant == nil:
		return complianceView{}
	case *compliant:
		return complianceView{Words: "compliant", Class: classOK}
	case muted:
		return complianceView{Words: "not compliant", Class: classNotice, Details: "muted"}
	case severity == 0: // of the account as a whole, or of all licenses
		return complianceView{Words: "not compliant", Class: classNotice, Details: "follows from another problem"}
	}
	return complianceView{Words: "not compliant", Class: severityClass(severity)}
}

// missingWords returns how many seats are missing by the vendor's count.
func missingWords(all []status.Missing) string {
	sum, unit := 0.0, ""
	for i := range all {
		if sum += all[i].Seats; i == 0 {
			unit = all[i].UnitName
		} else if unit != all[i].UnitName {
			unit = ""
		}
	}
	if sum <= 0 {
		return ""
	}
	return joined(quantity(sum)+" missing", shorten(unit, maxUnit))
}

// newCosts shows the first sums by currency, and returns how many further sums there are.
func newCosts(sums []status.Cost) (shown []string, more int) {
	for i, c := range sums {
		if i == maxCosts {
			return shown, len(sums) - maxCosts
		}
		shown = append(shown, money(c.Amount)+" "+shorten(status.Plain(c.Currency), maxUnit))
	}
	return shown, 0
}

// money formats an amount of money. It has no decimals or two.
func money(n float64) string {
	s := quantity(n)
	if at := strings.IndexByte(s, '.'); at >= 0 && at == len(s)-2 {
		s += "0"
	}
	return s
}

// joined joins texts that are not empty.
func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), " · ")
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
	maxUnit     = 40  // runes of a unit or a currency
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
	digits, fraction, _ := strings.Cut(strings.TrimPrefix(status.Decimal(n), "+"), ".") // of +Inf
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
