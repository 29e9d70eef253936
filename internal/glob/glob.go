// Package glob matches texts with the patterns of the configuration.
package glob

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// MaxPattern is the maximum size of a pattern in bytes. Configurations refuse longer ones.
const MaxPattern = 1000

// Glob is a pattern. Use Compile to create one.
type Glob struct {
	literal string         // if there is no wildcard
	pattern *regexp.Regexp // otherwise
}

// Compile returns the Glob of a pattern: * stands for any text, also none, and ? for any
// one character. Everything else stands for itself.
func Compile(pattern string) Glob {
	pattern = valid(pattern)
	if !strings.ContainsAny(pattern, "*?") {
		return Glob{literal: pattern}
	}
	return Glob{pattern: regexp.MustCompile(`(?s)\A` + wildcards.Replace(regexp.QuoteMeta(pattern)) + `\z`)}
}

// wildcards replaces wildcards that regexp.QuoteMeta has quoted.
var wildcards = strings.NewReplacer(`\*`, `.*`, `\?`, `.`)

// Match reports whether the pattern matches the whole text.
func (g Glob) Match(text string) bool {
	text = valid(text)
	if g.pattern == nil {
		return text == g.literal
	}
	return g.pattern.MatchString(text)
}

// valid returns a text as label values show it.
func valid(text string) string { return strings.ToValidUTF8(text, string(utf8.RuneError)) }
