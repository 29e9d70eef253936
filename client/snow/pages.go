package snow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"license_exporter/client/rest"
)

var errNoItems = errors.New("the answer has no items")

// list returns the records of a listing. If it ends with an error, the records
// before the error are incomplete and must not be used.
//
// Pages are requested by number. The vendor's links are ignored, so no answer can
// send the credential to another host.
func list[T any](ctx context.Context, c *Client, o operation) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var guard guard[T]
		listing := rest.NewListing[T](ctx, o.call(nil))
		size := c.pageSize
		for number := 1; ; number++ {
			p, err := read[T](ctx, c, o, number, size)
			if err == nil {
				err = guard.check(p, number)
			}
			if err != nil {
				var none T
				yield(none, c.malformed(o, err))
				return
			}
			for record, err := range p.records(listing) {
				if !yield(record, err) || err != nil {
					return
				}
			}
			if p.last(o, number, size) {
				if err := listing.End(); err != nil {
					var none T
					yield(none, c.malformed(o, err))
				}
				return
			}
			if given := p.Pagination.PageSize; o.unpaged && given.Valid && given.Value > 0 {
				size = min(size, int(given.Value))
			}
		}
	}
}

// page is one page of a listing.
type page[T any] struct {
	*rest.Page[T]
	// Items points to an empty slice if the page has a list, and to a nil slice if
	// it has no such member. It is nil for null. The records are in Page.
	Items      *[]struct{} `json:"items"`
	Pagination struct {
		PageSize   Int `json:"page_size"`
		PageNumber Int `json:"page_number"`
		TotalPages Int `json:"total_pages"`
	} `json:"pagination"`

	single *T // the record that was returned instead of a listing
}

func read[T any](ctx context.Context, c *Client, o operation, number, size int) (*page[T], error) {
	if number > rest.MaxPages {
		return nil, fmt.Errorf("the listing has more than %d pages", rest.MaxPages)
	}
	query := url.Values{}
	if !o.unpaged || number > 1 {
		query = url.Values{"page_number": {strconv.Itoa(number)}, "page_size": {strconv.Itoa(size)}}
	}
	answer, err := rest.ReadPage[T](ctx, c.rest, o.call(query), "items")
	if err != nil {
		return nil, o.applicable(number, err)
	}
	p := &page[T]{Page: answer, Items: new([]struct{})}
	if err := p.decode(o.single); err != nil {
		return nil, o.applicable(number, c.malformed(o, err))
	}
	return p, nil
}

// decode decodes the page except for its list of records. If mayBeSingle is set, the
// answer may be a record, which has an id.
func (p *page[T]) decode(mayBeSingle bool) error {
	if err := p.Decode(p); err != nil {
		return err
	}
	if p.Items == nil || *p.Items != nil {
		return nil // null means an empty list
	}
	var record struct{ ID ID }
	if mayBeSingle {
		if err := p.Decode(&record); err != nil {
			return err
		}
	}
	if record.ID == "" {
		return errNoItems
	}
	p.single = new(T)
	return p.Decode(p.single)
}

// records returns the records of the page.
func (p *page[T]) records(l *rest.Listing[T]) iter.Seq2[T, error] {
	if p.single == nil {
		return p.Records(l)
	}
	return func(yield func(T, error) bool) { yield(*p.single, nil) }
}

// guard detects pages that were not asked for. A server that ignores page_number
// returns its first page each time, and some return their last page once there are
// no more.
type guard[T any] struct{ first, previous outline }

// outline identifies a page without keeping its records.
type outline struct {
	n          int
	start, end string
}

func (g *guard[T]) check(p *page[T], number int) error {
	if p.Len() == 0 {
		return nil
	}
	// 0 passes for the number of the first page. If the server counts from 0, the
	// second page fails the check.
	if echoed := p.Pagination.PageNumber; echoed.Valid && max(1, echoed.Value) != int64(number) {
		return fmt.Errorf("page %d was answered with page %d", number, echoed.Value)
	}
	start, end := p.Ends()
	this := outline{p.Len(), string(start), string(end)}
	if this == g.first || this == g.previous {
		return errors.New("the listing leads back to a page that was already read")
	}
	if number == 1 {
		g.first = this
	}
	g.previous = this
	return nil
}

// last reports whether this is the last page of the listing. The server may leave out
// the number of pages, and its pages may be smaller than was asked for.
func (p *page[T]) last(o operation, number, asked int) bool {
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
		return o.unpaged || n < asked
	}
}

// applicable adds rest.ErrNotApplicable to the errors by which version 1.0.0 of the
// API refuses operations that it does not have: 404, 400 (it takes the path for that
// of a record), and an object that is no listing. A listing whose first page could
// be read exists, so later pages that are missing are failures.
//
// 404 is also the answer if an application or a license has no such records. Callers
// that ask about many of them must treat the operation as not applicable only if all
// are answered so. They can tell 404 from the other answers by rest.ReasonOf.
func (o operation) applicable(number int, err error) error {
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
	if o.added && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound || errors.Is(e, errNoItems)) {
		return fmt.Errorf("%w: %w", rest.ErrNotApplicable, err)
	}
	return err
}

// Distinct leaves out records whose key has occurred before. The order of a listing
// is not fixed, so a record may move to the next page while the listing is read.
// Records with the zero key are never left out.
func Distinct[T any, K comparable](records iter.Seq2[T, error], key func(T) K) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none K
		seen := map[K]bool{}
		for record, err := range records {
			if err == nil {
				k := key(record)
				if k != none && seen[k] {
					continue
				}
				seen[k] = true
			}
			if !yield(record, err) {
				return
			}
		}
	}
}
