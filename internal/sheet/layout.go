package sheet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"license_exporter/internal/textfile"
)

// separators are what spreadsheets put between cells.
const separators = ",;\t"

// plural has the names of the separators.
var plural = map[byte]string{',': "commas", ';': "semicolons", '\t': "tabs"}

// layout is how the rows of a table are written.
type layout struct {
	separator rune
	// declared is set if the first row only names the separator, as in sep=; for Excel.
	declared bool
}

// layoutOf finds the layout of a table by its beginning: the separator is the one that occurs most
// often in the header, which has no other use for it. Names in quotes may contain any.
func layoutOf(start []byte) (layout, error) {
	first, _, _ := bytes.Cut(start, []byte("\n"))
	if named, ok := bytes.CutPrefix(bytes.Trim(first, " \r\""), []byte("sep=")); ok && len(named) == 1 && strings.Contains(separators, string(named)) {
		return layout{rune(named[0]), true}, nil
	}
	header, line := headerOf(start)
	count := func(separator byte) int { return bytes.Count(header, []byte{separator}) }
	order := []byte(separators)
	slices.SortStableFunc(order, func(a, b byte) int { return count(b) - count(a) })
	switch most, next := order[0], order[1]; {
	case count(most) == 0 && bytes.ContainsRune(header, '|'):
		return layout{}, &textfile.Error{Line: line, Text: "the header has a | and no comma, semicolon or tab; save the file with one of these between the cells"}
	case count(most) > 0 && count(most) == count(next):
		return layout{}, &textfile.Error{Line: line, Text: fmt.Sprintf("the header has as many %s as %s, so that the separator is not clear; put names that contain one of them into quotes", plural[most], plural[next])}
	default:
		return layout{separator: rune(most)}, nil
	}
}

// headerOf returns the first row that is not blank, without what is in quotes, and its line.
func headerOf(start []byte) (header []byte, line int) {
	line = 1
	quoted, blank, ends := false, true, 0
	for _, b := range start {
		switch {
		case b == '"':
			quoted = !quoted
		case b == '\n' && !quoted:
			if !blank {
				return header, line
			}
			header, line, ends = nil, line+ends+1, 0
		default:
			blank = blank && strings.IndexByte(separators+" \r\n", b) >= 0
			if b == '\n' {
				ends++
			}
			if !quoted {
				header = append(header, b)
			}
		}
	}
	return header, line
}
