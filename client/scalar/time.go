package scalar

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Time is a date in any of the formats that vendors send. Null, an empty text and "N/A"
// mean that there is no date.
type Time struct {
	// Time is zero if there is no date or it could not be read. It is in UTC. A date
	// without a zone is in UTC, and one without a time is the start of its day.
	time.Time
	// Unreadable is set if there is a value in no known format.
	Unreadable bool
}

// timeLayouts are the formats of dates. Those with seconds also read fractions of a
// second.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", time.DateOnly,
	"Jan 2, 2006", "January 2, 2006",
}

// timeLayoutsUS are formats in which the month comes first.
var timeLayoutsUS = append(slices.Clip(timeLayouts), "1/2/2006 3:04:05 PM", "1/2/2006")

// utc matches the zone that is left out before a text is parsed. Package time would read
// the abbreviation of any other zone as UTC, too.
var utc = regexp.MustCompile(` (UTC|GMT)$`)

// narrowSpace precedes AM and PM in dates that newer versions of .NET write.
const narrowSpace = "\u202f"

// USTime is a Time of a vendor that also writes dates as in the United States, with the
// month first.
type USTime Time

// UnmarshalJSON reads any value. It never fails.
func (t *Time) UnmarshalJSON(b []byte) error {
	t.parse(b, timeLayouts)
	return nil
}

// UnmarshalJSON reads any value. It never fails.
func (t *USTime) UnmarshalJSON(b []byte) error {
	(*Time)(t).parse(b, timeLayoutsUS)
	return nil
}

func (t *Time) parse(b []byte, layouts []string) {
	*t = Time{}
	if n := len(b); n > 2 && b[0] == '"' { // the fast path for the most common format
		var parsed time.Time
		if parsed.UnmarshalText(b[1:n-1]) == nil {
			t.set(parsed)
			return
		}
	}
	value, ok := String(b)
	if len(value) == 0 {
		t.Unreadable = !ok
		return
	}
	if strings.EqualFold(string(value), "N/A") {
		return
	}
	text := utc.ReplaceAllString(strings.ReplaceAll(string(value), narrowSpace, " "), "")
	for _, layout := range layouts {
		if isLetter(layout[0]) != isLetter(text[0]) {
			continue // the errors of package time cost more than what they are for
		}
		if parsed, err := time.Parse(layout, text); err == nil {
			t.set(parsed)
			return
		}
	}
	t.Unreadable = true
}

func isLetter(b byte) bool { return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' }

// The first and the last year of .NET's calendar mean that there is no date.
var (
	noDateBefore = time.Date(2, time.January, 1, 0, 0, 0, 0, time.UTC)
	noDateFrom   = time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC)
)

func (t *Time) set(parsed time.Time) {
	if !parsed.Before(noDateBefore) && parsed.Before(noDateFrom) {
		t.Time = parsed.UTC()
	}
}

// Bad implements Value.
func (t *Time) Bad() bool { return t.Unreadable }

// Bad implements Value.
func (t *USTime) Bad() bool { return t.Unreadable }
