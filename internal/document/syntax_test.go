package document

import (
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/textfile"
)

// The place of an error of syntax is that at which somebody has to look. Its text is not that of
// the YAML library, and shows nothing of the file.
func TestErrorsOfSyntax(t *testing.T) {
	const (
		noFit = ": this line does not fit those above it; check its indentation and the quotes"
		noEnd = ": a list or mapping that begins in this line has no end; close it, and separate its entries by commas"
		noKey = ": a key cannot be here; check the indentation of this line and the line above, and write values that contain a colon and a space in quotes"
		utf8  = ": the file is not in UTF-8; save it as UTF-8"
		quote = ": " + adviceQuotes
		begin = ": a value cannot begin with this character; write it in quotes"
		tab   = ": " + adviceTab
	)
	for content, want := range map[string]string{
		"accounts:\n  - name: a\n    vendor: meraki\n   base_url: x\n": ":4:4" + noFit,
		"accounts:\n  - name: a\n  vendor: meraki\n":                   ":3:3" + noFit,
		"accounts:\n  - {a: [\n      b]}\n  - name: a\n - name: b\n":   ":5:2" + noFit,
		"accounts:\n  - name: \"a\" hunter2\n":                         ":2:15" + noFit,
		"accounts:\n  - name: a\n\tvendor: b\n":                        ":3:1" + tab,
		"accounts:\n\t- name: a\n":                                     ":2:1" + tab,
		"accounts:\n  - a: |\n      b\n  \tc: d\n":                     ":4:3" + tab,
		"accounts: []\n# a\npolicies: [{a: b\n":                        ":3" + noEnd,
		"accounts: [{a: b}\n":                                          ":1" + noEnd,
		"accounts:\n  - name: a: b\n":                                  ":2:11" + noKey,
		"accounts:\n  - name: é a: b\n":                                ":2:13" + noKey,
		"accounts:\n  - name: a\n     vendor: b\n":                     ":3:6" + noKey,
		"accounts:\n  - name: a\n    vendor hunter2\n":                 ":3:5: a key has no colon; write it like key: value",
		"accounts:\n  - name: \"a\n    vendor: hunter2\n":              ":2" + quote,
		"name: 'hunter2":                                               ":1" + quote,
		"accounts:\n  - name: \"C:\\Users\"\n":                         ":2:11: " + adviceEscape,
		"accounts:\n  - name: \"a\n      \\q\"\n":                      ":3:7: " + adviceEscape,
		"accounts:\n  - name: @hunter2\n":                              ":2:11" + begin,
		"accounts:\n  - {name: %hunter2}\n":                            ":2:12" + begin,
		"accounts:\n  - {name: *hunter2}\n":                            ":2:12: an alias has no anchor; write values that begin with * in quotes",
		"accounts:\n  - {name: !h!hunter2 a}\n":                        ":2:12: " + adviceTag,
		"%hunter2\n---\naccounts: []\n":                                ":1:1: " + adviceDirective,
		"accounts: []}\n":                                              ":1:13" + noFit,
		"policies: []\naccounts: [,]\n":                                ":2:11: a value is missing or cannot be here; check the commas and brackets, or write the value in quotes",
		"accounts:\r\n  - name: a\r\n  vendor: meraki\r\n":             ":3:3" + noFit,
		"accounts:\r  - name: a\r  vendor: meraki\r":                   ":3:3" + noFit,
		"\ufeffaccounts:\n  - name: a\n  vendor: meraki\n":             ":3:3" + noFit,
		inUTF16("accounts:\n  - name: a\n  vendor: meraki\n"):          ":3:3" + noFit,
		"accounts:\n  - name: \xff\n":                                  ":2:11" + utf8,
		"a\x00c\x00":                                                   ":1:2" + utf8,
		"accounts:\n  - name: é\a\n":                                   ":2:12: the file contains a control character; leave it out",
	} {
		_, err := Parse([]byte(content))
		if err == nil {
			t.Errorf("%q is accepted", content)
		} else if diff := cmp.Diff(want, textfile.In("", err).Error()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", content, diff)
		}
	}
}

// inUTF16 returns a text as some editors of Windows save it.
func inUTF16(text string) string {
	encoded := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		encoded = append(encoded, byte(unit), byte(unit>>8))
	}
	return string(encoded)
}
