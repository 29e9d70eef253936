// Package recordtest checks how types of records are decoded from any JSON.
package recordtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"license_exporter/client/scalar"
)

// Fuzz checks how the records that the methods of a client return are decoded. The seeds are
// the JSON files below testdata and further texts.
func Fuzz(f *testing.F, client reflect.Type, texts []string) {
	f.Helper()
	types := typesOf(client)
	if len(types) == 0 {
		f.Fatalf("the client has the records %v, want more", types)
	}
	for _, record := range types {
		if scalar.Decode(reflect.New(record).Interface(), []byte(`{}`), nil) == 0 {
			f.Errorf("only encoding/json can decode %s, which is slow", record)
		}
	}
	addSeeds(f, "testdata")
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, record := range types {
			check(t, record, text)
		}
	})
}

// typesOf returns the types of the records that the methods of a client return, alone, as a
// slice or as an iterator with errors.
func typesOf(client reflect.Type) []reflect.Type {
	var types []reflect.Type
	for m := range client.Methods() {
		if m.Type.NumOut() == 0 {
			continue
		}
		t := m.Type.Out(0)
		if t.Kind() == reflect.Func { // an iterator, whose parameter is the function yield
			t = t.In(0).In(0)
		}
		if t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() == reflect.Struct && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	return types
}

// addSeeds adds each JSON file below a directory, and each element of the lists in them.
func addSeeds(f *testing.F, dir string) {
	f.Helper()
	files := os.DirFS(dir)
	err := fs.WalkDir(files, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		f.Add(text)
		var list []json.RawMessage
		var object struct{ Items, Nodes []json.RawMessage }
		_, _ = json.Unmarshal(text, &list), json.Unmarshal(text, &object)
		for _, element := range slices.Concat(list, object.Items, object.Nodes) {
			f.Add([]byte(element))
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
}

// check decodes a text into a record of a type, and fails the test unless
//   - a text that is JSON can be decoded, except for values in place of objects and lists,
//   - each value that cannot be read is found once, as one of the known fields,
//   - values are only shown after they were cleaned, and free text never is,
//   - scalar.Decode, if it can decode the text at all, gives the same record and findings as encoding/json and scalar.Check,
//   - members that are not selected, the order of members and other spellings of the same JSON make no difference.
func check(t *testing.T, record reflect.Type, text []byte) {
	t.Helper()
	checkDecode(t, record, text)
	if !json.Valid(text) {
		return
	}
	got, err := decode(record, text)
	if odd := (*json.UnmarshalTypeError)(nil); err != nil && !errors.As(err, &odd) {
		t.Fatalf("%s: %s cannot be decoded: %v", record, text, err)
	}
	checkFound(t, got, text)
	var value any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if repeats(json.NewDecoder(bytes.NewReader(text))) || d.Decode(&value) != nil {
		return // which of several members of a name counts is left to encoding/json
	}
	if members, ok := value.(map[string]any); ok {
		for name := range members {
			if !slices.ContainsFunc(scalar.Members(record), func(known string) bool { return strings.EqualFold(name, known) }) {
				delete(members, name)
			}
		}
		members["a member that no record has"] = map[string]any{"id": 1}
	}
	again, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := decode(record, again)
	scalar.Check(other, again, func(string, func(func(string) string) string) {})
	if !reflect.DeepEqual(got, other) {
		t.Errorf("%s: %s is %+v, and spelled as %s it is %+v", record, text, got, again, other)
	}
	type identified interface{ Identity() (uint64, bool) }
	if r, ok := got.(identified); ok {
		hash, required := r.Identity()
		if otherHash, otherRequired := other.(identified).Identity(); hash != otherHash || required != otherRequired {
			t.Errorf("%s: %s has another identity than %s", record, text, again)
		}
	}
}

func decode(record reflect.Type, text []byte) (any, error) {
	v := reflect.New(record).Interface()
	err := json.Unmarshal(text, v)
	return v, err
}

func checkDecode(t *testing.T, record reflect.Type, text []byte) {
	t.Helper()
	list := func(into *[]string) scalar.Found {
		return func(field string, show func(clean func(string) string) string) {
			*into = append(*into, field+"="+show(func(text string) string { return text }))
		}
	}
	var found, wantFound []string
	got := reflect.New(record).Interface()
	n := scalar.Decode(got, text, list(&found))
	if n == 0 {
		return
	}
	text = text[:n]
	want, err := decode(record, text)
	if err != nil {
		t.Fatalf("%s: %s is decoded in spite of: %v", record, text, err)
	}
	scalar.Check(want, text, list(&wantFound))
	slices.Sort(found) // members of a map are found in any order
	slices.Sort(wantFound)
	if !reflect.DeepEqual(got, want) || !slices.Equal(found, wantFound) {
		t.Errorf("%s: %s is decoded as %+v with %q, want %+v with %q", record, text, got, found, want, wantFound)
	}
}

func checkFound(t *testing.T, record any, text []byte) {
	t.Helper()
	copied, _ := decode(reflect.TypeOf(record).Elem(), text) // because asking whether a text is bad empties it
	want, found := bad(reflect.ValueOf(copied).Elem()), 0
	fields := scalar.Fields(reflect.ValueOf(record).Elem().Interface())
	scalar.Check(record, text, func(field string, show func(clean func(string) string) string) {
		found++
		if !slices.Contains(fields, field) {
			t.Errorf("%T: %s has the unknown field %q", record, text, field)
		}
		const clean = "cleaned"
		if shown := show(func(string) string { return clean }); !slices.Contains([]string{"", `"` + clean + `"`, "a list", "an object", "a text"}, shown) {
			t.Errorf("%T: %s shows %s in %s", record, text, shown, field)
		}
	})
	if found != want {
		t.Errorf("%T: %d values of %s are found, want %d", record, found, text, want)
	}
}

// bad counts the values that could not be read.
func bad(v reflect.Value) (n int) {
	if value, ok := v.Addr().Interface().(scalar.Value); ok {
		if value.Bad() {
			n++
		}
		return n
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			n += bad(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += bad(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			n += bad(v.Elem())
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			element := reflect.New(v.Type().Elem()).Elem()
			element.Set(v.MapIndex(key))
			n += bad(element)
		}
	}
	return n
}

// repeats reports whether an object has several members that encoding/json decodes into one field.
func repeats(d *json.Decoder) bool {
	var names [][]string // of the objects around the decoder, nil for a list
	isName := false
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		depth := len(names) - 1
		if name, ok := token.(string); ok && isName {
			if slices.ContainsFunc(names[depth], func(other string) bool { return strings.EqualFold(name, other) }) {
				return true
			}
			names[depth] = append(names[depth], name)
			isName = false
			continue
		}
		switch token {
		case json.Delim('{'):
			names = append(names, []string{})
		case json.Delim('['):
			names = append(names, nil)
		case json.Delim('}'), json.Delim(']'):
			names = names[:depth]
		}
		isName = len(names) > 0 && names[len(names)-1] != nil
	}
}
