package rest

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// skippingClock returns a clock that advances instead of sleeping, and a function that
// advances it.
func skippingClock(start time.Time) (Clock, func(time.Duration)) {
	var mu sync.Mutex
	now := start
	skip := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
	return Clock{
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now
		},
		Sleep: func(ctx context.Context, d time.Duration) error {
			skip(d)
			return ctx.Err()
		},
	}, skip
}

// A request whose deadline comes before the end of the pause fails at once. Until the
// end of the pause, further ones fail and none is sent.
func TestPauseBeyondTheDeadline(t *testing.T) {
	for status, reason := range map[int]Reason{429: ReasonRateLimited, 503: ReasonServer} {
		for retryAfter, pause := range map[string]time.Duration{"120": 2 * time.Minute, "1000000000": 1e9 * time.Second} {
			t.Run(strconv.Itoa(status)+" "+retryAfter, func(t *testing.T) {
				start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
				clock, skip := skippingClock(start)
				var seen requests
				c := newClient(t, serve(t, inTurn(&seen, answer(status, `{"message": "slow down"}`, "Retry-After", retryAfter), answer(200, `{"name": "a"}`))),
					func(o *Options) { o.Clock = clock })
				get := func(organization string) error {
					t.Helper()
					ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
					defer cancel()
					call := things
					call.Organization = organization
					_, err := Object[thing](ctx, c, call)
					return err
				}
				until := "the vendor asks to wait until " + start.Add(pause).Format(time.RFC3339)
				want := func(err error, status int, reason Reason, sent int) {
					t.Helper()
					if e := wantError(t, err, reason); e.Status != status || !strings.HasSuffix(e.Error(), until) || seen.count() != sent {
						t.Errorf("%d requests were sent, want %d: %v", seen.count(), sent, e)
					}
				}
				want(get("1"), status, reason, 1)
				want(get("1"), 0, ReasonRateLimited, 1)
				if err := get("2"); err != nil || seen.count() != 2 {
					t.Errorf("another organization: %v after %d requests", err, seen.count())
				}
				skip(pause - 31*time.Second)
				want(get("1"), 0, ReasonRateLimited, 2)
				skip(31 * time.Second)
				if err := get("1"); err != nil || seen.count() != 3 {
					t.Errorf("after the pause: %v after %d requests", err, seen.count())
				}
				code := strconv.Itoa(status)
				if got := testutil.ToFloat64(c.metrics.Throttled.WithLabelValues("getThings", code)); got != pause.Seconds() {
					t.Errorf("%v seconds are counted, want %v", got, pause.Seconds())
				}
				if got := testutil.ToFloat64(c.metrics.Requests.WithLabelValues("getThings", code)); got != 1 {
					t.Errorf("%v requests are counted with %s, want 1", got, code)
				}
			})
		}
	}
}

// Without a deadline, the whole pause is waited for, by all requests of the organization.
// It is logged once.
func TestPauseIsWaitedFor(t *testing.T) {
	for _, status := range []int{429, 503} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const pause = 30 * time.Minute
				start := time.Now()
				var mu sync.Mutex
				var early, refused, answered int
				var logged bytes.Buffer
				c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
					time.Sleep(time.Second)
					mu.Lock()
					defer mu.Unlock()
					switch since := time.Since(start); {
					case since > time.Second && since < pause+time.Second:
						early++
					case since == time.Second:
						refused++
						w.Header().Set("Retry-After", "1800")
						w.WriteHeader(status)
					default:
						answered++
						_, _ = w.Write([]byte(`{"name": "a"}`))
					}
				}, func(o *Options) { o.Logger = level.NewFilter(log.NewLogfmtLogger(&logged), level.AllowInfo()) })
				get := func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					if _, err := Object[thing](ctx, c, things); err != nil {
						t.Error(err)
					}
				}
				var all sync.WaitGroup
				for range 3 {
					all.Go(get)
				}
				time.Sleep(10 * time.Second)
				all.Go(get)
				all.Wait()
				if early != 0 || refused != 3 || answered != 4 {
					t.Errorf("%d requests were sent during the pause, %d before and %d after it, want 0, 3 and 4", early, refused, answered)
				}
				if took := time.Since(start); took > pause+maxJitter+3*time.Second {
					t.Errorf("it took %s", took)
				}
				text := logged.String()
				if strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "level=warn msg=") || !strings.Contains(text, "at=2000-01-01T00:30:") ||
					!strings.Contains(text, "organization_id=1 ") {
					t.Errorf("the log is %q, want one warning with the end of the pause", text)
				}
			})
		})
	}
}

// A 503 without Retry-After says nothing about other requests.
func TestUnavailableWithoutRetryAfterHoldsNothing(t *testing.T) {
	var seen requests
	clock, _ := skippingClock(time.Now())
	c := newClient(t, serve(t, inTurn(&seen, answer(503, ""))), func(o *Options) { o.Clock = clock })
	_, err := Object[thing](t.Context(), c, things)
	if e := wantError(t, err, ReasonServer); e.Err != nil {
		t.Errorf("the cause is %v, want none", e.Err)
	}
	if c.budgets.organization("1").holds(clock) {
		t.Error("the organization is held")
	}
}

// A request that waits for the budget of the source is not sent if its organization is
// held meanwhile.
func TestPauseReachesThoseWhoWaitForTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, answer(200, `{"name": "a"}`)), func(o *Options) { o.Budgets = NewBudgets(NewLimiter(1), 0) })
		start := time.Now()
		get := func() {
			if _, err := Object[thing](t.Context(), c, things); err != nil {
				t.Error(err)
			}
		}
		get()
		var second sync.WaitGroup
		second.Go(get)
		synctest.Wait() // for the source
		c.budgets.hold(c.clock, "1", time.Minute)
		second.Wait()
		if took := time.Since(start); took < time.Minute {
			t.Errorf("the request was sent after %s, want the minute of the pause to pass", took)
		}
	})
}
