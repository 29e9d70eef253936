package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// MaxPages bounds a listing, so that a vendor whose pages never end cannot
// hold the exporter forever: ten million records at the usual size.
const MaxPages = 10_000

// Pages returns the records of a listing that is continued by the Link header
// (RFC 8288) with the relation next. A page that fails ends the listing with
// its error: what came before must then not be taken for the whole.
func Pages[T any](ctx context.Context, c *Client, call Call) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		fail := func(at *url.URL, err error) {
			yield(none, &Error{Operation: call.Operation, URL: redact(at), Reason: ReasonDecode, Err: err})
		}
		u := c.base.JoinPath(call.Path)
		u.RawQuery = encode(call.Query)
		seen := map[string]bool{}
		for u != nil {
			if err := guardPage(c, seen, u); err != nil {
				fail(u, err)
				return
			}
			var page []T
			header, err := c.get(ctx, call, u, &page)
			if err != nil {
				yield(none, err)
				return
			}
			if page == nil {
				fail(u, errors.New("answer is null, which is no list"))
				return
			}
			for _, record := range page {
				if !yield(record, nil) {
					return
				}
			}
			if u, err = nextPage(header, u); err != nil {
				fail(c.base, err)
				return
			}
		}
	}
}

func guardPage(c *Client, seen map[string]bool, u *url.URL) error {
	if err := c.mayVisit(u); err != nil {
		return fmt.Errorf("next page: %w", err)
	}
	if seen[u.String()] {
		return errors.New("the listing leads back to a page that was already read")
	}
	if len(seen) == c.maxPages {
		return fmt.Errorf("the listing has more than %d pages", c.maxPages)
	}
	seen[u.String()] = true
	return nil
}

// link is one entry of a Link header. Vendors quote the relation or not.
var link = regexp.MustCompile(`<([^>]*)>([^<]*)`)

// relNext finds the relation next among the parameters of a link.
var relNext = regexp.MustCompile(`(?i)(?:^|[;\s])rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))`)

// nextPage returns the address of the next page, nil if this is the last one.
func nextPage(header http.Header, current *url.URL) (*url.URL, error) {
	for _, value := range header.Values("Link") {
		for _, entry := range link.FindAllStringSubmatch(value, -1) {
			rel := relNext.FindStringSubmatch(entry[2])
			if rel == nil || !hasRelation(rel[1]+rel[2], "next") {
				continue
			}
			next, err := current.Parse(entry[1])
			if err != nil {
				return nil, errors.New("the address of the next page is unreadable")
			}
			return next, nil
		}
	}
	return nil, nil
}

func hasRelation(relations, wanted string) bool {
	for _, relation := range strings.Fields(relations) {
		if strings.EqualFold(relation, wanted) {
			return true
		}
	}
	return false
}
