package rest

import (
	"errors"
	"iter"
	"mime"
	"net/url"
)

// Answer is a complete answer, which must be closed. It may be JSON or another text. Errors of its
// methods are of type *Error.
type Answer struct {
	client *Client
	*response
}

// Close releases the memory of the answer. Its text must not be used afterwards. It may be called
// more than once.
func (a *Answer) Close() { a.release() }

// Text returns the text of the answer.
func (a *Answer) Text() []byte { return a.text }

// ContentType returns the media type of the answer in lower case, without parameters. It is empty if
// there is none.
func (a *Answer) ContentType() string {
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")) // empty on an error
	return kind
}

// Next returns the URL in the Link header (RFC 8288) with the relation next, or nil if there is none.
func (a *Answer) Next() (*url.URL, error) {
	next, err := nextPage(a.header, a.url)
	if err != nil {
		return nil, a.Malformed(err)
	}
	return next, nil
}

// Resolve returns the URL of an address in the answer, which may be relative.
func (a *Answer) Resolve(address string) (*url.URL, error) {
	u, err := a.url.Parse(address)
	if err != nil {
		return nil, a.Malformed(errNextAddress)
	}
	return u, nil
}

var errNextAddress = errors.New("the address of the next page is not valid")

// Malformed returns the error for an answer that is not as expected.
func (a *Answer) Malformed(err error) error { return a.malformed(err) }

// JSON returns the text of an answer that is a JSON value and is decoded at once. It is an error if
// the value is larger than 1 MiB, or an object that reports errors.
func (a *Answer) JSON() ([]byte, error) {
	if err := decode(a.text, new(ignored)); err != nil {
		return nil, a.malformed(err)
	}
	if reportsErrors(a.text) {
		return nil, a.client.unexpected(a.response, "the object that was asked for")
	}
	return a.text, nil
}

// Count returns the records that the caller itself reads of an answer, and counts them as records of a
// listing. n is about how many there are. Errors become errors about the answer.
func Count[T, R any](l *Listing[T], a *Answer, n int, records iter.Seq2[R, error]) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		if err := l.begin(max(n, len(a.text)/largestUsual)); err != nil {
			yield(none, err)
			return
		}
		weight := 1 + len(a.text)/max(1, n)/largeRecord
		for record, err := range records {
			if err == nil {
				l.usable++
				l.weight += weight
				err = l.measure()
			}
			if err != nil {
				yield(none, a.malformed(err))
				return
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}
