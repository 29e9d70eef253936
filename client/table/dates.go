package table

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Formats says how a table writes dates and numbers.
type Formats struct {
	// Dates are layouts of dates as package time has them, beside those that are always known.
	Dates []string
	// Never are words for no end, beside never, n/a and none.
	Never []string
	// Decimal is the decimal mark of numbers with groups of digits, "," or ".". If it is empty,
	// numbers have a decimal point and no groups.
	Decimal string
	// Location is the time zone of dates without one, UTC if it is nil.
	Location *time.Location
}

// Check returns what is wrong with the formats. Each error begins with the key.
func (f *Formats) Check() []error {
	var found []error
	for i, layout := range f.Dates {
		problem := checkLayout(layout)
		for _, other := range f.Dates[:i] {
			if problem == "" {
				problem = conflict(other, layout)
			}
		}
		if problem != "" {
			found = append(found, fmt.Errorf("dates[%d]: %s", i, problem))
		}
	}
	for i, word := range f.Never {
		if strings.TrimSpace(word) == "" {
			found = append(found, fmt.Errorf("never[%d]: must be a word for no end, such as perpetual", i))
		}
	}
	if f.Decimal != "" && f.Decimal != "," && f.Decimal != "." {
		found = append(found, fmt.Errorf(`decimal: must be "," for numbers such as 1.200,50 or "." for 1,200.50, not %q`, clip(f.Decimal)))
	}
	return found
}

func (f *Formats) location() *time.Location {
	if f.Location == nil {
		return time.UTC
	}
	return f.Location
}

// clip returns the beginning of a text for an error.
func clip(text string) string {
	const longest = 40
	for i := range text {
		if i >= longest {
			return text[:i] + "…"
		}
	}
	return text
}

// moment is a date that was read.
type moment struct {
	// Time is zero if there is no date. Of a day, it is the midnight with which the day begins,
	// in UTC, until Formats.place gives it its time zone.
	time.Time
	// day is set if it is a date without a time.
	day bool
	// never is set if the text says that there is no end.
	never bool
}

// longestDate is more than any date has bytes.
const longestDate = 64

// date reads a date. If it cannot be read, advice says why and what to do. Empty texts give no date.
// The layouts are tried first.
//
// The years from 9000 on mean that there is no end. The first year of calendars, 1970-01-01 00:00 UTC and the days zero
// of spreadsheets are what programs write for an empty date, and no date; other years before 1970 cannot be read.
func (f *Formats) date(text string, layouts ...string) (m moment, advice string) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return moment{}, ""
	case f.isNever(text):
		return moment{never: true}, ""
	case len(text) > longestDate:
		return moment{}, "is too long for a date"
	}
	m, ok := f.byLayouts(text, layouts)
	if !ok {
		m, ok = f.byKnownLayouts(text)
	}
	if !ok && isNumeric(text) {
		// Layouts of digits only, such as 20060102150405, come before Unix time, or they would
		// never be used.
		if m, ok = f.byLayouts(text, f.Dates); !ok {
			m, advice = unixTime(text)
			if advice != "" {
				return moment{}, advice
			}
			ok = true
		}
	}
	if !ok {
		m, ok = f.byLayouts(text, f.Dates)
	}
	if !ok {
		return moment{}, adviseLayout(text)
	}
	return m.actual()
}

func (f *Formats) isNever(text string) bool {
	for _, word := range [...]string{"never", "n/a", "none"} {
		if strings.EqualFold(text, word) {
			return true
		}
	}
	for _, word := range f.Never {
		if strings.EqualFold(text, strings.TrimSpace(word)) {
			return true
		}
	}
	return false
}

