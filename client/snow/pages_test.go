package snow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
)

// newest returns the newest version that an operation has a fixture of.
func (o example) newest() string {
	for _, version := range []string{"1.7.0", "1.0.0"} {
		if _, ok := o.want[version]; ok {
			return version
		}
	}
	return "other"
}

// pages answers with one page after the other, as numbered by the request.
func pages(w http.ResponseWriter, r *http.Request, all ...string) {
	number := 1
	if n := r.URL.Query().Get("page_number"); n != "" {
		_, _ = fmt.Sscan(n, &number)
	}
	if number > len(all) {
		w.WriteHeader(http.StatusForbidden) // not asked for again, unlike 500
		return
	}
	fmt.Fprint(w, all[number-1])
}

// TestListingsContinue has each listing go over two pages, and lose the second.
func TestListingsContinue(t *testing.T) {
	for _, o := range listings() {
		t.Run(o.fixture, func(t *testing.T) {
			version := o.newest()
			first := strings.Replace(string(fixture(t, version+"/"+o.fixture+".json")), `"total_pages": 1`, `"total_pages": 2`, 1)
			answers := []string{first, `{"items": [{"id": "2", "name": "x", "quantity": 2, "licenseId": "2", "metricId": "2", "applicationId": "2", "organizationId": "2"}], "pagination": {"page_number": 2, "page_size": 25, "total_pages": 2}}`}
			s := serve(t, func(w http.ResponseWriter, r *http.Request) { pages(w, r, answers...) })
			c := s.client(t)
			got, err := o.call(t.Context(), c)
			if err != nil || reflect.ValueOf(got).Len() != 2 || len(s.seen()) != 2 {
				t.Errorf("%+v, %v after %s", got, err, s.seen())
			}
			if diff := cmp.Diff(reflect.ValueOf(o.want[version]).Index(0).Interface(), reflect.ValueOf(got).Index(0).Interface()); diff != "" {
				t.Error(diff)
			}

			answers = answers[:1]
			_, err = o.call(t.Context(), c)
			if rest.ReasonOf(err) != rest.ReasonForbidden || errors.Is(err, rest.ErrNotApplicable) {
				t.Errorf("lost page: %v", err)
			}
			answers = append(answers, `{"error": "none"}`)
			_, err = o.call(t.Context(), c)
			if rest.ReasonOf(err) != rest.ReasonDecode || errors.Is(err, rest.ErrNotApplicable) {
				t.Errorf("broken page: %v", err)
			}
		})
	}
}

// TestListingsTolerate gives each listing nulls, unknown fields, and nothing. A list that
// is null or has an error beside it is not an empty list.
func TestListingsTolerate(t *testing.T) {
	for _, o := range listings() {
		t.Run(o.fixture, func(t *testing.T) {
			var full struct{ Items []map[string]any }
			if err := json.Unmarshal(fixture(t, o.newest()+"/"+o.fixture+".json"), &full); err != nil {
				t.Fatal(err)
			}
			record := full.Items[0]
			for name := range record {
				record[name] = nil
			}
			record["unknown"] = map[string]any{"a": []int{1}}
			b, _ := json.Marshal(record)
			s := serve(t, nil)
			c := s.client(t)
			for body, want := range map[string]any{
				`{"items": [` + string(b) + `], "pagination": null, "links": 1, "new": {}}`: o.nothing,
				`{"items": [` + string(b) + `], "pagination": [], "_links": [7, null]}`:     o.nothing,
				`{"items": [], "pagination": {"total_items": 0}}`:                           reflect.Zero(reflect.TypeOf(o.want[o.newest()])).Interface(),
				`{"items": null, "_links": [{"href": "https://elsewhere.test/x"}]}`:         nil,
				`{"items": [], "error": {"code": 500, "message": null}}`:                    nil,
			} {
				s.api = answer(http.StatusOK, body)
				got, err := o.call(t.Context(), c)
				if (err != nil) != (want == nil) || errors.Is(err, rest.ErrNotApplicable) {
					t.Errorf("%s: %v", body, err)
				}
				if diff := cmp.Diff(want, got); diff != "" && want != nil {
					t.Errorf("%s: (-want +got)\n%s", body, diff)
				}
			}
		})
	}
}

