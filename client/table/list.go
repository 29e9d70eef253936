package table

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"strings"
)

// NewList returns the table of entries in the configuration. The columns are the keys of Fields, and
// record n is entry n.
func NewList(entries []Fields) Source { return list(entries) }

type list []Fields

// Columns implements Source. It returns the keys that some entry has.
func (l list) Columns(context.Context) (columns []string, err error) {
	for field := range reflect.TypeFor[Fields]().Fields() {
		for i := range l {
			if reflect.ValueOf(&l[i]).Elem().FieldByIndex(field.Index).String() != "" {
				columns = append(columns, field.Tag.Get("yaml"))
				break
			}
		}
	}
	return columns, nil
}

// Records implements Source.
func (l list) Records(_ context.Context, refs []Reference) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		fields := make([][]int, len(refs))
		for i, ref := range refs {
			for field := range reflect.TypeFor[Fields]().Fields() {
				if field.Tag.Get("yaml") == strings.TrimSpace(ref.Column) {
					fields[i] = field.Index
				}
			}
			if fields[i] == nil {
				yield(Record{}, fmt.Errorf("%s: there is no key %q", ref.Key, ref.Column))
				return
			}
		}
		record := Record{Values: make([]Value, len(refs))}
		for n := range l {
			record.Record = n + 1
			for i, ref := range refs {
				var raw any
				if text := reflect.ValueOf(&l[n]).Elem().FieldByIndex(fields[i]).String(); text != "" {
					raw = text
				}
				record.Values[i] = valueOf(raw, ref.Shape)
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}
