package table

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// MappingOptions says which columns of a table are which fields of a license.
type MappingOptions struct {
	// Records is the expression for the list of records, or nil.
	Records *Expression
	// Columns has the name of a column, or an equals sign and a CEL expression over the record r, for
	// each field that the table has.
	Columns Fields
	// Optional is like Columns, for fields that Columns lacks. The table may lack columns that only these
	// fields read.
	Optional Fields
	// If is a CEL expression over the record r that is true for the records to keep. If it is empty,
	// all are kept.
	If string
	// Formats may be nil.
	Formats *Formats
	// AllowColumns are columns that are read although they look as if there were keys or passwords in them.
	AllowColumns []string
}

// Mapping turns records into licenses. It is safe for concurrent use.
type Mapping struct {
	formats    *Formats
	references []Reference
	fields     []field
	condition  *field
	// read are the columns that expressions read, as indexes of the references.
	read    []int
	product bool // the product is mapped, and not optional
	pool    sync.Pool
}

// field is a field of a license that is mapped.
type field struct {
	key  string // as in Fields
	name string // of the Go field
	// column is the index of the reference, -1 for an expression.
	column     int
	expression *Expression
	// columnName is the only column that is read, or empty.
	columnName string
	// constant is the value of an expression that reads nothing.
	constant   cell
	isConstant bool
}

// NewMapping checks and prepares a mapping. Each error begins with the key that it is about.
func NewMapping(o MappingOptions) (*Mapping, []error) {
	m := &Mapping{formats: o.Formats}
	if m.formats == nil {
		m.formats = &Formats{}
	}
	b := mappingBuilder{Mapping: m, allowed: make([]bool, len(o.AllowColumns)), allow: o.AllowColumns, index: map[string]int{}}
	b.errs = m.formats.Check()
	columns, optional := reflect.ValueOf(o.Columns), reflect.ValueOf(o.Optional)
	for i := range columns.NumField() {
		key, text := columns.Type().Field(i).Tag.Get("yaml"), columns.Field(i).String()
		if b.optional = text == ""; b.optional {
			text = optional.Field(i).String()
		}
		if f := b.field(key, "columns."+key, text); f != nil {
			f.name = columns.Type().Field(i).Name
			m.fields = append(m.fields, *f)
			m.product = m.product || key == "product" && !b.optional
		}
	}
	b.optional = false
	if o.If != "" {
		m.condition = b.field("if", "if", "="+strings.TrimPrefix(strings.TrimSpace(o.If), "="))
	}
	if _, isPath := o.Records.Path(); !isPath { // it may give a key another name
		for _, name := range o.Records.names {
			b.allows("records", name)
		}
	}
	for i, name := range o.AllowColumns {
		if !b.allowed[i] {
			b.errs = append(b.errs, fmt.Errorf("allow_columns[%d]: no field reads a column %q that must be allowed; remove it", i, clip(name)))
		}
	}
	if len(b.errs) > 0 {
		return nil, b.errs
	}
	m.pool.New = func() any { return m.newWork() }
	return m, nil
}

// References returns the columns that the mapping reads.
func (m *Mapping) References() []Reference { return m.references }

// mappingBuilder makes a mapping.
type mappingBuilder struct {
	*Mapping
	errs    []error
	index   map[string]int // of the references
	allow   []string
	allowed []bool // which of allow are used
	// optional is set for the fields of MappingOptions.Optional.
	optional bool
}

func (b *mappingBuilder) errorf(key, format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf(key+": "+format, args...))
}

// field returns the field of a text of the configuration, or nil if it is empty or wrong.
func (b *mappingBuilder) field(key, path, text string) *field {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	code, isExpression := strings.CutPrefix(text, "=")
	if !isExpression {
		if !b.allows(path, text) {
			return nil
		}
		return &field{key: key, column: b.reference(path, text, nil), columnName: text}
	}
	e, err := newExpression(code, "r", b.formats, maxRecordCost)
	if err != nil {
		b.errorf(path, "%w", err)
		return nil
	}
	if e.Shape().Whole {
		b.errorf(path, `must name the columns that it reads, such as r.end or r["Renewal date"], and not use r as a whole`)
		return nil
	}
	for _, name := range e.names {
		if !b.allows(path, name) {
			return nil
		}
	}
	f := &field{key: key, column: -1, expression: e}
	columns := slices.Sorted(maps.Keys(e.Shape().Members))
	for _, name := range columns {
		if i := b.reference(path, name, e.Shape().Members[name]); !slices.Contains(b.read, i) {
			b.read = append(b.read, i)
		}
	}
	switch len(columns) {
	case 0:
		result, err := e.Eval(nil)
		if err != nil {
			b.errorf(path, "%w", err)
			return nil
		}
		f.constant, f.isConstant = cellOf(result), true
	case 1:
		f.columnName = columns[0]
	}
	return f
}

// allows reports whether a column or member may be read, and adds an error otherwise.
func (b *mappingBuilder) allows(path, name string) bool {
	if !looksSecret(name) {
		return true
	}
	for i, allowed := range b.allow {
		if strings.EqualFold(strings.TrimSpace(allowed), strings.TrimSpace(name)) {
			b.allowed[i] = true
			return true
		}
	}
	b.errorf(path, "the column %q looks as if there were keys or passwords in it, which must not be shown; map another column, or add it to allow_columns if it has none", clip(name))
	return false
}

// reference returns the index of the reference to a column. shape is what an expression reads of it.
func (b *mappingBuilder) reference(path, name string, shape *Shape) int {
	i, ok := b.index[name]
	if !ok {
		i = len(b.references)
		b.index[name] = i
		b.references = append(b.references, Reference{Key: path, Column: name, Optional: b.optional})
	}
	b.references[i].Optional = b.references[i].Optional && b.optional
	b.references[i].Named = b.references[i].Named || shape == nil
	b.references[i].Shape = mergeShapes(b.references[i].Shape, shape)
	if b.references[i].Named && b.references[i].Shape != nil {
		b.references[i].Shape = mergeShapes(b.references[i].Shape, &Shape{Whole: true})
	}
	return i
}

// mergeShapes returns what either of two shapes reads.
func mergeShapes(a, b *Shape) *Shape {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	merged := &Shape{Whole: a.Whole || b.Whole, Members: maps.Clone(a.Members)}
	for name, shape := range b.Members {
		if merged.Members == nil {
			merged.Members = map[string]*Shape{}
		}
		merged.Members[name] = mergeShapes(merged.Members[name], shape)
	}
	return merged
}
