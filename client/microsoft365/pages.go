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
	call := o.Call()
	call.Query, call.Budget = url.Values{"$select": {fields}}, c.tenant
	host := c.rest.URL(call).Host
	return rest.LinkedPages(ctx, c.rest, call, func(a *rest.Answer) (*rest.Page[T], *url.URL, error) { return pageOf[T](a, host) })
}

// pageOf returns an answer as a page, with the address of the next one, which is nil if it is the last, and must be of this
// host. If that fails, the answer is closed.
func pageOf[T any](answer *rest.Answer, host string) (*rest.Page[T], *url.URL, error) {
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
	if next != nil && next.Host != host {
		err = answer.Malformed(fmt.Errorf("the next page is at %s; the credential is not sent to another host", next.Host))
	}
	if err != nil {
		page.Close()
		return nil, nil, err
	}
	return page, next, nil
}
