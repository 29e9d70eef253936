package snow

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"license_exporter/client/rest"
)

// operation is a read operation of one of the vendor's APIs.
type operation struct {
	// name is for the label operation. The vendor documents paths only, so the names
	// are the exporter's own.
	name, path string
	// about is set if the path has the identifier of an object.
	about bool
	// added is set for operations that version 1.0.0 of the API does not have.
	added bool
	// unpaged is set for listings that are documented without parameters. Their
	// answers may still have more than one page.
	unpaged bool
	// single is set for listings that may return a record instead.
	single bool
}

// newOperation returns an operation of the API with a prefix. An identifier takes the
// place of {id} in the path.
func newOperation(prefix, name, path string, ids ...ID) operation {
	for _, id := range ids {
		path = strings.Replace(path, "{id}", url.PathEscape(string(id)), 1)
	}
	return operation{name: name, path: prefix + path, about: len(ids) > 0}
}

func (c *Client) licenses(name, path string, ids ...ID) operation {
	return newOperation(c.prefixes.Licenses, name, path, ids...)
}

func (c *Client) agreements(name, path string, ids ...ID) operation {
	return newOperation(c.prefixes.Agreements, name, path, ids...)
}

func added(o operation) operation {
	o.added = true
	return o
}

func (o operation) call(query url.Values) rest.Call {
	return rest.Call{Operation: o.name, Path: o.path, Query: query, Budget: tenant}
}

// record is an object with an identifier.
type record interface{ about() ID }

// get reads the object that has an identifier or belongs to what has it. Another object
// is an error.
func get[T record](ctx context.Context, c *Client, o operation, id ID) (T, error) {
	v, err := rest.Object[T](ctx, c.rest, o.call(nil))
	if err == nil && v.about() != id {
		err = c.malformed(o, errors.New("the answer is not about the object that was asked for"))
	}
	return v, err
}

// malformed returns the error for an answer that is not as documented. A *rest.Error is
// returned as it is.
func (c *Client) malformed(o operation, err error) error {
	if errors.As(err, new(*rest.Error)) {
		return err
	}
	u := c.base.JoinPath(o.path)
	return &rest.Error{
		Operation: o.name,
		URL:       (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(),
		Status:    http.StatusOK,
		Reason:    rest.ReasonDecode,
		Err:       err,
	}
}
