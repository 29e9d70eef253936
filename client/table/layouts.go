package table

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// hasClock reports whether dates of a layout have a time of day.
func hasClock(layout string) bool {
	for _, part := range [...]string{"15", "03", "3:", "04", "05", "PM", "pm"} {
		if strings.Contains(layout, part) {
			return true
		}
	}
	return false
}

var (
	// layoutPart matches the parts of layouts that package time knows.
	layoutPart = regexp.MustCompile(`2006|January|Jan|Monday|Mon|MST|Z07:00:00|Z070000|Z07:00|Z0700|Z07|[-+]07:00:00|[-+]070000|[-+]07:00|[-+]0700|[-+]07` +
		`|__2|002|_2|05[.,](000|999)\d*|0[1-6]|15|PM|pm|[1-5]|T`)
	letterOrDigit = regexp.MustCompile(`[\pL\d%]+`)
)

// checkLayout returns what is wrong with a layout of dates, or an empty text.
func checkLayout(layout string) string {
	if letterOrDigit.MatchString(layoutPart.ReplaceAllString(layout, " ")) {
		if meant := translateLayout(layout); meant != "" {
			return fmt.Sprintf("must be written with the date 2 January 2006: %q, not %q", meant, clip(layout))
		}
		return fmt.Sprintf(`must be the date 2 January 2006 at 15:04:05 as the table would write it, such as "02.01.2006" or "Jan 2, 2006", not %q`, clip(layout))
	}
	probe := time.Date(2031, time.October, 27, 0, 0, 0, 0, time.UTC)
	read, err := time.Parse(layout, probe.Format(layout))
	switch {
	case strings.TrimSpace(layout) != layout || layout == "":
		return "must have no space before and after it"
	case err != nil, read.YearDay() != probe.YearDay() && read.Year() == probe.Year(), read.Year() != probe.Year():
		return fmt.Sprintf(`must have a year, a month and a day, such as "02.01.2006", not %q`, clip(layout))
	}
	return ""
}

// conflict returns what is wrong with two layouts if a text is one day with the first and
// another day with the second.
func conflict(first, second string) string {
	for _, text := range [...]string{
		time.Date(2026, time.April, 3, 0, 0, 0, 0, time.UTC).Format(first), time.Date(2010, time.November, 12, 0, 0, 0, 0, time.UTC).Format(first),
	} {
		a, errA := time.Parse(first, text)
		b, errB := time.Parse(second, text)
		if errA == nil && errB == nil && !a.Equal(b) {
			return fmt.Sprintf("%q and %q read %s as different days; keep the one that the table uses", first, second, text)
		}
	}
	return ""
}

// foreignParts match the parts of layouts as other programs write them, with those of package
// time. The first that matches counts.
var foreignParts = []struct {
	*regexp.Regexp
	part string
}{
	{regexp.MustCompile(`^(%Y|[yY]{4}|[jJ]{4}|[aA]{4}|%G)`), "2006"},
	{regexp.MustCompile(`^(%y|[yY]{2}|[jJ]{2})`), "06"},
	{regexp.MustCompile(`^(%B|[mM]{4})`), "January"},
	{regexp.MustCompile(`^(%b|%h|[mM]{3})`), "Jan"},
	{regexp.MustCompile(`^(%H|HH|hh)`), "15"},
	{regexp.MustCompile(`^(%M)`), "04"},
	{regexp.MustCompile(`^(%S|ss|SS)`), "05"},
	{regexp.MustCompile(`^(%d|[dD]{2}|TT|tt)`), "02"},
	{regexp.MustCompile(`^(%e|%-d|[dD]|T)`), "2"},
	{regexp.MustCompile(`^(%m|[mM]{2})`), "01"},
	{regexp.MustCompile(`^(%-m|[mM])`), "1"},
	{regexp.MustCompile(`^[^\pL\d%]+`), ""},
}

// translateLayout returns the layout of package time for one such as yyyy-mm-dd or %d.%m.%Y, or
// an empty text.
func translateLayout(layout string) string {
	var b strings.Builder
next:
	for rest := layout; rest != ""; {
		for _, f := range foreignParts {
			found := f.FindString(rest)
			if found == "" {
				continue
			}
			switch {
			case f.part == "":
				b.WriteString(found)
			case f.part == "01" && strings.HasSuffix(b.String(), "15:"):
				b.WriteString("04")
			default:
				b.WriteString(f.part)
			}
			rest = rest[len(found):]
			continue next
		}
		return ""
	}
	if b.String() == layout || checkLayout(b.String()) != "" {
		return ""
	}
	return b.String()
}

// adviseNumber says what a number may be that is no Unix time.
func adviseNumber(text string, n float64) string {
	const firstDay, lastDay = 25569, 73050 // 1970 and 2099, counted by spreadsheets
	if firstDay <= n && n <= lastDay {
		return "is a day number of a spreadsheet; format the column as a date"
	}
	return adviseLayout(text)
}

