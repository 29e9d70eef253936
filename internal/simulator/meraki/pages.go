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

// The tokens of the first and the last page. One sorts before all ids, the other after them.
const (
	firstToken = "0"
	lastToken  = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
)

// record is a record of a page. Its id is its token. Lists are sorted by id.
type record interface{ id() string }

// order compares records by id.
func order[T record](a, b T) int { return compareIDs(a.id(), b.id()) }

// compareIDs orders ids that are numbers by their value.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// listOf returns a list of existing records, which may be in any order.
func listOf[T record](records []T) simulator.List[T] {
	slices.SortStableFunc(records, order)
	return simulator.ListOf(records)
}

// position returns the index of the first record whose id is a token or comes after it. found is set if the id is the token.
func position[T record](l simulator.List[T], token string) (index int, found bool) {
	return sort.Find(l.Length, func(i int) int { return compareIDs(token, l.At(i).id()) })
}

// merge sorts the records of several lists and removes duplicates.
func merge[T record](records []T) []T {
	slices.SortFunc(records, order)
	return slices.CompactFunc(records, func(a, b T) bool { return a.id() == b.id() })
}

// turn returns the page before or after a token of several lists together, and whether there are pages before and after it.
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

// answerPage returns the requested page of several lists together. most is the greatest page size. The Link header has absolute URLs
// with the host of the request, and rel without quotes, as the vendor's.
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
