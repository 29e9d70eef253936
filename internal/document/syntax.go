package document

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"license_exporter/internal/textfile"
)

// normalize returns the text of a file in UTF-8 and with the usual line ends: some editors write
// UTF-16, and some the line ends of old Macintoshes.
func normalize(content []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		order = binary.BigEndian
	}
	if order != nil && len(content)%2 == 0 {
		units := make([]uint16, 0, len(content)/2)
		for pair := content[2:]; len(pair) > 0; pair = pair[2:] {
			units = append(units, order.Uint16(pair))
		}
		content = []byte(string(utf16.Decode(units)))
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !bytes.ContainsRune(content, '\n') {
		content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
	}
	return content
}

// unreadable returns the position of the first character that YAML cannot have and what is wrong
// with it, or -1.
func unreadable(content []byte) (at int, text string) {
	if at := textfile.Invalid(content); at >= 0 {
		return at, "the file is not in UTF-8; save it as UTF-8"
	}
	return bytes.IndexFunc(content, func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\u0085", r)
	}), "the file contains a control character; leave it out"
}

// placeAt returns an error about the character at a position.
func placeAt(content []byte, at int, text string) error {
	before := content[:at]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return &textfile.Error{Line: bytes.Count(before, []byte("\n")) + 1, Column: utf8.RuneCount(before[begin:]) + 1, Text: text}
}

// What to do about mistakes of which the parser has several errors.
const (
	adviceDirective = "a line that begins with % cannot be read; leave it out, or write a value that begins with % in quotes"
	adviceEscape    = `a backslash in double quotes has a special meaning; use single quotes instead`
	adviceQuotes    = "a quote that begins in this line has no end; close it"
	adviceTab       = "a tab cannot be here; indent with spaces"
	adviceTag       = "a value cannot begin with !; write it in quotes"
)

// syntaxTexts explain the errors of the YAML parser by their beginnings.
var syntaxTexts = []struct{ begin, text string }{
	{"did not find expected '-' indicator", "this line does not fit those above it; check its indentation and the quotes"},
	{"did not find expected key", "this line does not fit those above it; check its indentation and the quotes"},
	{"did not find expected ',' or", "a list or mapping that begins in this line has no end; close it, and separate its entries by commas"},
	{"did not find expected node content", "a value is missing or cannot be here; check the commas and brackets, or write the value in quotes"},
	{"did not find expected <document start>", "this cannot follow the lines above it; check the indentation and the brackets"},
	{"mapping values are not allowed", "a key cannot be here; check the indentation of this line and the line above, and write values that contain a colon and a space in quotes"},
	{"mapping keys are not allowed", "a value cannot begin with ?; write it in quotes"},
	{"block sequence entries are not allowed", "an entry of a list cannot be here; write it in a line of its own, below the key"},
	{"could not find expected ':'", "a key has no colon; write it like key: value"},
	{"found unexpected end of stream", adviceQuotes},
	{"found unexpected document indicator", adviceQuotes},
	{"found a tab character", adviceTab},
	{"found character that cannot start", "a value cannot begin with this character; write it in quotes"},
	{"found unknown escape character", adviceEscape},
	{"found invalid Unicode character escape", adviceEscape},
	{"did not find expected hexdecimal", adviceEscape},
	{"found an indentation indicator", "the text after | or > must begin in the next line"},
	{"did not find expected comment or line break", "the text after | or > must begin in the next line"},
	{"did not find expected alphabetic or numeric", "a value cannot begin with & or *; write it in quotes"},
	{"unknown anchor", "an alias has no anchor; write values that begin with * in quotes"},
	{"found undefined tag handle", adviceTag},
	{"did not find expected whitespace", adviceTag},
	{"did not find expected tag", adviceTag},
	{"did not find the expected '>'", adviceTag},
	{"could not find expected directive name", adviceDirective},
	{"did not find expected digit", adviceDirective},
	{"did not find expected version number", adviceDirective},
	{"found duplicate %", adviceDirective},
	{"found extremely long version", adviceDirective},
	{"found incompatible YAML", adviceDirective},
	{"found unexpected non-alphabetical", adviceDirective},
	{"found unknown directive", adviceDirective},
	{"exceeded max depth", "lists and mappings are nested too deeply"},
	{"", "this is not YAML; check this line and the line above"},
}

// syntaxError explains an error of the YAML parser, whose text may repeat a value, and finds its
// place: for some errors, the parser gives no line or one above it.
func syntaxError(content []byte, err error) error {
	line, kind := splitError(err)
	text := syntaxTexts[kind].text
	isUnclosed := strings.HasPrefix(syntaxTexts[kind].begin, "did not find expected ',' or")
	switch {
	case isUnclosed && firstLine(content, kind) == 1:
		line = 1
	case isUnclosed:
		line++ // the parser, unlike the scanner below it, gives the line before
	case text == adviceQuotes:
		line = max(line, 1)
	default:
		line = firstLine(content, kind)
		at := firstByte(content, line, kind)
		if at < len(content) && content[at] == '\t' {
			text = adviceTab
		}
		return placeAt(content, at, text)
	}
	return &textfile.Error{Line: line, Text: text}
}

var lineOf = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// splitError returns the line in an error of the YAML parser, 0 if it has none, and the index of
// its explanation.
func splitError(err error) (line, kind int) {
	text := err.Error()
	if found := lineOf.FindStringSubmatch(text); found != nil {
		line, _ = strconv.Atoi(found[1]) // 0 without a line
		text = strings.TrimPrefix(text, found[0])
	}
	for !strings.HasPrefix(text, syntaxTexts[kind].begin) {
		kind++
	}
	return line, kind
}

// hasError reports whether a document has an error of a kind.
func hasError(content []byte, kind int) bool {
	err := yaml.NewDecoder(bytes.NewReader(content)).Decode(&yaml.Node{})
	if err == nil || errors.Is(err, io.EOF) {
		return false
	}
	_, k := splitError(err)
	return k == kind
}

// firstLine returns the number of the first line with which the document has an error.
func firstLine(content []byte, kind int) int {
	lines := bytes.SplitAfter(content, []byte("\n"))
	end := 0
	ends := make([]int, len(lines))
	for i, line := range lines {
		end += len(line)
		ends[i] = end
	}
	return 1 + sort.Search(len(lines)-1, func(i int) bool { return hasError(content[:ends[i]], kind) })
}

// firstByte returns the position of the first word of a line with which the document has an error.
func firstByte(content []byte, line, kind int) int {
	begin := 0
	for range line - 1 {
		begin += bytes.IndexByte(content[begin:], '\n') + 1
	}
	text, _, _ := bytes.Cut(content[begin:], []byte("\n"))
	at := sort.Search(max(len(text)-1, 0), func(i int) bool { return hasError(content[:begin+i+1], kind) })
	for at > 0 && !bytes.ContainsRune([]byte(" \t[]{},"), rune(text[at-1])) {
		at--
	}
	return begin + at
}
