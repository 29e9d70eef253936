package rest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"
)

// Reason is why a request failed. The set is closed, so that it can be a
// label.
type Reason string

// The reasons.
const (
	// ReasonAuth: the credential is missing, unreadable or refused.
	ReasonAuth Reason = "auth"
	// ReasonForbidden: the credential is good and may not do this.
	ReasonForbidden Reason = "forbidden"
	// ReasonNotFound: there is no such thing, or the credential may not see it.
	ReasonNotFound Reason = "not_found"
	// ReasonRateLimited: the vendor's limit is used up for longer than the
	// caller can wait.
	ReasonRateLimited Reason = "rate_limited"
	// ReasonTimeout: no answer in time.
	ReasonTimeout Reason = "timeout"
	// ReasonServer: the vendor answered with any other status than success.
	ReasonServer Reason = "server"
	// ReasonDecode: the answer is not what the vendor documents.
	ReasonDecode Reason = "decode"
	// ReasonNetwork: the vendor could not be reached.
	ReasonNetwork Reason = "network"
)

// Reasons lists all reasons.
func Reasons() []Reason {
	return []Reason{
		ReasonAuth, ReasonForbidden, ReasonNotFound, ReasonRateLimited,
		ReasonTimeout, ReasonServer, ReasonDecode, ReasonNetwork,
	}
}

// Error is a request that failed. Its text bears no credential and no query,
// since cursors in queries may be license keys.
type Error struct {
	// Operation is the vendor's name of the API operation.
	Operation string
	// URL is the request's URL without user, query and fragment.
	URL string
	// Status is the HTTP status of the answer, 0 if there was none.
	Status int
	Reason Reason
	// Message is the vendor's own, if the answer held one.
	Message string
	// Err is the cause, nil if the status says all.
	Err error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: GET %s", e.Operation, e.URL)
	if e.Status != 0 {
		text += fmt.Sprintf(": %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// ReasonOf returns why err happened: the reason of the Error in its chain. An
// error without one is not of a request: ReasonTimeout if a context ended, or
// else ReasonDecode, since an answer could not be made sense of.
func ReasonOf(err error) Reason {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Reason
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ReasonTimeout
	default:
		return ReasonDecode
	}
}

// ErrNotApplicable is in the chain of errors about an operation that the vendor
// says does not apply, such as one of another licensing model or one that the
// tenant's version of the API does not have. It is not a failure.
var ErrNotApplicable = errors.New("the operation does not apply")

// errLimited is the cause of ReasonRateLimited if it was not the vendor that
// refused, but the wait for a free request would have outlasted the caller.
var errLimited = errors.New("no request is free within the rate limit before the deadline; " +
	"allow more time or raise rate_limit")

func reasonOfStatus(status int) Reason {
	if status/100 == 2 { // a success, but not with what was asked for
		return ReasonDecode
	}
	switch status {
	case http.StatusUnauthorized:
		return ReasonAuth
	case http.StatusForbidden:
		return ReasonForbidden
	case http.StatusNotFound:
		return ReasonNotFound
	case http.StatusTooManyRequests:
		return ReasonRateLimited
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return ReasonTimeout
	default:
		return ReasonServer
	}
}

func reasonOfCause(err error) Reason {
	var (
		timeout interface{ Timeout() bool }
		path    *fs.PathError
		token   *oauth2.RetrieveError
		refused *tokenError
		large   *http.MaxBytesError
	)
	switch {
	case errors.Is(err, errLimited):
		return ReasonRateLimited
	case errors.As(err, &large):
		return ReasonDecode
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ReasonTimeout
	case errors.As(err, &refused):
		return refused.reason
	case errors.As(err, &token), errors.As(err, &path):
		return ReasonAuth
	case errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	default:
		return ReasonNetwork
	}
}

// withoutURL takes the URL, which holds the query, out of net/http's errors.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return withoutURL(e.Err)
	}
	return err
}

// redact returns the URL without user, query and fragment.
func redact(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
