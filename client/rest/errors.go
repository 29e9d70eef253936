package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Reason is why a request failed. The set is closed, so a reason can be the value of a
// label.
type Reason string

// The reasons.
const (
	// ReasonAuth: the credential is missing, unreadable or refused.
	ReasonAuth Reason = "auth"
	// ReasonForbidden: the credential is valid but lacks the permission.
	ReasonForbidden Reason = "forbidden"
	// ReasonNotFound: the resource does not exist or is hidden from the credential.
	ReasonNotFound Reason = "not_found"
	// ReasonRateLimited: the rate limit does not allow the request before the
	// deadline.
	ReasonRateLimited Reason = "rate_limited"
	// ReasonTimeout: no answer in time.
	ReasonTimeout Reason = "timeout"
	// ReasonServer: the answer has another error status.
	ReasonServer Reason = "server"
	// ReasonDecode: the answer is not as documented.
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

// Error is a request that failed. Its text contains no credential, and no query, since
// cursors in queries may be license keys.
type Error struct {
	// Operation is the vendor's name of the API operation.
	Operation string
	// URL is the request's URL without user, query and fragment.
	URL string
	// Status is the HTTP status of the answer, 0 if there was none.
	Status int
	Reason Reason
	// Message is the vendor's message, if there is one.
	Message string
	// Err is the cause. If the status is the cause, it is nil, or until when the vendor
	// asks to wait.
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

// ReasonOf returns the reason of the Error or Missing in the chain of err. Without one, it
// is ReasonTimeout if a context ended, and otherwise ReasonDecode, since the content of an
// answer was not understood.
func ReasonOf(err error) Reason {
	var e *Error
	var missing Missing
	switch {
	case errors.As(err, &missing):
		return ReasonNotFound
	case errors.As(err, &e):
		return e.Reason
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ReasonTimeout
	default:
		return ReasonDecode
	}
}

// ErrNotApplicable is in the chain of an error if the vendor says that the operation does
// not apply: the organization has another licensing model, or the version of the API lacks
// the operation. It is not a failure. Each vendor's client knows which answers mean this.
var ErrNotApplicable = errors.New("the operation does not apply to this licensing model or version of the API")

// ErrAccessDisabled is in the chain of an error if the vendor says that the organization
// does not allow access by API. It is not a failure. Each vendor's client knows which answers
// mean this.
var ErrAccessDisabled = errors.New("the organization does not allow access by API")

// Missing is an error about something that good answers lack, since it does not exist or
// is hidden from the credential. Its reason is ReasonNotFound.
type Missing string

func (m Missing) Error() string { return string(m) }

// errLimited is the cause of ReasonRateLimited if the request was not sent because the
// limiter does not allow it before the deadline.
var errLimited = errors.New("the rate limit allows no further request before the deadline; " +
	"allow more time or raise rate_limit")

// pauseError means that the vendor asks to send no request for some time. If this is why
// a request was not sent, the reason is ReasonRateLimited.
type pauseError struct{ until time.Time }

func (e *pauseError) Error() string {
	return "the vendor asks to wait until " + e.until.UTC().Format(time.RFC3339)
}

func (e *pauseError) Is(target error) bool { return target == errLimited }

func reasonOfStatus(status int) Reason {
	if status/100 == 2 { // a success other than 200
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
		timeout    interface{ Timeout() bool }
		credential *credentialError
		refused    *tokenError
		large      *largeError
	)
	switch {
	case errors.Is(err, errLimited):
		return ReasonRateLimited
	case errors.As(err, &large), errors.Is(err, errHeader):
		return ReasonDecode
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ReasonTimeout
	case errors.As(err, &refused):
		return refused.reason
	case errors.As(err, &credential):
		return ReasonAuth
	case errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	default:
		return ReasonNetwork
	}
}

// withoutURL removes the URL, which contains the query, from net/http's errors.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return withoutURL(e.Err)
	}
	return err
}

// withoutQuery returns the URL without user, query and fragment.
func withoutQuery(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
