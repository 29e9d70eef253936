package table

import (
	"reflect"
	"slices"
	"testing"
)

func TestList(t *testing.T) {
	s := NewList([]Fields{{ID: "a", End: " 2026-12-31 "}, {ID: "b", Seats: "5"}})
	wantLines(t, lines(t.Context(), s, refs("end", "id", "seats")), `0/1: "2026-12-31" "a" -`, `0/2: - "b" "5"`)
	wantLines(t, lines(t.Context(), s, refs("ends")), `columns.ends: there is no key "ends"`)
	columns, err := s.Columns(t.Context())
	if err != nil || !slices.Equal(columns, []string{"id", "end", "seats"}) {
		t.Errorf("the columns are %q, the error is %v", columns, err)
	}
	for range s.Records(t.Context(), refs("id")) {
		break
	}
}

// Every field of an entry can be read.
func TestListHasAllFields(t *testing.T) {
	var entry Fields
	for field := range reflect.TypeFor[Fields]().Fields() {
		name := field.Tag.Get("yaml")
		reflect.ValueOf(&entry).Elem().FieldByIndex(field.Index).SetString(name + " value")
		wantLines(t, lines(t.Context(), NewList([]Fields{entry}), refs(name)), `0/1: "`+name+` value"`)
	}
}
