package rest

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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
			_, _ = w.Write([]byte("{}"))
		})
		start := time.Now()
		var all sync.WaitGroup
		for range 3 * maxInFlight {
			all.Go(func() {
				if _, err := c.Get(t.Context(), things, &thing{}); err != nil {
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

// However many requests wait for organizations that the vendor holds back, or
// for their retries, those for others go on.
func TestOrganizationsThatAreHeldBackBlockNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("o") == "busy" {
				time.Sleep(time.Second)
				w.Header().Set("Retry-After", "30")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			_, _ = w.Write([]byte("{}"))
		})
		call := func(organization string) Call {
			of := things
			of.Organization, of.Query = organization, map[string][]string{"o": {organization}}
			return of
		}
		var busy sync.WaitGroup
		for range 2 * maxInFlight {
			busy.Go(func() { _, _ = c.Get(t.Context(), call("busy"), &thing{}) })
		}
		time.Sleep(5 * time.Second) // all have been told to wait
		start := time.Now()
		if _, err := c.Get(t.Context(), call("idle"), &thing{}); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("a request to another organization waited %s", took)
		}
		busy.Wait()
	})
}