// actual replaces what programs write for an empty date, and years that mean that there is no end.
func (m moment) actual() (date moment, advice string) {
	at := m.Time.UTC()
	switch year := at.Year(); {
	case m.IsZero(), year <= 1, at.Unix() == 0,
		year == 1900 && at.YearDay() == 1, year == 1899 && at.Month() == time.December && at.Day() >= 30:
		return moment{}, ""
	case year < 1970:
		return moment{}, "is a date before 1970"
	case year >= 9000:
		return moment{never: true}, ""
	}
	return m, ""
}

// clockLayouts are layouts of dates with a time. Those with seconds also read fractions.
var clockLayouts = [...]string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04",
}

func (f *Formats) byKnownLayouts(text string) (moment, bool) {
	const day = len(time.DateOnly)
	if len(text) < day || text[4] != '-' || text[7] != '-' {
		return moment{}, false // making an error of package time takes longer than this
	}
	if len(text) == day {
		parsed, err := time.Parse(time.DateOnly, text)
		return moment{Time: parsed, day: true}, err == nil
	}
	for _, layout := range clockLayouts {
		if layout[day] != text[day] {
			continue
		}
		if parsed, err := time.ParseInLocation(layout, text, f.location()); err == nil {
			return moment{Time: parsed}, true
		}
	}
	return moment{}, false
}

func (f *Formats) byLayouts(text string, layouts []string) (moment, bool) {
	numeric := len(layouts) > 0 && isNumeric(text)
	for _, layout := range layouts {
		if numeric && !isNumeric(layout) {
			continue // making an error of package time takes longer than this
		}
		day := !hasClock(layout)
		location := f.location()
		if day {
			location = time.UTC
		}
		if parsed, err := time.ParseInLocation(layout, text, location); err == nil {
			return moment{Time: parsed, day: day}, true
		}
	}
	return moment{}, false
}

func isNumeric(text string) bool {
	digits := strings.TrimLeft(text, "-")
	return len(text)-len(digits) <= 1 && digits != "" && strings.Trim(digits, "0123456789.") == "" && strings.Count(digits, ".") <= 1 && digits[0] != '.'
}

// Unix times below minUnix may be something else: the day number of a spreadsheet or 20261231.
const minUnix = 100_000_000

// unixTime reads Unix seconds and milliseconds. The size of the number says which it is.
func unixTime(text string) (m moment, advice string) {
	n, err := strconv.ParseFloat(text, 64)
	const year1, year9000, year10000 = -62135596800, 221845392000, 253402300800
	switch size := math.Abs(n); {
	case err != nil:
		return moment{}, "is not a date"
	case n == 0, n == year1, n == year1*1000:
		return moment{}, ""
	case n < 0:
		return moment{}, "is a date before 1970"
	case size < minUnix:
		return moment{}, adviseNumber(text, n)
	case n < minUnix*1000, year9000 <= n && n < year10000:
		seconds, fraction := math.Modf(n)
		return moment{Time: time.Unix(int64(seconds), int64(fraction*1e9)).UTC()}, ""
	case n < year10000*1000:
		return moment{Time: time.UnixMilli(int64(n)).UTC()}, ""
	}
	return moment{}, "is too large for Unix seconds or milliseconds"
}

// place returns the moment as a Date. A day is its end, or its beginning if it is the start of something.
func (f *Formats) place(m moment, start bool) Date {
	switch {
	case m.never:
		return Date{Never: true}
	case m.day && !m.IsZero():
		year, month, day := m.Date()
		if !start {
			day++
		}
		return Date{Time: midnight(year, month, day, f.location()).UTC()}
	case m.IsZero():
		return Date{}
	case m.Location() == dayLocation: // a day to which hours were added
		year, month, day := m.Date()
		return Date{Time: time.Date(year, month, day, m.Hour(), m.Minute(), m.Second(), m.Nanosecond(), f.location()).UTC()}
	}
	return Date{Time: m.UTC()}
}

// midnight returns the moment at which a day begins.
func midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	at := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if at.Hour() > 12 { // summer time begins at midnight, so the day begins at 01:00
		at = at.Add(time.Hour)
	}
	return at
}
