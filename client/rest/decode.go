package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"license_exporter/client/scalar"
)

// A decoded value may be much larger than its JSON: the record "{}" may take hundreds of
// bytes. So the records of a page are decoded one by one, and everything that is decoded
// at once is bounded. A page then takes at most four times the bytes of its body, or a
// few MiB if it is small. Half of that is the buffer with the body.
const (
	// maxRecords bounds the records of a page. The largest known pages have 9,000.
	maxRecords = 20_000
	// maxBytes and maxValues bound what is decoded at once: a record, the members of a
	// page apart from its records, or an answer that is not a page.
	maxBytes  = 1 << 20
	maxValues = 10_000
)

// decode decodes a JSON text other than a list of records.
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
		return fmt.Errorf("the answer has a record of %d bytes and %d values; the limits are %d and %d", len(text), values, maxBytes, maxValues)
	}
	return nil
}

// list is a JSON array whose elements are decoded one by one.
type list struct {
	text []byte
	n    int
	last []byte // the last element
}

// errSyntax is replaced by the error of encoding/json, which is more precise.
var errSyntax = errors.New("the answer is not JSON")

// errGzip is the error for an answer that is compressed although the request did not allow that.
var errGzip = errors.New("the answer is compressed, which the request did not allow; check base_url or the proxy")

// checkForm returns an error if a text is HTML or XML, as a login, a proxy or a wrong address answers
// with, or compressed. No JSON text and no table begins like that. wanted is the format of the text.
func checkForm(text []byte, wanted string) error {
	switch {
	case bytes.HasPrefix(text, []byte("\x1f\x8b")):
		return errGzip
	case bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))), []byte("<")):
		return fmt.Errorf("the answer is HTML instead of %s; check base_url or the proxy", wanted)
	}
	return nil
}

// split separates the list of records from the rest of a page. The list is the text
// itself if the path is empty. Otherwise, it is the array with the last name of the path in an
// object, which has the name before in another object, and so on. The rest
// has an empty array in its place. Without such a list, the rest is the complete text.
//
// The records are counted and their sizes checked, but not their syntax. Decoding them
// finds errors of syntax.
func split(text []byte, path []string) (l list, rest []byte, err error) {
	c := cursor{text: text}
	l, rest, err = c.split(path)
	if errors.Is(err, errSyntax) {
		if precise := json.Unmarshal(text, new(ignored)); precise != nil {
			err = precise
		}
	}
	return l, rest, err
}

// ignored decodes any value.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

func (c *cursor) split(path []string) (l list, rest []byte, err error) {
	rest = c.text
	if len(path) == 0 && c.peek() == '[' {
		return c.list()
	}
	if len(path) == 0 || c.peek() != '{' {
		c.value()
		return l, rest, nil
	}
	c.take('{')
	for c.peek() != '}' {
		key, _ := c.value()
		if !c.take(':') {
			return l, nil, errSyntax
		}
		if !isKey(key, path[0]) {
			c.value()
		} else if found, others, err := c.split(path[1:]); err != nil {
			return l, nil, err
		} else if found.text != nil && l.text != nil {
			return l, nil, fmt.Errorf("the answer has two lists of %s", path[len(path)-1])
		} else if found.text != nil {
			l, rest = found, others
		}
		if !c.take(',') {
			break
		}
	}
	c.take('}')
	return l, rest, nil
}

// isKey reports whether encoding/json would decode the member with this key into a field
// of this name.
func isKey(text []byte, name string) bool {
	var key string
	return json.Unmarshal(text, &key) == nil && strings.EqualFold(key, name)
}

// list skips an array. It returns it as a list, and the complete text with an empty
// array in its place.
func (c *cursor) list() (l list, rest []byte, err error) {
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
			return l, nil, fmt.Errorf("the answer has more than %d records, the limit for a page", maxRecords)
		}
	}
	l.text = c.text[start:c.at]
	before, after := c.text[:start], c.text[c.at:]
	if n := len(before) + len(after); n > maxBytes {
		return l, nil, fmt.Errorf("the answer has %d bytes beside its records; the limit is %d", n, maxBytes)
	}
	return l, bytes.Join([][]byte{before, after}, []byte("[]")), nil
}

// cursor steps through the values of a JSON text, which is much faster than decoding. It
// does not check the syntax: if the text is not JSON, at least one of the parts that the
// cursor returns is not JSON either.
type cursor struct {
	text []byte
	at   int
}

// peek skips spaces and returns the next byte, or 0 at the end.
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

// take skips the next byte if it is b.
func (c *cursor) take(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.at++
	return true
}

// Members returns the members of a JSON object, in their order. The text must be valid JSON. A text that
// is not an object has none.
func Members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		c := cursor{text: object}
		for more := c.take('{'); more && c.peek() != '}'; more = c.take(',') {
			key, _ := c.value()
			c.take(':')
			value, _ := c.value()
			if name, _ := scalar.String(key); !yield(string(name), bytes.TrimSpace(value)) {
				return
			}
		}
	}
}

// Elements returns the elements of a JSON array. The text must be valid JSON. A text that is not an
// array has none.
func Elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := cursor{text: array}
		for more := c.take('['); more && c.peek() != ']'; more = c.take(',') {
			if value, _ := c.value(); !yield(bytes.TrimSpace(value)) {
				return
			}
		}
	}
}

// end returns an error if a value follows.
func (c *cursor) end() error {
	if c.peek(); c.at == len(c.text) {
		return nil
	}
	return json.Unmarshal(c.text, new(ignored))
}

// value skips a value. It returns the text of the value and the number of values in it
// at all depths.
func (c *cursor) value() (text []byte, values int) {
	c.peek()
	text, values = c.text[c.at:], 1
	i, depth := 0, 0
scan:
	for i < len(text) {
		b := text[i]
		if depth == 0 && (b == ',' || b == ':' || b == ']' || b == '}') {
			break // the value ended before this byte
		}
		i++
		switch b {
		case '"':
			for i < len(text) && text[i] != '"' {
				if text[i] == '\\' {
					i++
				}
				i++
			}
			i++
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
	i = min(i, len(text)) // a string may lack its end
	c.at += i
	return text[:i], values
}
