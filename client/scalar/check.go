package scalar

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Value is implemented by pointers to the types of this package. Other types may implement
// it, so that Check finds their values, too.
type Value interface {
	// Bad reports whether the value could not be read. A Text is empty afterwards.
	Bad() bool
}

// Found is called for a value that could not be read. field is the name of the value's field
// in the JSON, or that of the tag "field". show returns the beginning of the value, or what
// it is if it could be free text. The function clean removes secrets from the value.
type Found func(field string, show func(clean func(string) string) string)

// Check calls found for each value in *record that could not be read. text is the JSON
// of the record.
func Check(record any, text []byte, found Found) {
	v := reflect.ValueOf(record).Elem()
	p := planOf(v.Type())
	if p == nil || !p.any(v) {
		return // the usual case, without an allocation
	}
	p.each(v, place{get: func() []byte { return text }}, found)
}

// plan describes how to find the values of this package in a type. Making one takes reflection
// over all fields, so plans are cached.
type plan struct {
	leaf     bool
	isText   bool
	fields   []fieldPlan
	elements *plan // of a slice, a map or a pointer
}

type fieldPlan struct {
	*plan
	index int
	// member is the name in the JSON, empty for an embedded struct. name is that for
	// people.
	member, name string
}

var plans sync.Map // *plan by reflect.Type

// planOf returns the plan of a type, or nil if there are no values of this package in
// it. The type must not contain itself.
func planOf(t reflect.Type) *plan {
	return ofType(&plans, t, newPlan)
}

// ofType returns what find returns for a type, and keeps it in known.
func ofType[T any](known *sync.Map, t reflect.Type, find func(reflect.Type) *T) *T {
	if found, ok := known.Load(t); ok {
		return found.(*T)
	}
	found := find(t)
	known.Store(t, found)
	return found
}

var valueType = reflect.TypeFor[Value]()

func newPlan(t reflect.Type) *plan {
	if reflect.PointerTo(t).Implements(valueType) {
		return &plan{leaf: true, isText: t.Kind() == reflect.String}
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Map:
		if elements := planOf(t.Elem()); elements != nil {
			return &plan{elements: elements}
		}
	case reflect.Struct:
		p := &plan{}
		for i := range t.NumField() {
			f := t.Field(i)
			if inner := planOf(f.Type); inner != nil && f.IsExported() {
				p.fields = append(p.fields, fieldPlan{inner, i, memberName(f), fieldName(f)})
			}
		}
		if len(p.fields) > 0 {
			return p
		}
	}
	return nil
}

func memberName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	if f.Anonymous {
		return ""
	}
	return f.Name
}

// Members returns the names of the members of a JSON object that are decoded into a
// struct. encoding/json compares them without regard to case.
func Members(t reflect.Type) []string {
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		if name := memberName(f); len(f.Index) == 1 && f.IsExported() && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// fieldName returns the name of a field for people.
func fieldName(f reflect.StructField) string {
	if name := f.Tag.Get("field"); name != "" {
		return name
	}
	return FieldName(memberName(f))
}

// FieldName returns the name of a struct's field as vendors spell it, with a lower case
// letter first.
func FieldName(name string) string {
	if strings.HasSuffix(name, "ID") && len(name) > len("ID") {
		name = strings.TrimSuffix(name, "ID") + "Id"
	}
	upper := 0
	for upper < len(name) && 'A' <= name[upper] && name[upper] <= 'Z' {
		upper++
	}
	if 1 < upper && upper < len(name) { // the next word begins with the last of them
		upper--
	}
	return strings.ToLower(name[:upper]) + name[upper:]
}

// any reports whether a value could not be read.
func (p *plan) any(v reflect.Value) bool {
	switch {
	case p.leaf:
		return isBad(v)
	case p.elements == nil:
		for i := range p.fields {
			if p.fields[i].any(v.Field(p.fields[i].index)) {
				return true
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			if p.elements.any(v.Index(i)) {
				return true
			}
		}
	case v.IsNil():
	case v.Kind() == reflect.Pointer:
		return p.elements.any(v.Elem())
	default:
		for i := v.MapRange(); i.Next(); {
			if p.elements.any(addressable(i.Value())) {
				return true
			}
		}
	}
	return false
}

// isBad is like Value.Bad, but does not make a Text empty: each must still find it.
func isBad(v reflect.Value) bool {
	if v.Kind() == reflect.String {
		return v.String() == string(unreadable)
	}
	return v.Addr().Interface().(Value).Bad()
}

func addressable(v reflect.Value) reflect.Value {
	a := reflect.New(v.Type()).Elem()
	a.Set(v)
	return a
}

// place is the place of a value in the JSON. get returns the value's text. It is slow, since
// it decodes everything around the value, and is only called for values that are shown.
type place struct {
	get   func() []byte
	field string
}

// each calls found for each value that could not be read.
func (p *plan) each(v reflect.Value, at place, found Found) {
	switch {
	case p.leaf:
		if v.Addr().Interface().(Value).Bad() {
			found(at.field, func(clean func(string) string) string { return show(at.get(), p.isText, clean) })
		}
	case p.elements == nil:
		for _, f := range p.fields {
			if f.any(v.Field(f.index)) {
				f.each(v.Field(f.index), at.member(f), found)
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			p.elements.each(v.Index(i), at.element(i), found)
		}
	case v.IsNil():
	case v.Kind() == reflect.Pointer:
		p.elements.each(v.Elem(), at, found)
	default:
		for _, key := range v.MapKeys() {
			element := addressable(v.MapIndex(key))
			p.elements.each(element, place{func() []byte { return membersOf(at.get())[key.String()] }, at.field}, found)
			v.SetMapIndex(key, element)
		}
	}
}

func (at place) member(f fieldPlan) place {
	if f.member == "" {
		return at
	}
	return place{func() []byte {
		for name, text := range membersOf(at.get()) {
			if strings.EqualFold(name, f.member) {
				return text
			}
		}
		return nil
	}, f.name}
}

func (at place) element(i int) place {
	return place{func() []byte {
		var elements []json.RawMessage
		if json.Unmarshal(at.get(), &elements) != nil || i >= len(elements) {
			return nil
		}
		return elements[i]
	}, at.field}
}

func membersOf(text []byte) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // not an object
	return members
}

// show returns the beginning of a value, or what it is.
func show(b []byte, isText bool, clean func(string) string) string {
	const maxLength = 40
	shown, ok := String(b)
	switch {
	case len(b) == 0:
		return ""
	case !ok && b[0] == '[':
		return "a list"
	case !ok:
		return "an object"
	case isText && len(shown) > maxText:
		return fmt.Sprintf("a text of more than %d bytes", maxText)
	case isText:
		return "a text"
	}
	text := clean(string(shown)) // all of it: part of a secret may not look like one
	if len(text) > maxLength {
		return fmt.Sprintf("%.*q…", maxLength, text)
	}
	return fmt.Sprintf("%q", text)
}

// Fields returns the sorted names of the fields of these types of records that may be
// unreadable. They include fields with objects, which the vendor may replace by a text.
func Fields(records ...any) []string {
	names := map[string]struct{}{}
	for _, r := range records {
		planOf(reflect.TypeOf(r)).addNames(names)
	}
	return slices.Sorted(maps.Keys(names))
}

func (p *plan) addNames(names map[string]struct{}) {
	if p == nil {
		return
	}
	for _, f := range p.fields {
		if f.member != "" {
			names[f.name] = struct{}{}
		}
		f.addNames(names)
	}
	p.elements.addNames(names)
}
