package snow

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"license_exporter/client/rest"
)

// maxPages bounds a listing, so that a vendor whose pages never end cannot
// hold the exporter forever: ten million records at the usual size.
const maxPages = 10_000

// ErrUnsupported is in the chain of errors about an operation that the tenant's
// version of the API does not have: 404, 400 (its path is taken for one with an
// identifier), or an object that is no listing. It is no failure: the operation
// does not apply.
//
// 404 to an operation about one application or license may as well mean that
// there is nothing of that kind for it: only if it is said of all of them is
// the operation unsupported. rest.ReasonOf tells 404 from the others.
var ErrUnsupported = errors.New("the tenant's version of the API does not have this operation")

var (
	errNoItems = errors.New("the answer has no items")
	errNoNodes = errors.New("the answer has no nodes")
)

// listing is an operation that answers with pages of records.
type listing struct {
	operation, path string
	filter          Filter
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
		seen := map[[sha256.Size]byte]bool{}
		size := c.pageSize
		for number := 1; ; number++ {
			p := page[T]{lone: l.lone}
			if err := p.read(ctx, c, l, number, size, seen); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, record := range p.Items.records {
				if !yield(record, nil) {
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
	Items      items[T] `json:"items"`
	Pagination struct {
		PageSize   Int `json:"page_size"`
		PageNumber Int `json:"page_number"`
		TotalPages Int `json:"total_pages"`
	} `json:"pagination"`

	lone bool
}

// items tells an empty list from none.
type items[T any] struct {
	records []T
	present bool
	sum     [sha256.Size]byte
}

func (i *items[T]) UnmarshalJSON(b []byte) error {
	i.present, i.sum = true, sha256.Sum256(b)
	return json.Unmarshal(b, &i.records)
}

func (p *page[T]) UnmarshalJSON(b []byte) error {
	type plain page[T]
	if err := json.Unmarshal(b, (*plain)(p)); err != nil {
		return err
	}
	if p.Items.present || !p.lone {
		return nil
	}
	var probe struct{ ID ID }
	var record T
	if err := json.Unmarshal(b, &probe); err != nil || probe.ID == "" {
		return err
	}
	if err := json.Unmarshal(b, &record); err != nil {
		return err
	}
	p.Items = items[T]{records: []T{record}, present: true}
	return nil
}

func (p *page[T]) read(ctx context.Context, c *Client, l listing, number, size int, seen map[[sha256.Size]byte]bool) error {
	if number > maxPages {
		return c.malformed(l.operation, l.path, fmt.Errorf("the listing has more than %d pages", maxPages))
	}
	_, err := c.rest.Get(ctx, rest.Call{Operation: l.operation, Path: l.path, Query: l.query(number, size)}, p)
	if err != nil {
		return l.applicable(number, err)
	}
	if !p.Items.present {
		return l.applicable(number, c.malformed(l.operation, l.path, errNoItems))
	}
	if err := p.guard(number, seen); err != nil {
		return c.malformed(l.operation, l.path, err)
	}
	return nil
}

// guard refuses a page that was asked for and answered before.
func (p *page[T]) guard(number int, seen map[[sha256.Size]byte]bool) error {
	if len(p.Items.records) == 0 {
		return nil
	}
	echoed := p.Pagination.PageNumber
	if number > 1 && echoed.Valid && echoed.Value != int64(number) {
		return fmt.Errorf("page %d was answered with page %d", number, echoed.Value)
	}
	if seen[p.Items.sum] {
		return errors.New("the listing leads back to a page that was already read")
	}
	seen[p.Items.sum] = true
	return nil
}

// last tells whether a listing ends with this page. The number of pages may be
// missing, and the size of a page may be less than was asked for.
func (p *page[T]) last(l listing, number, asked int) bool {
	n := len(p.Items.records)
	total, size := p.Pagination.TotalPages, p.Pagination.PageSize
	switch {
	case n == 0, p.Items.sum == [sha256.Size]byte{}: // empty, or a lone record
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
	if filter := l.filter.String(); filter != "" {
		query.Set("filter", filter)
	}
	return query
}

// applicable adds ErrUnsupported to an error if that is what it says. Only the
// first page says it: what has begun exists.
func (l listing) applicable(number int, err error) error {
	var e *rest.Error
	if !l.added || number > 1 || !errors.As(err, &e) {
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
