package scalar

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// decoded has all kinds of fields that Decode knows.
type decoded struct {
	ID     ID
	Node   NodeID
	Name   Text
	State  Word
	Key    Opaque `json:"secret"`
	Count  Int
	Active Bool
	End    *Time
	Inner  struct{ Name, Other Text }
	Counts map[string]Int
	Seats  []struct{ SKU Text }
	Raw    json.RawMessage
	Left   int `json:"-"`
	_      int
}

// decodeBoth decodes a text with Decode and with encoding/json, and compares the results if
// Decode knows the text.
func decodeBoth(t *testing.T, text string) (got decoded, known bool) {
	t.Helper()
	list := func(into *[]string) Found {
		return func(field string, show func(func(string) string) string) {
			*into = append(*into, field+"="+show(func(text string) string { return text }))
		}
	}
	var found, wantFound []string
	n := Decode(&got, []byte(text), list(&found))
	if n == 0 {
		return got, false
	}
	var want decoded
	text = text[:n]
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatalf("%q is decoded in spite of: %v", text, err)
	}
	Check(&want, []byte(text), list(&wantFound))
	slices.Sort(found) // values of a map are found in any order
	slices.Sort(wantFound)
	if !reflect.DeepEqual(got, want) || !slices.Equal(found, wantFound) {
		t.Errorf("%q is decoded as %+v with %q, want %+v with %q", text, got, found, want, wantFound)
	}
	return got, true
}

// Decode handles what vendors usually send.
var usual = []string{
	`{}`, ` { } `, `null`, `{}}`, `null, x`, `{} ]`, `{"id": "A", "node": 7, "name": " x ", "state": "active", "secret": "k", "count": -1.5e+3, "active": false}`,
	`{"ID":"a","NAME":"b","Left":1,"_":2,"unknown":{"a":[1,{"b":"c\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"}],"d":{}},"raw":{"a": [ 1 , 2 ]}}`,
	`{"end": null, "inner": null, "counts": null, "seats": null, "name": null, "raw": null, "count": null}`,
	`{"end": "2030-01-02T03:04:05Z", "inner": {"other": "Ä", "name": "x"}, "counts": {"a": 1, "b c": "2", "a": 3}, "seats": [{"sku": "s"}, null, {}]}`,
	`{"end": "soon", "name": [1], "count": {"a": 1}, "counts": {"a": [], "b": 0}, "seats": [{"sku": {}}, {"sku": "s"}], "state": {"a": 1}}`,
	`{"name": "` + "\xff\u2028\x7f" + `", "id": 0, "count": 0.10, "active": true, "seats": []}`,
	`{"name": "` + strings.Repeat("x", maxText+1) + `"}`,
}

// Decode leaves everything else to encoding/json, which may refuse it.
var unusual = []string{
	``, ` `, `nul`, `nullx`, "null\x00", `null x`, `{} {}`, `{"id": 1}x`, `{`, `[]`, `1`, `"a"`, `{"id"}`, `{"id":}`, `{"id":1,}`, `{,"id":1}`, `{"id":1 "name":2}`, `{id:1}`, `{"id:1}`,
	`{"id": "a", "Id": "b"}`, `{"i\u0064": "a"}`, "{\"\u017ftate\": \"a\"}", `{"inner": 1}`, `{"inner": []}`, `{"counts": []}`, `{"seats": {}}`, `{"seats": [1]}`, `{"seats": [{},]}`,
	"{\"id\": \"\n\"}", `{"id": "\x"}`, `{"id": "\u00g0"}`, `{"id": "\`, `{"id": 01}`, `{"id": 1.}`, `{"id": .1}`, `{"id": 1e}`, `{"id": +1}`, `{"id": -}`, `{"id": tru}`, `{"id": truex}`,
	`{"unknown": ` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}`, "\xef\xbb\xbf{}", "{\"id\":\u00a01}", `{"count": 1 2}`,
}

func TestDecode(t *testing.T) {
	for _, text := range usual {
		if _, known := decodeBoth(t, text); !known {
			t.Errorf("%s is not decoded", text)
		}
	}
	for _, text := range unusual {
		if _, known := decodeBoth(t, text); known {
			t.Errorf("%s is decoded", text)
		}
	}
}

// Types that encoding/json decodes by other rules are left to it.
func TestDecodeOfOtherTypes(t *testing.T) {
	type embedded struct{ Name Text }
	for _, record := range []any{
		new(int), new(struct{ A string }), new(struct{ embedded }), new(struct{ Name, NAME Text }), new(struct{ A []byte }), new(struct{ A map[int]Text }),
		new(struct {
			A Int `json:"a,omitzero"`
		}), new(any), new([2]Text), new(struct{ A map[ID]Text }),
	} {
		if Decode(record, []byte(`{}`), nil) > 0 {
			t.Errorf("%T is decoded", record)
		}
	}
}

// Records with the same text share its memory.
func TestDecodeSharesTexts(t *testing.T) {
	text := []byte(`{"name": "a", "id": "A", "state": "active"}`)
	record := new(struct {
		Name  Text
		ID    ID
		State Word
	})
	none := *record
	allocations := testing.AllocsPerRun(100, func() {
		*record = none
		if Decode(record, text, nil) != len(text) {
			t.Fatal("the text is not decoded")
		}
	})
	if allocations > 0.5 { // the pool may be emptied at any time
		t.Errorf("%v allocations", allocations)
	}
	var known sharedTexts
	for i := range 10_000 {
		if text := fmt.Sprint(i); known.share([]byte(text)) != text {
			t.Fatalf("%s is another text", text)
		}
	}
}

// Decode returns what encoding/json returns, or 0.
func FuzzDecode(f *testing.F) {
	for _, seed := range slices.Concat(usual, unusual) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { decodeBoth(t, text) })
}
