// Package faults puts hostile answers in front of a vendor's API. Tests use it to
// check what the exporter does when a vendor, or what is between the vendor and the
// exporter, misbehaves.
//
// It names no vendor. Most kinds of answers are made from the good answer of the API.
package faults

import (
	"net/http"
	"time"

	"license_exporter/client/rest"
)

// Kind is a kind of hostile answer.
type Kind struct {
	Name string
	// Expect is what the exporter must make of it.
	Expect Expectation
	// Reason is the reason of the failure, if it is or may be one.
	Reason rest.Reason
	// Or is another reason that is right as well: a 404 that is not about an object in the path
	// may be the server's error.
	Or rest.Reason
	// Fits reports whether the kind makes sense for requests with this good answer. If it is
	// nil, it makes sense for all.
	Fits func(Reply) bool
	// Slow is set if a request takes until the timeout.
	Slow bool
	// Many is set if the exporter sends very many requests.
	Many bool
	// Pause is how long the answer asks to wait.
	Pause time.Duration
	// Big is set if the answer is much larger than a good one.
	Big bool

	answer func(*exchange)
}

// fits reports whether the kind makes sense for requests with this good answer.
func (k *Kind) fits(good Reply) bool { return k.Fits == nil || k.Fits(good) }

// Expectation is what the exporter must make of a kind of answer.
type Expectation int

// The expectations.
const (
	// Fails: the last good facts are kept, and license_up is 0.
	Fails Expectation = iota
	// Harmless: the answer is valid.
	Harmless
	// Kept: the facts stay the same, whether it is a failure or not.
	Kept
	// Fewer: facts may vanish, but none gets another value.
	Fewer
)

// exchange is a request that gets a hostile answer.
type exchange struct {
	http.ResponseWriter
	request *http.Request
	front   *Front
	// good is the answer of the API. first is that to the first request for the path since the
	// fault began.
	good, first Reply
	// count is how many requests for the path got such an answer before.
	count int
}

// Kinds returns all kinds of answers to requests for data.
func Kinds() []Kind {
	var all []Kind
	for _, group := range [][]Kind{broken, endless, bodies, encodings, contents, statuses(), pauses, headers, pages, redirects} {
		all = append(all, group...)
	}
	return all
}

// Find returns the kind with a name.
func Find(name string) (Kind, bool) {
	for _, k := range append(Kinds(), Tokens...) {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}
