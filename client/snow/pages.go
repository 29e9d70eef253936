package snow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	"license_exporter/client/rest"
)

// ErrUnsupported is in the chain of errors about an operation that the tenant's
// version of the API does not have: 404, 400 (its path is taken for one with an
// identifier), or an object that is no listing. It is no failure: the operation
// does not apply.
//
// 404 to an operation about one application or license may as well mean that
// there is nothing of that kind for it: only if it is said of all of them is
// the operation unsupported. rest.ReasonOf tells 404 from the others.
var ErrUnsupported = fmt.Errorf("%w: the tenant's version of the API does not have it", rest.ErrNotApplicable)

var (
	errNoItems = errors.New("the answer has no items")
	errNoNodes = errors.New("the answer has no nodes")
)

// listing is an operation that answers with pages of records.
type listing struct {
	operation, path string
	// added is set for operations that version 1.0.0 does not have.
	added bool
	// whole is set for operations that take no parameters. They might be
	// continued all the same.
	whole bool
	// lone is set for operations that may answer with the record itself.
	lone bool
}

// list returns the records of a listing. An error ends it: what came before,
// records of the same page included, must then not be taken for the whole.
//
// The next page is found by its number and not by the vendor's links, so that no
// answer can send the credential elsewhere.
func list[T any](ctx context.Context, c *Client, l listing) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var guard guard[T]
		size := c.pageSize
		for number := 1; ; number++ {
			p, err := read[T](ctx, c, l, number, size)
			if err == nil {
				err = guard.check(p, number)
			}
			if err != nil {
				var none T
				yield(none, c.located(l, err))
				return
			}
			for record, err := range p.records() {
				if !yield(record, err) || err != nil {
					return
				}
			}
			if p.last(l, number, size) {
				return
			}
			if l.whole {
				size = p.size(size)
			}
		}
	}
}

// page is one answer of a listing.
type page[T any] struct {
	*rest.Page[T]
	// Items lead to nil if there are none, and are nil themselves for null. The
	// records are read apart: of a list, an empty one is left here.
	Items      *[]struct{} `json:"items"`
	Pagination struct {
		PageSize   Int `json:"page_size"`
		PageNumber Int `json:"page_number"`
		TotalPages Int `json:"total_pages"`
	} `json:"pagination"`

	lone *T // the record, if the answer is the record itself
}

func read[T any](ctx context.Context, c *Client, l listing, number, size int) (*page[T], error) {
	if number > rest.MaxPages {
		return nil, fmt.Errorf("the listing has more than %d pages", rest.MaxPages)
	}
	call := rest.Call{Operation: l.operation, Path: l.path, Query: l.query(number, size), Organization: tenant}
	answer, err := rest.ReadPage[T](ctx, c.rest, call, "items")
	if err != nil {
		return nil, l.applicable(number, err)
	}
	p := &page[T]{Page: answer, Items: new([]struct{})}
	if err := p.decode(l.lone); err != nil {
		return nil, l.applicable(number, c.located(l, err))
	}
	return p, nil
}

// decode reads what is not a record. If the listing may be the record itself, it
// reads that too.
func (p *page[T]) decode(maybeLone bool) error {
	if err := p.Decode(p); err != nil {
		return err
	}
	if p.Items == nil || *p.Items != nil {
		return nil // for null, the vendor means an empty list
	}
	var probe struct{ ID ID }
	if maybeLone {
		if err := p.Decode(&probe); err != nil {
			return err
		}
	}
	if probe.ID == "" {
		return errNoItems
	}
	p.lone = new(T)
	return p.Decode(p.lone)
}

// records returns the records of the page.
func (p *page[T]) records() iter.Seq2[T, error] {
	if p.lone == nil {
		return p.Records()
	}
	return func(yield func(T, error) bool) { yield(*p.lone, nil) }
}

// located makes an error of the client's of what is wrong with a page.
func (c *Client) located(l listing, err error) error {
	var e *rest.Error
	if errors.As(err, &e) {
		return err
	}
	return c.malformed(l.operation, l.path, err)
}

// guard refuses a page that was not asked for: a vendor that does not know page
// numbers gives the first page, or the last one, forever.
type guard[T any] struct{ first, previous outline[T] }

// outline tells a page from others without keeping it.
type outline[T any] struct {
	n          int
	start, end T
}

func (g *guard[T]) check(p *page[T], number int) error {
	if p.Len() == 0 {
		return nil
	}
	// A vendor that counts from 0 is found out by the next page.
	if echoed := p.Pagination.PageNumber; echoed.Valid && max(1, echoed.Value) != int64(number) {
		return fmt.Errorf("page %d was answered with page %d", number, echoed.Value)
	}
	start, end, err := p.Ends()
	if err != nil {
		return err
	}
	this := outline[T]{p.Len(), start, end}
	if reflect.DeepEqual(this, g.first) || reflect.DeepEqual(this, g.previous) {
		return errors.New("the listing leads back to a page that was already read")
	}
	if number == 1 {
		g.first = this
	}
	g.previous = this
	return nil
}

// last tells whether a listing ends with this page. The number of pages may be
// missing, and the size of a page may be less than was asked for.
func (p *page[T]) last(l listing, number, asked int) bool {
	n := p.Len()
	total, size := p.Pagination.TotalPages, p.Pagination.PageSize
	switch {
	case n == 0:
		return true
	case total.Valid && total.Value > 0:
		return int64(number) >= total.Value
	case size.Valid && size.Value > 0:
		return int64(n) < size.Value
	default:
		return l.whole || n < asked
	}
}

// size returns the size of the pages of a listing that was not asked for one.
func (p *page[T]) size(asked int) int {
	if size := p.Pagination.PageSize; size.Valid && size.Value > 0 && size.Value < int64(asked) {
		return int(size.Value)
	}
	return asked
}

func (l listing) query(number, size int) url.Values {
	query := url.Values{}
	if !l.whole || number > 1 {
		query.Set("page_number", strconv.Itoa(number))
		query.Set("page_size", strconv.Itoa(size))
	}
	return query
}

// applicable adds ErrUnsupported to an error if that is what it says. Only the
// first page says it: what has begun exists, so that a further page that is not
// found is a failure, and not the word that there is nothing.
func (l listing) applicable(number int, err error) error {
	var e *rest.Error
	if !errors.As(err, &e) {
		return err
	}
	if number > 1 {
		broken := *e
		if broken.Reason == rest.ReasonNotFound {
			broken.Reason = rest.ReasonServer
		}
		return &broken
	}
	if !l.added {
		return err
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusNotFound:
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	case http.StatusOK:
		if errors.Is(e, errNoItems) {
			return fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
	}
	return err
}

// Distinct leaves out records whose key came before: the order of a listing is
// not fixed, so that a record may move to the next page while it is read.
// Records without a key, that is with its zero value, are all passed on.
func Distinct[T any, K comparable](records iter.Seq2[T, error], key func(T) K) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none K
		seen := map[K]bool{}
		for record, err := range records {
			k := none
			if err == nil {
				k = key(record)
			}
			if k != none && seen[k] {
				continue
			}
			seen[k] = true
			if !yield(record, err) {
				return
			}
		}
	}
}
