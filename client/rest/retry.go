package rest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/hashicorp/go-retryablehttp"
)

const (
	// maxRetries is the number of retries after a failure that may be temporary.
	maxRetries = 3
	// minRetryWait is the wait before the first retry. It is doubled for each further
	// retry, up to maxRetryWait. The vendor's Retry-After overrides both.
	minRetryWait = 500 * time.Millisecond
	maxRetryWait = time.Minute
	// maxJitter bounds the jitter that is added to a wait.
	maxJitter = 15 * time.Second
	// maxPause is the longest Retry-After, 100 years. Longer ones could overflow.
	maxPause = 100 * 365 * 24 * time.Hour
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
	if isFinal(err) {
		return false, err
	}
	r, code, severity := requestOf(ctx), "", level.Debug
	r.wait, r.pause = backoff(r.failures), nil
	if resp != nil {
		code = strconv.Itoa(resp.StatusCode)
		if c.hold(r, code, resp) {
			severity = level.Warn
		}
	}
	cause := err
	retry, err := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	if resp != nil && resp.StatusCode == r.Temporary {
		retry = ctx.Err() == nil
	}
	if !retry && resp != nil && ctx.Err() == nil {
		r.recovered()
	}
	if !retry || !r.worthRetry(ctx) {
		return false, err
	}
	c.attemptFailed(ctx, r, resp, cause)
	r.release()
	c.metrics.retry(r.Operation, code)
	_ = severity(logger).Log("msg", "request failed and will be sent again", "operation", r.Operation,
		"organization_id", r.Organization, "code", code, "at", c.clock.now().Add(r.wait).UTC().Format(time.RFC3339))
	return true, err
}

// attemptFailed reports to the trace of the context that an attempt has failed and is repeated,
// unless the vendor only asked to wait.
func (c *Client) attemptFailed(ctx context.Context, r *request, resp *http.Response, err error) {
	trace := traceOf(ctx)
	var status int
	var reason Reason
	switch {
	case r.answered != nil || trace.Retrying == nil: // the trace already knows, or does not ask
		return
	case resp == nil:
		reason = reasonOfCause(err)
	case resp.StatusCode == http.StatusTooManyRequests || r.pause != nil:
		return
	default:
		status, reason = resp.StatusCode, reasonOfStatus(resp.StatusCode)
	}
	r.answered = trace.Retrying(r.Organization, failure(r.Call, c.URL(r.Call), status, reason, err))
}

// hold makes the request, and all others with the same budget, wait for as long as the
// vendor asks. It reports whether this starts a long pause.
func (c *Client) hold(r *request, code string, resp *http.Response) (long bool) {
	now := c.clock.now()
	pause, asked := retryAfter(resp, now)
	if asked {
		r.wait = pause
	} else if resp.StatusCode != http.StatusTooManyRequests {
		return false
	}
	if asked && pause > 0 {
		r.pause = &pauseError{until: now.Add(pause)}
	}
	c.metrics.throttled(r.Operation, code, r.wait)
	return c.budgets.hold(c.clock, r.budget(), r.wait) && r.wait > maxRetryWait
}

// worthRetry reports whether another attempt is allowed and can be made before the
// deadline. If it cannot, the present answer is more useful than a timeout.
func (r *request) worthRetry(ctx context.Context) bool {
	r.failures++
	if r.failures > maxRetries {
		return false
	}
	longest := r.wait + jitter(r.wait)
	r.wait += rand.N(jitter(r.wait))
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > longest
}

// isFinal reports whether retrying a request at once would not help: it was not sent
// because there is no credential, or the answer is too large.
func isFinal(err error) bool {
	if err == nil {
		return false
	}
	var (
		large      *largeError
		credential *credentialError
		refused    *tokenError
	)
	return errors.As(err, &large) || errors.As(err, &credential) || errors.As(err, &refused)
}

// jitter bounds the random time that is added to a wait, so that clients that failed at
// the same time do not retry at the same time.
func jitter(wait time.Duration) time.Duration { return min(wait/4, maxJitter) + time.Millisecond }

// backoff returns the wait before a retry if the vendor does not ask for another.
func backoff(failures int) time.Duration {
	return retryablehttp.DefaultBackoff(minRetryWait, maxRetryWait, failures, nil)
}

// retryAfter returns how long the vendor asks to wait, and whether it does. Vendors block
// clients that come back earlier, so it has no other bound than maxPause.
func retryAfter(resp *http.Response, now time.Time) (pause time.Duration, asked bool) {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0, false
	}
	value := resp.Header.Get("Retry-After")
	if until, err := parseDate(value); err == nil {
		// The vendor's clock can differ from this one.
		if date, err := parseDate(resp.Header.Get("Date")); err == nil {
			now = date
		}
		return min(max(0, until.Sub(now)), maxPause), true
	}
	seconds, err := strconv.ParseFloat(value, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && seconds > 0:
		return maxPause, true
	case err != nil, math.IsInf(seconds, 0), !(seconds >= 0): // also rejects NaN
		return 0, false
	}
	return time.Duration(min(seconds, maxPause.Seconds()) * float64(time.Second)), true
}

// parseDate is like http.ParseTime, but also accepts UTC in place of GMT.
func parseDate(value string) (time.Time, error) {
	return http.ParseTime(strings.Replace(value, "UTC", "GMT", 1))
}
