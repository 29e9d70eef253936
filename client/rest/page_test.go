package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names reads a listing to its end or to its first error.
func names(ctx context.Context, c *Client) (names []string, err error) {
	for record, err := range Pages[thing](ctx, c, things) {
		if err != nil {
			return names, err
		}
		names = append(names, record.Name)
	}
	return names, nil
}

// next returns a page with a link to the next one.
func next(body, address string) http.HandlerFunc {
	return answer(200, body, "Link", "<"+address+">; rel=next")
}

func TestPagesFollowOneAnother(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen,
		next(`[{"name": "a"}, {"name": "b"}]`, testBasePath+"/things?after=b"),
		next(`[]`, "?after=b2"),
		answer(200, `[{"name": "c"}]`, "Link", "</api/v1/things>; rel=first"))))
	got, err := names(t.Context(), c)
	if diff := cmp.Diff([]string{"a", "b", "c"}, got); diff != "" || err != nil {
		t.Errorf("error %v, records differ (-want +got):\n%s", err, diff)
	}
	var uris []string
	for _, req := range seen.all() {
		uris = append(uris, req.RequestURI)
	}
	want := []string{"/api/v1/things?after=cursor-of-a-key", "/api/v1/things?after=b", "/api/v1/things?after=b2"}
	if diff := cmp.Diff(want, uris); diff != "" {
		t.Errorf("requests differ (-want +got):\n%s", diff)
	}
}

func TestPagesFollowTheVendorsHosts(t *testing.T) {
	i := &internet{hosts: map[string]http.HandlerFunc{
		"api.vendor.example": next(`[{"name": "a"}]`, "http://n1.vendor.example/api/v1/things?after=a"),
		"n1.vendor.example":  answer(200, `[{"name": "b"}]`),
	}}
	got, err := names(t.Context(), overInternet(t, i))
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" || err != nil {
		t.Errorf("error %v, records differ (-want +got):\n%s", err, diff)
	}
	if log := i.log(); len(log) != 2 || !strings.HasSuffix(log[1], "with key") {
		t.Errorf("the requests are %q, want the second with the key", log)
	}
}

// A page that fails ends the listing with an error.
func TestListingFailsWithItsPages(t *testing.T) {
	first := next(`[{"name": "a"}]`, "/api/v1/things?after=cursor-2")
	for name, test := range map[string]struct {
		second http.HandlerFunc
		reason Reason
		cause  string
	}{
		"refused":    {answer(403, ""), ReasonForbidden, ""},
		"not found":  {answer(404, ""), ReasonNotFound, ""},
		"not a list": {answer(200, `{"name": "b"}`), ReasonDecode, "the answer is another object instead of a list"},
		"errors":     {answer(200, `{"errors": ["try again"]}`), ReasonDecode, "the answer is a report of errors instead of a list"},
		"not JSON":   {answer(200, `[{"name": "b"}, {"name": tru}]`), ReasonDecode, "invalid character '}' in literal true (expecting 'e')"},
		"empty":      {answer(200, ""), ReasonDecode, "the answer is empty"},
		"null":       {answer(200, "null"), ReasonDecode, "the answer is null instead of a list"},
		"cut":        {answer(200, `[{"name": "b"},`), ReasonDecode, "unexpected end of JSON input"},
		"redirected": {answer(302, "", "Location", "http://evil.example/"), ReasonNetwork, "redirected: refusing to send the credential to evil.example, which is outside 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			var seen requests
			c := newClient(t, serve(t, inTurn(&seen, first, test.second)))
			got, err := names(t.Context(), c)
			e := wantError(t, err, test.reason)
			cause := ""
			if e.Err != nil {
				cause = e.Err.Error()
			}
			if cause != test.cause {
				t.Errorf("the cause is %q, want %q", cause, test.cause)
			}
			want := []string{"a"}
			if name == "not JSON" {
				want = []string{"a", "b"} // records are decoded one by one
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("records before the error differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNextPageElsewhereIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ address, cause string }{
		"foreign host":    {"http://evil.example/?after=cursor-2", "next page: refusing to send the credential to evil.example, which is outside vendor.example"},
		"other scheme":    {"https://api.vendor.example/?after=cursor-2", `next page: refusing to go from http to "https"`},
		"itself":          {"", "the listing leads back to a page that was already read"},
		"an earlier page": {"http://api.vendor.example/api/v1/things?after=cursor-of-a-key", "the listing leads back to a page that was already read"},
		"unreadable":      {"http://[cursor", "the address of the next page is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			i := &internet{hosts: map[string]http.HandlerFunc{
				"api.vendor.example": next(`[{"name": "a"}]`, test.address),
			}}
			_, err := names(t.Context(), overInternet(t, i))
			if e := wantError(t, err, ReasonDecode); e.Err.Error() != test.cause {
				t.Errorf("the cause is %v, want %s", e.Err, test.cause)
			}
			if got := i.log(); len(got) != 1 {
				t.Errorf("another page was fetched: %q", got)
			}
		})
	}
}

