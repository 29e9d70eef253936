package policy

import (
	"strings"
	"unicode/utf8"
)

// IsGlob reports whether a text contains a wildcard.
func IsGlob(text string) bool { return strings.ContainsAny(text, "*?") }

// glob is a prepared pattern.
type glob struct {
	text string
	kind globKind
}

type globKind uint8

const (
	anything globKind = iota
	literal
	pattern
)

func newGlob(text string) glob {
	switch {
	case strings.Trim(text, "*") == "":
		return glob{kind: anything}
	case IsGlob(text):
		return glob{text, pattern}
	}
	return glob{text, literal}
}

func (g glob) matches(s string) bool {
	switch g.kind {
	case literal:
		return g.text == s
	case pattern:
		return matchPattern(g.text, s)
	case anything:
	}
	return true
}

// matchPattern reports whether a pattern matches all of s. Its time is at most
// proportional to the product of both lengths.
func matchPattern(pattern, s string) bool {
	// After a *, try the rest of the pattern at each place of s. Only the latest * can
	// stand for more than it does.
	star, retry := "", ""
	starred := false
	for {
		switch {
		case pattern != "" && pattern[0] == '*':
			pattern = pattern[1:]
			star, retry, starred = pattern, s, true
			continue
		case s == "" && pattern == "":
			return true
		case s != "" && pattern != "" && pattern[0] == '?':
			_, size := utf8.DecodeRuneInString(s)
			pattern, s = pattern[1:], s[size:]
			continue
		case s != "" && pattern != "" && pattern[0] == s[0]:
			pattern, s = pattern[1:], s[1:]
			continue
		}
		if !starred || retry == "" {
			return false
		}
		_, size := utf8.DecodeRuneInString(retry)
		retry = retry[size:]
		pattern, s = star, retry
	}
}
