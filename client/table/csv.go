package table

import (
	"errors"
	"io"
	"iter"

	"license_exporter/internal/sheet"
	"license_exporter/internal/textfile"
)

// csvFormat reads CSV.
type csvFormat struct{}

func (csvFormat) columns(r io.Reader) ([]string, error) { return sheet.NewReader(r).Header() }

func (csvFormat) records(r io.Reader, refs []Reference) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		table := sheet.NewReader(r)
		header, err := table.Header()
		if err != nil {
			yield(Record{}, err)
			return
		}
		places, err := resolve(header, refs, true)
		if err != nil {
			yield(Record{}, &textfile.Error{Line: table.Line(0), Text: err.Error()})
			return
		}
		row := csvRow{places: places, columns: len(header), refs: refs}
		record := Record{Values: make([]Value, len(refs))}
		for {
			cells, err := table.Read()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(Record{}, err)
				}
				return
			}
			record.Line, record.Problem = table.Line(0), row.read(cells, record.Values)
			record.Record++
			if !yield(record, nil) {
				return
			}
		}
	}
}

// csvRow reads the rows of a table.
type csvRow struct {
	places  []int // of the values
	columns int
	refs    []Reference
	text    []byte
}

// read sets the values of a row, or returns what is wrong with it. The values share a string without
// the other cells of the row.
func (r *csvRow) read(cells []string, values []Value) (problem string) {
	for i := r.columns; i < len(cells); i++ {
		if cells[i] != "" {
			clear(values)
			return sheet.ExtraCells
		}
	}
	r.text = r.text[:0]
	for _, at := range r.places {
		if 0 <= at && at < len(cells) {
			r.text = append(r.text, cells[at]...)
		}
	}
	all := string(r.text)
	for i, at := range r.places {
		n := 0
		if 0 <= at && at < len(cells) {
			n = len(cells[at])
		}
		values[i] = Value{Kind: Text, Text: all[:n]}
		if shape := r.refs[i].Shape; at < 0 || r.refs[i].Optional && shape != nil && !shape.Whole { // there are no objects
			values[i] = valueOf(nil, shape)
		}
		all = all[n:]
	}
	return ""
}
