// Package sheet reads tables as spreadsheets save them: CSV (RFC 4180), with commas, semicolons or
// tabs between the cells.
package sheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"license_exporter/internal/textfile"
)

const (
	// maxRow bounds a row in bytes.
	maxRow = 1 << 20
	// maxHeader bounds what is examined to find the separator.
	maxHeader = 64 << 10
)

// ExtraCells says what is wrong with a row that is longer than the header.
const ExtraCells = "the row has more cells than the header; put cells that contain separators into quotes"

// Reader reads a table. It needs memory for one row.
type Reader struct {
	text     *textfile.Reader
	buffered *bufio.Reader
	csv      *csv.Reader // nil before the header was read
}

// NewReader returns a Reader. The text may begin with a byte order mark.
func NewReader(r io.Reader) *Reader {
	t := textfile.NewReader(r, "save it as CSV UTF-8")
	t.Allow(maxRow)
	return &Reader{text: t, buffered: bufio.NewReaderSize(t, maxHeader)}
}

// Header returns the first row, which has the names of the columns.
func (r *Reader) Header() ([]string, error) {
	start, _ := r.buffered.Peek(maxHeader) // the error returns when the row is read
	l, err := layoutOf(start)
	if err != nil {
		return nil, err
	}
	r.csv = csv.NewReader(r.buffered)
	r.csv.Comma = l.separator
	r.csv.TrimLeadingSpace = l.separator != '\t' // else it would take empty cells for spaces
	r.csv.FieldsPerRecord = -1
	r.csv.ReuseRecord = true
	cells, err := r.Read()
	if err == nil && l.declared {
		cells, err = r.Read()
	}
	if errors.Is(err, io.EOF) {
		return nil, &textfile.Error{Text: "the file has no header; write the names of the columns in the first line"}
	}
	return cells, err
}

// Read returns the cells of the next row that is not blank, without white space around them and
// without empty ones at the end. The slice may be used until the next row is read. After the last row,
// the error is io.EOF. Other errors are of type *textfile.Error or those of the underlying reader. Header
// must be called before.
func (r *Reader) Read() ([]string, error) {
	for {
		r.text.Allow(r.csv.InputOffset() + maxRow)
		cells, err := r.csv.Read()
		if failed := r.text.Err(); failed != nil && (err != nil || r.csv.InputOffset() == r.text.Offset()) {
			return nil, r.failure(failed, err)
		}
		if err != nil {
			return nil, syntaxError(err)
		}
		isBlank := true
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
			isBlank = isBlank && strings.Trim(cells[i], separators) == ""
		}
		if !isBlank {
			return cells, nil
		}
	}
}

// syntaxError explains an error of the parser.
func syntaxError(err error) error {
	if syntax := (*csv.ParseError)(nil); errors.As(err, &syntax) {
		return &textfile.Error{Line: syntax.StartLine, Text: `the quotes are wrong; write a cell with quotes in it as "a ""quoted"" word"`}
	}
	return err
}

// failure returns why a row cannot be read to its end. err is that of the parser.
func (r *Reader) failure(failed, err error) error {
	if !errors.Is(failed, textfile.ErrTooLong) {
		return failed
	}
	tooLong := &textfile.Error{Text: "a row has more than 1 MiB; the quote at the end of a cell may be missing"}
	if syntax := (*csv.ParseError)(nil); errors.As(err, &syntax) {
		tooLong.Line = syntax.StartLine
	} else if err == nil {
		tooLong.Line = r.Line(0)
	}
	return tooLong
}

// Line returns the line in which a cell of the latest row begins.
func (r *Reader) Line(cell int) int {
	line, _ := r.csv.FieldPos(cell)
	return line
}
