// Package table reads licenses from tables: a CSV, JSON or YAML file, a list in the
// configuration, or the JSON or CSV that an API answers with.
//
// A Source yields the records of a table, and a Mapping turns each into a License. Only the
// columns that the mapping reads are kept of a record.
package table

import (
	"context"
	"iter"
	"reflect"
	"slices"
	"time"
)

// Fields has a text for each field of a license: in a mapping, the name of the column or, after
// an equals sign, a CEL expression; in a list in the configuration, the value.
type Fields struct {
	ID                    string `yaml:"id"`
	Name                  string `yaml:"name"`
	Product               string `yaml:"product"`
	ProductName           string `yaml:"product_name"`
	Manufacturer          string `yaml:"manufacturer"`
	ProductType           string `yaml:"product_type"`
	Organization          string `yaml:"organization"`
	OrganizationName      string `yaml:"organization_name"`
	State                 string `yaml:"state"`
	InForce               string `yaml:"in_force"`
	Start                 string `yaml:"start"`
	End                   string `yaml:"end"`
	GraceEnd              string `yaml:"grace_end"`
	RenewalDate           string `yaml:"renewal_date"`
	Renewal               string `yaml:"renewal"`
	Seats                 string `yaml:"seats"`
	Assigned              string `yaml:"assigned"`
	Available             string `yaml:"available"`
	Unit                  string `yaml:"unit"`
	Cost                  string `yaml:"cost"`
	Component             string `yaml:"component"`
	Currency              string `yaml:"currency"`
	OrderID               string `yaml:"order_id"`
	Compliant             string `yaml:"compliant"`
	Owner                 string `yaml:"owner"`
	Notice                string `yaml:"notice"`
	MinimumAvailableSeats string `yaml:"minimum_available_seats"`
	Muted                 string `yaml:"muted"`
}

// fieldIndexes contains the positions of the fields by key, and fieldKeys the keys in that order.
var fieldIndexes, fieldKeys = func() (map[string]int, []string) {
	indexes, keys := map[string]int{}, []string(nil)
	for field := range reflect.TypeFor[Fields]().Fields() {
		key := field.Tag.Get("yaml")
		indexes[key], keys = len(keys), append(keys, key)
	}
	return indexes, keys
}()

// Keys returns the keys of Fields, in their order.
func Keys() []string { return slices.Clone(fieldKeys) }

// Get returns the text of the field with a key. It is empty if there is no such field.
func (f *Fields) Get(key string) string {
	i, ok := fieldIndexes[key]
	if !ok {
		return ""
	}
	return reflect.ValueOf(f).Elem().Field(i).String()
}

// Set sets the text of the field with a key, which must exist.
func (f *Fields) Set(key, text string) {
	reflect.ValueOf(f).Elem().Field(fieldIndexes[key]).SetString(text)
}

// JSONTypes returns the types of JSON Schema besides string that values in a list in the configuration have.
// Numbers are not among those of other texts: tools would write a long id as 4.5e+06.
func (Fields) JSONTypes() map[string]string {
	return map[string]string{
		"seats": "number", "assigned": "number", "available": "number", "cost": "number", "minimum_available_seats": "number", "notice": "number",
		"in_force": "boolean", "renewal": "boolean", "compliant": "boolean", "muted": "boolean",
	}
}

// Reference is a column that a mapping reads.
type Reference struct {
	// Key is the configuration key that names the column, such as columns.end, for errors.
	Key string
	// Column is the name of the column, or of the member of a JSON or YAML object.
	Column string
	// Shape is what is read of a value that is an object. It is nil for a column that no expression reads.
	Shape *Shape
	// Named is set if a field is this column. Otherwise, only expressions read it.
	Named bool
	// Optional is set if the table may lack the column. Its values are then absent.
	Optional bool
}

// Shape is what expressions read of an object. A source keeps nothing else of it.
type Shape struct {
	// Whole is set if the whole value is read.
	Whole bool
	// Members contains the shapes of the members that are read.
	Members map[string]*Shape
}

