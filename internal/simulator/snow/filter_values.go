package snow

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// tokenKind tells the tokens of a filter apart.
type tokenKind int

const (
	endToken      tokenKind = iota
	wordToken               // a property, or a value without quotes
	quotedToken             // a value in quotes, which are gone
	operatorToken           // -eq
	markToken               // ( ) [ ] ,
)

type filterToken struct {
	kind tokenKind
	text string
}

// lexFilter takes a filter apart.
func lexFilter(text string) ([]filterToken, error) {
	var tokens []filterToken
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		var t filterToken
		switch first := text[0]; {
		case strings.ContainsRune("()[],", rune(first)):
			t, text = filterToken{markToken, text[:1]}, text[1:]
		case first == '\'' || first == '"':
			value, rest, err := unquote(text)
			if err != nil {
				return nil, err
			}
			t, text = filterToken{quotedToken, value}, rest
		default:
			end := strings.IndexAny(text, " ()[]'\",+")
			if end < 0 {
				end = len(text)
			}
			if end == 0 {
				return nil, fmt.Errorf("unexpected %q", text[:1])
			}
			t, text = filterToken{wordToken, text[:end]}, text[end:]
			if first == '-' && len(t.text) > 1 && t.text[1] >= 'a' && t.text[1] <= 'z' {
				t.kind = operatorToken
			}
		}
		tokens = append(tokens, t)
	}
	return tokens, nil
}

// unquote reads a string in quotes, in which a backslash protects a quote or another one.
func unquote(text string) (value, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case text[0]:
			return b.String(), text[i+1:], nil
		case '\\':
			if i++; i == len(text) {
				return "", "", errors.New("a string has no end")
			}
		}
		b.WriteByte(text[i])
	}
	return "", "", errors.New("a string has no end")
}

// string reads a text. Without quotes, what looks like a number or the like is none.
func (t filterToken) string() (any, error) {
	if first := t.text + " "; t.kind == wordToken && strings.ContainsRune("0123456789-", rune(first[0])) {
		return nil, fmt.Errorf("%q needs quotes", t.text)
	}
	return t.text, nil
}

func (t filterToken) boolean() (any, error) {
	switch t.text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return nil, fmt.Errorf("%q is neither true nor false", t.text)
}

func (t filterToken) number() (any, error) {
	number, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", t.text)
	}
	return number, nil
}

// order compares a value of a record with one of a filter, both of the same type. Letters are equal in either case.
func order(value, literal any) int {
	switch l := literal.(type) {
	case time.Time:
		return value.(time.Time).Compare(l)
	case float64:
		return cmp.Compare(value.(float64), l)
	case bool:
		if value.(bool) == l {
			return 0
		}
		return 1
	default:
		return strings.Compare(folded(value), folded(l))
	}
}

func folded(value any) string { return strings.ToLower(value.(string)) }
