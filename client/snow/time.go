package snow

import (
	"strings"
	"time"
)

// Time is a date. The vendor sends RFC 3339, the same without a zone, a date without a
// time, or the format of the United States.
type Time struct {
	// Time is zero if there is no date or it could not be read. It is in UTC. Dates
	// without a zone are read as UTC.
	time.Time
	// Unreadable is set if there is a value in no known format.
	Unreadable bool
}

// timeLayouts are the formats of dates. Those with seconds also read fractions of a
// second.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly,
	"1/2/2006 3:04:05 PM", "1/2/2006",
}

// narrowSpace precedes AM and PM in dates that newer versions of .NET write.
const narrowSpace = "\u202f"

// UnmarshalJSON reads any value. It never fails.
func (t *Time) UnmarshalJSON(b []byte) error {
	*t = Time{}
	if n := len(b); n > 2 && b[0] == '"' { // the fast path for the most common format
		if parsed, err := time.Parse(time.RFC3339, string(b[1:n-1])); err == nil {
			t.set(parsed)
			return nil
		}
	}
	value, ok := scalar(b)
	if ok && len(value) == 0 {
		return nil
	}
	text := strings.ReplaceAll(string(value), narrowSpace, " ")
	for _, layout := range timeLayouts {
		if parsed, err := time.Parse(layout, text); err == nil {
			t.set(parsed)
			return nil
		}
	}
	t.Unreadable = true
	return nil
}

// set sets the date. The first and the last year of .NET's calendar mean that there is
// no date.
func (t *Time) set(parsed time.Time) {
	if parsed = parsed.UTC(); parsed.Year() > 1 && parsed.Year() < 9999 {
		t.Time = parsed
	}
}
