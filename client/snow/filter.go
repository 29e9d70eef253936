package snow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Filter is an expression of the vendor's filter language. The zero Filter
// selects all records. Which properties an operation filters by is not
// documented; it answers 400 to others.
//
//	Where("status").Eq("Active").And(Where("subscriptionValidTo").Le(soon))
type Filter struct{ text string }

// String returns the expression as the vendor reads it, empty for all records.
// It is not escaped for URLs.
func (f Filter) String() string { return f.text }

// And selects the records that f and all others select.
func (f Filter) And(others ...Filter) Filter {
	operands := slices.DeleteFunc(append([]Filter{f}, others...), func(o Filter) bool { return o == Filter{} })
	return join("-and", operands)
}

// Or selects the records that f or any of the others selects.
func (f Filter) Or(others ...Filter) Filter {
	operands := append([]Filter{f}, others...)
	if slices.Contains(operands, Filter{}) {
		return Filter{}
	}
	return join("-or", operands)
}

// join puts each operand in parentheses, as the vendor demands of all but a
// lone comparison.
func join(operator string, operands []Filter) Filter {
	switch len(operands) {
	case 0:
		return Filter{}
	case 1:
		return operands[0]
	}
	texts := make([]string, 0, len(operands))
	for _, operand := range operands {
		texts = append(texts, "("+operand.text+")")
	}
	return Filter{text: strings.Join(texts, " "+operator+" ")}
}

// Property is what a comparison is about.
type Property struct{ name string }

// Where begins a comparison of a property of the records. Its values may be
// booleans, numbers, dates, and strings of any type; strings are quoted, so
// that identifiers can be given as they are.
func Where(property string) Property { return Property{property} }

// Eq selects records whose property equals a value.
func (p Property) Eq(value any) Filter { return p.compare("-eq", value) }

// Ne selects records whose property does not equal a value.
func (p Property) Ne(value any) Filter { return p.compare("-ne", value) }

// Gt selects records whose property is above a number or date.
func (p Property) Gt(value any) Filter { return p.compare("-gt", value) }

// Ge selects records whose property is not below a number or date.
func (p Property) Ge(value any) Filter { return p.compare("-ge", value) }

// Lt selects records whose property is below a number or date.
func (p Property) Lt(value any) Filter { return p.compare("-lt", value) }

// Le selects records whose property is not above a number or date.
func (p Property) Le(value any) Filter { return p.compare("-le", value) }

// Contains selects records whose property contains a string.
func (p Property) Contains(text string) Filter { return p.compare("-contains", text) }

// StartsWith selects records whose property begins with a string.
func (p Property) StartsWith(text string) Filter { return p.compare("-startswith", text) }

// In selects records whose property is one of several values. The vendor names
// the operator and does not show how it is written; this is the likely form.
func (p Property) In(values ...any) Filter { return p.set("-in", values) }

// NotIn selects records whose property is none of several values, as In.
func (p Property) NotIn(values ...any) Filter { return p.set("-notin", values) }

func (p Property) set(operator string, values []any) Filter {
	literals := make([]string, 0, len(values))
	for _, value := range values {
		literals = append(literals, literal(value))
	}
	return Filter{text: p.name + " " + operator + " [" + strings.Join(literals, ",") + "]"}
}

func (p Property) compare(operator string, value any) Filter {
	return Filter{text: p.name + " " + operator + " " + literal(value)}
}

// escaper protects what would end a string.
var escaper = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// literal spells a value. What is neither boolean nor number is quoted: the
// vendor guesses the type of what is not, and takes identifiers for numbers.
func literal(value any) string {
	switch v := value.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int, int32, int64, uint, uint32, uint64:
		return fmt.Sprint(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return "'" + v.UTC().Format(time.RFC3339) + "'"
	default:
		return "'" + escaper.Replace(fmt.Sprint(v)) + "'"
	}
}
