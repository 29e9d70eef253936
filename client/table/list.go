package table

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// NewList returns the table of entries in the configuration. The columns are the keys of Fields, and
// record n is entry n.
func NewList(entries []Fields) Source { return list(entries) }

type list []Fields

// Columns implements Source. It returns the keys that some entry has.
func (l list) Columns(context.Context) (columns []string, err error) {
	for _, key := range fieldKeys {
		if slices.ContainsFunc(l, func(entry Fields) bool { return entry.Get(key) != "" }) {
			columns = append(columns, key)
		}
	}
	return columns, nil
}

// Records implements Source.
func (l list) Records(_ context.Context, refs []Reference) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, ref := range refs {
			if !slices.Contains(fieldKeys, strings.TrimSpace(ref.Column)) {
				yield(Record{}, fmt.Errorf("%s: there is no key %q", ref.Key, ref.Column))
				return
			}
		}
		record := Record{Values: make([]Value, len(refs))}
		for n := range l {
			record.Record = n + 1
			for i, ref := range refs {
				var raw any
				if text := l[n].Get(strings.TrimSpace(ref.Column)); text != "" {
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
