package rest

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/go-kit/log"
	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"
)

const (
	// maxRetries is the number of retries after a failure that may be temporary.
	maxRetries = 3
	// minRetryWait is the wait before the first retry. It is doubled for each further
	// retry. The vendor's Retry-After overrides it.
	minRetryWait = 500 * time.Millisecond
	// maxRetryWait bounds the wait, including the vendor's Retry-After. A jitter is
	// added.
	maxRetryWait = time.Minute
)

// retrying returns an HTTP client that retries. All requests of this package are GET
// requests, which can be repeated. Each retry draws from the budgets.
func (c *Client) retrying(client *http.Client, logger log.Logger) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: client,
		RetryMax:   maxRetries,
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			return c.shouldRetry(ctx, logger, resp, err)
		},
		// PrepareRetry waits instead, since it can use the clock of the client.
		Backoff: func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 },
		PrepareRetry: func(req *http.Request) error {
			ctx := req.Context()
			if err := c.clock.sleep(ctx, requestOf(ctx).wait); err != nil {
				return err
			}
			return c.wait(ctx)
		},
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

func (c *Client) shouldRetry(ctx context.Context, logger log.Logger, resp *http.Response, err error) (bool, error) {
	if isCredentialError(err) {
		return false, err
	}
	r, code := requestOf(ctx), ""
	if resp != nil {
		code = strconv.Itoa(resp.StatusCode)
		if resp.StatusCode == http.StatusTooManyRequests {
			wait := retryAfter(0, resp)
			c.budgets.hold(c.clock, r.Organization, wait)
			c.metrics.throttled(r.Operation, code, wait)
		}
	}
	retry, err := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	if !retry || !r.worthRetry(ctx, resp) {
		return false, err
	}
	r.release()
	c.metrics.retry(r.Operation, code)
	_ = logger.Log("msg", "request failed, is sent again", "operation", r.Operation,
		"organization_id", r.Organization, "code", code)
	return true, err
}

// worthRetry reports whether another attempt is allowed and can be made before the
// deadline. If it cannot, the answer at hand is more useful than a timeout.
func (r *request) worthRetry(ctx context.Context, resp *http.Response) bool {
	r.failures++
	if r.failures > maxRetries {
		return false
	}
	wait := retryAfter(r.failures-1, resp)
	r.wait = wait + rand.N(jitter(wait))
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait+jitter(wait)
}

// isCredentialError reports whether a request was not sent because there is no
// credential. Retrying it at once would not help.
func isCredentialError(err error) bool {
	var (
		path    *fs.PathError
		token   *oauth2.RetrieveError
		refused *tokenError
	)
	return errors.As(err, &path) || errors.As(err, &token) || errors.As(err, &refused)
}

// jitter bounds the random time that is added to a wait, so that clients that failed at
// the same time do not retry at the same time.
func jitter(wait time.Duration) time.Duration { return wait/4 + time.Millisecond }

// retryAfter returns the wait before a retry: that of the vendor's Retry-After, or else
// one that grows exponentially. It is at most maxRetryWait.
func retryAfter(attempt int, resp *http.Response) time.Duration {
	wait := retryablehttp.DefaultBackoff(minRetryWait, maxRetryWait, attempt, resp)
	if wait < 0 { // the number of seconds overflowed
		return maxRetryWait
	}
	return min(wait, maxRetryWait)
}
