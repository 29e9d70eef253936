package table

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
)

// rows returns the JSON of records with these values of a, and an id.
func rows(values ...int) string {
	var all []string
	for _, v := range values {
		all = append(all, fmt.Sprintf(`{"a": %d}`, v))
	}
	return "[" + strings.Join(all, ",") + "]"
}

// manyPages are pages that lead to one another without end.
type manyPages func(n int) page

func (m manyPages) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	n := 0
	_, _ = fmt.Sscanf(req.URL.Query().Get("n"), "%d", &n)
	a := api{pages: map[string]page{req.RequestURI: m(n)}}
	a.ServeHTTP(w, req)
}

func TestPages(t *testing.T) {
	const start = "/api/list"
	byOffset := Pages{Offset: "offset", Limit: "limit", Size: 2}
	for name, test := range map[string]struct {
		pages       map[string]page
		query       url.Values
		records     string
		next, total string
		paging      Pages
		id          bool
		want        []string
		requests    int
		format      string
	}{
		"one page": {
			pages: map[string]page{start: {body: rows(1, 2)}},
			want:  []string{"1/1: 1", "1/2: 2"},
		},
		"an empty list": {pages: map[string]page{start: {body: "\ufeff[]"}}},
		"a Link header": {
			pages: map[string]page{start + "?q=x%20y": {body: rows(1), link: "?page=2"}, start + "?page=2": {body: "[]", link: "/api/other"}, "/api/other": {body: rows(3)}},
			query: url.Values{"q": {"x y"}},
			want:  []string{"1/1: 1", "3/2: 3"},
		},
		"next in the body": {
			pages: map[string]page{
				start: {body: `{"next": "HOST/api/list?n=2", "rows": ` + rows(1) + `}`}, start + "?n=2": {body: `{"next": "?n=3", "rows": ` + rows(2) + `}`},
				start + "?n=3": {body: `{"next": " ", "rows": ` + rows(3) + `}`},
			},
			records: "body.rows", next: "body.next", want: []string{"1/1: 1", "2/2: 2", "3/3: 3"},
		},
		"next that is null": {
			pages:   map[string]page{start: {body: `{"next": null, "rows": ` + rows(1) + `}`}},
			records: "body.rows", next: "body.next", want: []string{"1/1: 1"},
		},
		"next that is missing, false or within an object that is null": {
			pages:   map[string]page{start: {body: `{"links": {"next": "?n=2"}, "rows": ` + rows(1) + `}`}, start + "?n=2": {body: `{"links": null, "rows": ` + rows(2) + `}`}},
			records: "body.rows", next: "body.links.next", want: []string{"1/1: 1", "2/2: 2"},
		},
		"next from the records": {
			pages:   map[string]page{start: {body: rows(1, 2)}, start + "?after=2": {body: rows(3)}, start + "?after=3": {body: "[]"}},
			next:    `size(body) == 0 ? "" : "?after=" + string(body[size(body) - 1].a)`,
			records: "body", want: []string{"1/1: 1", "1/2: 2", "2/3: 3"}, requests: 3,
		},
		"a Link header in spite of next": {
			pages:   map[string]page{start: {body: `{"next": null, "rows": ` + rows(1) + `}`, link: "?n=2"}, start + "?n=2": {body: `{"next": "", "rows": ` + rows(2) + `}`}},
			records: "body.rows", next: "body.next", want: []string{"1/1: 1", "2/2: 2"},
		},
		"offset without a total": {
			pages: map[string]page{
				start + "?limit=2&offset=0&x=1": {body: rows(1, 2)}, start + "?limit=2&offset=2&x=1": {body: rows(3)}, start + "?limit=2&offset=3&x=1": {body: "[]"},
			},
			query: url.Values{"x": {"1"}, "limit": {"7"}}, paging: byOffset, want: []string{"1/1: 1", "1/2: 2", "2/3: 3"}, requests: 3,
		},
		"offset with a total": {
			pages: map[string]page{
				start + "?limit=2&offset=0": {body: `{"total": 3, "rows": ` + rows(1, 2) + `}`}, start + "?limit=2&offset=2": {body: `{"total": "3", "rows": ` + rows(3) + `}`},
			},
			records: "body.rows", total: "body.total", paging: byOffset, want: []string{"1/1: 1", "1/2: 2", "2/3: 3"}, requests: 2,
		},
		"a server that caps the limit": {
			pages: map[string]page{
				start + "?limit=5&offset=0": {body: `{"total": 3, "rows": ` + rows(1) + `}`}, start + "?limit=5&offset=1": {body: `{"total": 3, "rows": ` + rows(2) + `}`},
				start + "?limit=5&offset=2": {body: `{"total": 3, "rows": ` + rows(3) + `}`},
			},
			records: "body.rows", total: "body.total", paging: Pages{Offset: "offset", Limit: "limit", Size: 5}, want: []string{"1/1: 1", "2/2: 2", "3/3: 3"},
		},
		"page numbers": {
			pages:  map[string]page{start + "?p=0": {body: rows(1, 2)}, start + "?p=1": {body: rows(3, 4)}, start + "?p=2": {body: "[]"}},
			paging: Pages{Page: "p"}, want: []string{"1/1: 1", "1/2: 2", "2/3: 3", "2/4: 4"},
		},
		"page numbers from 1": {
			pages:  map[string]page{start + "?p=1": {body: rows(1, 2)}, start + "?p=2": {body: "[]"}},
			paging: Pages{Page: "p", First: 1}, want: []string{"1/1: 1", "1/2: 2"},
		},
		"records that are null": {
			pages:   map[string]page{start + "?limit=2&offset=0": {body: `{"total": 3, "rows": [null, {"a": 1}]}`}, start + "?limit=2&offset=2": {body: `{"total": 3, "rows": ["x"]}`}},
			records: "body.rows", total: "body.total", paging: byOffset, want: []string{"1/1: 1"}, requests: 2,
		},
		"only records that are null": {
			pages: map[string]page{start: {body: `[null, 1]`}}, want: []string{"decode: none of the 2 records of the answer is what was asked for"},
		},
		"an expression": {
			pages:   map[string]page{start: {body: `{"by": {"x": {"a": 1}}, "next": "?n=2"}`}, start + "?n=2": {body: `{"by": {"x": {"a": 2}, "y": null}, "next": null}`}},
			records: "body.by.map(k, body.by[k])", next: "body.next", want: []string{"1/1: 1", "2/2: 2"},
		},
		"CSV": {
			pages: map[string]page{start: {body: "\ufeffk;a\r\nSECRET;1\r\nSECRET;2\r\n", link: "?n=2"}, start + "?n=2": {body: "a;k\r\n3;SECRET\r\n4;x;y\r\n"}},
			want:  []string{"1/1: 1", "1/2: 2", "2/3: 3", "2/4:  the row has more cells than the header; put cells that contain separators into quotes"},
		},
		"CSV by offset": {
			pages:  map[string]page{start + "?limit=2&offset=0": {body: "a\n1\n2\n"}, start + "?limit=2&offset=2": {body: "a\n"}},
			paging: byOffset, want: []string{"1/1: 1", "1/2: 2"},
		},
		"CSV with an error": {
			pages: map[string]page{start: {body: "a\n1\n\"2\n"}}, want: []string{"1/1: 1", `decode: line 3: the quotes are wrong; write a cell with quotes in it as "a ""quoted"" word"`},
		},
		"CSV without a column": {
			pages: map[string]page{start: {body: "b,c\n1,2\n"}}, want: []string{`decode: line 1: columns.a: there is no column "a"; the columns are "b", "c"`},
		},
		"JSON without a column": {
			pages: map[string]page{start: {body: `[{"b": 1}]`}}, want: []string{"1/1: ", `decode: columns.a: there is no column "a"; the columns are "b"`},
		},
		"HTML instead of CSV": {
			format: CSV, pages: map[string]page{start: {body: "<html>"}}, want: []string{"decode: the answer is HTML instead of CSV; check base_url or the proxy"},
		},
		"a later page that fails": {
			pages: map[string]page{start: {body: rows(1), link: "?n=2"}}, want: []string{"1/1: 1", "not_found"},
		},
		"an error in place of a list": {
			pages: map[string]page{start: {body: `{"error": "Unauthorized."}`}}, records: "body.rows",
			want: []string{"decode: the answer is a report of errors instead of a list"},
		},
		"an error in place of a list that is evaluated": {
			pages: map[string]page{start: {body: `{"errors": ["x"]}`}}, records: "[body]",
			want: []string{"decode: the answer is a report of errors instead of the object that was asked for"},
		},
		"an error with a list": {
			pages: map[string]page{start: {body: `{"errors": ["x"], "rows": []}`}}, records: "body.rows",
			want: []string{"decode: the answer is a report of errors instead of a list"},
		},
		"an object in place of a list": {
			pages: map[string]page{start: {body: `{"total": 1, "licenses": []}`}}, want: []string{"decode: the table is not a list; say where it has one, for example records: body.licenses"},
		},
		"no list at the path": {
			pages: map[string]page{start: {body: `{"rows": null}`}}, records: "body.rows", want: []string{"decode: records: there is no list at body.rows"},
		},
		"no JSON": {
			pages: map[string]page{start: {body: `maintenance`}}, records: "body.rows", want: []string{"decode: invalid character 'm' looking for beginning of value"},
		},
		// Contradictions.
		"fewer records than the total": {
			pages: map[string]page{start: {body: `{"total": 3, "rows": ` + rows(1, 2) + `}`}}, records: "body.rows", total: "body.total",
			want: []string{"1/1: 1", "1/2: 2", "decode: the list has 2 of 3 records; set pages, so that the others are read"},
		},
		"no next before the total": {
			pages: map[string]page{start: {body: `{"total": 3, "rows": ` + rows(1, 2) + `, "next": null}`}}, records: "body.rows", total: "body.total", next: "body.next",
			want: []string{"1/1: 1", "1/2: 2", "decode: the list ended after 2 of 3 records"},
		},
		"an empty page before the total": {
			pages:   map[string]page{start + "?limit=2&offset=0": {body: `{"total": 3, "rows": ` + rows(1, 2) + `}`}, start + "?limit=2&offset=2": {body: `{"total": 3, "rows": []}`}},
			records: "body.rows", total: "body.total", paging: byOffset, want: []string{"1/1: 1", "1/2: 2", "decode: the list ended after 2 of 3 records"},
		},
		"a total that shrinks": {
			pages:   map[string]page{start + "?limit=2&offset=0": {body: `{"total": 5, "rows": ` + rows(1, 2) + `}`}, start + "?limit=2&offset=2": {body: `{"total": 3, "rows": ` + rows(3) + `}`}},
			records: "body.rows", total: "body.total", paging: byOffset,
			want: []string{"1/1: 1", "1/2: 2", "decode: pages.total: it went from 5 to 3 while the list was read, so that records may be missing"},
		},
		"a total that is too small": {
			pages: map[string]page{start + "?limit=2&offset=0": {body: `{"total": 1, "rows": ` + rows(1, 2) + `}`}, start + "?limit=2&offset=2": {body: `{"total": 1, "rows": ` + rows(3, 4) + `}`},
				start + "?limit=2&offset=4": {body: `{"total": 1, "rows": []}`}},
			records: "body.rows", total: "body.total", paging: byOffset, want: []string{"1/1: 1", "1/2: 2", "2/3: 3", "2/4: 4"},
		},
		"a next page after the total": {
			pages:   map[string]page{start: {body: `{"total": 1, "rows": ` + rows(1) + `, "next": "?n=2"}`}, start + "?n=2": {body: `{"total": 1, "rows": ` + rows(2) + `}`}},
			records: "body.rows", total: "body.total", next: "body.next", want: []string{"1/1: 1", "2/2: 2"},
		},
		"a next page after the total that is empty": {
			pages:   map[string]page{start: {body: `{"total": 1, "rows": ` + rows(1) + `, "next": "?n=2"}`}, start + "?n=2": {body: `{"total": 1, "rows": [], "next": "?n=3"}`}},
			records: "body.rows", total: "body.total", next: "body.next", want: []string{"1/1: 1"},
		},
		"records that move to the next page": {
			pages:   map[string]page{start + "?limit=2&offset=0": {body: `{"total": 4, "rows": ` + rows(1, 2) + `}`}, start + "?limit=2&offset=2": {body: `{"total": 4, "rows": ` + rows(2, 4) + `}`}},
			records: "body.rows", total: "body.total", paging: byOffset, id: true,
			want: []string{"1/1: 1", "1/2: 2", "2/3: 2", "2/4: 4", "decode: 1 records are on several pages, so that others may be missing; sort the list by a parameter of the URL"},
		},
		"equal records without an id": {
			pages:   map[string]page{start + "?limit=2&offset=0": {body: `{"total": 4, "rows": ` + rows(1, 2) + `}`}, start + "?limit=2&offset=2": {body: `{"total": 4, "rows": ` + rows(2, 4) + `}`}},
			records: "body.rows", total: "body.total", paging: byOffset, want: []string{"1/1: 1", "1/2: 2", "2/3: 2", "2/4: 4"},
		},
		"an API that has no page after the last one": {
			pages: map[string]page{start + "?p=1": {body: rows(1)}}, paging: Pages{Page: "p", First: 1},
			want: []string{"1/1: 1", "not_found: this may be the page after the last one; set pages.total or pages.next, so that it is not requested"},
		},
		"a parameter that is ignored": {
			pages:  map[string]page{start + "?limit=2&offset=0": {body: rows(1, 2)}, start + "?limit=2&offset=2": {body: rows(1, 2)}},
			paging: byOffset, want: []string{"1/1: 1", "1/2: 2", "2/3: 1", "2/4: 2", "decode: page 2 is the same as one before; the API ignores the parameter offset"},
		},
		"a page number that is ignored at the end": {
			pages:  map[string]page{start + "?p=1": {body: rows(1, 2)}, start + "?p=2": {body: rows(3)}, start + "?p=3": {body: rows(3)}},
			paging: Pages{Page: "p", First: 1}, want: []string{"1/1: 1", "1/2: 2", "2/3: 3", "3/4: 3", "decode: page 3 is the same as one before; the API ignores the parameter p"},
		},
		"the same page at another address": {
			pages: map[string]page{start: {body: rows(1), link: "?n=2"}, start + "?n=2": {body: rows(1), link: "?n=3"}},
			want:  []string{"1/1: 1", "2/2: 1", "decode: page 2 is the same as one before"},
		},
		"the same page that is evaluated": {
			pages:   map[string]page{start + "?p=0": {body: `{"at": 1, "x": {"a": 1}}`}, start + "?p=1": {body: `{"at": 2, "x": {"a": 1}}`}},
			records: "[body.x]", paging: Pages{Page: "p"}, want: []string{"1/1: 1", "2/2: 1", "decode: page 2 is the same as one before; the API ignores the parameter p"},
		},
		"the same page as CSV": {
			pages:  map[string]page{start + "?p=0": {body: "a\n1\n"}, start + "?p=1": {body: "a\n1\n"}},
			paging: Pages{Page: "p"}, want: []string{"1/1: 1", "2/2: 1", "decode: page 2 is the same as one before; the API ignores the parameter p"},
		},
		"a loop": {
			pages: map[string]page{start: {body: rows(1), link: start}}, want: []string{"1/1: 1", "decode: the listing leads back to a page that was already read"},
		},
		"another host": {
			pages: map[string]page{start: {body: rows(1), link: "http://evil.example/?key=SECRET"}}, want: []string{"1/1: 1", "decode: next page: refusing to send the credential to evil.example, which is outside 127.0.0.1"},
		},
		"another host in the body": {
			pages: map[string]page{start: {body: `{"next": "http://evil.example/", "rows": ` + rows(1) + `}`}}, records: "body.rows", next: "body.next",
			want: []string{"1/1: 1", "decode: next page: refusing to send the credential to evil.example, which is outside 127.0.0.1"},
		},
		"next that is no address": {
			pages: map[string]page{start: {body: `{"next": "http://[SECRET", "rows": []}`}}, records: "body.rows", next: "body.next",
			want: []string{"decode: the address of the next page is not valid"},
		},
		"next that is a number": {
			pages: map[string]page{start: {body: `{"next": 2, "rows": []}`}}, records: "body.rows", next: "body.next",
			want: []string{"decode: pages.next: the value must be the address of the next page; for the number of a page, use the key page"},
		},
		"next that is true": {
			pages: map[string]page{start: {body: `{"next": true, "rows": []}`}}, records: "body.rows", next: "body.next",
			want: []string{"decode: pages.next: the value must be the address of the next page, not true"},
		},
		"a total that is no number": {
			pages: map[string]page{start: {body: `{"total": "many", "rows": []}`}}, records: "body.rows", total: "body.total",
			want: []string{"decode: pages.total: the value must be the number of records"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := &api{pages: test.pages}
			test.paging.Next, test.paging.Total = expression(t, test.next), expression(t, test.total)
			s := NewHTTP(client(t, a), HTTPOptions{
				Operation: rest.Operation{Name: "records", Path: "/list"}, Query: test.query, Format: test.format, Records: expression(t, test.records), Pages: test.paging,
			})
			references := refs("a")
			if test.id {
				references[0].Key = "columns.id"
			}
			if diff := cmp.Diff(test.want, pageLines(t, s, references)); diff != "" {
				t.Errorf("requests %q, the records differ (-want +got):\n%s", a.seen, diff)
			}
			if test.requests > 0 && len(a.seen) != test.requests {
				t.Errorf("the requests are %q, want %d", a.seen, test.requests)
			}
		})
	}
}

