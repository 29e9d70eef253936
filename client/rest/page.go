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

// ReadPage reads a page, which must be closed. If the path is empty, the body is a JSON array of
// records. Otherwise the body is an object and has the records in an array: the member with that name or,
// if there are several, members within each other.
// Errors are of type *Error, as are those of the page's methods.
func ReadPage[T any](ctx context.Context, c *Client, call Call, path ...string) (*Page[T], error) {
	r, err := c.fetch(ctx, call, c.URL(call))
	if err != nil {
		return nil, err
	}
	return PageOf[T](&Answer{c, r}, path...)
}

// PageOf returns an answer as a page, as ReadPage does. If that fails, the answer is closed.
func PageOf[T any](a *Answer, path ...string) (*Page[T], error) {
	r, p, inside := a.response, &Page[T]{response: a.response}, len(path) > 0
	var err error
	if p.list, p.rest, err = split(r.text, path); err != nil {
		err = r.malformed(err)
	} else if !inside && p.list.text != nil && string(p.rest) != "[]" {
		err = p.Decode(new(ignored)) // nothing may follow the list
	} else if !inside && p.list.text == nil || inside && checkSize(p.rest) == nil && reportsErrors(p.rest) {
		err = a.client.unexpected(r, "a list")
	}
	if err != nil {
		r.release()
		return nil, err
	}
	return p, nil
}

// HasList reports whether the body has the list of records, which may be empty.
func (p *Page[T]) HasList() bool { return p.list.text != nil }

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
	return LinkedPages(ctx, c, call, func(a *Answer) (*Page[T], *url.URL, error) {
		page, err := PageOf[T](a)
		if err != nil {
			return nil, nil, err
		}
		next, err := a.Next()
		if err != nil {
			page.Close()
		}
		return page, next, err
	})
}

// LinkedPages is like Pages, for pages of another form: open returns an answer as a page, and the
// address of the next one, which is nil for the last page. It closes the answer if it fails.
func LinkedPages[T any](ctx context.Context, c *Client, call Call, open func(*Answer) (*Page[T], *url.URL, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		listing := NewListing[T](ctx, c, call)
		defer listing.Close()
		for u := c.URL(call); u != nil; {
			answer, err := listing.Answer(u)
			if err != nil {
				yield(none, err)
				return
			}
			page, next, err := open(answer)
			if err != nil {
				yield(none, err)
				return
			}
			for record, err := range page.Records(listing) {
				if !yield(record, err) || err != nil {
					return
				}
			}
			u = next
		}
		if err := listing.End(); err != nil {
			yield(none, failure(call, c.URL(call), 0, ReasonDecode, err))
		}
	}
}

// guard returns an error if a page must not be requested.
func (l *Listing[T]) guard(u *url.URL) error {
	if err := l.client.mayVisit(u); err != nil {
		return fmt.Errorf("next page: %w", err)
	}
	address := scalar.Hash(u.String())
	if l.visited[address] {
		return errors.New("the listing leads back to a page that was already read")
	}
	if len(l.visited) == l.client.maxPages {
		return fmt.Errorf("the listing has more than %d pages", l.client.maxPages)
	}
	if l.visited == nil {
		l.visited = map[uint64]bool{}
	}
	l.visited[address] = true
	return nil
}
