package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pathOf returns the path a, b of the name a.b.
func pathOf(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return r == '.' })
}

// readList reads the list of a page into memory.
func readList[T any](text, name string, into any) (all []T, err error) {
	l, rest, err := split([]byte(text), pathOf(name))
	if err == nil {
		err = decode(rest, into)
	}
	if err != nil {
		return nil, err
	}
	c := cursor{text: l.text}
	c.take('[')
	for range l.n {
		text, _ := c.value()
		c.take(',')
		var element T
		if err := json.Unmarshal(text, &element); err != nil {
			return all, err
		}
		if !json.Valid(text) {
			return all, fmt.Errorf("the text of an element is %q", text)
		}
		all = append(all, element)
	}
	if len(all) != l.n {
		return all, errors.New("the number of elements is wrong")
	}
	return all, nil
}

// An answer must not be able to fill the memory.
func TestAnswerOfTooManyRecordsIsNotDecoded(t *testing.T) {
	for name, list := range map[string]string{
		"records":       "[" + strings.Repeat("{},", 500_000) + "{}]",
		"no records":    "[" + strings.Repeat("1,", 600_000) + "1]",
		"nested values": `[{"other": [` + strings.Repeat("1,", 500_000) + "1]}]",
		"long text":     `[{"name": "` + strings.Repeat("a", 2<<20) + `"}]`,
		"long number":   "[" + strings.Repeat("1", 2<<20) + "]",
		"deep nesting":  strings.Repeat("[", 2<<20) + strings.Repeat("]", 2<<20),
	} {
		for _, test := range []struct{ shape, name, text string }{
			{"array", "", list},
			{"object", "items", `{"items": ` + list + `, "pagination": {}}`},
			{"other member", "items", `{"items": [], "other": ` + list + `}`},
			{"before the list", "items", `{"other": ` + list + `, "items": []}`},
			{"no list", "items", list},
			{"single object", "none", `{"other": ` + list + `}`},
		} {
			t.Run(name+"/"+test.shape, func(t *testing.T) {
				records, err := readList[thing](test.text, test.name, new(any))
				if err == nil || !strings.Contains(err.Error(), "limit") || records != nil {
					t.Errorf("%d records and the error %v", len(records), err)
				}
			})
		}
	}
}

