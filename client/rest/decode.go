package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// A short text may become a large value: a record of "{}" takes hundreds of
// bytes once it is decoded. So the records of a page are decoded one by one,
// and what is decoded at once is bounded: together with the buffer that the body
// was read into, a page takes no more than four times its bytes and some MiB.
const (
	// maxRecords bounds the records of a page: ten times the largest pages.
	maxRecords = 100_000
	// maxBytes and maxValues bound what is decoded at once: a record, what a
	// page has beside its records, or an answer that is no page.
	maxBytes  = 1 << 20
	maxValues = 10_000
)

// decode decodes a JSON text that holds no list of records.
func decode(text []byte, into any) error {
	if err := checkSize(text); err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// checkSize refuses a text that is too large to be decoded at once.
func checkSize(text []byte) error {
	c := cursor{text: text}
	return checkValue(c.value())
}

func checkValue(text []byte, values int) error {
	if len(text) > maxBytes || values > maxValues {
		return fmt.Errorf("answer has a record of %d bytes and %d values, more than any page", len(text), values)
	}
	return nil
}

// list is the text of a JSON array whose elements are decoded one by one.
type list struct {
	text []byte
	n    int
	last []byte // the last element
}

// decodeAll decodes the elements of a list in their order. The first that cannot
// be decoded ends it.
func decodeAll[T any](l list) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var element, none T
		d := json.NewDecoder(bytes.NewReader(l.text))
		_, err := d.Token() // the bracket
		for err == nil && d.More() {
			element = none
			err = d.Decode(&element)
			if !yield(element, err) {
				return
			}
		}
	}
}

func decodeOne[T any](text []byte) (T, error) {
	var element T
	err := json.Unmarshal(text, &element)
	return element, err
}

// errSyntax is replaced by what encoding/json says of the text.
var errSyntax = errors.New("answer is not JSON")

// split takes the list of records out of a page: a JSON array or, if name is
// given, the array of that name in a JSON object. What remains of the text has
// an empty array in its place. If the page has no such list, all remains.
//
// The records are counted and bounded, but not checked: one that is not JSON is
// found when it is decoded.
func split(text []byte, name string) (l list, remains []byte, err error) {
	c := cursor{text: text}
	l, remains, err = c.split(name)
	if errors.Is(err, errSyntax) {
		if precise := json.Unmarshal(text, new(ignored)); precise != nil {
			err = precise
		}
	}
	return l, remains, err
}

// ignored decodes any value.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

func (c *cursor) split(name string) (l list, remains []byte, err error) {
	remains = c.text
	if name == "" && c.peek() == '[' {
		return c.list()
	}
	if name == "" || !c.take('{') {
		return l, remains, nil
	}
	for c.peek() != '}' {
		key, _ := c.value()
		if !c.take(':') {
			return l, nil, errSyntax
		}
		switch isList := isKey(key, name) && c.peek() == '['; {
		case isList && l.text != nil:
			return l, nil, fmt.Errorf("answer has two lists of %s", name)
		case isList:
			if l, remains, err = c.list(); err != nil {
				return l, nil, err
			}
		default:
			c.value()
		}
		if !c.take(',') {
			break
		}
	}
	return l, remains, nil
}

// isKey tells whether the text is that of a key of an object by which
// encoding/json would find a field of this name.
func isKey(text []byte, name string) bool {
	var key string
	return json.Unmarshal(text, &key) == nil && strings.EqualFold(key, name)
}

// list skips a list. It returns the list, and the text with an empty one in its
// place.
func (c *cursor) list() (l list, remains []byte, err error) {
	start := c.at
	c.take('[')
	for !c.take(']') {
		if l.n > 0 && !c.take(',') {
			return l, nil, errSyntax
		}
		text, values := c.value()
		if len(text) == 0 {
			return l, nil, errSyntax
		}
		if err := checkValue(text, values); err != nil {
			return l, nil, err
		}
		if l.n, l.last = l.n+1, text; l.n > maxRecords {
			return l, nil, fmt.Errorf("answer has over %d records, more than any page", maxRecords)
		}
	}
	l.text = c.text[start:c.at]
	before, after := c.text[:start], c.text[c.at:]
	return l, bytes.Join([][]byte{before, after}, []byte("[]")), nil
}

// cursor goes through a JSON text value by value at a fraction of the cost of
// decoding. It finds the ends of values in JSON. Of anything else it makes parts
// of which at least one is no JSON either.
type cursor struct {
	text []byte
	at   int
}

// peek returns the next byte that is no space, 0 at the end.
func (c *cursor) peek() byte {
	for ; c.at < len(c.text); c.at++ {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

// take skips the next byte if it is the one given.
func (c *cursor) take(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.at++
	return true
}

// value skips a value, and returns its text and how many values it holds at all
// depths.
func (c *cursor) value() (text []byte, values int) {
	c.peek()
	text, values = c.text[c.at:], 1
	i, depth := 0, 0
scan:
	for i < len(text) {
		b := text[i]
		if depth == 0 && (b == ',' || b == ':' || b == ']' || b == '}') {
			break // this is behind the value
		}
		i++
		switch b {
		case '"':
			i = stringEnd(text, i)
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				break scan
			}
		case ',':
			values++
		}
	}
	c.at += i
	return text[:i], values
}

// stringEnd returns where the text goes on behind the string that begins at from:
// behind a quote with no backslash before it that is not itself escaped.
func stringEnd(text []byte, from int) int {
	for i := from; ; {
		quote := bytes.IndexByte(text[i:], '"')
		if quote < 0 {
			return len(text)
		}
		i += quote + 1
		backslashes := 0
		for j := i - 2; j >= from && text[j] == '\\'; j-- {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i
		}
	}
}
