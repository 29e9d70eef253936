package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"

	"license_exporter/client/scalar"
)

// MaxPages bounds the pages of a listing, in case the vendor always returns another one.
// It allows ten million records at the usual page size.
const MaxPages = 10_000

// Page is a page of a listing. Its records are decoded one by one.
type Page[T any] struct {
	list     list
	rest     []byte // the body with an empty array in place of the list
	response *response
}

// Close releases the memory of the page. The page must not be used afterwards. It may be
// called more than once.
func (p *Page[T]) Close() { p.response.release() }

// ReadPage reads a page, which must be closed. If name is empty, the body is a JSON array of
// records. Otherwise the body is an object and has the records in an array of that name.
// Errors are of type *Error, as are those of the page's methods.
func ReadPage[T any](ctx context.Context, c *Client, call Call, name string) (*Page[T], error) {
	return readPage[T](ctx, c, call, c.url(call), name)
}

func readPage[T any](ctx context.Context, c *Client, call Call, u *url.URL, name string) (*Page[T], error) {
	r, err := c.fetch(ctx, call, u)
	if err != nil {
		return nil, err
	}
	p := &Page[T]{response: r}
	if p.list, p.rest, err = split(r.text, name); err != nil {
		err = r.malformed(err)
	} else if name == "" && p.list.text != nil && string(p.rest) != "[]" {
		err = p.Decode(new(ignored)) // nothing may follow the list
	} else if name == "" && p.list.text == nil || name != "" && checkSize(p.rest) == nil && reportsErrors(p.rest) {
		err = c.unexpected(r, "a list")
	}
	if err != nil {
		r.release()
		return nil, err
	}
	return p, nil
}

// Decode decodes the body into the value that into points to, with an empty array in
// place of the records. It decodes the complete body if that has no list of records.
func (p *Page[T]) Decode(into any) error { return p.malformed(decode(p.rest, into)) }

func (p *Page[T]) malformed(err error) error {
	if err == nil {
		return nil
	}
	return p.response.malformed(err)
}

// Len returns the number of records.
func (p *Page[T]) Len() int { return p.list.n }

// Ends returns the texts of the first and the last record. There must be one. They may be
// used until the records have been read.
func (p *Page[T]) Ends() (first, last []byte) {
	c := cursor{text: p.list.text}
	c.take('[')
	first, _ = c.value()
	return first, p.list.last
}

// Records returns the usable records of a page, up to the first that is not JSON. It can
// be used once, and the page must not be used afterwards.
func (p *Page[T]) Records(l *Listing[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		defer p.Close()
		l.records(p)(yield)
	}
}

// Pages returns the records of a listing whose pages are JSON arrays and are linked by
// Link headers (RFC 8288) with the relation next. If it ends with an error, the records
// before the error are incomplete and must not be used.
func Pages[T any](ctx context.Context, c *Client, call Call) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		fail := func(at *url.URL, err error) { yield(none, failure(call, at, 0, ReasonDecode, err)) }
		u := c.url(call)
		listing := NewListing[T](ctx, c, call)
		defer listing.Close()
		seen := map[uint64]bool{}
		for u != nil {
			if err := guardPage(c, seen, u); err != nil {
				fail(u, err)
				return
			}
			if err := listing.Wait(); err != nil {
				yield(none, err)
				return
			}
			page, err := readPage[T](ctx, c, call, u, "")
			if err != nil {
				yield(none, err)
				return
			}
			for record, err := range page.Records(listing) {
				if !yield(record, err) || err != nil {
					return
				}
			}
			if u, err = nextPage(page.response.header, u); err != nil {
				fail(c.url(call), err)
				return
			}
		}
		if err := listing.End(); err != nil {
			fail(c.url(call), err)
		}
	}
}

func guardPage(c *Client, seen map[uint64]bool, u *url.URL) error {
	if err := c.mayVisit(u); err != nil {
		return fmt.Errorf("next page: %w", err)
	}
	address := scalar.Hash(u.String())
	if seen[address] {
		return errors.New("the listing leads back to a page that was already read")
	}
	if len(seen) == c.maxPages {
		return fmt.Errorf("the listing has more than %d pages", c.maxPages)
	}
	seen[address] = true
	return nil
}
