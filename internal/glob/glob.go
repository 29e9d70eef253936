// Package glob matches texts with the patterns of the configuration.
package glob

import (
	"strings"
	"unicode/utf8"
)

// MaxPattern is the maximum size of a pattern in bytes. Configurations refuse longer ones.
const MaxPattern = 1000

// Glob is a pattern. Use Compile to create one.
type Glob struct {
	text    string
	literal bool // there is no wildcard
}

// Compile returns the Glob of a pattern: * matches any text, also none, and ? any one
// character. Everything else matches itself.
func Compile(pattern string) Glob {
	return Glob{Valid(pattern), !strings.ContainsAny(pattern, "*?")}
}

// Literal returns the only text that the pattern matches, if it has no wildcard.
func (g Glob) Literal() (text string, ok bool) { return g.text, g.literal }

// Match reports whether the pattern matches the whole text.
func (g Glob) Match(text string) bool {
	text = Valid(text)
	if g.literal {
		return text == g.text
	}
	return match(g.text, text)
}

// match compares a pattern with a text. It takes at most the product of their lengths.
func match(pattern, text string) bool {
	// Only the latest * may match more than it does: each earlier one matches the
	// shortest text that lets the pattern up to the next one match.
	starred, afterStar, retry := false, "", ""
	for text != "" || pattern != "" {
		switch {
		case pattern != "" && pattern[0] == '*':
			if pattern = pattern[1:]; pattern == "" {
				return true
			}
			starred, afterStar, retry = true, pattern, text
			continue
		case pattern != "" && text != "" && pattern[0] == '?':
			pattern, text = pattern[1:], withoutFirst(text)
			continue
		case pattern != "" && text != "" && pattern[0] == text[0]:
			pattern, text = pattern[1:], text[1:]
			continue
		case !starred || retry == "":
			return false
		}
		retry = withoutFirst(retry)
		if first := afterStar[0]; first != '?' && first != '*' {
			next := strings.IndexByte(retry, first)
			if next < 0 {
				return false
			}
			retry = retry[next:]
		}
		pattern, text = afterStar, retry
	}
	return true
}

// withoutFirst returns a text without its first character.
func withoutFirst(text string) string {
	_, size := utf8.DecodeRuneInString(text)
	return text[size:]
}

// Valid returns a text as label values show it.
func Valid(text string) string { return strings.ToValidUTF8(text, string(utf8.RuneError)) }
