package meraki

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"license_exporter/internal/simulator"
)

// Tokens of the first and the last page: one before every id and one after.
const (
	firstToken = "0"
	lastToken  = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
)

// record is what pages are made of. Its id is its token. Lists of records are in the order of their ids.
type record interface{ id() string }

// order compares the ids of records so that those that are numbers are in numeric order.
func order[T record](a, b T) int { return compareIDs(a.id(), b.id()) }

func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// listOf is the list of records that exist already, in any order.
func listOf[T record](records []T) simulator.List[T] {
	slices.SortStableFunc(records, order)
	return simulator.ListOf(records)
}

// position returns the index of the first record whose id is at or after a token, and whether it is the token.
func position[T record](l simulator.List[T], token string) (index int, found bool) {
	return sort.Find(l.Length, func(i int) int { return compareIDs(token, l.At(i).id()) })
}

// merge sorts the records of several lists. A record that several of them have is returned once.
func merge[T record](records []T) []T {
	slices.SortFunc(records, order)
	return slices.CompactFunc(records, func(a, b T) bool { return a.id() == b.id() })
}

// turn cuts the page after or before a token out of merged lists, and reports whether there are others on either side of it.
func turn[T record](size int, after, before string, lists ...simulator.List[T]) (records []T, prev, next bool) {
	records = []T{}
	for _, l := range lists {
		if before != "" {
			to, _ := position(l, before)
			records = append(records, l.Slice(to-size-1, to)...)
			next = next || to < l.Length
		} else {
			from, found := position(l, after)
			if found {
				from++
			}
			records = append(records, l.Slice(from, from+size+1)...)
			prev = prev || from > 0
		}
	}
	records = merge(records)
	if over := len(records) - size; over > 0 && before != "" {
		records, prev = records[over:], true
	} else if over > 0 {
		records, next = records[:size], true
	}
	return records, prev, next
}

// answerPage is the page of the lists that the request asks for, of most records at most. Its Link header has absolute URLs to the host
// that was asked, and rel without quotes.
func answerPage[T record](c *call, most int, lists ...simulator.List[T]) simulator.Answer {
	size, after, before := most, c.query.Get("startingAfter"), c.query.Get("endingBefore")
	if text := c.query.Get("perPage"); text != "" {
		var err error
		if size, err = strconv.Atoi(text); err != nil || size < 3 || size > most {
			return refuse(http.StatusBadRequest, fmt.Sprintf("'perPage' must be an integer between 3 and %d", most))
		}
	}
	if after != "" && before != "" {
		return refuse(http.StatusBadRequest, "'startingAfter' and 'endingBefore' cannot be given together")
	}
	records, prev, next := turn(size, after, before, lists...)
	links := []string{c.link("first", "startingAfter", firstToken)}
	if prev && len(records) > 0 {
		links = append(links, c.link("prev", "endingBefore", records[0].id()))
	}
	if next && len(records) > 0 {
		links = append(links, c.link("next", "startingAfter", records[len(records)-1].id()))
	}
	links = append(links, c.link("last", "endingBefore", lastToken))
	return simulator.Found(records).With("Link", strings.Join(links, ", "))
}

func (c *call) link(rel, parameter, token string) string {
	values := c.request.URL.Query()
	values.Del("startingAfter")
	values.Del("endingBefore")
	values.Set(parameter, token)
	target := url.URL{Scheme: "http", Host: c.request.Host, Path: c.request.URL.Path, RawQuery: values.Encode()}
	return "<" + target.String() + ">; rel=" + rel
}
