package table

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/common/model"
)

// maxField bounds the text of a field, in bytes. Facts keep texts, so longer ones could take any amount of memory.
const maxField = 1 << 10

// email matches what contains an e-mail address.
var email = regexp.MustCompile(`[^\s@<>]@[^\s@<>]+\.[^\s@<>]`)

// fieldText returns a text for a field: with single spaces between words.
func fieldText(text string) (clean, advice string) {
	plain := true // in nearly all texts, nothing changes
	for i := range len(text) {
		b := text[i]
		if b < ' ' || b == '@' || b >= utf8.RuneSelf || b == ' ' && (i == 0 || i == len(text)-1 || text[i-1] == ' ') {
			plain = false
			break
		}
	}
	switch {
	case len(text) > maxField:
		return "", "has more than 1024 bytes"
	case plain:
		return text, ""
	case !utf8.ValidString(text):
		return "", "is not UTF-8; save the table as UTF-8"
	case email.MatchString(text):
		return "", "has an e-mail address; map a column without people"
	}
	return strings.Join(strings.Fields(text), " "), ""
}

// boolean reads yes or no. ok is false if there is none.
func boolean(text string) (value, ok bool, advice string) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return false, false, ""
	case "true", "yes", "y", "1", "x":
		return true, true, ""
	case "false", "no", "n", "0":
		return false, true, ""
	}
	return false, false, "must be yes or no, true or false, 1 or 0, or x"
}

// renewal reads how a license is renewed: automatic, manual or empty.
func renewal(text string) (word, advice string) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return "", ""
	case "automatic", "auto", "automatically":
		return "automatic", ""
	case "manual", "manually":
		return "manual", ""
	}
	switch automatic, ok, _ := boolean(text); {
	case !ok:
		return "", "must be automatic or manual, or yes or no"
	case automatic:
		return "automatic", ""
	}
	return "manual", ""
}

// daysAlone matches a number of days.
var daysAlone = regexp.MustCompile(`(?i)^(\d{1,5})\s*(?:days?)?$`)

// notice reads how long before the end somebody has to act: a number of days, or a duration as in Prometheus.
func notice(text string) (length time.Duration, ok bool, advice string) {
	const unreadable = "must be a number of days, or a duration such as 60d or 8w"
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false, ""
	}
	if m := daysAlone.FindStringSubmatch(text); m != nil {
		text = m[1] + "d"
	}
	parsed, err := model.ParseDuration(text)
	if err != nil {
		return 0, false, unreadable
	}
	return time.Duration(parsed), true, ""
}
