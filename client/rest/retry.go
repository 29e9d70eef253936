package rest

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"
)

const (
	// maxRetries is how often a request is sent again after a failure that
	// may pass.
	maxRetries = 3
	// minRetryWait is the wait before the first retry, doubled for each
	// further one, unless the vendor says when to come back.
	minRetryWait = 500 * time.Millisecond
	// maxRetryWait bounds the wait, also the vendor's Retry-After. A jitter is
	// added.
	maxRetryWait = time.Minute
)

// callKey is the key of the Call in the context of its requests.
type callKey struct{}

func callOf(ctx context.Context) Call {
	call, _ := ctx.Value(callKey{}).(Call)
	return call
}

// attemptsKey is the key of the number of attempts in the context of a request.
type attemptsKey struct{}

func countAttempts(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptsKey{}, new(int))
}

// retrying wraps an HTTP client. All requests of this package are GETs, so all
// may be repeated. Each repetition draws on the budgets like a first request.
func (c *Client) retrying(client *http.Client, logger log.Logger) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   client,
		RetryMax:     maxRetries,
		RetryWaitMin: minRetryWait,
		RetryWaitMax: maxRetryWait,
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			return c.shouldRetry(ctx, logger, resp, err)
		},
		Backoff: backoff,
		PrepareRetry: func(req *http.Request) error {
			return c.wait(req.Context(), callOf(req.Context()))
		},
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

func (c *Client) shouldRetry(ctx context.Context, logger log.Logger, resp *http.Response, err error) (bool, error) {
	if isCredentialError(err) {
		return false, err
	}
	call := callOf(ctx)
	code := ""
	if resp != nil {
		code = statusLabel(resp.StatusCode)
		if resp.StatusCode == http.StatusTooManyRequests {
			wait := retryAfter(0, resp)
			c.budgets.hold(call.Organization, wait)
			c.metrics.throttled(call.Operation, code, wait)
		}
	}
	retry, err := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	if !retry || !worthRetry(ctx, resp) {
		return false, err
	}
	leaseOf(ctx).release()
	c.metrics.retry(call.Operation, code)
	_ = logger.Log("msg", "request failed, is sent again", "operation", call.Operation,
		"organization_id", call.Organization, "code", code)
	return true, err
}

// worthRetry tells whether there is another attempt to make, and time for it.
// Otherwise the failure at hand says more than that the time is over.
func worthRetry(ctx context.Context, resp *http.Response) bool {
	attempts := ctx.Value(attemptsKey{}).(*int)
	*attempts++
	if *attempts > maxRetries {
		return false
	}
	wait := retryAfter(*attempts-1, resp)
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait+jitter(wait)
}

// isCredentialError tells whether a request was not even sent, since there is
// no credential to send it with. To ask again at once would only add to it.
func isCredentialError(err error) bool {
	var (
		path    *fs.PathError
		token   *oauth2.RetrieveError
		refused *tokenError
	)
	return errors.As(err, &path) || errors.As(err, &token) || errors.As(err, &refused)
}

// backoff returns how long to wait before a retry, with a jitter that keeps
// clients apart that failed together.
func backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := retryAfter(attempt, resp)
	return wait + rand.N(jitter(wait))
}

// jitter bounds what is added to a wait.
func jitter(wait time.Duration) time.Duration { return wait/4 + time.Millisecond }

// retryAfter returns what the vendor asks to wait, in seconds or until a date,
// or else an exponentially growing wait, but never more than maxRetryWait.
func retryAfter(attempt int, resp *http.Response) time.Duration {
	wait := retryablehttp.DefaultBackoff(minRetryWait, maxRetryWait, attempt, resp)
	if wait < 0 { // so many seconds that they overflow
		return maxRetryWait
	}
	return min(wait, maxRetryWait)
}
