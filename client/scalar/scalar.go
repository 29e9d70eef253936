// Package scalar reads the values of JSON records tolerantly. Vendors do not always send
// the types that they document: numbers and booleans may be strings, identifiers may be
// numbers, and dates have several formats.
//
// The types never fail to decode, so that one odd value does not make its record
// unreadable. A value that cannot be read is absent and marked as unreadable. Check finds
// such values in a record.
package scalar

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"
)

// String returns the text of a JSON string, number or boolean, trimmed. The text is
// empty for null. ok is false for objects and arrays. The text may share memory with
// b.
func String(b []byte) (text []byte, ok bool) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || string(b) == "null" {
		return nil, true
	}
	switch b[0] {
	case '{', '[':
		return nil, false
	case '"':
		if plain := b[1:max(1, len(b)-1)]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
			return bytes.TrimSpace(plain), true // there is nothing to unescape
		}
		var spelled string
		if json.Unmarshal(b, &spelled) != nil {
			return nil, false
		}
		return bytes.TrimSpace([]byte(spelled)), true
	}
	return b, true
}

// optional is a value that may be missing.
type optional[T any] struct {
	// Value is the zero value unless Valid.
	Value T
	// Valid is set if there is a value of the type.
	Valid bool
	// Unreadable is set if there is a value of another type.
	Unreadable bool
}

// Bool is a boolean: true or false, also as a string in upper or lower case, or 1 or 0.
type Bool optional[bool]

// UnmarshalJSON reads any value. It never fails.
func (v *Bool) UnmarshalJSON(b []byte) error {
	text, ok := String(b)
	switch {
	case len(text) == 0:
		*v = Bool{Unreadable: !ok}
	case bytes.EqualFold(text, []byte("true")), string(text) == "1":
		*v = Bool{Value: true, Valid: true}
	case bytes.EqualFold(text, []byte("false")), string(text) == "0":
		*v = Bool{Valid: true}
	default:
		*v = Bool{Unreadable: true}
	}
	return nil
}

// Bad implements Value.
func (v *Bool) Bad() bool { return v.Unreadable }

// Text is a string, trimmed. Numbers and booleans become text. Null is empty. An object,
// an array or a text of more than maxText bytes is unreadable, and empty after Check.
type Text string

// maxText bounds a Text. Names and identifiers are much shorter. Facts keep them, so longer
// ones could take any amount of memory.
const maxText = 1 << 10

// unreadable marks a Text until Check has found it. It does not occur in decoded JSON,
// which is valid UTF-8.
const unreadable Text = "\xff"

// UnmarshalJSON reads any value. It never fails.
func (t *Text) UnmarshalJSON(b []byte) error {
	t.read(b, nil)
	return nil
}

func (t *Text) read(b []byte, known *sharedTexts) {
	*t = ""
	if len(b) > 0 && b[0] == 'n' { // null, the usual value of what does not apply
		return
	}
	text, ok := String(b)
	if !ok || len(text) > maxText {
		*t = unreadable
		return
	}
	*t = Text(known.share(text))
}

// Bad implements Value.
func (t *Text) Bad() bool {
	if *t != unreadable {
		return false
	}
	*t = ""
	return true
}

// ZeroGUID means a missing identifier at vendors that use GUIDs. In a tree, it is the
// identifier of the root.
const ZeroGUID = "00000000-0000-0000-0000-000000000000"

// NodeID is the identifier of a node of a tree, in lower case, since a vendor may use
// both. Unlike an ID, it may be the zero GUID.
type NodeID string

// UnmarshalJSON reads any value. It never fails.
func (id *NodeID) UnmarshalJSON(b []byte) error {
	id.read(b, nil)
	return nil
}

func (id *NodeID) read(b []byte, known *sharedTexts) {
	var buffer [64]byte
	text, ok := String(b)
	if !ok || len(text) > maxText {
		*id = NodeID(unreadable)
		return
	}
	*id = NodeID(known.share(appendLower(buffer[:0], text)))
}

// Bad implements Value.
func (id *NodeID) Bad() bool { return (*Text)(id).Bad() }

// Hash returns a hash of the identifier, 0 if it is empty.
func (id NodeID) Hash() uint64 { return Hash(string(id)) }

// ID is an identifier in lower case, since a vendor may use both. It is empty if there is
// none or if it is the zero GUID.
type ID string

// UnmarshalJSON reads any value. It never fails.
func (id *ID) UnmarshalJSON(b []byte) error {
	id.read(b, nil)
	return nil
}

func (id *ID) read(b []byte, known *sharedTexts) {
	(*NodeID)(id).read(b, known)
	if *id == ZeroGUID {
		*id = ""
	}
}

// Bad implements Value.
func (id *ID) Bad() bool { return (*Text)(id).Bad() }

// Hash returns a hash of the identifier, 0 if it is empty.
func (id ID) Hash() uint64 { return Hash(string(id)) }

// seed makes the hashes of each process different.
var seed = maphash.MakeSeed()

// Hash returns a hash of a text, 0 if it is empty. It is only useful for comparison
// within one process.
func Hash(s string) uint64 {
	if s == "" {
		return 0
	}
	return maphash.String(seed, s)
}

// HashOf returns a hash of a value. It is only useful for comparison within one process.
func HashOf[T comparable](v T) uint64 { return maphash.Comparable(seed, v) }

// Opaque is the hash of a text that must not be known, such as a license key, or 0 if
// there is none.
type Opaque uint64

// UnmarshalJSON reads any value. It never fails.
func (o *Opaque) UnmarshalJSON(b []byte) error {
	*o = 0
	text, ok := String(b)
	if !ok || len(text) > maxText {
		return nil
	}
	var buffer [64]byte
	if id := appendLower(buffer[:0], text); len(id) > 0 && string(id) != ZeroGUID {
		*o = Opaque(maphash.Bytes(seed, id))
	}
	return nil
}

// Word is a text that is one of a few words of the vendor's, such as a state. The case is that
// of the vendor. What cannot be a word, such as a key or an address, is "unknown": words
// are shown, and that must not be.
type Word string

// UnmarshalJSON reads any value. It never fails.
func (w *Word) UnmarshalJSON(b []byte) error {
	w.read(b, nil)
	return nil
}

func (w *Word) read(b []byte, known *sharedTexts) {
	t := (*Text)(w)
	t.read(b, known)
	if *t != "" && *t != unreadable {
		*w = WordOf(string(*t))
	}
}

// WordOf returns a text if it may be a word, and otherwise "unknown".
func WordOf(text string) Word {
	if !isWord(text) {
		return "unknown"
	}
	return Word(text)
}

// Bad implements Value.
func (w *Word) Bad() bool { return (*Text)(w).Bad() }

// isWord reports whether a text may be a word, or a few: letters and digits, with separators
// between them. Keys have digits, and are long or in upper case.
func isWord(text string) bool {
	const maxLength, minKey, longKey = 40, 8, 20
	if len(text) > maxLength {
		return false
	}
	hasDigit, hasLower, run, longest := false, false, 0, 0
	for i, r := range text {
		switch {
		case '0' <= r && r <= '9' || unicode.IsLetter(r):
			hasDigit = hasDigit || r <= '9'
			hasLower = hasLower || 'a' <= r && r <= 'z'
			run++
			longest = max(longest, run)
		case i > 0 && strings.ContainsRune(" _./-", r):
			run = 0
		default:
			return false
		}
	}
	isKey := hasDigit && len(text) >= minKey && (!hasLower || longest >= longKey)
	return run > 0 && !isKey
}
