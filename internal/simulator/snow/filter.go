package snow

import (
	"fmt"
	"strings"
	"time"
)

// A filter is a comparison on its own, or several that -and or -or joins, or -not turns round, each of them in parentheses:
//
//	(status -eq 'Active') -and (subscriptionValidTo -le "2026-01-01T00:00:00Z")

// predicate tells whether a record passes. It gets the value of a property by its place in the record.
type predicate func(value func(field int) any) bool

// filterParser reads a filter. properties says where in a record a property stands, and of which type it is.
type filterParser struct {
	tokens     []filterToken
	properties map[string]property
}

type property struct {
	field int
	kind  valueKind
}

// valueKind is the type of a property, as far as the language tells types apart.
type valueKind int

const (
	textual valueKind = iota
	numeric
	boolean
	dated
)

// parseFilter reads a whole filter.
func parseFilter(text string, properties map[string]property) (predicate, error) {
	tokens, err := lexFilter(text)
	if err != nil {
		return nil, err
	}
	p := &filterParser{tokens, properties}
	pass, err := p.expression()
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("unexpected %q", p.tokens[0].text)
	}
	return pass, err
}

// next takes the next token; past the end it is one that fits nowhere.
func (p *filterParser) next() filterToken {
	if len(p.tokens) == 0 {
		return filterToken{kind: endToken, text: "end of filter"}
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

// at reports whether the next token is a mark or operator with this text.
func (p *filterParser) at(kind tokenKind, text string) bool {
	return len(p.tokens) > 0 && p.tokens[0].kind == kind && p.tokens[0].text == text
}

func (p *filterParser) expect(mark string) error {
	if t := p.next(); t.kind != markToken || t.text != mark {
		return fmt.Errorf("expected %q, found %q", mark, t.text)
	}
	return nil
}

// expression is a comparison, or operands with one and the same operator between them.
func (p *filterParser) expression() (predicate, error) {
	if !p.at(markToken, "(") && !p.at(operatorToken, "-not") {
		return p.comparison()
	}
	pass, err := p.operand()
	if err != nil {
		return nil, err
	}
	operator := ""
	for p.at(operatorToken, "-and") || p.at(operatorToken, "-or") {
		t := p.next()
		if operator != "" && operator != t.text {
			return nil, fmt.Errorf("%s and %s need parentheses between them", operator, t.text)
		}
		operator = t.text
		left := pass
		right, err := p.operand()
		if err != nil {
			return nil, err
		}
		if operator == "-and" {
			pass = func(value func(int) any) bool { return left(value) && right(value) }
		} else {
			pass = func(value func(int) any) bool { return left(value) || right(value) }
		}
	}
	return pass, nil
}

// operand is an expression in parentheses, with or without -not before it.
func (p *filterParser) operand() (predicate, error) {
	if p.at(operatorToken, "-not") {
		p.next()
		pass, err := p.operand()
		return func(value func(int) any) bool { return !pass(value) }, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	pass, err := p.expression()
	if err != nil {
		return nil, err
	}
	return pass, p.expect(")")
}

// comparison is a property, an operator and one value or a set.
func (p *filterParser) comparison() (predicate, error) {
	name := p.next()
	known, ok := p.properties[name.text]
	if name.kind != wordToken || !ok {
		return nil, fmt.Errorf("unknown property %q", name.text)
	}
	operator := p.next()
	if operator.kind != operatorToken {
		return nil, fmt.Errorf("expected an operator, found %q", operator.text)
	}
	switch operator.text {
	case "-exists":
		want, err := p.value(boolean)
		return func(value func(int) any) bool { return (value(known.field) != nil) == want }, err
	case "-in", "-notin":
		set, err := p.set(known.kind)
		within := operator.text == "-in"
		return func(value func(int) any) bool { return set(value(known.field)) == within }, err
	}
	compare, err := comparisonOf(operator.text, known.kind)
	if err != nil {
		return nil, err
	}
	literal, err := p.value(known.kind)
	return func(value func(int) any) bool { return compare(value(known.field), literal) }, err
}

// set is a list of values between brackets.
func (p *filterParser) set(kind valueKind) (func(any) bool, error) {
	if err := p.expect("["); err != nil {
		return nil, err
	}
	var literals []any
	for {
		literal, err := p.value(kind)
		if err != nil {
			return nil, err
		}
		literals = append(literals, literal)
		if !p.at(markToken, ",") {
			break
		}
		p.next()
	}
	contains := func(value any) bool {
		for _, literal := range literals {
			if value != nil && order(value, literal) == 0 {
				return true
			}
		}
		return false
	}
	return contains, p.expect("]")
}

// value reads one value, which must be of the property's type.
func (p *filterParser) value(kind valueKind) (any, error) {
	t := p.next()
	if t.kind != wordToken && t.kind != quotedToken {
		return nil, fmt.Errorf("expected a value, found %q", t.text)
	}
	if kind == textual {
		return t.string()
	}
	if kind == dated {
		date, err := time.Parse(time.RFC3339, t.text)
		if err != nil {
			return nil, fmt.Errorf("%q is no date in RFC 3339", t.text)
		}
		return date, nil
	}
	if t.kind == quotedToken {
		return nil, fmt.Errorf("%q is a string", t.text)
	}
	if kind == boolean {
		return t.boolean()
	}
	return t.number()
}

// comparisonOf is the meaning of an operator on values of a type. No value is equal to nothing, and different from all.
func comparisonOf(operator string, kind valueKind) (func(value, literal any) bool, error) {
	known := func(compare func(value, literal any) bool) func(any, any) bool {
		return func(value, literal any) bool { return value != nil && compare(value, literal) }
	}
	ordered, text := kind == numeric || kind == dated, kind == textual
	switch {
	case operator == "-eq":
		return known(func(v, l any) bool { return order(v, l) == 0 }), nil
	case operator == "-ne":
		return func(v, l any) bool { return v == nil || order(v, l) != 0 }, nil
	case operator == "-gt" && ordered:
		return known(func(v, l any) bool { return order(v, l) > 0 }), nil
	case operator == "-ge" && ordered:
		return known(func(v, l any) bool { return order(v, l) >= 0 }), nil
	case operator == "-lt" && ordered:
		return known(func(v, l any) bool { return order(v, l) < 0 }), nil
	case operator == "-le" && ordered:
		return known(func(v, l any) bool { return order(v, l) <= 0 }), nil
	case operator == "-contains" && text:
		return known(func(v, l any) bool { return strings.Contains(folded(v), folded(l)) }), nil
	case operator == "-notcontains" && text:
		return func(v, l any) bool { return v == nil || !strings.Contains(folded(v), folded(l)) }, nil
	case operator == "-startswith" && text:
		return known(func(v, l any) bool { return strings.HasPrefix(folded(v), folded(l)) }), nil
	case operator == "-endswith" && text:
		return known(func(v, l any) bool { return strings.HasSuffix(folded(v), folded(l)) }), nil
	}
	return nil, fmt.Errorf("the operator %s does not apply", operator)
}
