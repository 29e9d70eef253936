package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/textfile"
)

// expression compiles an expression over body. An empty text gives nil.
func expression(t testing.TB, text string) *Expression {
	t.Helper()
	if text == "" {
		return nil
	}
	e, err := NewExpression(text, "body", nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestJSON(t *testing.T) {
	const cutOff = "the file ends within a value; it may have been cut off"
	for name, test := range map[string]struct {
		text, list string
		refs       []string
		want       []string
	}{
		"a list": {
			"\ufeff[\r\n {\"a\": \" x \", \"b\": 1.50, \"key\": \"SECRET\"},\n {\"b\": true,\n\n \"a\": null}, {\"a\": \"\\u00e4\"}]\n", "",
			[]string{"b", "a"}, []string{`2/1: "1.50" "x"`, `3/2: "true" -`, `5/3: - "ä"`},
		},
		"within an object": {
			`{"total": 2, "rows": [{"a": 12345678901234567890}, {"a": 1e400}], "more": [{"a": 3}, [[]]]}`, "body.rows",
			[]string{"a"}, []string{`1/1: "12345678901234567890"`, `1/2: "1e400"`},
		},
		"within objects":             {"{\"x\": {\"rows\": 1},\n\"data\": {\"n\": {}, \"rows\": [\n{\"a\": 1}]}}", `body["data"].rows`, []string{"a"}, []string{`3/1: "1"`}},
		"the body by its name":       {`[{"a": 1}]`, "body", []string{"a"}, []string{`1/1: "1"`}},
		"no records":                 {`[]`, "", []string{"a"}, nil},
		"an expression":              {"{\"by\": {\"x\": {\"a\": 1, \"b\": [2]}}, \"a\": 3}", `[body.by.x, {"a": body.a, "b": date("2026-05-06")}, {"a": duration("36h"), "b": timestamp("2026-05-06T07:08:09Z")}]`, []string{"a", "b"}, []string{`0/1: "1" <nil>`, `0/2: "3" "2026-05-06"`, `0/3: "36h0m0s" "2026-05-06T07:08:09Z"`}},
		"a list of one object":       {`{"a": 1.5, "b": 2, "c": true}`, "[body]", []string{"a", "b", "c"}, []string{`0/1: "1.5" "2" "true"`}},
		"duplicate members":          {`[{"a": 1, "a": 2}]`, "", []string{"a"}, []string{`1/1: "2"`}},
		"upper and lower case":       {`[{"A": 1, "a": 2}, {"A": 3}, {"a": 4, "A": 5}]`, "", []string{"a"}, []string{`1/1: "2"`, `1/2: "3"`, `1/3: "4"`}},
		"spaces around names":        {`[{" End date ": 1}]`, "", []string{"End date "}, []string{`1/1: "1"`}},
		"records that are no object": {`[null, 1, "a", [], {"a": 1}]`, "", []string{"a"}, []string{"1/1: - the record is not an object", "1/2: - the record is not an object", "1/3: - the record is not an object", "1/4: - the record is not an object", `1/5: "1"`}},
		"only such records":          {`[null, 1]`, "", []string{"a"}, []string{"1/1: - the record is not an object", "1/2: - the record is not an object", "v.json: none of the 2 records can be used; the first: the record is not an object"}},
		"a column that is missing":   {`[{"name": 1, "end_date": 2, "ada@example.com": 3, "2027-01-01": 4}, {}]`, "", []string{"name", "seats", "end_dat"}, []string{`1/1: "1" - -`, `1/2: - - -`, `v.json: columns.seats: there is no column "seats"; columns.end_dat: there is no column "end_dat", did you mean "end_date"?; the columns are "name", "end_date"`}},
		"a column that a record has": {`[{"name": 1}, {"seats": 2}]`, "", []string{"name", "seats"}, []string{`1/1: "1" -`, `1/2: - "2"`}},
		"no list":                    {`{"total": 1, "licenses": [{"a": 1}], "others": []}`, "", []string{"a"}, []string{"v.json: the table is not a list; say where it has one, for example records: body.licenses"}},
		"no list at all":             {`{"total": 1}`, "", []string{"a"}, []string{"v.json: the table is not a list of records"}},
		"a text":                     {`"a"`, "", []string{"a"}, []string{"v.json: the table is not a list of records"}},
		"no list at the path":        {`{"rows": {"a": []}}`, "body.rows", []string{"a"}, []string{"v.json: records: there is no list at body.rows"}},
		"nothing at the path":        {`[]`, "body.rows", []string{"a"}, []string{"v.json: records: there is no list at body.rows"}},
		"two lists":                  {`{"rows": [{"a": 1}], "rows": []}`, "body.rows", []string{"a"}, []string{`1/1: "1"`, "v.json:1: this is not JSON: the list of records occurs twice"}},
		"a value that is no list":    {`{"rows": 1}`, `[body.rows][0]`, []string{"a"}, []string{"v.json: records: the value must be a list"}},
		"JSON Lines":                 {"{\"a\": 1}\n{\"a\": 2}\n", "", []string{"a"}, []string{"v.json:2: this is not JSON: a second value follows; write all as one list: [{…}, {…}]"}},
		"something at the end":       {"[]\n1", "", []string{"a"}, []string{"v.json:2: this is not JSON: something follows its end"}},
		"cut off within a record":    {"[{\"a\": 1},\n{\"a\": ", "", []string{"a"}, []string{`1/1: "1"`, "v.json:2: " + cutOff}},
		"cut off after a record":     {"[{\"a\": 1},\n{\"a\": 2}", "", []string{"a"}, []string{`1/1: "1"`, `2/2: "2"`, "v.json:2: " + cutOff}},
		"cut off after the list":     {"{\"rows\": [{\"a\": 1}]", "body.rows", []string{"a"}, []string{`1/1: "1"`, "v.json:1: " + cutOff}},
		"cut off, all at once":       {`{"rows": [{"a": 1}]`, "[body]", []string{"a"}, []string{"v.json:1: " + cutOff}},
		"wrong, all at once":         {"{\"rows\":\n\n x}", "[body]", []string{"a"}, []string{"v.json:3: this is not JSON: invalid character 'x' looking for beginning of value"}},
		"a syntax error":             {"[{\"a\": 1},\n{\"a\": tru}]", "", []string{"a"}, []string{`1/1: "1"`, "v.json:2: this is not JSON: invalid character '}' in literal true (expecting 'e')"}},
		"not UTF-8":                  {"[{\"a\": 1},\n{\"a\": \"B\xfcro\"}]", "", []string{"a"}, []string{`1/1: "1"`, "v.json:2: the file is not in UTF-8; save it as UTF-8"}},
		"UTF-16, all at once":        {"\xff\xfe[\x00]\x00", "[body]", []string{"a"}, []string{"v.json:1: the file is not in UTF-8; save it as UTF-8"}},
		"a record that is too large": {"[{},\n{\"a\": \"" + strings.Repeat("x", 2<<20) + "\"}]", "", []string{}, []string{`1/1:`, "v.json:2: a record has more than 1 MiB"}},
		"deep":                       {`{"x": ` + strings.Repeat("[", 2000), "body.rows", []string{"a"}, []string{"v.json:1: this is not JSON: it is nested too deeply"}},
		"too many values at once":    {"[" + strings.Repeat("0,", 1_000_001) + "0]", "[body]", []string{"a"}, []string{"v.json: with such an expression for records, the file may have 16 MiB and 1000000 values; use a path such as body.rows"}},
		"too large at once":          {`["` + strings.Repeat("x", 17<<20) + `"]`, "[body]", []string{"a"}, []string{"v.json: with such an expression for records, the file may have 16 MiB and 1000000 values; use a path such as body.rows"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := fileOf(t, "v.json", test.text, func(o *FileOptions) { o.Records = expression(t, test.list) })
			wantLines(t, lines(t.Context(), s, refs(test.refs...)), test.want...)
		})
	}
}

func TestColumnsOfJSON(t *testing.T) {
	for text, want := range map[string]string{
		`[null, {" a ": 1, "b": 2}, {"c": 1}]`: `["a" "b"] <nil>`,
		`[]`:                                   `[] v: there are no records`,
		`[1`:                                   `[] v:1: the file ends within a value; it may have been cut off`,
	} {
		columns, err := fileOf(t, "v", text).Columns(t.Context())
		if got := fmt.Sprintf("%q %v", columns, err); got != want {
			t.Errorf("the columns of %s are %s, want %s", text, got, want)
		}
	}
}

// Only what an expression reads is kept of a value, whatever kind of value is there.
func TestShapes(t *testing.T) {
	whole := &Shape{Whole: true}
	company := &Shape{Members: map[string]*Shape{"name": whole, "of": {Members: map[string]*Shape{"id": whole}}}}
	none := map[string]any{"name": nil, "of": map[string]any{"id": nil}}
	for name, test := range map[string]struct {
		text  string
		shape *Shape
		want  Value
	}{
		"members":              {`{"name": "Contoso", "key": "SECRET", "of": {"id": 7, "key": "SECRET"}}`, company, Value{Kind: Tree, Tree: map[string]any{"name": "Contoso", "of": map[string]any{"id": int64(7)}}}},
		"null":                 {`null`, company, Value{Kind: Tree, Tree: none}},
		"a text":               {`"x"`, company, Value{Kind: Tree, Tree: none}},
		"a list":               {`[1]`, company, Value{Kind: Tree, Tree: none}},
		"odd members":          {`{"of": 3, "name": null}`, company, Value{Kind: Tree, Tree: none}},
		"all of it":            {`{"a": [1, 1.5, "x", true, null, 12345678901234567890, 1e400]}`, whole, Value{Kind: Tree, Tree: map[string]any{"a": []any{int64(1), 1.5, "x", true, nil, 12345678901234567890.0, "1e400"}}}},
		"all of a text":        {`" x "`, whole, Value{Kind: Text, Text: "x"}},
		"all of null":          {`null`, whole, Value{}},
		"an object as a value": {`{"key": "SECRET"}`, nil, Value{Kind: Tree}},
		"nothing of it":        {`{"key": "SECRET"}`, &Shape{}, Value{Kind: Tree}},
		"duplicate members":    {`{"name": 1, "name": 2}`, company, Value{Kind: Tree, Tree: map[string]any{"name": int64(2), "of": map[string]any{"id": nil}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if !json.Valid([]byte(test.text)) {
				t.Fatal("this is not JSON")
			}
			if diff := cmp.Diff(test.want, valueOf(json.RawMessage(test.text), test.shape)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Values that are decoded already give the same.
func TestShapesOfDecodedValues(t *testing.T) {
	shape := &Shape{Members: map[string]*Shape{"name": {Whole: true}, "of": {Members: map[string]*Shape{"id": {Whole: true}}}}}
	got := valueOf(map[string]any{"name": "Contoso", "key": "SECRET", "of": map[string]any{"id": json.Number("7"), "x": 1}}, shape)
	want := Value{Kind: Tree, Tree: map[string]any{"name": "Contoso", "of": map[string]any{"id": int64(7)}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A list is read as encoding/json reads it, or refused.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`[{"a": 1, "A": "x"}, {"b": null}]`, `[{"a": {"b": [1, {"c": 2}], "d": 1}}]`, "\ufeff[]", `[`, `{"rows": [{"a": 1}], "x": [[1]]}`, "{\"a\": 1}\n{\"a\": 2}",
		`[{"a": "\ud800"}, {"a": 1e999}]`, `[{"a": tru}]`, "[{\"a\": \"\xff\"}]", `[null] x`, `[{"a":{"a":{"a":[]}}}]`,
	} {
		f.Add(seed)
	}
	references := []Reference{{Key: "columns.end", Column: "a", Shape: &Shape{Whole: true}}, {Key: "columns.id", Column: "b", Shape: &Shape{Members: map[string]*Shape{"c": {Whole: true}}}}}
	path, whole := expression(f, "body.rows"), expression(f, "body.rows.map(r, r)")
	f.Fuzz(func(t *testing.T, text string) {
		read := func(list *Expression, text string) (all []string, err error) {
			for r, err := range jsonFormat(list).records(strings.NewReader(text), references) {
				if err != nil {
					return all, err
				}
				all = append(all, fmt.Sprint(r.Values, r.Problem))
			}
			return all, nil
		}
		got, err := read(nil, text)
		var want []json.RawMessage
		valid := json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &want) == nil && want != nil
		if err == nil && (!valid || len(got) != len(want)) {
			t.Errorf("%q is read as %q", text, got)
		}
		var problem *textfile.Error
		if valid && textfile.Invalid([]byte(text)) < 0 && errors.As(err, &problem) && !strings.Contains(problem.Text, "more than") {
			t.Errorf("%q is refused: %v", text, err)
		}
		if !valid {
			return
		}
		inside := `{"rows": ` + strings.TrimPrefix(text, "\ufeff") + `}`
		first, firstErr := read(path, inside)
		if err == nil && (firstErr != nil || !slices.Equal(first, got)) {
			t.Errorf("%q is read as %q with the error %v, want %q", inside, first, firstErr, got)
		}
		if second, err := read(whole, inside); err == nil && firstErr == nil && len(second) != len(first) {
			t.Errorf("%q is evaluated to %d records, want %d", inside, len(second), len(first))
		}
	})
}
