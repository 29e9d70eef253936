package snow

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// randomServer lists licenses in pages. Its answers may lack signs of the end of the
// listing, and some of them may be wrong.
type randomServer struct {
	Total, Limit int
	// Echo is what the server says of the page size: nothing, the truth or what was asked for.
	Echo string
	// Items and Pages are what it says of the totals: nothing, null, the truth, the first truth,
	// or, for pages, a number computed with the page size that was asked for.
	Items, Pages string
	Links        string // none, next, or all
	Overlap      int    // records of a page that the page before has
	Empty        int    // a page without records
	Beyond       string // the answer beyond the end: an empty page or 404
	DeleteAt     int    // the page before which a record of the first page is deleted
	InsertAt     int    // the page before which a record is inserted at the beginning

	records  []int
	requests int
}

// inserted is a record that was not there from the beginning.
const inserted = 1000

func randomly(r *rand.Rand) *randomServer {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	s := &randomServer{
		Total: r.IntN(95), Limit: []int{10, 20, 25, 100}[r.IntN(4)],
		Echo: pick("", "true", "asked"), Items: pick("", "null", "true", "first"), Pages: pick("", "null", "true", "asked"), Links: pick("", "next", "all"),
		Beyond: pick("empty", "404"),
	}
	switch r.IntN(8) {
	case 0:
		s.Overlap = 1 + r.IntN(3)
	case 1:
		s.Empty = 1 + r.IntN(4)
	case 2:
		s.DeleteAt = 2 + r.IntN(3)
	case 3:
		s.InsertAt = 2 + r.IntN(3)
	}
	for n := range s.Total {
		s.records = append(s.records, n+1)
	}
	return s
}

func (s *randomServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests++
	number, _ := strconv.Atoi(r.URL.Query().Get("page_number"))
	asked, _ := strconv.Atoi(r.URL.Query().Get("page_size"))
	switch {
	case number == s.DeleteAt && len(s.records) > 0:
		s.DeleteAt, s.records = 0, s.records[1:]
	case number == s.InsertAt:
		s.InsertAt, s.records = 0, append([]int{inserted}, s.records...)
	}
	size := min(asked, s.Limit)
	step := size - s.Overlap
	start := min((number-1)*step, len(s.records))
	page := s.records[start:min(start+size, len(s.records))]
	pages := max(1, (len(s.records)-s.Overlap+step-1)/step)
	if number > pages && s.Beyond == "404" {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error": {"code": 404, "message": "Page not found."}}`)
		return
	}
	if number > pages || number == s.Empty {
		page = nil
	}
	items := make([]string, len(page))
	for i, n := range page {
		items[i] = fmt.Sprintf(`{"id": "%d"}`, n)
	}
	said := map[string]string{"page_number": strconv.Itoa(number)}
	say := func(name, how string, values map[string]int) {
		if v, ok := values[how]; ok {
			said[name] = strconv.Itoa(v)
		} else if how == "null" {
			said[name] = "null"
		}
	}
	say("page_size", s.Echo, map[string]int{"true": size, "asked": asked})
	say("total_items", s.Items, map[string]int{"true": len(s.records), "first": s.Total})
	say("total_pages", s.Pages, map[string]int{"true": pages, "asked": max(1, (len(s.records)+asked-1)/asked)})
	var pagination, links []string
	for name, v := range said {
		pagination = append(pagination, fmt.Sprintf("%q: %s", name, v))
	}
	link := func(rel string, to int) {
		links = append(links, fmt.Sprintf(`{"rel": %q, "href": "/licenses?page_number=%d"}`, rel, to))
	}
	if s.Links != "" && number < pages {
		link("next", number+1)
	}
	if s.Links == "all" {
		link("first", 1)
		link("last", pages)
	}
	fmt.Fprintf(w, `{"items": [%s], "pagination": {%s}, "_links": [%s]}`, strings.Join(items, ","), strings.Join(pagination, ","), strings.Join(links, ","))
}

// mayCut reports whether no sign shows that records are missing: nothing counts them, and
// records that others moved to a page that was already read, or those of a page that is
// empty without a claim that it has some, leave no trace.
func (s *randomServer) mayCut() bool {
	size := min(25, s.Limit)
	pages := (s.Total + size - 1) / size
	counts := s.Items == "true" || s.Items == "first"
	claims := s.Pages == "true" || s.Links == "all" || s.Links == "next" && s.Empty < pages
	return !counts && (s.DeleteAt > 0 || s.Empty > 0 && (!claims || pages == 1))
}

// A listing delivers each record once, or it fails, or it counts what may be missing. It
// does not fail, and takes no further request, if all signs agree.
func TestRandomListings(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	s := serve(t, nil)
	c := s.client(t, func(o *Options) { o.PageSize = 25 })
	for range 5000 {
		v := randomly(random)
		given := *v
		given.records = nil
		s.answerWith(v.ServeHTTP)
		ctx, found := traced(t)
		got, err := collect(c.Licenses(ctx))
		if isHonest := v.Overlap+v.Empty+given.DeleteAt+given.InsertAt == 0; isHonest {
			least := max(1, (v.Total+min(25, v.Limit)-1)/min(25, v.Limit))
			if err != nil || v.Items == "true" && v.Pages == "true" && v.requests > least {
				t.Errorf("%+v: %d requests, want %d; %v", given, v.requests, least, err)
			}
		}
		if err != nil {
			continue
		}
		seen := map[ID]bool{}
		for _, l := range got {
			if seen[l.ID] {
				t.Errorf("%+v: record %s comes twice", given, l.ID)
			}
			seen[l.ID] = true
		}
		lost := 0
		for _, n := range v.records {
			if n != inserted && !seen[ID(strconv.Itoa(n))] {
				lost++
			}
		}
		if skipped, _ := strconv.Atoi(found()[0]); lost > skipped && !given.mayCut() {
			t.Errorf("%+v: %d records are missing, and %d are counted", given, lost, skipped)
		}
	}
}
