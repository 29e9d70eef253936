package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"license_exporter/client/scalar"
)

// Identified is implemented by records that have an identifier.
type Identified interface {
	// Identity returns a hash of the identifier, 0 if there is none. A record without
	// a required identifier is not used.
	Identity() (hash uint64, required bool)
}

// decodeRecord decodes the next record and moves past it. Values that could not be read are absent
// and passed to found. usable is false if the text is not such a record. hash is the hash of the
// record's identifier, 0 if it has none. decodeRecord returns an error if the text is not JSON.
func decodeRecord[T any](record *T, c *cursor, found scalar.Found) (text []byte, hash uint64, usable bool, _ error) {
	var none T
	*record = none
	if n := scalar.Decode(record, c.text[c.at:], found); n > 0 {
		text = c.text[c.at : c.at+n]
		c.at += n
	} else {
		*record = none
		text, _ = c.value()
		err := json.Unmarshal(text, record)
		if odd := (*json.UnmarshalTypeError)(nil); errors.As(err, &odd) { // it is JSON, but a value has another type than was expected
			if odd.Field == "" {
				return text, 0, false, nil
			}
			found(scalar.FieldName(odd.Field[strings.LastIndexByte(odd.Field, '.')+1:]), func(func(string) string) string { return article(odd.Value) })
		} else if err != nil {
			return text, 0, false, err
		}
		scalar.Check(record, text, found)
	}
	required := false
	if identified, ok := any(record).(Identified); ok {
		if hash, required = identified.Identity(); required {
			return text, hash, hash != 0, nil
		}
	}
	return text, hash, !reflect.ValueOf(record).Elem().IsZero() || hasKnownMember(text, reflect.TypeFor[T]()), nil
}

// unreadable returns a function that passes unreadable values to the trace of the
// context. Only the first value of each field is shown.
func (c *Client) unreadable(ctx context.Context, call Call) scalar.Found {
	var shown map[string]bool // nil in the usual case
	return func(field string, show func(func(string) string) string) {
		u := Unreadable{Operation: call.Operation, Organization: call.Organization, Field: field}
		if !shown[field] {
			if shown == nil {
				shown = map[string]bool{}
			}
			shown[field] = true
			u.Value = show(c.redact)
		}
		traceOf(ctx).Unreadable(u)
	}
}

// article returns "object" as "an object".
func article(what string) string {
	what, _, _ = strings.Cut(what, " ") // the number itself follows "number"
	switch what {
	case "array":
		return "a list"
	case "object":
		return "an object"
	}
	return "a " + what
}

// hasKnownMember reports whether a JSON object has a member that is decoded into a
// struct. All its values may be null.
func hasKnownMember(text []byte, t reflect.Type) bool {
	var members map[string]ignored
	if t.Kind() != reflect.Struct || json.Unmarshal(text, &members) != nil {
		return false
	}
	names := scalar.Members(t)
	for name := range members {
		if slices.ContainsFunc(names, func(known string) bool { return strings.EqualFold(name, known) }) {
			return true
		}
	}
	return false
}

// Object sends a call whose answer is one object. An answer that is something else, such
// as a report of errors, is an error. Errors are of type *Error.
func Object[T any](ctx context.Context, c *Client, call Call) (T, error) {
	var none T
	r, err := c.fetch(ctx, call, c.URL(call))
	if err != nil {
		return none, err
	}
	defer r.release()
	body := r.text
	if err := checkSize(body); err != nil {
		return none, r.malformed(err)
	}
	var object T
	value := cursor{text: body}
	_, _, usable, err := decodeRecord(&object, &value, c.unreadable(ctx, call))
	if err == nil {
		err = value.end()
	}
	switch {
	case err != nil:
		return none, r.malformed(err)
	case !usable || reportsErrors(body):
		return none, c.unexpected(r, "the object that was asked for")
	}
	return object, nil
}

// reportsErrors reports whether an object says that the request failed.
func reportsErrors(body []byte) bool {
	var answer struct{ Error, Errors json.RawMessage }
	if scalar.Decode(&answer, body, nil) == 0 && json.Unmarshal(body, &answer) != nil {
		return false
	}
	for _, text := range []json.RawMessage{answer.Error, answer.Errors} {
		var compact bytes.Buffer // without spaces
		if json.Compact(&compact, text) == nil && !slices.Contains([]string{"null", "[]", "{}", `""`, "false"}, compact.String()) {
			return true
		}
	}
	return false
}

// unexpected returns the error for a body that is not what was asked for.
func (c *Client) unexpected(r *response, wanted string) error {
	body := r.text
	got := "another object"
	switch b := (&cursor{text: body}).peek(); {
	case b == '[':
		got = "a list"
	case bytes.Equal(bytes.TrimSpace(body), []byte("null")):
		got = "null"
	case b != '{':
		got = "a single value"
	case checkSize(body) == nil && reportsErrors(body):
		got = "a report of errors"
	case bytes.Equal(bytes.TrimSpace(body), []byte("{}")):
		got = "an empty object"
	}
	e := failure(r.call, r.url, 0, ReasonDecode, fmt.Errorf("the answer is %s instead of %s", got, wanted))
	e.Status, e.Message = 200, c.messageOf(body)
	return e
}
