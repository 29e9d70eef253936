package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestFailureThatPasses(t *testing.T) {
	for _, status := range []int{429, 500, 502, 503, 504} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen requests
				c := inMemory(t, inTurn(&seen, answer(status, "oops"), answer(200, `{"name": "a"}`)))
				got, err := Object[thing](t.Context(), c, things)
				if err != nil {
					t.Fatal(err)
				}
				if got.Name != "a" || seen.count() != 2 {
					t.Errorf("the answer is %+v after %d requests, want that of the second", got, seen.count())
				}
				want := `
					# HELP retries_total Test.
					# TYPE retries_total counter
					retries_total{code="` + strconv.Itoa(status) + `",operation="getThings"} 1
				`
				if err := testutil.CollectAndCompare(c.metrics.Retries, strings.NewReader(want)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestFailureThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, answer(500, `{"message": "first"}`), answer(500, `{"message": "last"}`)))
		_, err := Object[thing](t.Context(), c, things)
		if e := wantError(t, err, ReasonServer); e.Message != "last" {
			t.Errorf("the message is %q, want that of the last answer", e.Message)
		}
		if seen.count() != 1+maxRetries {
			t.Errorf("%d requests were sent, want %d", seen.count(), 1+maxRetries)
		}
		if got := testutil.ToFloat64(c.metrics.Retries); got != maxRetries {
			t.Errorf("%v retries are counted, want %d", got, maxRetries)
		}
	})
}

func TestNetworkFailureThatPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			if seen.add(req) == 1 {
				return nil, errors.New("connection reset by peer")
			}
			return tokenResponse(req, http.StatusOK, `{"name": "a"}`), nil
		}))
		if _, err := Object[thing](t.Context(), c, things); err != nil {
			t.Fatal(err)
		}
		if got := testutil.ToFloat64(c.metrics.Retries.WithLabelValues("getThings", "")); got != 1 {
			t.Errorf("%v retries without a status are counted, want 1", got)
		}
	})
}

func TestRefusalsAreNotRepeated(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 408, 501} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			var seen requests
			c := newClient(t, serve(t, inTurn(&seen, answer(status, ""))))
			_, err := Object[thing](t.Context(), c, things)
			if err == nil || seen.count() != 1 {
				t.Errorf("%d requests were sent, want 1: %v", seen.count(), err)
			}
			if got := testutil.CollectAndCount(c.metrics.Retries); got != 0 {
				t.Error("a retry is counted")
			}
		})
	}
}

func TestWaitBeforeRetry(t *testing.T) {
	inSeconds := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, test := range map[string]struct {
		status     int
		retryAfter func() string
		want       time.Duration
	}{
		"seconds":           {429, func() string { return "7" }, 7 * time.Second},
		"seconds of a 503":  {503, func() string { return "7" }, 7 * time.Second},
		"date":              {429, func() string { return inSeconds(7 * time.Second) }, 7 * time.Second},
		"date in the past":  {429, func() string { return inSeconds(-7 * time.Second) }, 0},
		"at once":           {429, func() string { return "0" }, 0},
		"not given":         {429, func() string { return "" }, minRetryWait},
		"unreadable":        {429, func() string { return "soon" }, minRetryWait},
		"negative":          {429, func() string { return "-7" }, minRetryWait},
		"an hour":           {429, func() string { return "3600" }, time.Hour},
		"an hour, a 503":    {503, func() string { return "3600" }, time.Hour},
		"date in an hour":   {429, func() string { return inSeconds(time.Hour) }, time.Hour},
		"of another status": {500, func() string { return "7" }, minRetryWait},
		"of a gateway":      {502, func() string { return "" }, minRetryWait},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen requests
				c := inMemory(t, inTurn(&seen, answer(test.status, "", "Retry-After", test.retryAfter()), answer(200, `{"name": "a"}`)))
				start := time.Now()
				if _, err := Object[thing](t.Context(), c, things); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < test.want || took > test.want+jitter(test.want) {
					t.Errorf("the request was repeated after %s, want %s and a jitter", took, test.want)
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "0.5": time.Second / 2, "120.0": 2 * time.Minute, "1e9": 1e9 * time.Second,
		"3153600001":                     maxPause,
		"9223372037":                     maxPause, // int64 overflows
		"99999999999999999999":           maxPause,
		"1" + strings.Repeat("0", 400):   maxPause, // float64 overflows
		"Sun, 01 Mar 2026 12:02:00 GMT":  2 * time.Minute,
		"Sun, 01 Mar 2026 12:02:00 UTC":  2 * time.Minute,
		"Sunday, 01-Mar-26 12:02:00 GMT": 2 * time.Minute,
		"Sun Mar  1 12:02:00 2026":       2 * time.Minute,
		"Sun, 01 Mar 2026 11:00:00 GMT":  0,
		"Thu, 01 Mar 9026 12:00:00 GMT":  maxPause,
		"":                               -1, "soon": -1, "-7": -1, "-1e999": -1, "NaN": -1, "Inf": -1, "120 s": -1, "2026-03-01": -1,
	} {
		for _, status := range []int{429, 503} {
			got, asked := retryAfter(&http.Response{StatusCode: status, Header: http.Header{"Retry-After": {value}}}, now)
			if asked != (want >= 0) || got != max(0, want) {
				t.Errorf("Retry-After %q of a %d: %s, %v, want %s", value, status, got, asked, want)
			}
		}
	}
	// The vendor's date is relative to its own clock.
	header := http.Header{"Retry-After": {"Sun, 01 Mar 2026 12:02:00 GMT"}, "Date": {"Sun, 01 Mar 2026 11:59:00 GMT"}}
	if got, _ := retryAfter(&http.Response{StatusCode: http.StatusTooManyRequests, Header: header}, now); got != 3*time.Minute {
		t.Errorf("the pause is %s, want 3m", got)
	}
}

func TestWaitsGrow(t *testing.T) {
	for attempt, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
		if got := backoff(attempt); got != want {
			t.Errorf("the wait before retry %d is %s, want %s", attempt, got, want)
		}
	}
}

