package snow

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"license_exporter/client/rest"
)

// operation is a read operation of one of the vendor's APIs. The vendor documents paths
// only, so the names are the exporter's own.
type operation struct {
	rest.Operation
	// prefix returns the path of the API.
	prefix func(Prefixes) string
	// ids take the places of {id} in the path.
	ids []string
	// added is set for operations that version 1.0.0 of the API does not have.
	added bool
	// unpaged is set for listings that are documented without parameters. Their
	// answers may still have more than one page.
	unpaged bool
	// single is set for listings that may return a record instead.
	single bool
}

// all contains all operations.
var all []operation

// Operations returns all operations that a Client uses, with the vendor's prefixes.
func Operations() []rest.Operation {
	operations := make([]rest.Operation, 0, len(all))
	for _, o := range all {
		o.Path = o.prefix(Prefixes{}.orDefault()) + o.Path
		operations = append(operations, o.Operation)
	}
	return operations
}

func newOperation(prefix func(Prefixes) string, name, path string, with ...func(*operation)) operation {
	o := operation{Operation: rest.Operation{Name: name, Path: path}, prefix: prefix}
	for _, set := range with {
		set(&o)
	}
	all = append(all, o)
	return o
}

// The prefixes of the APIs.
func ofLicenses(p Prefixes) string      { return p.Licenses }
func ofAgreements(p Prefixes) string    { return p.Agreements }
func ofRegistry(p Prefixes) string      { return p.Registry }
func ofOrganizations(p Prefixes) string { return p.Organizations }
func ofCustomMetrics(p Prefixes) string { return p.CustomMetrics }

// The properties of operations.
func added(o *operation)   { o.added = true }
func unpaged(o *operation) { o.unpaged = true }
func single(o *operation)  { o.single = true }
func large(o *operation)   { o.MaxBytes = 16 << 20 }

// of returns the operation for an identifier.
func (o operation) of(id ID) operation {
	o.ids = []string{string(id)}
	return o
}

// about reports whether the path has the identifier of an object.
func (o operation) about() bool { return len(o.ids) > 0 }

func (c *Client) call(o operation, query url.Values) rest.Call {
	call := o.Call(o.ids...)
	call.Path, call.Query, call.Budget = o.prefix(c.prefixes)+call.Path, query, tenant
	return call
}

// record is an object with an identifier.
type record interface{ about() ID }

// get reads the object that has an identifier or belongs to what has it. Another object
// is an error.
func get[T record](ctx context.Context, c *Client, o operation, id ID) (T, error) {
	v, err := rest.Object[T](ctx, c.rest, c.call(o, nil))
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
	u := c.base.JoinPath(c.call(o, nil).Path)
	return &rest.Error{
		Operation: o.Name,
		URL:       (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(),
		Status:    http.StatusOK,
		Reason:    rest.ReasonDecode,
		Err:       err,
	}
}
