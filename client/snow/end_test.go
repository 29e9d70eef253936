package snow

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
)

// pager is a tenant whose list of licenses has pages of at most limit records.
type pager struct {
	total, limit int
	// page changes the records of the page with a number.
	page func(number int, records []int) []int
	// say returns the pagination, except for the number of the page, and the links.
	say func(number, asked int) (pagination, links string)
	// beyond is the answer for pages beyond the end, if it is not an empty page.
	beyond http.HandlerFunc
}

func (p pager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.URL.Query().Get("page_number"))
	asked, _ := strconv.Atoi(r.URL.Query().Get("page_size"))
	if p.beyond != nil && (number-1)*p.limit >= p.total {
		p.beyond(w, r)
		return
	}
	var records []int
	for i := (number - 1) * p.limit; i < min(number*p.limit, p.total); i++ {
		records = append(records, i+1)
	}
	if p.page != nil {
		records = p.page(number, records)
	}
	items := make([]string, len(records))
	for i, n := range records {
		items[i] = fmt.Sprintf(`{"id": "%d"}`, n)
	}
	pagination, links := "", ""
	if p.say != nil {
		pagination, links = p.say(number, asked)
	}
	fmt.Fprintf(w, `{"items": [%s], "pagination": {"page_number": %d%s}%s}`, strings.Join(items, ","), number, pagination, links)
}

// says returns a function that says the same on each page.
func says(pagination string) func(number, asked int) (string, string) {
	return func(int, int) (string, string) { return pagination, "" }
}

// linksTo returns a JSON list with a link.
func linksTo(rel string, number int) string {
	return fmt.Sprintf(`[{"href": "/api/sam/v1/licenses?page_number=%d&page_size=1000", "rel": %q, "method": "GET"}]`, number, rel)
}

func without(page int) func(int, []int) []int {
	return func(number int, records []int) []int {
		if number == page {
			return nil
		}
		return records
	}
}