// TestListingEnds shows in which order the ends of a listing are looked for,
// and what is refused.
func TestListingEnds(t *testing.T) {
	const decode = rest.ReasonDecode
	page := func(ids, pagination string) string {
		return `{"items": [{"id": "` + strings.ReplaceAll(ids, " ", `"}, {"id": "`) + `"}], "pagination": {` + pagination + `}}`
	}
	for _, test := range []struct {
		name   string
		pages  []string
		want   []ID
		reason rest.Reason
		text   string
	}{
		{name: "all pages that there are", want: []ID{"a", "b", "c"}, pages: []string{
			page("a b", `"total_pages": 2, "page_size": 2`), page("c", `"total_pages": 2, "page_size": 2`)}},
		{name: "a short page within the number of pages", want: []ID{"a", "b"}, pages: []string{
			page("a", `"total_pages": 2, "page_size": 2`), page("b", `"total_pages": 2, "page_size": 2`)}},
		{name: "an empty page within the number of pages", reason: decode, want: []ID{"a"}, pages: []string{
			page("a", `"total_pages": 9`), `{"items": [], "pagination": {"total_pages": 9}}`},
			text: "the listing ends on page 2 after 1 records, but total_pages is 9"},
		{name: "numbers as strings", want: []ID{"a", "b"}, pages: []string{
			page("a", `"total_pages": "2"`), page("b", `"total_pages": "2"`)}},
		{name: "a page that is shorter than the server's size", want: []ID{"a", "b", "c"}, pages: []string{
			page("a b", `"total_pages": null, "page_size": 2`), page("c", `"page_size": 2`)}},
		{name: "full pages and then none", want: []ID{"a", "b"}, pages: []string{
			page("a", `"page_size": 1`), page("b", `"page_size": 1, "total_pages": 0`), `{"items": []}`}},
		{name: "no pagination, shorter than asked for", want: []ID{"a", "b"}, pages: []string{page("a b", ``)}},
		{name: "no pagination, as long as asked for", want: []ID{"a", "b", "c", "d"}, pages: []string{
			page("a b c", ``), page("d", ``)}},
		{name: "the same page again", reason: decode, want: []ID{"a"}, pages: []string{
			page("a", `"total_pages": 3`), page("a", `"total_pages": 3`)},
			text: "the listing leads back to a page that was already read"},
		{name: "the first page again after another", reason: decode, want: []ID{"a", "b"}, pages: []string{
			page("a", `"total_pages": 4`), page("b", `"total_pages": 4`), page("a", `"total_pages": 4`)},
			text: "the listing leads back to a page that was already read"},
		{name: "the page before again", reason: decode, want: []ID{"a", "b"}, pages: []string{
			page("a", `"total_pages": 4`), page("b", `"total_pages": 4`), page("b", `"total_pages": 4`)},
			text: "the listing leads back to a page that was already read"},
		{name: "pages that begin or end alike", want: []ID{"a", "b", "c"}, pages: []string{
			page("a b", `"total_pages": 3`), page("a c", `"total_pages": 3`), page("b c", `"total_pages": 3`)}},
		{name: "another first page than was asked for", reason: decode, pages: []string{
			page("b", `"total_pages": 3, "page_number": 2`)},
			text: "page 1 was answered with page 2"},
		{name: "a first page with the number 0", want: []ID{"a"}, pages: []string{page("a", `"total_pages": 1, "page_number": 0`)}},
		{name: "a record that is none", want: []ID{"a", "c"}, pages: []string{
			`{"items": [{"id": "a"}, 1, {"id": "c"}], "pagination": {"total_pages": 1, "total_items": 3}}`}},
		{name: "another page than was asked for", reason: decode, want: []ID{"a"}, pages: []string{
			page("a", `"total_pages": 3`), page("b", `"total_pages": 3, "page_number": 1`)},
			text: "page 2 was answered with page 1"},
		{name: "a page without items", reason: decode, want: []ID{"a"}, pages: []string{
			page("a", `"total_pages": 3`), `{}`}, text: "the answer has no items"},
		{name: "items that are none", reason: decode, pages: []string{`{"items": {}}`}},
		{name: "not a listing", reason: decode, pages: []string{`{"id": "a"}`}, text: "the answer has no items"},
		{name: "null", reason: decode, pages: []string{`null`}, text: "the answer has no items"},
		{name: "nothing", reason: decode, pages: []string{``}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) { pages(w, r, test.pages...) })
			c := s.client(t, func(o *Options) { o.PageSize = 3 })
			got, err := collect(c.Policies(t.Context()))
			var ids []ID
			for _, policy := range got {
				ids = append(ids, policy.ID)
			}
			if diff := cmp.Diff(test.want, ids); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if (err != nil) != (test.reason != "") || err != nil && rest.ReasonOf(err) != test.reason {
				t.Errorf("%v, want reason %q", err, test.reason)
			}
			if err != nil && !strings.HasSuffix(err.Error(), test.text) || errors.Is(err, rest.ErrNotApplicable) {
				t.Error(err)
			}
			if n := len(s.seen()); n != len(test.pages) {
				t.Errorf("%d requests, want %d", n, len(test.pages))
			}
		})
	}
}

// TestListingNeverEnds has a vendor that always has another page.
func TestListingNeverEnds(t *testing.T) {
	s := serve(t, answer(http.StatusOK, `{"items": [{"id": "a"}], "pagination": {"page_size": 1}}`))
	c := s.client(t)
	for number, want := range map[int]string{rest.MaxPages: "", rest.MaxPages + 1: "the listing has more than 10000 pages"} {
		_, err := read[Policy](t.Context(), c, opPolicies, number, 1)
		if (err != nil) != (want != "") || err != nil && !strings.HasSuffix(err.Error(), want) {
			t.Errorf("page %d: %v", number, err)
		}
	}
}

