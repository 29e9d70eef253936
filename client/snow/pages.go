package snow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
)

// list returns the records of a listing. If it ends with an error, the records
// before the error are incomplete and must not be used.
//
// Pages are requested by number. The addresses in the vendor's links are not requested, so
// no answer can send the credential to another host.
func list[T any](ctx context.Context, c *Client, o operation) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var guard guard[T]
		listing := rest.NewListing[T](ctx, c.rest, c.call(o, nil))
		defer listing.Close()
		end := end{asked: c.pageSize, unpaged: o.unpaged}
		for more := true; more; {
			if err := listing.Wait(); err != nil {
				yield(none, err)
				return
			}
			p, err := read[T](ctx, c, o, end.number+1, end.size())
			if end.isBeyond(err) {
				break
			}
			if err == nil {
				if err = guard.check(p, end.number+1); err != nil {
					p.Close()
				}
			}
			if err != nil {
				yield(none, c.malformed(o, err))
				return
			}
			n := p.Len()
			for record, err := range p.records(listing) {
				if !yield(record, err) || err != nil {
					return
				}
			}
			if more, err = end.after(p.signals, n, listing.Repeated()); err != nil {
				yield(none, c.malformed(o, err))
				return
			}
		}
		listing.Skip(end.missing)
		if err := listing.End(); err != nil {
			yield(none, c.malformed(o, err))
		}
	}
}

// page is one page of a listing.
type page[T any] struct {
	*rest.Page[T]
	// Items is nil if the page has no list. The records are in Page.
	Items *[]struct{} `json:"items"`
	signals

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
	answer, err := rest.ReadPage[T](ctx, c.rest, c.call(o, query), "items")
	if err != nil {
		return nil, c.applicable(o, number, err)
	}
	p := &page[T]{Page: answer}
	if err := p.decode(o.single); err != nil {
		answer.Close()
		return nil, c.applicable(o, number, c.malformed(o, err))
	}
	c.learn(o)
	return p, nil
}

// decode decodes the page except for its list of records. If mayBeSingle is set, the
// answer may be a record, which has an id.
func (p *page[T]) decode(mayBeSingle bool) error {
	if err := p.Decode(p); err != nil || p.Items != nil {
		return err
	}
	var record struct {
		ID           ID
		PurchaseDate Text
	}
	if err := p.Decode(&record); err != nil {
		return err
	}
	switch {
	case record.ID != "" && mayBeSingle:
		p.single = new(T)
		err := p.Decode(p.single)
		scalar.Check(p.single, nil, ignore)
		return err
	case record.ID != "" && record.PurchaseDate != "":
		return errLicense
	default:
		return errors.New("the answer has no items")
	}
}

// ignore is a scalar.Found for values that no fact needs.
func ignore(string, func(func(string) string) string) {}

// records returns the records of the page.
func (p *page[T]) records(l *rest.Listing[T]) iter.Seq2[T, error] {
	if p.single == nil {
		return p.Records(l)
	}
	return func(yield func(T, error) bool) {
		defer p.Close()
		yield(*p.single, nil)
	}
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