// TestListIsWholeOrFails shows which signs of the end of a listing are believed. A listing
// of which a part is missing fails. requests is how many are sent.
func TestListIsWholeOrFails(t *testing.T) {
	notFound := refuse(t, http.StatusNotFound, "refusals/not-found.json")
	for _, test := range []struct {
		name     string
		pager    pager
		want     int // 0 if it fails
		requests int
		text     string
	}{
		{name: "all signs agree", want: 451, requests: 5, pager: pager{total: 451, limit: 100, say: says(`, "page_size": 100, "total_pages": 5, "total_items": 451`)}},
		{name: "the last page is full, by two signs", want: 200, requests: 2, pager: pager{total: 200, limit: 100, say: says(`, "page_size": 100, "total_pages": 2, "total_items": 200`)}},
		{name: "a limit below the size that is echoed, and a next link", want: 451, requests: 5, pager: pager{total: 451, limit: 100, say: func(number, asked int) (string, string) {
			next := "[]"
			if number*100 < 451 {
				next = linksTo("next", number+1)
			}
			return fmt.Sprintf(`, "page_size": %d, "total_pages": null`, asked), `, "_links": ` + next
		}}},
		{name: "the same with a link to the last page", want: 451, requests: 5, pager: pager{total: 451, limit: 100, say: func(_, asked int) (string, string) {
			return fmt.Sprintf(`, "page_size": %d`, asked), `, "links": ` + linksTo("last", 5)
		}}},
		{name: "the same with links as an object", want: 451, requests: 5, pager: pager{total: 451, limit: 100, say: func(int, int) (string, string) {
			return "", `, "_links": {"Last": {"href": "licenses?page_number=5"}, "next": {"href": null}}`
		}}},
		{name: "the same with the last page beside the items", want: 451, requests: 5, pager: pager{total: 451, limit: 100, say: func(int, int) (string, string) {
			return "", `, "last": "licenses?page_number=5", "next": null`
		}}},
		{name: "the same without any sign", want: 451, requests: 5, pager: pager{total: 451, limit: 100}},
		{name: "no sign, and the last page is full", want: 300, requests: 4, pager: pager{total: 300, limit: 100}},
		{name: "no sign, and 404 beyond the end", want: 300, requests: 4, pager: pager{total: 300, limit: 100, beyond: notFound}},
		{name: "the 404 of a gateway", requests: 4, text: "404 Not Found: the answer is HTML instead of JSON; check base_url or the proxy", pager: pager{total: 300, limit: 100, beyond: refuse(t, http.StatusNotFound, "refusals/gateway.html")}},
		{name: "400 beyond the end", requests: 4, text: "as a string.", pager: pager{total: 300, limit: 100, beyond: refuse(t, http.StatusBadRequest, "refusals/bad-request.json")}},
		{name: "404 before the end", requests: 3, text: "not found.", pager: pager{total: 200, limit: 100, beyond: notFound, say: says(`, "total_items": 450`)}},
		{name: "the documented page beyond the end", want: 100, requests: 2, pager: pager{total: 100, limit: 100, beyond: refuse(t, http.StatusOK, "pages/beyond.json")}},
		{name: "total_pages too small", want: 450, requests: 5, pager: pager{total: 450, limit: 100, say: says(`, "page_size": 100, "total_pages": 1, "total_items": 450`)}},
		{name: "total_pages too small and nothing else", want: 450, requests: 5, pager: pager{total: 450, limit: 100, say: says(`, "page_size": 100, "total_pages": 1`)}},
		{name: "total_pages by the size that was asked for", want: 450, requests: 5, pager: pager{total: 450, limit: 100, say: says(`, "page_size": 1000, "total_pages": 1`)}},
		{name: "total_items too small", want: 450, requests: 5, pager: pager{total: 450, limit: 100, say: says(`, "page_size": 100, "total_pages": 5, "total_items": 100`)}},
		{name: "an empty page in the middle", requests: 6, text: "after 350 records, but total_items is 450", pager: pager{
			total: 450, limit: 100, page: without(3), say: says(`, "page_size": 100, "total_items": 450`),
		}},
		{name: "an empty page in the middle of an unknown total", requests: 5, text: "page 3 is empty, but it is not beyond the end", pager: pager{
			total: 450, limit: 100, page: without(3), say: func(number, _ int) (string, string) {
				if number == 5 {
					return `, "page_size": 100`, ""
				}
				return `, "page_size": 100`, `, "_links": ` + linksTo("next", number+1)
			}}},
		{name: "an empty page in the middle, of which the others have the records", want: 450, requests: 6, pager: pager{
			total: 550, limit: 100, page: without(3), say: says(`, "page_size": 100, "total_pages": 6, "total_items": 450`),
		}},
		{name: "an empty page that says it is the last", requests: 6, text: "total_items is 450", pager: pager{
			total: 450, limit: 100, page: without(3), say: func(number, _ int) (string, string) {
				if number == 3 {
					return `, "total_pages": 2, "total_items": 200`, ""
				}
				return `, "total_pages": 5, "total_items": 450`, ""
			},
		}},
		{name: "an empty list of many", requests: 2, text: "after 0 records, but total_pages is 5", pager: pager{limit: 100, say: says(`, "total_pages": 5, "total_items": 450`)}},
		{name: "totals that drop", want: 450, requests: 5, pager: pager{total: 450, limit: 100, say: func(number, _ int) (string, string) {
			return fmt.Sprintf(`, "page_size": 100, "total_items": %d`, 450/number), ""
		}}},
		{name: "records that overlap", want: 450, requests: 5, pager: pager{total: 450, limit: 100, say: says(`, "page_size": 100, "total_pages": 5, "total_items": 450`), page: func(number int, records []int) []int {
			if number > 1 {
				records = append([]int{records[0] - 1}, records...)
			}
			return records
		}}},
		{name: "a record moved, so that another is missed", requests: 6, text: "after 449 records, but total_items is 450", pager: pager{
			total: 450, limit: 100, say: says(`, "page_size": 100, "total_pages": 5, "total_items": 450`), page: func(number int, records []int) []int {
				if number == 2 {
					records[0] = 100
				}
				return records
			},
		}},
		{name: "a record was deleted, and the total says so", want: 449, requests: 5, pager: pager{total: 449, limit: 100, say: func(number, _ int) (string, string) {
			return fmt.Sprintf(`, "page_size": 100, "total_items": %d`, 450-number/3), ""
		}}},
		{name: "a record was deleted, and the total does not say so", want: 449, requests: 6, pager: pager{total: 449, limit: 100, say: says(`, "page_size": 100, "total_items": 450`)}},
		{name: "many are missing", requests: 6, text: "after 440 records, but total_items is 450", pager: pager{total: 440, limit: 100, say: says(`, "page_size": 100, "total_items": 450`)}},
		{name: "one page from which a record is missing", requests: 2, text: "total_items is 8", pager: pager{total: 7, limit: 100, say: says(`, "total_items": 8`)}},
		{name: "a short page", want: 37, requests: 1, pager: pager{total: 37, limit: 100}},
		{name: "a next link that leads nowhere", want: 150, requests: 2, pager: pager{total: 150, limit: 100, say: func(number, _ int) (string, string) {
			return `, "page_size": 100, "total_pages": 2`, `, "_links": ` + linksTo("next", min(number+1, 2))
		}}},
		{name: "always a next link", requests: 3, text: "there is a link to the next page", pager: pager{total: 150, limit: 100, say: func(number, _ int) (string, string) {
			return `, "page_size": 100`, `, "_links": ` + linksTo("next", number+1)
		}}},
		{name: "the vendor's only page", want: 1, requests: 1, pager: pager{beyond: refuse(t, http.StatusOK, "pages/only.json")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, test.pager.ServeHTTP)
			c := s.client(t)
			got, err := collect(c.Licenses(t.Context()))
			switch {
			case (err != nil) != (test.text != ""), err != nil && !strings.HasSuffix(err.Error(), test.text):
				t.Errorf("the error is %v, want %q", err, test.text)
			case err == nil && len(got) != test.want, errors.Is(err, rest.ErrNotApplicable):
				t.Errorf("%d records and the error %v, want %d", len(got), err, test.want)
			}
			if n := len(s.seen()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
}

// Records that are missing although the list counts as whole are counted as skipped.
func TestDeletedRecordIsCounted(t *testing.T) {
	ctx, found := traced(t)
	s := serve(t, pager{total: 449, limit: 100, say: says(`, "page_size": 100, "total_items": 450`)}.ServeHTTP)
	if got, err := collect(s.client(t).Licenses(ctx)); len(got) != 449 || err != nil {
		t.Error(len(got), err)
	}
	if diff := cmp.Diff([]string{"1"}, found()); diff != "" {
		t.Error(diff)
	}
}

// The periods of an agreement may all have its identifier.
func TestPeriodsWithOneIdentifier(t *testing.T) {
	s := serve(t, answer(http.StatusOK, `{"items": [
		{"id": "a", "validFrom": "2023-01-01T00:00:00Z", "validTo": "2025-12-31T00:00:00Z"},
		{"id": "a", "validFrom": "2026-01-01T00:00:00Z", "validTo": "2026-12-31T00:00:00Z"},
		{"id": "a", "validFrom": "2027-01-01T00:00:00Z", "validTo": "2027-12-31T00:00:00Z"}]}`))
	if got, err := collect(s.client(t).AgreementPeriods(t.Context(), "a")); len(got) != 3 || err != nil {
		t.Error(got, err)
	}
}

// A record without an identifier that occurs on two pages counts once, unless it does not
// say what it is for.
func TestRecordsWithoutAnIdentifierOnTwoPages(t *testing.T) {
	pages := map[string]string{
		"1": `{"items": [{"applicationId": "a", "toApplicationId": "a"}, {"computerId": "1"}, {"computerId": "2"}], "_links": {"next": {"href": "?page_number=2"}}}`,
		"2": `{"items": [{"applicationId": "a", "toApplicationId": "a"}, {"computerId": "2"}, {"computerId": "3"}, {"computerId": "4"}]}`,
		"3": `{"items": []}`,
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(http.StatusOK, pages[r.URL.Query().Get("page_number")])(w, r)
	}).client(t)
	if got, err := collect(c.ComputerTransfers(t.Context(), "a")); len(got) != 6 || err != nil {
		t.Errorf("transfers: %+v, %v", got, err)
	}
	if got, err := collect(c.ComputerEntitlements(t.Context())); len(got) != 6 || err != nil {
		t.Errorf("states: %+v, %v", got, err)
	}
}

// Compliance is documented without pages. Its answers may have them.
func TestListingWithoutPagesMayHaveThem(t *testing.T) {
	for name, test := range map[string]struct {
		pages []string
		want  int
		bad   bool
	}{
		"more by total_items":         {[]string{`{"items": [{"metricId": "a"}], "pagination": {"total_items": 2}}`, `{"items": [{"metricId": "b"}], "pagination": {"total_items": 2}}`}, 2, false},
		"more by a link":              {[]string{`{"items": [{"metricId": "a"}], "_links": [{"rel": "NEXT", "href": "summary/x?page=2"}]}`, `{"items": [{"metricId": "b"}]}`, `{"items": []}`}, 2, false},
		"a full page by its own size": {[]string{`{"items": [{"metricId": "a"}], "pagination": {"page_size": 1}}`, `{"items": []}`}, 1, false},
		"a round number":              {[]string{`{"items": [` + strings.Repeat(`{"metricId": "a"},`, 9) + `{"metricId": "b"}]}`}, 2, false},
		"more, and then none":         {[]string{`{"items": [{"metricId": "a"}], "pagination": {"total_items": 2}}`, `{"items": []}`}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) { pages(w, r, test.pages...) })
			got, err := collect(s.client(t).ComplianceSummary(t.Context(), "x"))
			if (err != nil) != test.bad || err == nil && len(got) != test.want || len(s.seen()) != len(test.pages) {
				t.Errorf("%+v, %v after %s", got, err, s.seen())
			}
		})
	}
}

