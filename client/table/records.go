package table

import (
	"errors"
	"fmt"
	"io"
	"iter"
)

// objectFormat is a format whose records are objects.
type objectFormat struct {
	// values returns the records of a text, which may be anything.
	values func(io.Reader) iter.Seq2[located, error]
}

// located is a value, as for valueOf, with its line, 0 if that is not known.
type located struct {
	value any
	line  int
}

func (o objectFormat) columns(r io.Reader) ([]string, error) {
	m := newMembers(nil)
	for v, err := range o.values(r) {
		if err != nil {
			return nil, err
		}
		if m.read(v.value, nil) == "" {
			return m.columns, nil
		}
	}
	return nil, errors.New("there are no records")
}

func (o objectFormat) records(r io.Reader, refs []Reference) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		m, record := newMembers(refs), Record{Values: make([]Value, len(refs))}
		for v, err := range o.values(r) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			record.Line, record.Problem = v.line, m.read(v.value, record.Values)
			record.Record++
			if !yield(record, nil) {
				return
			}
		}
		if err := m.check(); err != nil {
			yield(Record{}, err)
		}
	}
}

// evaluate returns the list that an expression makes of a body.
func evaluate(list *Expression, body any) ([]any, error) {
	value, err := list.Eval(tree(body, list.Shape()))
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	records, ok := value.([]any)
	if !ok {
		return nil, errors.New("records: the value must be a list")
	}
	return records, nil
}

// evaluated returns the records that an expression makes of a body.
func evaluated(list *Expression, body any) iter.Seq2[located, error] {
	return func(yield func(located, error) bool) {
		records, err := evaluate(list, body)
		if err != nil {
			yield(located{}, err)
			return
		}
		for _, record := range records {
			if !yield(located{value: record}, nil) {
				return
			}
		}
	}
}
