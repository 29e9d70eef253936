package rest

import (
	"strings"
	"testing"
)

func TestTextsOfTheVendorAreSafeToShow(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                             "plain",
		" two\r\n\tlines \u2028of text ":    "two lines of text",
		"\x1b[31mred\x1b]0;title\a":         "�[31mred�]0;title�",
		"C1 \u009b31m and \x7f":             "C1 �31m and �",
		"\u202etxt.exe\u202c \u2066a\u2069": "�txt.exe� �a�",
		"zero\u200bwidth\ufeff":             "zero�width�",
		"tag\U000e0041":                     "tag�",
		"invalid \xff\xfe":                  "invalid ��",
		"می\u200cخواهم 👨\u200d👩":            "می\u200cخواهم 👨\u200d👩",
		"ask jane.doe@vendor.test":          "ask [redacted]",
		strings.Repeat("ä", 201):            strings.Repeat("ä", 200) + "…",
		strings.Repeat("x", 1<<20):          strings.Repeat("x", 200) + "…",
	} {
		if got := Clip(text); got != want {
			t.Errorf("Clip(%.100q) is %q, want %q", text, got, want)
		}
	}
	if got, want := Plain("two\nlines\x1b"), "two lines�"; got != want {
		t.Errorf("Plain returns %q, want %q", got, want)
	}
}
