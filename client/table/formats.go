package table

import (
	"fmt"
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
			found = append(found, fmt.Errorf("never[%d]: must be a word that means that there is no end, such as perpetual; an empty date is no date without it", i))
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