func TestEmptyPagesWithoutEnd(t *testing.T) {
	s := NewHTTP(client(t, manyPages(func(n int) page { return page{body: "[]", link: fmt.Sprintf("?n=%d", n+1)} })), HTTPOptions{Operation: rest.Operation{Name: "records", Path: "/list"}})
	want := []string{"decode: 11 pages without records follow one another"}
	if diff := cmp.Diff(want, pageLines(t, s, refs("a"))); diff != "" {
		t.Errorf("the records differ (-want +got):\n%s", diff)
	}
}

func TestFormatsOverHTTP(t *testing.T) {
	for name, test := range map[string]struct {
		path, format, kind, body, accept string
	}{
		"JSON by its type":      {"/list", "", "application/problem+json", `[{"a": 1}]`, "application/json, text/csv;q=0.9, */*;q=0.1"},
		"CSV by its type":       {"/list", "", "text/csv; charset=utf-8", "a\n1\n", "application/json, text/csv;q=0.9, */*;q=0.1"},
		"JSON by the path":      {"/list.JSON", "", "text/csv", `[{"a": 1}]`, "application/json, text/csv;q=0.9, */*;q=0.1"},
		"CSV by the path":       {"/list.csv", "", "application/json", "a\n1\n", "application/json, text/csv;q=0.9, */*;q=0.1"},
		"JSON by the content":   {"/list", "", "text/plain", " \n[{\"a\": 1}]", "application/json, text/csv;q=0.9, */*;q=0.1"},
		"CSV by the content":    {"/list", "", "", "a\n1\n", "application/json, text/csv;q=0.9, */*;q=0.1"},
		"JSON by configuration": {"/list.csv", JSON, "text/csv", `[{"a": 1}]`, "application/json"},
		"CSV by configuration":  {"/list", CSV, "application/octet-stream", "a\n1\n", "text/csv, text/*;q=0.9, */*;q=0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &api{pages: map[string]page{"/api" + test.path: {body: test.body, kind: test.kind}}}
			s := NewHTTP(client(t, a), HTTPOptions{Operation: rest.Operation{Name: "records", Path: test.path}, Format: test.format})
			if diff := cmp.Diff([]string{"1/1: 1"}, pageLines(t, s, refs("a"))); diff != "" {
				t.Errorf("the records differ (-want +got):\n%s", diff)
			}
			if a.accept[0] != test.accept {
				t.Errorf("the header Accept is %q, want %q", a.accept[0], test.accept)
			}
		})
	}
}

func TestColumnsOverHTTP(t *testing.T) {
	for body, want := range map[string]string{
		`[null, {"a": 1, "b": 2}]`: `["a" "b"]`,
		"a;b\n1;2\n":               `["a" "b"]`,
		`[]`:                       "records: GET URL: 200 OK: there are no records",
		`[`:                        "records: GET URL: 200 OK: unexpected end of JSON input",
		"\n":                       "records: GET URL: 200 OK: the answer is empty",
		";\n":                      "records: GET URL: 200 OK: the file has no header; write the names of the columns in the first line",
	} {
		a := &api{pages: map[string]page{"/api/list": {body: body, link: "?n=2"}}}
		columns, err := NewHTTP(client(t, a), HTTPOptions{Operation: rest.Operation{Name: "records", Path: "/list"}}).Columns(t.Context())
		got := fmt.Sprintf("%q", columns)
		if err != nil {
			host, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "records: GET "), ": 200")
			got = strings.Replace(err.Error(), host, "URL", 1)
		}
		if got != want || !slices.Equal(a.seen, []string{"/api/list"}) {
			t.Errorf("the columns of %q are %s after the requests %q, want %s", body, got, a.seen, want)
		}
	}
}