func TestLargePageIsDecoded(t *testing.T) {
	list := "[" + strings.Repeat(`{"name": "a, [{\"\\"},`, 15_000) + "{}]"
	for name, text := range map[string]string{"": list, "items": `{"items": ` + list + `}`} {
		page, err := readList[thing](text, name, new(any))
		if err != nil || len(page) != 15_001 || page[0].Name != `a, [{"\` {
			t.Errorf("%d records, %v", len(page), err)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, test := range []struct{ text, name, list, rest, err string }{
		{text: `[]`, list: `[]`, rest: `[]`},
		{text: ` [1, {"a": [2]} ] `, list: `[1, {"a": [2]} ]`, rest: ` [] `},
		{text: `{"a": [1]}`, rest: `{"a": [1]}`},
		{text: `null`, rest: `null`},
		{text: `{"a": [1]}`, name: "b", rest: `{"a": [1]}`},
		{text: `[1]`, name: "b", rest: `[1]`},
		{text: `{"a": {"b": [1]}, "B": [2], "c": "]"}`, name: "b", list: `[2]`, rest: `{"a": {"b": [1]}, "B": [], "c": "]"}`},
		{text: `{"\u0062": [2]}`, name: "b", list: `[2]`, rest: `{"\u0062": []}`},
		{text: `{"b": null}`, name: "b", rest: `{"b": null}`},
		{text: `{"b": {"b": [1]}}`, name: "b", rest: `{"b": {"b": [1]}}`},
		{text: `{"b": [1], "b": [2]}`, name: "b", err: "the answer has two lists of b"},
		{text: `{"a": {"b": [1], "c": 2}, "b": [3]}`, name: "a.b", list: `[1]`, rest: `{"a": {"b": [], "c": 2}, "b": [3]}`},
		{text: `{"x": {"b": [1]}, "a": [{"b": [1]}], "c": {}}`, name: "a.b", rest: `{"x": {"b": [1]}, "a": [{"b": [1]}], "c": {}}`},
		{text: `{"a": {"b": {"c": [{}]}}}`, name: "a.b.c", list: `[{}]`, rest: `{"a": {"b": {"c": []}}}`},
		{text: `{"a": {"b": [1]}, "A": {"b": [2]}}`, name: "a.b", err: "the answer has two lists of b"},
		{text: `{"a": {"b": [1`, name: "a.b", err: "unexpected end of JSON input"},
		{text: `[1`, err: "unexpected end of JSON input"},
		{text: `[1,]`, err: "invalid character ']' looking for beginning of value"},
		{text: `[,1]`, err: "invalid character ',' looking for beginning of value"},
		{text: `[{} {}]`, err: "invalid character '{' after array element"},
		{text: `{"b" [1]}`, name: "b", err: "invalid character '[' after object key"},
		{text: `{"b": [1`, name: "b", err: "unexpected end of JSON input"},
	} {
		l, rest, err := split([]byte(test.text), pathOf(test.name))
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != test.err || err == nil && (string(l.text) != test.list || string(rest) != test.rest) {
			t.Errorf("%s by %q is %s, which leaves %s, and the error %v; want %+v", test.text, test.name, l.text, rest, err, test)
		}
	}
}

func TestValuesAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		`[]`:                       1,
		`[{}, {}]`:                 2,
		`[{"a": [1, 2], "b": {}}]`: 3,
		`["a,b", "\",[", 1]`:       3,
		`{"a": "\\", "b": 1}`:      2,
		`"a,b"`:                    1,
	} {
		c := cursor{text: []byte(text + ", 1")}
		if got, n := c.value(); string(got) != text || n != want {
			t.Errorf("%s is read as %s with %d values, want %d", text, got, n, want)
		}
	}
}

// split finds the same elements as encoding/json, and accepts only JSON.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[1, "a,]", {"a": [1, {}]}]`, `[{"a": "\\\"["}, null, true]`, `[1 2]`, `[{}{}]`, `[1,]`, `[,]`, `[}]`, `[1}`, `[[1]`, `[1]]`, `["`,
		`{"items": [1, 2], "other": {"items": [3]}}`, `{"Items": []}`, `{"items": null}`, `{"items": {}}`, `{"a": 1 "items": []}`, `{"items": [] "a": 1}`,
		`{,}`, `{"a"}`, `{"items": [1]]`, `{"items": [1]} x`, `null`, `1`, ` `, `{"it\u0065ms": [1]}`, `[1 {}]`, "[\x00]", `["\u00e4", 1e400, -0.0]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"", "items"} {
			var want struct {
				Items []json.RawMessage
				Other json.RawMessage
			}
			var err error
			if name == "" {
				err = json.Unmarshal([]byte(text), &want.Items)
			} else {
				err = json.Unmarshal([]byte(text), &want)
			}
			got := want
			got.Items, got.Other = nil, nil
			var gotErr error
			if name == "" {
				got.Items, gotErr = readList[json.RawMessage](text, name, new([]json.RawMessage))
			} else {
				got.Items, gotErr = readList[json.RawMessage](text, name, &got)
			}
			if gotErr != nil && strings.HasPrefix(gotErr.Error(), "the answer has") {
				continue // this is too large, or has two lists
			}
			if (err == nil) != (gotErr == nil) {
				t.Fatalf("%q by %q: the error is %v, want %v", text, name, gotErr, err)
			}
			if err == nil && (len(got.Items) != len(want.Items) || len(want.Items) > 0 && !reflect.DeepEqual(got, want)) {
				t.Fatalf("%q by %q is %q, want %q", text, name, got, want)
			}
		}
	})
}

func TestPage(t *testing.T) {
	body := `{"total": 2, "items": [{"name": "a"}, {"name": "b"}]}`
	c := newClient(t, serve(t, answer(http.StatusOK, body)))
	page, err := ReadPage[thing](t.Context(), c, things, "items")
	if err != nil {
		t.Fatal(err)
	}
	var beside struct {
		Total int
		Items []thing
	}
	if err := page.Decode(&beside); err != nil || beside.Total != 2 || beside.Items == nil || len(beside.Items) != 0 {
		t.Errorf("%+v, %v are outside the list", beside, err)
	}
	first, last := page.Ends()
	if page.Len() != 2 || string(first) != `{"name": "a"}` || string(last) != `{"name": "b"}` {
		t.Errorf("%d records from %s to %s", page.Len(), first, last)
	}
	var got []string
	for record, err := range page.Records(NewListing[thing](t.Context(), c, things)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, record.Name)
	}
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Errorf("records differ (-want +got):\n%s", diff)
	}
}