// A link whose address is not a text is ignored.
func TestLinksWithoutAnAddress(t *testing.T) {
	for _, text := range []string{
		`{"next": {"href": {}}}`, `{"_links": {"next": {"href": []}}}`, `{"links": [{"rel": "next", "href": {}}]}`, `{"_links": {"next": []}}`,
	} {
		var s signals
		if err := json.Unmarshal([]byte(text), &s); err != nil || s.link("next") != "" {
			t.Errorf("%s: link %q, %v", text, s.link("next"), err)
		}
	}
}

// Anything that a page says about its listing can be read, and the listing ends.
func FuzzSignals(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"pagination": null, "_links": null, "links": 1}`, `{"pagination": {"page_size": -1, "total_pages": 1e9, "total_items": "many"}}`,
		`{"pagination": {"total_pages": 9223372036854775807, "total_items": 9223372036854775807}}`, `{"next": {"href": []}, "last": 5}`,
		`{"_links": [{"rel": "next", "href": "%zz"}, null, 7]}`, `{"links": {"next": "?page_number=2", "LAST": {"href": "?page_number=-1"}}}`,
	} {
		f.Add(seed, 100)
	}
	f.Fuzz(func(t *testing.T, text string, n int) {
		var s signals
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			var syntax *json.SyntaxError
			if !errors.As(err, &syntax) && !strings.HasPrefix(strings.TrimSpace(text), "{") {
				t.Skip()
			}
			if !errors.As(err, &syntax) {
				t.Fatalf("%s: %v", text, err)
			}
		}
		e := end{asked: 100}
		n = max(0, min(n, 1000))
		if _, err := e.after(s, n, 0); err != nil {
			t.Fatalf("the first page ends the listing: %v", err)
		}
		for _, want := range []bool{true, false} {
			if more, _ := e.after(s, 0, 0); more && !want {
				t.Fatalf("%s: more after two empty pages", text)
			}
		}
	})
}
