package snow

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"license_exporter/client/rest"
)

// signals is what a page says about the pages of its listing. All of it may be missing.
type signals struct {
	Pagination pagination `json:"pagination"`
	Links      links      `json:"_links"`
	// PlainLinks is the name of the links in the vendor's description of its conventions.
	PlainLinks links   `json:"links"`
	Next       address `json:"next"`
	Last       address `json:"last"`
}

// pagination has the numbers of a page.
type pagination struct {
	// PageSize may be the size that was asked for, although the server has a smaller
	// limit.
	PageSize   Int `json:"page_size"`
	PageNumber Int `json:"page_number"`
	TotalPages Int `json:"total_pages"`
	TotalItems Int `json:"total_items"`
}

// UnmarshalJSON reads any value. It never fails.
func (p *pagination) UnmarshalJSON(b []byte) error {
	type plain pagination
	_ = json.Unmarshal(b, (*plain)(p))
	return nil
}

// address is the address in a link, which is a text or an object with it.
type address string

// UnmarshalJSON reads any value. It never fails.
func (a *address) UnmarshalJSON(b []byte) error {
	var text string
	var link struct{ HRef Text }
	if json.Unmarshal(b, &text) != nil && json.Unmarshal(b, &link) == nil && !link.HRef.Bad() {
		text = string(link.HRef)
	}
	*a = address(strings.TrimSpace(text))
	return nil
}

// page returns the number of the page that the link leads to, or 0 if it has none.
func (a address) page() int64 {
	u, err := url.Parse(string(a))
	if err != nil {
		return 0
	}
	number, _ := strconv.ParseInt(u.Query().Get("page_number"), 10, 64) // 0 on an error
	return number
}

// links has the addresses of links by their relation in lower case.
type links map[string]address

// UnmarshalJSON reads a list of links or an object with links. It never fails.
func (l *links) UnmarshalJSON(b []byte) error {
	*l = links{}
	var listed []json.RawMessage
	var named map[string]address
	if json.Unmarshal(b, &named) == nil {
		for rel, to := range named {
			(*l)[strings.ToLower(rel)] = to
		}
	}
	_ = json.Unmarshal(b, &listed)
	for _, text := range listed {
		var link struct{ Rel, HRef Text }
		if json.Unmarshal(text, &link) == nil && !link.HRef.Bad() && link.HRef != "" {
			(*l)[strings.ToLower(string(link.Rel))] = address(link.HRef)
		}
	}
	return nil
}

// link returns the address of a link, which is empty if there is none.
func (s signals) link(rel string) address {
	for _, to := range []address{s.Links[rel], s.PlainLinks[rel], map[string]address{"next": s.Next, "last": s.Last}[rel]} {
		if to != "" {
			return to
		}
	}
	return ""
}

// pages returns the number of pages that a page names, 0 if it names none.
func (s signals) pages() int64 { return max(s.Pagination.TotalPages.Value, s.link("last").page()) }

// end finds the end of a listing. The vendor documents several signs of it: the number of
// pages, the number of records, links, and a page that is empty or shorter than others.
// Each may be missing or wrong. If a sign says that there is more, the next page is read
// regardless of the others. If that does not resolve a contradiction, the listing fails.
type end struct {
	asked   int // the page size to ask for
	unpaged bool

	number             int // of the latest page
	latest             int // its records
	pages              int // pages with records
	received, repeated int // records, and those of them that occurred on an earlier page
	longest, echoed    int // the longest page, and the latest page size that the server named
	// The vendor's latest numbers, 0 if unknown.
	totalPages, totalItems, lastPage int64
	// The following are about the latest page.
	next, short bool
	// uncertain is set if nothing says that there is another page, but too little says
	// that there is none.
	uncertain bool
	// missing is the number of records that total_items counts but no page had. Another may
	// be missing for each that was deleted: those after it move to an earlier page.
	missing int
	empty   int // the first page that was empty although it was not beyond the end
}

// size returns the page size to ask for. It stays the same for all pages, unless the
// server chose the size of the first.
func (e *end) size() int {
	if e.unpaged && e.echoed > 0 {
		return min(e.asked, e.echoed)
	}
	return e.asked
}

// full returns the number of records of a full page, or 0 if it is not known.
func (e *end) full() int {
	full := 0
	for _, size := range []int{e.asked, e.echoed, e.longest} {
		if size > 0 && (full == 0 || size < full) {
			full = size
		}
	}
	if e.unpaged && e.echoed == 0 {
		return e.longest
	}
	return full
}

