package glob

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"Retail*", "Retail", true},
		{"Retail*", "Retail North", true},
		{"Retail*", "The Retail North", false},
		{"Retail*", "retail North", false},
		{"*Retail", "The Retail", true},
		{"*Retail", "Retail North", false},
		{"*Retail*", "The Retail North", true},
		{"Retail", "Retail", true},
		{"Retail", "Retail North", false},
		{"Retail", "retail", false},
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything / at\nall", true},
		{"***", "", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "ab", false},
		{"?", "\n", true},
		{"?", "é", true},
		{"?", "語", true},
		{"a??d", "abcd", true},
		{"a?*", "a", false},
		{"Zürich*", "Zürich 語", true},
		{"a/*", "a/b/c", true},
		{"a*c", "a/b/c", true},
		{"a.c", "abc", false},
		{"a.c", "a.c", true},
		{"a.*", "abc", false},
		{"[ab]*", "a", false},
		{"[ab]*", "[ab] c", true},
		{"{a,b}?", "{a,b}c", true},
		{"a(b|c)+$^*", "a(b|c)+$^ d", true},
		{`a\*`, `a*`, false},
		{`a\*`, `a\b`, true},
		{`a\?`, `a\b`, true},
		{`\d?`, `1x`, false},
		{"a*", "b\na", false},
		{"*a", "a\n", false},
		{"*a\n", "a\n", true},
		{"?", "\xff", true},
		{"a*b", "a\xff\xfeb", true},
		{"a\xffb", "a\xffb", true},
		{"a\uFFFDb", "a\xffb", true}, // as the label shows it
		{"a\xff*", "a\xffb", true},
	} {
		if got := Compile(test.pattern).Match(test.text); got != test.want {
			t.Errorf("%q matches %q: %t, want %t", test.pattern, test.text, got, test.want)
		}
	}
}

// A pattern takes no exponential time, which would not end within the test's timeout.
func TestManyWildcards(t *testing.T) {
	text := strings.Repeat("a", 1000)
	for _, pattern := range []string{"a*", "*", "*a?", "?*"} {
		pattern = strings.Repeat(pattern, MaxPattern/len(pattern)-1)
		if !Compile(pattern).Match(text) {
			t.Errorf("%.10q… does not match", pattern)
		}
		if Compile(pattern + "b").Match(text) {
			t.Errorf("%.10q…b matches", pattern)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("a*b?", "ab")
	f.Add(`\*[`, "\xff\n")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if max(len(pattern), len(text)) > MaxPattern {
			return
		}
		if !strings.ContainsAny(pattern, "*?") && Compile(pattern).Match(text) != (Valid(pattern) == Valid(text)) {
			t.Errorf("%q does not stand for itself with %q", pattern, text)
		}
		if !Compile("*" + text + "*").Match("x" + text + "x") {
			t.Errorf("%q does not match itself between other text", text)
		}
	})
}
