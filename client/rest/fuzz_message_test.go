package rest

import (
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// wantClipped checks that a text is one line of limited length without control characters.
func wantClipped(t *testing.T, text string) {
	t.Helper()
	const joiners = "\u200c\u200d" // some languages need them within words
	isControl := func(r rune) bool {
		return (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) && !strings.ContainsRune(joiners, r)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, isControl) || utf8.RuneCountInString(text) > 201 {
		t.Errorf("this is no line of limited length: %q", text)
	}
}

// The message of an error is one line of limited length without secrets, and clipping it again
// changes nothing.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		"", "not found", "KEY-1", "x KEY-KEY-1", "ada@example.com", "<ada@example.com>", "a\nb\tc\x1b[31mred\x1b[0m", "\u202eabc\u2028\u0085\ufeff", "\xff\xfe", strings.Repeat("é", 300), strings.Repeat("a ", 150),
		strings.Repeat("x", 196) + " KEY-12345", "KEY\u200b-1", "KEY-\x001", "a\u200b@example.com",
	} {
		f.Add(seed)
	}
	c := inMemory(f, func(http.ResponseWriter, *http.Request) {})
	c.message = func(body []byte) string { return string(body) }
	f.Fuzz(func(t *testing.T, text string) {
		clipped := Clip(text)
		wantClipped(t, clipped)
		if again := Clip(clipped); again != clipped {
			t.Errorf("%q becomes %q and then %q", text, clipped, again)
		}
		wantSame := utf8.RuneCountInString(text) <= 200 && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) && strings.Join(strings.Fields(text), " ") == text && !email.MatchString(text)
		if wantSame && clipped != text {
			t.Errorf("%q becomes %q", text, clipped)
		}
		message := c.messageOf([]byte(text))
		wantClipped(t, message)
		if found := secretPattern.FindString(message); found != "" {
			t.Errorf("%q shows %q", message, found)
		}
	})
}