// datePart matches the parts of a date as people write it.
var datePart = regexp.MustCompile(`\d{1,2}:\d{2}(:\d{2})?(\s?[AaPp][Mm]\b)?|\d+|[\pL]+|[^\pL\d]+`)

// adviseLayout says which layout reads a text.
func adviseLayout(text string) string {
	const unknown = "is not a date in a known format"
	if text == "" || !strings.ContainsAny(text, "0123456789") {
		return unknown + `; if it means that there is no end, add it to never`
	}
	layouts := layoutsOf(text)
	switch len(layouts) {
	case 0:
		var problem *time.ParseError
		if _, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))]); errors.As(err, &problem) && strings.HasSuffix(problem.Message, "out of range") {
			return "is not a date, since this day or month does not exist"
		}
		return unknown + `; write it as 2026-12-31, or add its layout to dates`
	case 1:
		return fmt.Sprintf("%s; add the layout %q to dates", unknown, layouts[0])
	}
	first, _ := time.Parse(layouts[0], text)
	second, _ := time.Parse(layouts[1], text)
	return fmt.Sprintf("may be %s or %s; add the layout %q or %q to dates", first.Format("2 January"), second.Format("January 2"), layouts[0], layouts[1])
}

// layoutsOf returns the layouts that read a text: one, or two if the text may be two days, of which the
// first has the day before the month.
func layoutsOf(text string) []string {
	if len(text) > longestDate || strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) && r != '\u202f' && r != '\u00a0' }) {
		return nil
	}
	parts := datePart.FindAllString(text, -1)
	var numbers []int // the parts that are numbers of the date
	named := false
	for i, part := range parts {
		switch c := part[0]; {
		case strings.Contains(part, ":") && '0' <= c && c <= '9':
			parts[i] = clockLayout(part)
		case '0' <= c && c <= '9':
			numbers = append(numbers, i)
		case strings.TrimSpace(part) == "" || !isLetters(part):
		default:
			layout := nameLayout(part)
			named = named || strings.HasPrefix(layout, "Jan")
			parts[i] = layout
		}
	}
	var found []string
	for _, order := range [...]string{"dmy", "mdy", "ymd", "dy", "yd", "s", "S"} {
		if len(order) != len(numbers) || named != (len(order) == 2) {
			continue
		}
		dotted := len(numbers) == 3 && parts[numbers[0]+1] == "."
		if order == "mdy" && dotted || order[0] == 'y' && len(found) > 0 {
			// Dates with points have the day before the month everywhere. A year is first only if nothing
			// else is possible.
			continue
		}
		layout := make([]string, len(parts))
		copy(layout, parts)
		for k, i := range numbers {
			layout[i] = numberLayout(order[k], parts[i])
			if named && layout[i] == "02" {
				layout[i] = "2" // reads both 2 Jan and 12 Jan
			}
		}
		candidate := strings.Join(layout, "")
		if read, err := time.Parse(candidate, text); err == nil && checkLayout(candidate) == "" && read.Year() > 1 {
			found = append(found, candidate)
		}
	}
	if len(found) == 2 {
		a, _ := time.Parse(found[0], text)
		if b, _ := time.Parse(found[1], text); a.Equal(b) {
			return found[:1]
		}
	}
	return found
}

func isLetters(text string) bool { return letterOrDigit.FindString(text) == text }

func clockLayout(text string) string {
	layout := "15:04"
	if strings.Count(text, ":") == 2 {
		layout += ":05"
	}
	upper := strings.ToUpper(text)
	if !strings.HasSuffix(upper, "M") {
		return layout
	}
	hour := "03"
	if text[1] == ':' {
		hour = "3"
	}
	mark := "PM"
	if upper != text {
		mark = "pm"
	}
	between := ""
	if strings.ContainsAny(text, " \u00a0\u202f") {
		between = " "
	}
	return hour + layout[2:] + between + mark
}

func nameLayout(word string) string {
	for _, layout := range [...]string{"Jan", "January", "Mon", "Monday"} {
		if _, err := time.Parse(layout, word); err == nil {
			return layout
		}
	}
	switch {
	case word == "T":
		return "T"
	case word == strings.ToUpper(word) && 3 <= len(word) && len(word) <= 4:
		return "MST"
	}
	return word
}

func numberLayout(kind byte, digits string) string {
	short := func(layout string) string {
		if len(digits) == 1 {
			return strconv.Itoa(int(layout[1] - '0'))
		}
		return layout
	}
	switch {
	case kind == 'd' && len(digits) <= 2:
		return short("02")
	case kind == 'm' && len(digits) <= 2:
		return short("01")
	case kind == 'y' && len(digits) == 4:
		return "2006"
	case kind == 'y' && len(digits) == 2:
		return "06"
	case kind == 's' && len(digits) == 8:
		return "20060102"
	case kind == 'S' && len(digits) == 14:
		return "20060102150405"
	}
	return "?"
}
