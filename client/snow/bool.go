package snow

import "bytes"

// Bool is a boolean. The vendor sends booleans, strings in upper or lower case, or 0
// and 1.
type Bool struct {
	// Value is false unless Valid.
	Value bool
	// Valid is set if there is a boolean.
	Valid bool
	// Unreadable is set if there is a value other than a boolean.
	Unreadable bool
}

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
