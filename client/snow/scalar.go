package snow

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// scalar returns what a JSON string, number or boolean says, trimmed. It is
// empty for null and what is empty, and not ok for objects and arrays. It is
// good for as long as b is.
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
			return bytes.TrimSpace(plain), true // it is spelled as it is meant
		}
		var spelled string
		if json.Unmarshal(b, &spelled) != nil {
			return nil, false
		}
		return bytes.TrimSpace([]byte(spelled)), true
	}
	return b, true
}

// Text is a string as the vendor spells it, trimmed. Numbers and booleans stand
// for their spelling; anything else, and null, is empty.
type Text string

// UnmarshalJSON reads any value. It never fails.
func (t *Text) UnmarshalJSON(b []byte) error {
	text, _ := scalar(b)
	*t = Text(text)
	return nil
}

// noID is what the vendor writes for none: the organization at the root, for
// example.
const noID = "00000000-0000-0000-0000-000000000000"

// ID is an identifier, in lower case so that it is the same everywhere. It is
// empty if there is none.
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

// seed makes Opaque numbers of this process alone.
var seed = maphash.MakeSeed()

// Opaque stands for the identifier of a computer or user: equal for equal ones
// in this process, and of no use for anything else. It is 0 if there is none.
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