// If the deadline does not allow a retry, the error of the answer is returned at
// once: it has a reason, unlike a timeout.
func TestNoRetryThatTheCallerCannotWaitFor(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		reason Reason
	}{
		"rate limited": {answer(429, `{"message": "slow down"}`, "Retry-After", "30"), ReasonRateLimited},
		"unavailable":  {answer(503, `{"message": "maintenance"}`, "Retry-After", "30"), ReasonServer},
		"jitter":       {answer(503, `{"message": "maintenance"}`, "Retry-After", "9"), ReasonServer},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen requests
				c := inMemory(t, inTurn(&seen, test.answer))
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				start := time.Now()
				_, err := Object[thing](ctx, c, things)
				if e := wantError(t, err, test.reason); e.Message == "" {
					t.Error("the vendor's message is lost")
				}
				if took := time.Since(start); took != 0 || seen.count() != 1 {
					t.Errorf("%d requests were sent in %s, want one and no wait", seen.count(), took)
				}
				if got := testutil.CollectAndCount(c.metrics.Retries); got != 0 {
					t.Error("a retry is counted")
				}
			})
		})
	}
}

func TestRetriesStopWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, answer(503, "", "Retry-After", "30")))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := Object[thing](ctx, c, things)
		wantReason(t, err, ReasonTimeout)
		if seen.count() != 1 {
			t.Errorf("%d requests were sent, want 1", seen.count())
		}
	})
}

// Retries, and waits that the vendor asks for, use the client's clock.
func TestWaitsGoByTheClock(t *testing.T) {
	var mu sync.Mutex
	var slept time.Duration
	start := time.Now()
	clock := Clock{
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return start.Add(slept)
		},
		Sleep: func(_ context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			slept += d
			return nil
		},
	}
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(429, "", "Retry-After", "59"), answer(503, "", "Retry-After", "59"), answer(200, `{"name": "a"}`))),
		func(o *Options) { o.Clock = clock })
	c.budgets.hold(clock, "1", time.Hour)
	if _, err := Object[thing](t.Context(), c, things); err != nil {
		t.Fatal(err)
	}
	if waits := time.Hour + 2*59*time.Second; slept < waits || slept > waits+2*jitter(time.Minute) {
		t.Errorf("the client waited %s by its clock, want %s and two jitters", slept, waits)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	if got := testutil.ToFloat64(c.metrics.Throttled.WithLabelValues("getThings", "")); got != time.Hour.Seconds() {
		t.Errorf("%v seconds are counted, want an hour", got)
	}
}

func TestTooManyRequestsHoldsTheOrganization(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, answer(429, "", "Retry-After", "10"), answer(200, `{"name": "a"}`)))
		start := time.Now()
		var first sync.WaitGroup
		first.Go(func() { _, _ = Object[thing](t.Context(), c, Call{Operation: "first", Organization: "1"}) })
		synctest.Wait() // until it is refused

		wait := func(organization string) time.Duration {
			call := Call{Operation: "other", Organization: organization}
			if _, err := Object[thing](t.Context(), c, call); err != nil {
				t.Error(err)
			}
			return time.Since(start)
		}
		if took := wait("2"); took != 0 {
			t.Errorf("a request of another organization waited %s", took)
		}
		if took := wait("1"); took != 10*time.Second {
			t.Errorf("a request of the same organization waited %s, want 10s", took)
		}
		first.Wait()
	})
}

func TestTooManyRequestsWithoutOrganizationHoldsTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, answer(429, "", "Retry-After", "10"), answer(200, `{"name": "a"}`)),
			func(o *Options) { o.Budgets = NewBudgets(NewLimiter(0), 0) })
		start := time.Now()
		var first sync.WaitGroup
		first.Go(func() { _, _ = Object[thing](t.Context(), c, Call{Operation: "list"}) })
		synctest.Wait()
		if _, err := Object[thing](t.Context(), c, Call{Operation: "other", Organization: "2"}); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("a request of an organization waited %s, want 10s", took)
		}
		first.Wait()
	})
}

func TestRetriesDrawOnTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, answer(429, "", "Retry-After", "0"), answer(200, `{"name": "a"}`)),
			func(o *Options) { o.Budgets = NewBudgets(nil, 0.1) }) // one in ten seconds
		start := time.Now()
		if _, err := Object[thing](t.Context(), c, things); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start).Round(time.Millisecond); took != 10*time.Second {
			t.Errorf("the retry was sent after %s, want 10s", took)
		}
	})
}
