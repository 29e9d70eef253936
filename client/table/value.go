package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
)

// valueOf returns the value of a column. raw is nil, a string, bool, json.Number, int64, float64,
// time, map[string]any, []any, or a json.RawMessage that is valid.
func valueOf(raw any, s *Shape) Value {
	v := Value{Kind: Text}
	switch raw := raw.(type) {
	case nil:
		v.Kind = Absent
	case string:
		v.Text = strings.TrimSpace(raw)
	case bool:
		v.Kind, v.Text = Bool, strconv.FormatBool(raw)
	case json.Number:
		v.Kind, v.Text = Number, raw.String()
	case int64:
		v.Kind, v.Text = Number, strconv.FormatInt(raw, 10)
	case float64:
		v.Kind, v.Text = Number, strconv.FormatFloat(raw, 'f', -1, 64)
	case map[string]any, []any:
		v.Kind = Tree
	case json.RawMessage:
		text, ok := scalar.String(raw)
		if v.Kind = kindOf(raw); ok {
			v.Text = string(text)
		}
	default:
		v.Text = textOf(raw)
	}
	if s == nil || v.Kind != Tree && (s.Whole || s.Members == nil) {
		return v
	}
	return Value{Kind: Tree, Tree: tree(raw, s)}
}

// kindOf returns the kind of a JSON value.
func kindOf(text []byte) Kind {
	switch text[0] {
	case 'n':
		return Absent
	case '"':
		return Text
	case 't', 'f':
		return Bool
	case '{', '[':
		return Tree
	}
	return Number
}

// textOf returns the text of a date or duration that an expression has made.
func textOf(value any) string {
	if m, ok := value.(moment); ok && m.day {
		return m.Format(time.DateOnly)
	} else if ok {
		return m.Format(time.RFC3339Nano)
	}
	return fmt.Sprint(value)
}

// tree returns what the shape says of a value.
func tree(raw any, s *Shape) any {
	if s.Whole {
		return whole(raw)
	}
	if s.Members == nil {
		return nil
	}
	found := make(map[string]any, len(s.Members))
	switch raw := raw.(type) {
	case json.RawMessage:
		for name, value := range rest.Members(raw) {
			if s.Members[name] != nil {
				found[name] = json.RawMessage(value)
			}
		}
	case map[string]any:
		for name := range s.Members {
			found[name] = raw[name]
		}
	}
	for name, below := range s.Members {
		found[name] = tree(found[name], below)
	}
	return found
}

// whole returns all of a value, with numbers as int64 or float64.
func whole(raw any) any {
	switch raw := raw.(type) {
	case json.RawMessage:
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) != nil { // it is valid, but nested too deeply
			return nil
		}
		return whole(value)
	case json.Number:
		return numberOf(raw)
	case map[string]any:
		for name, value := range raw {
			raw[name] = whole(value)
		}
	case []any:
		for i, value := range raw {
			raw[i] = whole(value)
		}
	}
	return raw
}

func numberOf(text json.Number) any {
	if n, err := text.Int64(); err == nil {
		return n
	}
	if n, err := text.Float64(); err == nil {
		return n
	}
	return text.String() // too large
}

// members reads the references from records that are objects.
type members struct {
	refs    []Reference
	found   []any
	isExact []bool // the name of the member is exactly that of the column
	isKnown []bool // some record has the column
	columns []string
	good    bool // some record is good
}

func newMembers(refs []Reference) *members {
	n := len(refs)
	m := &members{slices.Clone(refs), make([]any, n), make([]bool, n), make([]bool, n), nil, false}
	for i := range refs {
		m.refs[i].Column = strings.TrimSpace(refs[i].Column)
	}
	return m
}

// read sets the values of a record, a map[string]any or json.RawMessage, or returns what is wrong
// with it.
func (m *members) read(record any, values []Value) (problem string) {
	clear(m.found)
	clear(m.isExact)
	clear(values)
	names, ok := m.match(record)
	if !ok {
		return "the record is not an object"
	}
	if !m.good {
		m.columns, m.good = names, true
	}
	for i, ref := range m.refs {
		values[i] = valueOf(m.found[i], ref.Shape)
	}
	return ""
}

// match finds the members of a record. It returns their names for the first good record.
func (m *members) match(record any) (names []string, ok bool) {
	keep := func(name string, value any) {
		for i, ref := range m.refs {
			if exact := name == ref.Column; exact || !m.isExact[i] && strings.EqualFold(name, ref.Column) {
				m.found[i], m.isExact[i], m.isKnown[i] = value, exact, true
			}
		}
		if !m.good {
			names = append(names, name)
		}
	}
	switch record := record.(type) {
	case json.RawMessage:
		for name, value := range rest.Members(record) {
			keep(name, json.RawMessage(value))
		}
		return names, kindOf(record) == Tree && record[0] == '{'
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(record)) {
			keep(strings.TrimSpace(name), record[name])
		}
		return names, true
	}
	return nil, false
}

// check returns an error about references that no record has, if there are records. What only expressions
// read may be missing: they can find out.
func (m *members) check() error {
	var unknown []Reference
	for i, ref := range m.refs {
		if m.good && !m.isKnown[i] && ref.Named {
			unknown = append(unknown, ref)
		}
	}
	_, err := resolve(m.columns, unknown, false)
	return err
}
