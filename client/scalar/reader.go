package scalar

import (
	"bytes"
	"unicode/utf8"
)

// reader reads a JSON text. Its functions return false if the text is not JSON, or is unusual.
type reader struct {
	text  []byte
	at    int
	depth int
}

// maxDepth bounds how deep values are nested.
const maxDepth = 32

// next skips spaces and returns the next byte, or 0 at the end.
func (r *reader) next() byte {
	for ; r.at < len(r.text); r.at++ {
		switch b := r.text[r.at]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

// take skips the next byte if it is b.
func (r *reader) take(b byte) bool {
	if r.next() != b {
		return false
	}
	r.at++
	return true
}

// elements calls read for each element of an array, which must skip it.
func (r *reader) elements(read func() bool) bool { return r.each('[', ']', read) }

// members calls read for each member of an object, which must skip its value.
func (r *reader) members(read func(name []byte) bool) bool {
	return r.each('{', '}', func() bool {
		r.next()
		start := r.at
		if isPlain, ok := r.string(); !isPlain || !ok {
			return false
		}
		name := r.text[start+1 : r.at-1]
		return r.take(':') && read(name)
	})
}

// each calls read for each part of what is between two brackets.
func (r *reader) each(open, end byte, read func() bool) bool {
	r.depth++
	if r.depth > maxDepth || !r.take(open) {
		return false
	}
	for first := true; !r.take(end); first = false {
		if !first && !r.take(',') || !read() {
			return false
		}
	}
	r.depth--
	return true
}

// skip skips a value.
func (r *reader) skip() bool {
	switch r.next() {
	case '"':
		_, ok := r.string()
		return ok
	case '{':
		return r.members(func([]byte) bool { return r.skip() })
	case '[':
		return r.elements(r.skip)
	case 't':
		return r.literal("true")
	case 'f':
		return r.literal("false")
	case 'n':
		return r.literal("null")
	}
	return r.number()
}

func (r *reader) literal(text string) bool {
	if len(r.text)-r.at < len(text) || string(r.text[r.at:r.at+len(text)]) != text {
		return false
	}
	r.at += len(text)
	return true
}

// ordinary has the bytes that most strings consist of: ASCII characters that need no escape.
var ordinary = func() (is [256]bool) {
	for b := ' '; b < utf8.RuneSelf; b++ {
		is[b] = b != '"' && b != '\\'
	}
	return is
}()

// string skips a string. isPlain reports whether it has only ordinary characters.
func (r *reader) string() (isPlain, ok bool) {
	if r.peek() != '"' {
		return false, false
	}
	r.at++
	for isPlain = true; ; isPlain = false {
		for r.at < len(r.text) && ordinary[r.text[r.at]] {
			r.at++
		}
		switch b := r.peek(); {
		case b == '"':
			r.at++
			return isPlain, true
		case b == '\\' && r.escape(), b >= utf8.RuneSelf:
			r.at++
		default:
			return false, false
		}
	}
}

// escape skips an escape, apart from its last byte.
func (r *reader) escape() bool {
	r.at++
	if r.peek() != 'u' {
		return bytes.IndexByte([]byte(`"\/bfnrt`), r.peek()) >= 0
	}
	for range 4 {
		r.at++
		if b := r.peek(); !isDigit(b) && (b|' ' < 'a' || 'f' < b|' ') {
			return false
		}
	}
	return true
}

func (r *reader) number() bool {
	if r.peek() == '-' {
		r.at++
	}
	if r.peek() == '0' {
		r.at++
	} else if !r.digits() {
		return false
	}
	if r.peek() == '.' {
		r.at++
		if !r.digits() {
			return false
		}
	}
	if r.peek()|' ' == 'e' {
		r.at++
		if b := r.peek(); b == '+' || b == '-' {
			r.at++
		}
		return r.digits()
	}
	return true
}

// digits skips one digit or more.
func (r *reader) digits() bool {
	start := r.at
	for isDigit(r.peek()) {
		r.at++
	}
	return r.at > start
}

// peek returns the next byte, or 0 at the end.
func (r *reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
