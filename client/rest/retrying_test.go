package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// retryingOf returns a context whose trace counts the requests that have failed and are
// sent again, and a function that returns their number and the latest error.
func retryingOf(t *testing.T) (context.Context, func() (n int, latest error)) {
	n, latest := 0, error(nil)
	trace := &Trace{Unreadable: func(Unreadable) {}, Skipped: func(string, int) {}, Retrying: func(organization string, err error) func() {
		if organization != things.Organization {
			t.Errorf("the request is about organization %q", organization)
		}
		n, latest = n+1, err
		return func() { n-- }
	}}
	return WithTrace(t.Context(), trace), func() (int, error) { return n, latest }
}

func TestTraceKnowsRequestsThatAreSentAgain(t *testing.T) {
	hangs := func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }
	for name, test := range map[string]struct {
		first  []http.HandlerFunc
		reason Reason // of the failure that the trace learns while the request waits
	}{
		"hangs":                   {[]http.HandlerFunc{hangs}, ReasonTimeout},
		"hangs twice":             {[]http.HandlerFunc{hangs, hangs}, ReasonTimeout},
		"server":                  {[]http.HandlerFunc{answer(500, "oops")}, ReasonServer},
		"gateway":                 {[]http.HandlerFunc{answer(504, "oops")}, ReasonTimeout},
		"unavailable":             {[]http.HandlerFunc{answer(503, "oops")}, ReasonServer},
		"a pause":                 {[]http.HandlerFunc{answer(503, "oops", "Retry-After", "60")}, ""},
		"too many":                {[]http.HandlerFunc{answer(429, "oops", "Retry-After", "60")}, ""},
		"too many for a while":    {[]http.HandlerFunc{answer(429, "oops")}, ""},
		"hangs, then asks a wait": {[]http.HandlerFunc{hangs, answer(429, "oops", "Retry-After", "60")}, ReasonTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen requests
				ctx, retrying := retryingOf(t)
				last := func(w http.ResponseWriter, req *http.Request) {
					n, err := retrying()
					if want := min(1, len(test.reason)); n != want || n > 0 && ReasonOf(err) != test.reason {
						t.Errorf("%d requests are sent again, want %d: %v", n, want, err)
					}
					answer(200, `{"name": "a"}`)(w, req)
				}
				c := inMemory(t, inTurn(&seen, append(test.first, last)...))
				if _, err := Object[thing](ctx, c, things); err != nil {
					t.Error(err)
				}
				if n, err := retrying(); n != 0 {
					t.Errorf("%d requests are sent again after the answer: %v", n, err)
				}
			})
		})
	}
}

// A request that is given up counts as failed until its fetch has ended.
func TestTraceKnowsRequestsThatAreGivenUp(t *testing.T) {
	for name, test := range map[string]struct {
		last http.HandlerFunc
		want int
	}{
		"fails":       {answer(500, "oops"), 1},
		"is answered": {answer(404, `{"message": "There is none."}`), 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen requests
				ctx, retrying := retryingOf(t)
				c := inMemory(t, inTurn(&seen, answer(500, "oops"), test.last))
				_, err := Object[thing](ctx, c, things)
				if n, _ := retrying(); err == nil || n != test.want {
					t.Errorf("%d requests are failed, want %d: %v", n, test.want, err)
				}
			})
		})
	}
}

// An attempt that fails as the time is up is not repeated.
func TestTraceIsNotToldOfTheLastAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, retrying := retryingOf(t)
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		c := inMemory(t, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
		_, err := Object[thing](ctx, c, things)
		if n, _ := retrying(); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%d requests are sent again: %v", n, err)
		}
	})
}
