package scalar

import (
	"encoding/json"
	"regexp"
	"testing"
)

// Words that the vendors may add are shown. Secrets and people are not.
func TestWord(t *testing.T) {
	for text, want := range map[string]Word{
		`"active"`: "active", `"License Required"`: "License Required", `"out_of_compliance"`: "out_of_compliance", `"co-term"`: "co-term",
		`"per-device 2.0"`: "per-device 2.0", `"level2"`: "level2", `"N/A"`: "N/A", `""`: "", `null`: "", `7`: "7", `"Überfällig"`: "Überfällig",
		`"EA2"`: "EA2", `"renewalDue2027"`: "renewalDue2027", `"Z2AB-CDEF-GHJK"`: "unknown", `"15S45-7Y9L54-X8J7N"`: "unknown",
		`"0123456789abcdef0123456789abcdef01234567"`: "unknown", `"ada@example.com"`: "unknown", `"eyJhbGciOiJSUzI1NiIsIn.eyJzdWIi.abc-def"`: "unknown",
		`"a sentence that goes on and on, and has no end"`: "unknown",
	} {
		var w Word
		if err := json.Unmarshal([]byte(text), &w); err != nil || w != want {
			t.Errorf("%s is read as %q, %v, want %q", text, w, err, want)
		}
	}
	var w Word
	if err := json.Unmarshal([]byte(`{}`), &w); err != nil || !w.Bad() || w != "" {
		t.Errorf("an object is read as %q, %v", w, err)
	}
}

// A word is letters and digits with separators between them, and does not look like a key.
func FuzzWord(f *testing.F) {
	words, key := regexp.MustCompile(`^[\pL\d]+([ _./-]+[\pL\d]+)*$`), regexp.MustCompile(`^[^a-z]*$|[\pL\d]{20}`)
	digit := regexp.MustCompile(`\d`)
	for _, seed := range []string{"active", "", " ", "a b", "-a", "a-", "a--b", "Überfällig", "A1234567", "A123456", "a1234567890123456789", "a123456789012345678 b", "a\xff", "٣", "é1234567"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		isKey := digit.MatchString(text) && len(text) >= 8 && key.MatchString(text)
		if want := len(text) <= 40 && words.MatchString(text) && !isKey; isWord(text) != want {
			t.Errorf("%q is a word: %t, want %t", text, isWord(text), want)
		}
	})
}
