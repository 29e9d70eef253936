package meraki

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"

	"license_exporter/internal/simulator"
)

// Tokens of the first and the last page: one before every id and one after.
const (
	firstToken = "0"
	lastToken  = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
)

// record is what pages are made of. Its id is its token.
type record interface{ id() string }

// list is a sequence of records in the order of compareIDs, each made when it is asked for.
type list[T record] struct {
	length int
	at     func(int) T
}

// listOf is the list of records that exist already, in any order.
func listOf[T record](records []T) list[T] {
	slices.SortStableFunc(records, func(a, b T) int { return compareIDs(a.id(), b.id()) })
	return list[T]{len(records), func(i int) T { return records[i] }}
}

// compareIDs orders ids so that those that are numbers are in numeric order.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// position returns the index of the first record whose id is at or after a token.
func (l list[T]) position(token string) int {
	return sort.Search(l.length, func(i int) bool { return compareIDs(l.at(i).id(), token) >= 0 })
}

// find returns the record of an id.
func (l list[T]) find(id string) (record T, ok bool) {
	i := l.position(id)
	if i == l.length || l.at(i).id() != id {
		return record, false
	}
	return l.at(i), true
}

// window is the page that a request asks for.
type window struct {
	size          int
	after, before string
}

// page is one page of records, and whether there are others on either side.
type page[T record] struct {
	records    []T
	prev, next bool
}

// turn cuts a page out of merged lists. A record that several of them have is on it once.
func turn[T record](w window, lists ...list[T]) page[T] {
	p := page[T]{records: []T{}}
	for _, l := range lists {
		var from, to int
		if w.before != "" {
			to = l.position(w.before)
			from = max(0, to-w.size-1)
			p.next = p.next || to < l.length
		} else {
			from = l.position(w.after)
			if from < l.length && l.at(from).id() == w.after {
				from++
			}
			to = min(l.length, from+w.size+1)
			p.prev = p.prev || from > 0
		}
		for i := from; i < to; i++ {
			p.records = append(p.records, l.at(i))
		}
	}
	slices.SortFunc(p.records, func(a, b T) int { return compareIDs(a.id(), b.id()) })
	p.records = slices.CompactFunc(p.records, func(a, b T) bool { return a.id() == b.id() })
	if over := len(p.records) - w.size; over > 0 && w.before != "" {
		p.records, p.prev = p.records[over:], true
	} else if over > 0 {
		p.records, p.next = p.records[:w.size], true
	}
	return p
}

// answer is the page as a response, with its Link header: absolute URLs to the host that was asked, rel without quotes.
func (p page[T]) answer(r *http.Request) simulator.Answer {
	links := []string{link(r, "first", "startingAfter", firstToken)}
	if n := len(p.records); n > 0 && p.prev {
		links = append(links, link(r, "prev", "endingBefore", p.records[0].id()))
	}
	if n := len(p.records); n > 0 && p.next {
		links = append(links, link(r, "next", "startingAfter", p.records[n-1].id()))
	}
	links = append(links, link(r, "last", "endingBefore", lastToken))
	return simulator.Found(p.records).With("Link", strings.Join(links, ", "))
}

func link(r *http.Request, rel, parameter, token string) string {
	target := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path}
	if r.TLS != nil {
		target.Scheme = "https"
	}
	values := r.URL.Query()
	values.Del("startingAfter")
	values.Del("endingBefore")
	values.Set(parameter, token)
	target.RawQuery = values.Encode()
	return "<" + target.String() + ">; rel=" + rel
}
