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

// attempts are those of one request.
type attempts struct {
	made int
	wait time.Duration // before the next
}

// attemptsKey is the key of the attempts in the context of a request.
type attemptsKey struct{}

func countAttempts(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptsKey{}, new(attempts))
}

func attemptsOf(ctx context.Context) *attempts { return ctx.Value(attemptsKey{}).(*attempts) }

// retrying wraps an HTTP client. All requests of this package are GETs, so all
// may be repeated. Each repetition draws on the budgets like a first request.
func (c *Client) retrying(client *http.Client, logger log.Logger) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: client,
		RetryMax:   maxRetries,
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			return c.shouldRetry(ctx, logger, resp, err)
		},
		// PrepareRetry waits instead, by the clock of the client.
		Backoff: func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 },
		PrepareRetry: func(req *http.Request) error {
			ctx := req.Context()
			if err := c.clock.sleep(ctx, attemptsOf(ctx).wait); err != nil {
				return err
			}
			return c.wait(ctx, callOf(ctx))
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
			c.budgets.hold(c.clock, call.Organization, wait)
			c.metrics.throttled(call.Operation, code, wait)
		}
	}
	retry, err := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	if !retry || !worthRetry(ctx, resp) {
		return false, err
	}
	permitOf(ctx).release()
	c.metrics.retry(call.Operation, code)
	_ = logger.Log("msg", "request failed, is sent again", "operation", call.Operation,
		"organization_id", call.Organization, "code", code)
	return true, err
}

// worthRetry tells whether there is another attempt to make, and time for it.
// Otherwise the failure at hand says more than that the time is over.
func worthRetry(ctx context.Context, resp *http.Response) bool {
	a := attemptsOf(ctx)
	a.made++
	if a.made > maxRetries {
		return false
	}
	wait := retryAfter(a.made-1, resp)
	a.wait = wait + rand.N(jitter(wait))
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

// jitter bounds what is added to a wait, by chance, to keep clients apart that
// failed together.
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
