package snow

import (
	"context"
	"encoding/json"
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

// list returns the records of a listing. A page that fails ends it with its
// error: what came before must then not be taken for the whole.
//
// The number of the page leads on, not the vendor's links, so that no answer
// can send the credential elsewhere.
func list[T any](ctx context.Context, c *Client, l listing) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var first, previous outline[T]
		size := c.pageSize
		for number := 1; ; number++ {
			p, err := read[T](ctx, c, l, number, size)
			if err == nil && number > 1 {
				err = c.guard(l, p.guard(number, first, previous))
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, record := range *p.Items {
				if !yield(record, nil) {
					return
				}
			}
			if p.last(l, number, size) {
				return
			}
			if previous = outlineOf(*p.Items); number == 1 {
				first = previous
			}
			if l.whole {
				size = p.size(size)
			}
		}
	}
}

// page is one answer of a listing. Items lead to nil until there is a list, be it
// an empty one; they are nil themselves for null.
type page[T any] struct {
	Items      *[]T `json:"items"`
	Pagination struct {
		PageSize   Int `json:"page_size"`
		PageNumber Int `json:"page_number"`
		TotalPages Int `json:"total_pages"`
	} `json:"pagination"`

	lone bool // the answer is the record itself
}

func read[T any](ctx context.Context, c *Client, l listing, number, size int) (page[T], error) {
	p := page[T]{Items: new([]T)}
	if number > rest.MaxPages {
		return p, c.malformed(l.operation, l.path, fmt.Errorf("the listing has more than %d pages", rest.MaxPages))
	}
	call := rest.Call{Operation: l.operation, Path: l.path, Query: l.query(number, size), Organization: tenant}
	var err error
	if l.lone {
		var body json.RawMessage
		if _, err = c.rest.Get(ctx, call, &body); err == nil {
			err = c.guard(l, p.decodeLone(body))
		}
	} else {
		_, err = c.rest.Get(ctx, call, &p)
	}
	if p.Items == nil {
		p.Items = &[]T{} // the vendor means an empty list
	}
	if err == nil && *p.Items == nil {
		err = c.malformed(l.operation, l.path, errNoItems)
	}
	if err != nil {
		return p, l.applicable(number, err)
	}
	return p, nil
}

// decodeLone reads an answer that is a listing or a record.
func (p *page[T]) decodeLone(body []byte) error {
	if err := json.Unmarshal(body, p); err != nil || p.Items == nil || *p.Items != nil {
		return err
	}
	var probe struct{ ID ID }
	var record T
	if err := json.Unmarshal(body, &probe); err != nil || probe.ID == "" {
		return err
	}
	if err := json.Unmarshal(body, &record); err != nil {
		return err
	}
	p.Items, p.lone = &[]T{record}, true
	return nil
}

// guard makes an error of the client's of what is wrong with a page.
func (c *Client) guard(l listing, err error) error {
	if err == nil {
		return nil
	}
	return c.malformed(l.operation, l.path, err)
}

// outline is what tells a page from others without keeping it.
type outline[T any] struct {
	n          int
	start, end T
}

func outlineOf[T any](records []T) outline[T] {
	if len(records) == 0 {
		return outline[T]{}
	}
	return outline[T]{len(records), records[0], records[len(records)-1]}
}

// guard refuses a page that was asked for and answered before: a vendor that
// does not know page numbers gives the first one, or the last one, forever.
func (p *page[T]) guard(number int, first, previous outline[T]) error {
	if len(*p.Items) == 0 {
		return nil
	}
	echoed := p.Pagination.PageNumber
	if echoed.Valid && echoed.Value != int64(number) {
		return fmt.Errorf("page %d was answered with page %d", number, echoed.Value)
	}
	if o := outlineOf(*p.Items); reflect.DeepEqual(o, first) || reflect.DeepEqual(o, previous) {
		return errors.New("the listing leads back to a page that was already read")
	}
	return nil
}

// last tells whether a listing ends with this page. The number of pages may be
// missing, and the size of a page may be less than was asked for.
func (p *page[T]) last(l listing, number, asked int) bool {
	n := len(*p.Items)
	total, size := p.Pagination.TotalPages, p.Pagination.PageSize
	switch {
	case n == 0, p.lone:
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
