package table

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// number matches numbers without groups of digits.
var number = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$`)

// grouped matches numbers with groups of digits, by the decimal mark. The separator of groups is the same
// throughout a number.
var grouped = map[string]*regexp.Regexp{
	",": regexp.MustCompile(`^[+-]?(\d{1,3}((\.\d{3})+|( \d{3})+|('\d{3})+)|\d+)(,\d+)?$`),
	".": regexp.MustCompile(`^[+-]?(\d{1,3}((,\d{3})+|( \d{3})+|('\d{3})+)|\d+)(\.\d+)?$`),
}

var (
	spaces      = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2019", "'")
	minus       = strings.NewReplacer("\u2212", "-")
	currency    = regexp.MustCompile(`^([+-]?) *(?:\p{Sc}|[A-Z]{3}) *(.*)$|^(.*?) *(?:\p{Sc}|[A-Z]{3})$`)
	groupMarks  = strings.NewReplacer(" ", "", "'", "")
	digitOrMark = regexp.MustCompile(`\d`)
)

// longestNumber is more than any number has bytes.
const longestNumber = 64

// number reads a number. ok is false if there is none. If it cannot be read, advice says why and what
// to do.
func (f *Formats) number(text string) (value float64, ok bool, advice string) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return 0, false, ""
	case isNoNumber(text):
		return 0, false, ""
	case len(text) > longestNumber:
		return 0, false, "is too long for a number"
	}
	plain := text
	switch {
	case f.Decimal != "":
		plain = withoutCurrency(text)
		if grouped[f.Decimal].MatchString(plain) {
			plain = groupMarks.Replace(plain)
			if f.Decimal == "," {
				plain = strings.ReplaceAll(strings.ReplaceAll(plain, ".", ""), ",", ".")
			} else {
				plain = strings.ReplaceAll(plain, ",", "")
			}
			break
		}
		if f.Decimal == "," { // in 1.5, the mark separates no group
			return 0, false, adviseDecimal(text, f.Decimal)
		}
		fallthrough
	default:
		if !number.MatchString(plain) {
			return 0, false, adviseDecimal(text, f.Decimal)
		}
	}
	value, err := strconv.ParseFloat(plain, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return 0, false, "is too large for a number"
	}
	return value, true, ""
}

// isNoNumber reports whether a text says that there is no number.
func isNoNumber(text string) bool {
	for _, word := range [...]string{"-", "–", "—", "n/a", "none", "unlimited", "∞"} {
		if strings.EqualFold(text, word) {
			return true
		}
	}
	return false
}

// adviseDecimal says how a text would be a number.
func adviseDecimal(text, decimal string) string {
	if !digitOrMark.MatchString(text) {
		return "is not a number"
	}
	var reads []string
	values := map[float64]bool{}
	for _, mark := range [...]string{",", "."} {
		if mark == decimal {
			continue
		}
		if !grouped[mark].MatchString(withoutCurrency(text)) { // else the advice would ask for more advice
			continue
		}
		if value, ok, _ := (&Formats{Decimal: mark}).number(text); ok {
			values[value] = true
			reads = append(reads, `decimal: "`+mark+`" if it is `+strconv.FormatFloat(value, 'f', -1, 64))
		}
	}
	if len(reads) == 0 {
		return "is not a number; write it as 1200.50"
	}
	if len(reads) > len(values) {
		return `has a mark that separates groups of digits; set decimal: "," or "."`
	}
	if decimal != "" {
		return `does not fit decimal: "` + decimal + `"; set ` + strings.Join(reads, ", or ")
	}
	return "has a mark that may separate decimals or groups of digits; set " + strings.Join(reads, ", or ")
}

// withoutCurrency returns a text with plain spaces and signs, and without the sign or code of a currency.
func withoutCurrency(text string) string {
	plain := minus.Replace(spaces.Replace(text))
	if m := currency.FindStringSubmatch(plain); m != nil {
		return m[1] + m[2] + m[3]
	}
	return plain
}
