package rest

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/semaphore"
)

func TestRequestsUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			mu            sync.Mutex
			running, most int
		)
		c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			_, _ = w.Write([]byte(`{"name": "a"}`))
		})
		start := time.Now()
		var all sync.WaitGroup
		for range 3 * maxInFlight {
			all.Go(func() {
				if _, err := Object[thing](t.Context(), c, things); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if took := time.Since(start); most != maxInFlight || took != 3*time.Second {
			t.Errorf("%d requests were under way at once and all took %s, want %d and 3s", most, took, maxInFlight)
		}
	})
}

// Requests that wait for the limit of an organization or for a retry do not block
// requests for other organizations.
func TestLimitedOrganizationsBlockNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("o") == "busy" {
				time.Sleep(time.Second)
				w.Header().Set("Retry-After", "30")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			_, _ = w.Write([]byte(`{"name": "a"}`))
		})
		call := func(organization string) Call {
			of := things
			of.Organization, of.Query = organization, map[string][]string{"o": {organization}}
			return of
		}
		var busy sync.WaitGroup
		for range 2 * maxInFlight {
			busy.Go(func() { _, _ = Object[thing](t.Context(), c, call("busy")) })
		}
		time.Sleep(5 * time.Second) // all have been answered with 429
		start := time.Now()
		if _, err := Object[thing](t.Context(), c, call("idle")); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("a request to another organization waited %s", took)
		}
		busy.Wait()
	})
}

// A request that waits for its client's semaphore has drawn nothing from the source,
// which other accounts share.
func TestWaitingForTheSemaphoreLeavesTheSourceFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := NewLimiter(1)
		full := semaphore.NewWeighted(1)
		if err := full.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		var waiting sync.WaitGroup
		waiting.Go(func() {
			r := &request{semaphore: full}
			if err := NewBudgets(source, 0).wait(t.Context(), Clock{}, r); err != nil || !r.permitted {
				t.Errorf("the request was not granted: %v", err)
			}
		})
		synctest.Wait()
		start := time.Now()
		r := &request{semaphore: semaphore.NewWeighted(1)}
		if err := NewBudgets(source, 0).wait(t.Context(), Clock{}, r); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("a request of another account waited %s", took)
		}
		full.Release(1)
		waiting.Wait()
	})
}

// A page that has been read holds no permit while its records are consumed, so the
// consumer can send further requests.
func TestPagesHoldNoPermit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, answer(http.StatusOK, `[{"name": "a"}]`))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for range maxInFlight + 1 {
			if _, err := ReadPage[thing](ctx, c, things); err != nil {
				t.Fatal(err)
			}
		}
	})
}
