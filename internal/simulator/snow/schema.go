package snow

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// The records of Snow Atlas say with tags how version 1.0.0 of the API tells a field:
//
//	since:"1.7"      not at all
//	legacy:"quoted"  as a string, be it a number or a boolean
//	legacy:"us"      a date as 5/25/2023 12:00:00 AM
//
// A type may also do it itself, with a method legacy.

// usDate is how version 1.0.0 writes dates.
const usDate = "1/2/2006 3:04:05 PM"

// older is a value that version 1.0.0 tells in a way of its own.
type older interface{ legacy() any }

// holder is a value that may be missing.
type holder interface{ Content() any }

// field is a field of a record.
type field struct {
	index int
	name  string
	older string // the tag legacy
	omit  bool   // left out if empty
}

// fieldsOf are the fields of a type of records that a version of the API tells.
func fieldsOf(t reflect.Type, legacy bool) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && (!legacy || f.Tag.Get("since") == "") {
			fields = append(fields, field{index: i, name: name, older: f.Tag.Get("legacy"), omit: option == "omitempty"})
		}
	}
	return fields
}

// legacyRecord is a record as version 1.0.0 of the API tells it.
func legacyRecord(record any) (json.RawMessage, error) {
	v := reflect.ValueOf(record)
	var b bytes.Buffer
	for _, f := range fieldsOf(v.Type(), true) {
		if f.omit && v.Field(f.index).IsZero() {
			continue
		}
		value, err := legacyValue(v.Field(f.index).Interface(), f.older)
		if err != nil {
			return nil, err
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(f.name) + ":")
		b.Write(value)
	}
	return json.RawMessage("{" + b.String() + "}"), nil
}

func legacyValue(value any, how string) ([]byte, error) {
	if o, ok := value.(older); ok {
		value = o.legacy()
	}
	if held, ok := value.(holder); ok && how != "" {
		value = held.Content()
	}
	if date, ok := value.(time.Time); ok && how == "us" {
		return json.Marshal(date.Format(usDate))
	}
	text, err := json.Marshal(value)
	if err != nil || how != "quoted" || value == nil {
		return text, err
	}
	if truth, ok := value.(bool); ok {
		return json.Marshal(map[bool]string{true: "True", false: "False"}[truth])
	}
	return json.Marshal(string(text))
}