func TestPagesAreBounded(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
		next(`[{"name": "a"}]`, fmt.Sprintf("?after=%d", seen.add(req)))(w, req)
	}))
	c.maxPages = 3
	got, err := names(t.Context(), c)
	if e := wantError(t, err, ReasonDecode); e.Err.Error() != "the listing has more than 3 pages" {
		t.Errorf("the cause is %v", e.Err)
	}
	if len(got) != 3 || seen.count() != 3 {
		t.Errorf("%d records of %d pages were read, want 3 of 3", len(got), seen.count())
	}
}

func TestEarlyEndStopsFetching(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, next(`[{"name": "a"}, {"name": "b"}]`, "?after=b"))))
	for record, err := range Pages[thing](t.Context(), c, things) {
		if err != nil {
			t.Fatal(err)
		}
		if record.Name == "b" {
			break
		}
	}
	if seen.count() != 1 {
		t.Errorf("%d pages were fetched, want 1", seen.count())
	}
}

func TestNextPage(t *testing.T) {
	const wanted = "https://n1.vendor.test/things?after=b"
	for name, test := range map[string]struct {
		links []string
		want  string
	}{
		"no header":               {nil, ""},
		"empty header":            {[]string{""}, ""},
		"quoted":                  {[]string{`<` + wanted + `>; rel="next"`}, wanted},
		"unquoted":                {[]string{`<` + wanted + `>; rel=next`}, wanted},
		"without spaces":          {[]string{`<` + wanted + `>;rel=next`}, wanted},
		"spaces in parameters":    {[]string{`<` + wanted + `>  ;  rel = "next" `}, wanted},
		"upper case":              {[]string{`<` + wanted + `>; REL="NEXT"`}, wanted},
		"list of relations":       {[]string{`<` + wanted + `>; rel="last next"`}, wanted},
		"other parameters":        {[]string{`<` + wanted + `>; title="b"; rel="next"; type="json"`}, wanted},
		"several links":           {[]string{`<https://n1.vendor.test/a>; rel=first, <https://n1.vendor.test/p>; rel=prev, <` + wanted + `>; rel=next, <https://n1.vendor.test/z>; rel=last`}, wanted},
		"several headers":         {[]string{`<https://n1.vendor.test/a>; rel=first`, `<` + wanted + `>; rel=next`}, wanted},
		"unquoted before a comma": {[]string{`<` + wanted + `>; rel=next,<https://n1.vendor.test/a>; rel=first`}, wanted},
		"commas in the address":   {[]string{`<https://n1.vendor.test/things?ids=1,2;3>; rel=next`}, "https://n1.vendor.test/things?ids=1,2;3"},
		"relative":                {[]string{`</things?after=b>; rel=next`}, "https://api.vendor.test/things?after=b"},
		"only a query":            {[]string{`<?after=b>; rel=next`}, "https://api.vendor.test/api/v1/things?after=b"},
		"other relations":         {[]string{`<` + wanted + `>; rel=prev, <` + wanted + `>; rel="nextish"`}, ""},
		"other parameter":         {[]string{`<` + wanted + `>; xrel=next; rel=prev`}, ""},
		"no relation":             {[]string{`<` + wanted + `>`}, ""},
		"no brackets":             {[]string{wanted + `; rel=next`}, ""},
		"first of two":            {[]string{`<` + wanted + `>; rel=next, <https://n1.vendor.test/other>; rel=next`}, wanted},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := nextPage(http.Header{"Link": test.links}, currentPage(t))
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			if got != nil {
				text = got.String()
			}
			if text != test.want {
				t.Errorf("the next page is %q, want %q", text, test.want)
			}
		})
	}
}

func currentPage(t *testing.T) *url.URL {
	t.Helper()
	current, err := url.Parse("https://api.vendor.test/api/v1/things?after=a")
	if err != nil {
		t.Fatal(err)
	}
	return current
}
