package scalar

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// Decode decodes the JSON object that a text begins with into *record, which must be zero, and
// calls found as Check does. It returns the length of the object in the text. The result is that
// of encoding/json, in a fraction of the time: Decode reads the text once, and examines each type
// of record only once.
//
// Decode only handles usual texts. It returns 0 for others, such as those with an error of syntax,
// a value in place of an object, a member that occurs twice or a name with an escape. *record may
// then hold anything, and the caller must use encoding/json instead.
func Decode(record any, text []byte, found Found) (length int) {
	v := reflect.ValueOf(record).Elem()
	s := shapeOf(v.Type())
	if s == nil {
		return 0
	}
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.reader, d.bad = reader{text: text}, false
	defer func() { d.text = nil }()
	if !d.decode(s, v) {
		return 0
	}
	length = d.at
	if next := d.next(); d.at < len(text) && strings.IndexByte(",]}", next) < 0 {
		return 0 // such as nullx
	}
	if d.bad {
		Check(record, text[:length], found)
	}
	return length
}

// shape describes a type to a decoder.
type shape struct {
	kind kind
	// byLength are the fields of a struct by the length of their names. A name matches in
	// upper or lower case.
	byLength [maxName + 1][]field
	// elements is the shape of what a slice, a map or a pointer contains.
	elements *shape
	isValue  bool // of this package
}

type field struct {
	name  []byte
	index int
	*shape
}

type kind int

const (
	isUnmarshaler kind = iota
	isStruct
	isSlice
	isMap
	isPointer
)

const (
	// maxName and maxFields bound the structs that have a shape.
	maxName   = 64
	maxFields = 64
)

var (
	shapes          sync.Map // *shape by reflect.Type
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// shapeOf returns the shape of a type, or nil if encoding/json must decode it. The type must
// not contain itself.
func shapeOf(t reflect.Type) *shape { return ofType(&shapes, t, newShape) }

func newShape(t reflect.Type) *shape {
	pointer := reflect.PointerTo(t)
	s := &shape{kind: isUnmarshaler, isValue: pointer.Implements(valueType)}
	switch k := t.Kind(); {
	case k == reflect.Pointer:
		s.kind = isPointer
	case pointer.Implements(unmarshalerType):
		return s
	case pointer.Implements(textType):
		return nil
	case k == reflect.Struct:
		s.kind = isStruct
		return s.withFields(t)
	case k == reflect.Slice:
		s.kind = isSlice
	case k == reflect.Map && t.Key() == reflect.TypeFor[string]():
		s.kind = isMap
	default:
		return nil
	}
	if s.elements = shapeOf(t.Elem()); s.elements == nil {
		return nil
	}
	return s
}

func (s *shape) withFields(t reflect.Type) *shape {
	if t.NumField() > maxFields {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if !f.IsExported() && !f.Anonymous || tag == "-" {
			continue
		}
		name, of := []byte(memberName(f)), shapeOf(f.Type)
		if f.Anonymous || of == nil || len(name) > maxName || tag != "" && tag != string(name) || s.field(name) != nil {
			return nil
		}
		s.byLength[len(name)] = append(s.byLength[len(name)], field{name, i, of})
	}
	return s
}

// field returns the field into which the member with this name is decoded, or nil.
func (s *shape) field(name []byte) *field {
	if len(name) > maxName {
		return nil
	}
	fields := s.byLength[len(name)]
	for i := range fields {
		if bytes.EqualFold(fields[i].name, name) {
			return &fields[i]
		}
	}
	return nil
}

// decoder decodes one text. Decoders are reused, since they remember texts that repeat.
type decoder struct {
	reader
	bad   bool // there is a value that could not be read
	texts sharedTexts
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decode decodes the next value into v, which is zero.
func (d *decoder) decode(s *shape, v reflect.Value) bool {
	switch {
	case s.kind == isUnmarshaler:
		return d.unmarshal(s, v)
	case d.next() == 'n':
		return d.skip() // null
	case s.kind == isPointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.decode(s.elements, v.Elem())
	case s.kind == isSlice:
		return d.slice(s, v)
	case s.kind == isMap:
		v.Set(reflect.MakeMap(v.Type()))
		return d.members(func(name []byte) bool {
			element := reflect.New(v.Type().Elem()).Elem()
			ok := d.decode(s.elements, element)
			v.SetMapIndex(reflect.ValueOf(d.texts.share(name)), element)
			return ok
		})
	}
	var seen uint64 // the fields that have a value
	return d.members(func(name []byte) bool {
		f := s.field(name)
		if f == nil {
			return d.skip()
		}
		bit := uint64(1) << f.index
		if seen&bit != 0 {
			return false
		}
		seen |= bit
		return d.decode(f.shape, v.Field(f.index))
	})
}

// slice decodes an array. It is read twice, so that the slice has the right size at once.
func (d *decoder) slice(s *shape, v reflect.Value) bool {
	start, n := d.at, 0
	if !d.elements(func() bool { n++; return d.skip() }) {
		return false
	}
	d.at = start
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	i := 0
	return d.elements(func() bool { i++; return d.decode(s.elements, v.Index(i-1)) })
}

// unmarshal decodes a value that has an UnmarshalJSON method, which is also called for null.
func (d *decoder) unmarshal(s *shape, v reflect.Value) bool {
	d.next()
	start := d.at
	if !d.skip() {
		return false
	}
	text := d.text[start:d.at]
	switch into := v.Addr().Interface().(type) {
	case *Text:
		into.read(text, &d.texts)
	case *Word:
		into.read(text, &d.texts)
	case *ID:
		into.read(text, &d.texts)
	case *NodeID:
		into.read(text, &d.texts)
	case json.Unmarshaler:
		if into.UnmarshalJSON(text) != nil {
			return false
		}
	}
	d.bad = d.bad || s.isValue && isBad(v)
	return true
}
