package snow

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// scalar returns the text of a JSON string, number or boolean, trimmed. The text is
// empty for null. ok is false for objects and arrays. The text may share memory with
// b.
func scalar(b []byte) (text []byte, ok bool) {
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

// Bool is a boolean. The vendor sends booleans, strings in upper or lower case, or 0
// and 1.
type Bool optional[bool]

// UnmarshalJSON reads any value. It never fails.
func (v *Bool) UnmarshalJSON(b []byte) error {
	text, ok := scalar(b)
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

// Text is a string, trimmed. Numbers and booleans become text. Null, objects and arrays
// are empty.
type Text string

// UnmarshalJSON reads any value. It never fails.
func (t *Text) UnmarshalJSON(b []byte) error {
	text, _ := scalar(b)
	*t = Text(text)
	return nil
}

// noID stands for a missing identifier, such as that of the root organization.
const noID = "00000000-0000-0000-0000-000000000000"

// ID is an identifier, or empty if there is none. It is in lower case, since the vendor
// uses both.
type ID string

// UnmarshalJSON reads any value. It never fails.
func (id *ID) UnmarshalJSON(b []byte) error {
	text, _ := scalar(b)
	*id = ID(strings.ToLower(string(text)))
	if *id == noID {
		*id = ""
	}
	return nil
}

// seed makes the Opaque numbers of each process different.
var seed = maphash.MakeSeed()

// Opaque is a hash of the identifier of a computer or user, or 0 if there is none. It
// is only useful for comparison, and only within one process.
type Opaque uint64

// UnmarshalJSON reads any value. It never fails.
func (o *Opaque) UnmarshalJSON(b []byte) error {
	var id ID
	_ = id.UnmarshalJSON(b)
	*o = opaque(id)
	return nil
}

func opaque(id ID) Opaque {
	if id == "" {
		return 0
	}
	return Opaque(maphash.String(seed, string(id)))
}