// TestWholeListing asks for no page at first, and for those that the answer
// says there are.
func TestWholeListing(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		pages(w, r, `{"items": [{"metricId": "a"}], "pagination": {"page_size": 1, "page_number": 1, "total_pages": 2}}`,
			`{"items": [{"metricId": "b"}], "pagination": {"page_size": 1, "page_number": 2, "total_pages": 2}}`)
	})
	c := s.client(t)
	if got, err := collect(c.ComplianceUsage(t.Context(), "x")); len(got) != 2 || err != nil {
		t.Error(got, err)
	}
	const path = "/api/sam/v1/compliance/summary/x/usage"
	if diff := cmp.Diff([]string{path, path + "?page_number=2&page_size=1"}, s.seen()); diff != "" {
		t.Error(diff)
	}
	s.api = answer(http.StatusOK, `{"items": [{"metricId": "a"}]}`)
	if got, err := collect(c.ComplianceUsage(t.Context(), "x")); len(got) != 1 || err != nil || len(s.seen()) != 3 {
		t.Error(got, err)
	}
}

// TestUnsupported answers as a tenant of version 1.0.0 does. What it has not,
// does not apply; what it has and refuses, fails.
func TestUnsupported(t *testing.T) {
	const refusal = `{"error": {"code": 0, "message": "m"}}`
	for _, o := range operations() {
		_, old := o.want["1.0.0"]
		_, other := o.want["other"]
		added := !old && !other
		t.Run(o.fixture, func(t *testing.T) {
			s := serve(t, nil)
			c := s.client(t)
			for name, test := range map[string]struct {
				api  http.HandlerFunc
				want bool
			}{
				"not found":   {answer(http.StatusNotFound, refusal), added},
				"a gateway":   {answer(http.StatusNotFound, ""), false},
				"bad request": {answer(http.StatusBadRequest, refusal), added},
				"a license":   {answer(http.StatusOK, string(fixture(t, "1.0.0/license-detail.json"))), added},
				"forbidden":   {answer(http.StatusForbidden, refusal), false},
				"a page":      {answer(http.StatusOK, "<html>"), false},
			} {
				s.api = test.api
				got, err := o.call(t.Context(), c)
				if err == nil && (name != "a license" || added) {
					t.Errorf("%s: took it for %+v", name, got)
				}
				if errors.Is(err, rest.ErrNotApplicable) != test.want {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// TestBrokenListing loses a page after the first: that is no word of there being
// nothing, which callers would pass over.
func TestBrokenListing(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page_number") != "1" {
			answer(http.StatusNotFound, "")(w, r)
			return
		}
		answer(http.StatusOK, `{"items": [{"id": "a"}], "pagination": {"page_size": 1, "page_number": 1, "total_pages": 2}}`)(w, r)
	})
	c := s.client(t)
	for name, listing := range map[string]iter.Seq2[Track, error]{
		"tracking": c.ComputerTracking(t.Context(), "x"), "added": list[Track](t.Context(), c, opUserEntitlements),
	} {
		_, err := collect(listing)
		var e *rest.Error
		if !errors.As(err, &e) || e.Reason != rest.ReasonServer || e.Status != http.StatusNotFound || errors.Is(err, rest.ErrNotApplicable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestListingIsLeft ends a listing before its end: no further page is read.
func TestListingIsLeft(t *testing.T) {
	s := serve(t, answer(http.StatusOK, `{"items": [{"id": "a"}, {"id": "b"}], "pagination": {"total_pages": 2}}`))
	for range s.client(t).Policies(t.Context()) {
		break
	}
	if len(s.seen()) != 1 {
		t.Error(s.seen())
	}
}

// Answers that are not used do not keep memory, which is bounded for a client: otherwise the last of many requests would wait.
func TestAnswersThatAreNotUsedAreReleased(t *testing.T) {
	licenses := plain((*Client).Licenses)
	states := plain((*Client).EntitlementStates)
	tree := func(ctx context.Context, c *Client) (any, error) { return c.Organizations(ctx) }
	for name, test := range map[string]struct {
		body string
		ask  caller
	}{
		"no list":                 {`{"pagination": {}}`, licenses},
		"null":                    {`{"items": null}`, licenses},
		"a license":               {`{"id": "a", "purchaseDate": "2020-01-01"}`, licenses},
		"another page":            {`{"items": [{"id": "a"}], "pagination": {"page_number": 7}}`, licenses},
		"the same page again":     {`{"items": [{"id": "a"}], "pagination": {"total_pages": 2}}`, licenses},
		"a record":                {`{"id": "a"}`, states},
		"no nodes":                {`{"nodes": null}`, tree},
		"nodes of another kind":   {`{"nodes": {}}`, tree},
		"nodes that are not JSON": {`{"nodes": [{]}`, tree},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c := serve(t, answer(http.StatusOK, test.body)).client(t)
			for range 200 {
				if _, err := test.ask(ctx, c); ctx.Err() != nil {
					t.Fatalf("a request waits for memory: %v", err)
				}
			}
		})
	}
}
