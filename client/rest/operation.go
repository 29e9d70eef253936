package rest

import (
	"net/url"
	"strings"
)

// Operation is a read operation of a vendor's API.
type Operation struct {
	// Name is the vendor's name of the operation. It is the value of the label operation.
	Name string
	// Path is the path below the base URL. It has {id} in place of identifiers.
	Path string
	// MaxBytes bounds the body of an answer. The zero value means DefaultMaxBytes.
	MaxBytes int64
}

// DefaultMaxBytes bounds the bodies of answers to operations without their own bound.
// The largest known pages, of 1,000 records, are less than half as large.
const DefaultMaxBytes = 8 << 20

// Call returns a call of the operation with these identifiers in its path.
func (o Operation) Call(ids ...string) Call {
	path := o.Path
	for _, id := range ids {
		path = strings.Replace(path, "{id}", url.PathEscape(id), 1)
	}
	return Call{Operation: o.Name, Path: path, MaxBytes: o.MaxBytes}
}

// CallFor returns a call for an organization whose identifier is in the path.
func (o Operation) CallFor(organization string) Call {
	call := o.Call(organization)
	call.Organization = organization
	return call
}
