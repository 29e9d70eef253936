package rest

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestHeader(t *testing.T) {
	var got http.Header
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		answer(200, `{"name": "a"}`)(w, r)
	})
	c := newClient(t, url, func(o *Options) { o.Header = http.Header{"X-Version": {"2022"}, "Accept": {"application/json"}} })
	call := things
	call.Accept = "application/vnd.test+json"
	if _, err := Object[thing](t.Context(), c, call); err != nil {
		t.Fatal(err)
	}
	if version, accept := got.Get("X-Version"), got["Accept"]; version != "2022" || len(accept) != 1 || accept[0] != call.Accept {
		t.Errorf("the headers are %q and %q, want 2022 and that of the call", version, accept)
	}
	if c.header.Get("Accept") != "application/json" {
		t.Error("a call changes the headers of the client")
	}
}

// Some vendors report a rate limit with another status than 429.
func TestAdaptedAnswer(t *testing.T) {
	var seen requests
	limited := answer(403, `{"message": "slow down"}`, "X-Wait", "90")
	var waited time.Duration
	c := newClient(t, serve(t, inTurn(&seen, limited, answer(200, `{"name": "a"}`))), func(o *Options) {
		o.Clock.Now = func() time.Time { return time.Unix(0, 0).Add(waited) }
		o.Clock.Sleep = func(_ context.Context, d time.Duration) error {
			waited += d
			return nil
		}
		o.Adapt = func(resp *http.Response) {
			if wait := resp.Header.Get("X-Wait"); resp.StatusCode == http.StatusForbidden && wait != "" {
				resp.StatusCode = http.StatusTooManyRequests
				resp.Header.Set("Retry-After", wait)
			}
		}
	})
	got, err := Object[thing](t.Context(), c, things)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "a" || seen.count() != 2 || waited < 90*time.Second {
		t.Errorf("the answer is %+v after %d requests and %v, want that of the second after 90 s", got, seen.count(), waited)
	}
}

func TestTemporaryStatus(t *testing.T) {
	for name, test := range map[string]struct {
		temporary, requests int
		reason              Reason
	}{
		"of the call": {404, 1 + maxRetries, ReasonNotFound},
		"of another":  {409, 1, ReasonNotFound},
		"of none":     {0, 1, ReasonNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen requests
				c := inMemory(t, inTurn(&seen, answer(404, `{"message": "starting"}`)))
				call := things
				call.Temporary = test.temporary
				_, err := Object[thing](t.Context(), c, call)
				wantReason(t, err, test.reason)
				if seen.count() != test.requests {
					t.Errorf("%d requests are sent, want %d", seen.count(), test.requests)
				}
			})
		})
	}
}