// after reports whether there is another page after one with n records. repeated is the
// number of records so far that occurred on an earlier page.
func (e *end) after(s signals, n, repeated int) (more bool, err error) {
	wasFull := e.number == 0 || !e.short
	e.number++
	e.received, e.repeated = e.received+n, repeated
	switch wasEmpty := e.number > 1 && e.latest == 0; {
	case e.empty > 0:
	case wasEmpty && n > 0:
		e.empty = e.number - 1
	case n == 0 && e.number > 1 && s.pages() == int64(e.number):
		e.empty = e.number
	}
	e.latest = n
	e.note(s, n)
	promise := e.promise()
	switch {
	case promise == "" && e.empty > 0 && e.totalItems != e.distinct():
		return false, fmt.Errorf("page %d is empty, but it is not beyond the end", e.empty)
	case promise == "":
		e.uncertain = n > 0 && !e.certain(s, n)
		return e.uncertain, nil
	case n > 0:
		return true, nil
	case e.totalItems > 0 && e.totalItems == e.distinct():
		return false, nil
	case wasFull:
		return true, nil // a page in the middle may be empty
	}
	if e.changed() {
		e.missing += int(e.totalItems - e.distinct())
		return false, nil
	}
	return false, fmt.Errorf("the listing ends on page %d after %d records, but %s", e.number, e.distinct(), promise)
}

// note records what a page says about the end.
func (e *end) note(s signals, n int) {
	if size := s.Pagination.PageSize; size.Valid && size.Value > 0 {
		e.echoed = int(min(size.Value, int64(e.asked)))
	}
	e.short = n == 0 || n < e.full() || e.full() == 0
	// Totals may change while the pages are read, but not by much. An empty page, which
	// may be beyond the end, cannot reduce them.
	slack := int64(min(n, 1) * e.number)
	e.totalPages = latest(e.totalPages, s.Pagination.TotalPages, min(slack, 1))
	before := e.totalItems
	e.totalItems = latest(before, s.Pagination.TotalItems, slack)
	if before > e.totalItems {
		e.missing += int(before - e.totalItems)
	}
	e.lastPage = latest(e.lastPage, Int{Value: s.link("last").page(), Valid: s.link("last") != ""}, min(slack, 1))
	next := s.link("next")
	e.next = next != "" && (next.page() == 0 || next.page() > int64(e.number))
	if n > 0 {
		e.pages++
		e.longest = max(e.longest, n)
	}
}

// latest returns the latest of a total, unless it is missing or is less than before by
// more than slack.
func latest(before int64, now Int, slack int64) int64 {
	if now.Valid && now.Value > 0 && now.Value >= before-slack {
		return now.Value
	}
	return before
}

// distinct returns the number of different records.
func (e *end) distinct() int64 { return int64(e.received - e.repeated) }

// promise returns the sign that there are more records, empty if there is none.
func (e *end) promise() string {
	switch number := int64(e.number); {
	case e.totalPages > number:
		return fmt.Sprintf("total_pages is %d", e.totalPages)
	case e.lastPage > number:
		return fmt.Sprintf("the last page is page %d", e.lastPage)
	case e.next:
		return "there is a link to the next page"
	case e.totalItems > e.distinct():
		return fmt.Sprintf("total_items is %d", e.totalItems)
	}
	return ""
}

// certain reports whether enough signs show that a page of n records is the last one. One
// sign is enough, unless the page has as many records as a limit of the server may allow.
// Then two are needed: a server with its own limit may compute the number of pages from
// the size that was asked for.
func (e *end) certain(s signals, n int) bool {
	last := e.totalPages == int64(e.number)
	counted := e.totalItems > 0 && e.totalItems == e.distinct()
	linked := s.link("next") == "" && (s.link("first") != "" || s.link("last") != "")
	isLimit := n == e.longest && (n == e.asked || n == e.echoed || n%10 == 0 || n%25 == 0)
	switch {
	case e.unpaged:
		return last || counted || linked || e.short
	case isLimit:
		return counted && (last || linked || e.short) || linked && (last || e.short)
	}
	return last || counted || linked || e.short
}

// changed reports whether the records that are missing at the end may have been deleted
// while the pages were read: no more than one for each page boundary, and total_items is
// the only sign of more. If records occurred again, their order has changed, so
// others were missed.
func (e *end) changed() bool {
	number := int64(e.number)
	return e.totalPages <= number && e.lastPage <= number && !e.next &&
		e.repeated == 0 && e.totalItems-e.distinct() < int64(e.pages)
}

// isBeyond reports whether an error is the answer for a page beyond the end, which was only
// asked for to be certain. The vendor documents an empty page. The 404 of a gateway has no
// message of the vendor's.
func (e *end) isBeyond(err error) bool {
	var answer *rest.Error
	return e.uncertain && errors.As(err, &answer) && answer.Status == http.StatusNotFound && answer.Message != ""
}