// Kind is the kind of a Value.
type Kind uint8

// The kinds of values.
const (
	// Absent is a value that is missing or null.
	Absent Kind = iota
	Text
	Number
	Bool
	// Tree is an object or a list.
	Tree
)

// Value is a value of a record.
type Value struct {
	Kind Kind
	// Text is the value as it is written, trimmed. It is empty for Absent and Tree.
	Text string
	// Tree is a map[string]any or []any whose values are nil, string, bool, int64, float64 or again
	// such a tree. Of an object, it has only what is in the reference's Shape. A member that is
	// missing is nil. If the shape reads members of a member that is missing, null or not an object,
	// and not the member as a whole, it is a map in which those are nil.
	Tree any
}

// Place says where a record is in its table.
type Place struct {
	// Line is the line of the file in which the record begins, or 0 if it is not from a file.
	Line int
	// Record is the number of the record, counted from 1. Page is the number of its page.
	Record, Page int
}

// Record is a record of a table.
type Record struct {
	Place
	// Values are those of the references, in their order. They may be used until the next record
	// is read.
	Values []Value
	// Problem says why the record cannot be used and what to do, such as a row with more cells than
	// the header. It is empty if the record is good.
	Problem string
}

// Empty reports whether a record has none of its values.
func (r *Record) Empty() bool {
	for _, v := range r.Values {
		if v.Kind == Tree && !isEmpty(v.Tree) || v.Kind != Tree && v.Text != "" {
			return false
		}
	}
	return len(r.Values) > 0
}

// isEmpty reports whether there is nothing in a tree.
func isEmpty(tree any) bool {
	switch tree := tree.(type) {
	case nil:
		return true
	case map[string]any:
		for _, value := range tree {
			if !isEmpty(value) {
				return false
			}
		}
		return true
	}
	return false
}

// Source is where a table is read from. It is safe for concurrent use.
type Source interface {
	// Columns returns the names of the columns: those of the header, or of the members of the first
	// record. An error says what to do.
	Columns(context.Context) ([]string, error)
	// Records returns the records with the values of the references. If it ends with an error, the
	// records before the error are incomplete and must not be used.
	Records(context.Context, []Reference) iter.Seq2[Record, error]
}

// Versioned is implemented by a Source that knows cheaply whether it has changed.
type Versioned interface {
	// Version returns a value that is equal as long as the table is the same. It waits until the
	// table is not being written.
	Version(context.Context) (any, error)
}

// Date is a moment in a License.
type Date struct {
	// Time is zero if there is no date. A date without a time is the end of that day in the time
	// zone of the table, and for License.Start its beginning.
	Time time.Time
	// Never is set if the table says that there is no end.
	Never bool
	// Unreadable is set if there should be a date and there is none that can be read.
	Unreadable bool
}

// Optional is a value that may be missing.
type Optional[T any] struct {
	Value T
	Valid bool
}

// License is a record of a table, read by a Mapping. What a record does not say is empty.
type License struct {
	Place
	ID, Name                          string
	Product, ProductName              string
	Manufacturer, ProductType         string
	Organization, OrganizationName    string
	State                             string
	InForce                           Optional[bool]
	Start, End, GraceEnd, RenewalDate Date
	// Renewal is automatic, manual or empty.
	Renewal                    string
	Seats, Assigned, Available Optional[float64]
	Unit                       string
	Cost                       Optional[float64]
	Component, Currency        string
	OrderID                    string
	Compliant                  Optional[bool]
	Owner                      string
	Notice                     Optional[time.Duration]
	MinimumAvailableSeats      Optional[float64]
	Muted                      Optional[bool]
}

// Unreadable is a value of a record that cannot be read.
type Unreadable struct {
	Place
	// Field is the field of the license, as in Fields.
	Field string
	// Column is the name of the column, empty for an expression that reads several.
	Column string
	// Value is the beginning of the value. It is empty if the value may be free text.
	Value string
	// Advice says what is wrong and what to do.
	Advice string
}
