package microsoft365

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"

	"license_exporter/client/rest"
)

// list returns the records of a collection, with these fields. Its pages are linked by @odata.nextLink. If it ends with
// an error, the records before the error are incomplete and must not be used.
func list[T any](ctx context.Context, c *Client, o rest.Operation, fields string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		call := o.Call()
		call.Query, call.Budget = url.Values{"$select": {fields}}, c.tenant
		listing := rest.NewListing[T](ctx, c.rest, call)
		defer listing.Close()
		var answer *rest.Answer
		for u := c.rest.URL(call); u != nil; {
			var err error
			if answer, err = listing.Answer(u); err != nil {
				yield(none, err)
				return
			}
			page, next, err := pageOf[T](answer)
			if err != nil {
				yield(none, err)
				return
			}
			for record, err := range page.Records(listing) {
				if !yield(record, err) || err != nil {
					return
				}
			}
			if next != nil && next.Host != u.Host {
				yield(none, answer.Malformed(fmt.Errorf("the next page is at %s; the credential is not sent to another host", next.Host)))
				return
			}
			u = next
		}
		if err := listing.End(); err != nil {
			yield(none, answer.Malformed(err))
		}
	}
}

// pageOf returns an answer as a page, with the address of the next one, which is nil if it is the last. If that fails, the
// answer is closed.
func pageOf[T any](answer *rest.Answer) (*rest.Page[T], *url.URL, error) {
	page, err := rest.PageOf[T](answer, "value")
	if err != nil {
		return nil, nil, err
	}
	var body struct {
		Next json.RawMessage `json:"@odata.nextLink"`
	}
	var next *url.URL
	if err = page.Decode(&body); err == nil && !page.HasList() {
		err = answer.Malformed(errors.New("the answer has no list named value"))
	}
	if err == nil && len(body.Next) > 0 && string(body.Next) != "null" {
		var address string
		if json.Unmarshal(body.Next, &address) != nil || address == "" {
			err = answer.Malformed(errors.New("@odata.nextLink is not an address"))
		} else {
			next, err = answer.Resolve(address)
		}
	}
	if err != nil {
		page.Close()
		return nil, nil, err
	}
	return page, next, nil
}
