package table

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"license_exporter/client/rest"
	"license_exporter/internal/spelling"
)

// find returns the position of the column with a name, and how many columns have it. Names are
// compared exactly or, if none is equal, without regard to upper and lower case or, if again none is equal, to the
// kind of spaces and line ends between words.
func find(columns []string, name string) (at, n int) {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold, sameWords} {
		for i, column := range columns {
			if same(column, name) {
				if n == 0 {
					at = i
				}
				n++
			}
		}
		if n > 0 {
			break
		}
	}
	return at, n
}

func sameWords(a, b string) bool {
	return slices.EqualFunc(strings.Fields(a), strings.Fields(b), strings.EqualFold)
}

// resolve returns the positions of the columns that references name, -1 for an optional one that is missing.
// isHeader is set if the names are the first line of a file.
func resolve(columns []string, refs []Reference, isHeader bool) ([]int, error) {
	places := make([]int, len(refs))
	var problems []string
	isFar := false // whether one is missing and none is named alike
	for i, ref := range refs {
		at, n := find(columns, strings.TrimSpace(ref.Column))
		switch places[i] = at; {
		case n > 1:
			problems = append(problems, fmt.Sprintf("%s: %d columns are named %q; rename the others", ref.Key, n, rest.Clip(ref.Column)))
		case n == 0 && ref.Optional:
			places[i] = -1
		case n == 0:
			problem, near := missing(columns, ref)
			problems = append(problems, problem)
			isFar = isFar || !near
		}
	}
	if problems == nil {
		return places, nil
	}
	if isFar {
		problems = append(problems, listed(columns, isHeader))
	}
	return nil, errors.New(strings.Join(problems, "; "))
}

// missing says that there is no column for a reference. near reports whether one is named alike.
func missing(columns []string, ref Reference) (text string, near bool) {
	text = fmt.Sprintf("%s: there is no column %q", ref.Key, rest.Clip(ref.Column))
	lower := make([]string, len(columns))
	for i, column := range columns {
		lower[i] = strings.ToLower(column)
	}
	if name := spelling.Nearest(strings.ToLower(ref.Column), lower); name != "" && !likeData(name) {
		return text + fmt.Sprintf(", did you mean %q?", rest.Clip(columns[slices.Index(lower, name)])), true
	}
	if slices.Contains(constants, ref.Key[strings.LastIndexByte(ref.Key, '.')+1:]) {
		text += fmt.Sprintf(`; if that is the value, write ="%s"`, rest.Clip(ref.Column))
	}
	return text, false
}

// constants are the fields that often have the same value in all records.
var constants = []string{"component", "currency", "manufacturer", "notice", "organization", "organization_name", "owner", "product_type", "renewal", "unit"}

// listed lists the columns. If the first line of a file is not a header, it may have people in it, so
// nothing of it is shown.
func listed(columns []string, isHeader bool) string {
	const most, length = 20, 40
	if isHeader && slices.ContainsFunc(columns, likeData) {
		return "the first line of the table must have the names of the columns"
	}
	var names []string
	for _, column := range columns {
		if column == "" || likeData(column) && !isHeader {
			continue
		}
		if runes := []rune(rest.Clip(column)); len(runes) > length {
			column = string(runes[:length]) + "…"
		}
		names = append(names, fmt.Sprintf("%q", rest.Plain(column)))
	}
	if names == nil {
		return "there are no columns"
	}
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return "the columns are " + strings.Join(names, ", ") + more
}

var (
	year = regexp.MustCompile(`^(19|20)\d\d$`)
	// licenseKey matches what most license keys look like.
	licenseKey = regexp.MustCompile(`^[0-9A-Z]{4,}(-[0-9A-Z]{4,}){2,}$`)
)

// likeData reports whether a text looks like a value rather than the name of a column: an e-mail
// address, a number, a date or a license key.
func likeData(text string) bool {
	digits, letters := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return strings.Contains(text, "@") || digits > letters && !year.MatchString(text) || licenseKey.MatchString(text)
}
