package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/client/scalar"
	"license_exporter/internal/memorytest"
)

// withoutEnd answers with pages of n new names, one after another.
func withoutEnd(n int) http.HandlerFunc {
	var mu sync.Mutex
	last := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Link", fmt.Sprintf("<?after=%d>; rel=next", last))
		var page strings.Builder
		for range n {
			last++
			fmt.Fprintf(&page, `,{"name": "%0200d"}`, last)
		}
		_, _ = w.Write([]byte("[" + page.String()[1:] + "]"))
	}
}

// keepAll reads a listing that never ends and keeps its records until it fails. It checks
// what that takes, and returns the number of records.
func keepAll[T any](t *testing.T, c *Client) int {
	t.Helper()
	before := memorytest.Live()
	var all []T
	for record, err := range Pages[T](t.Context(), c, things) {
		if err != nil {
			wantReason(t, err, ReasonDecode)
			break
		}
		all = append(all, record)
	}
	grown := memorytest.Live() - before
	t.Logf("%d records take %d bytes", len(all), grown)
	if grown > 3*maxGrowth {
		t.Errorf("a listing of %d records takes %d bytes", len(all), grown)
	}
	wantNoListing(t, c)
	return len(all)
}

// TestListingWithoutEndIsBounded keeps all records of a listing that never ends.
func TestListingWithoutEndIsBounded(t *testing.T) {
	c := inMemory(t, withoutEnd(maxShort))
	if n := keepAll[thing](t, c); n < measureEach {
		t.Errorf("the listing ended after %d records", n)
	}
}

// TestLongListingsWaitForEachOther has one vendor send long listings slowly. It waits for
// itself, and those of another vendor go on.
func TestLongListingsWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		pages := withoutEnd(maxShort)
		slow := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("after") != things.Query.Get("after") { // not the first page
				time.Sleep(time.Hour)
			}
			pages(w, r)
		})
		var all sync.WaitGroup
		for range maxLong {
			all.Go(func() {
				for _, err := range Pages[thing](ctx, slow, things) {
					if err != nil {
						wantReason(t, err, ReasonTimeout)
					}
				}
			})
		}
		synctest.Wait()
		good := inMemory(t, withoutEnd(maxShort))
		start, n := time.Now(), 0
		for _, err := range Pages[thing](t.Context(), good, things) {
			if n++; err != nil || n > 3*maxShort {
				break
			}
		}
		if n <= 3*maxShort || time.Since(start) != 0 {
			t.Errorf("%d records after %s", n, time.Since(start))
		}
		all.Wait()
		wantNoListing(t, slow)
		wantNoListing(t, good)
	})
}

// wantNoListing checks that no long listing is counted as being read.
func wantNoListing(t *testing.T, c *Client) {
	t.Helper()
	if !longListings.TryAcquire(maxLong) || !c.longListings.TryAcquire(maxLong/2) {
		t.Error("a listing that ended is still counted")
		return
	}
	longListings.Release(maxLong)
	c.longListings.Release(maxLong / 2)
}

// TestLargeRecordsWithoutEndAreBounded keeps all records of a listing that has few records,
// each with many short texts, and never ends.
func TestLargeRecordsWithoutEndAreBounded(t *testing.T) {
	type large struct{ Names []scalar.Text }
	names := strings.Repeat(fmt.Sprintf(`,"%0100d"`, 1), 5000)
	var pages atomic.Int64
	c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", fmt.Sprintf("<?after=%d>; rel=next", pages.Add(1)))
		_, _ = w.Write([]byte(`[{"names": [` + names[1:] + `]}]`))
	})
	if n := keepAll[large](t, c); n >= maxShort {
		t.Errorf("the listing ended after %d records", n)
	}
}

// TestLongFirstPageWaitsForOthers has a page that is long by itself wait while others are read,
// but not for ever: its buffer is in use.
func TestLongFirstPageWaitsForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, withoutEnd(3*maxShort))
		first := func() error {
			for _, err := range Pages[thing](t.Context(), c, things) {
				return err
			}
			return nil
		}
		for _, held := range []time.Duration{time.Second, time.Hour} {
			if !c.longListings.TryAcquire(maxLong / 2) {
				t.Fatal("a listing that ended is still counted")
			}
			time.AfterFunc(held, func() { c.longListings.Release(maxLong / 2) })
			start := time.Now()
			err := first()
			if held < maxPermitWait && (err != nil || time.Since(start) != held) {
				t.Errorf("after %s: %v", time.Since(start), err)
			}
			if held > maxPermitWait {
				wantReason(t, err, ReasonTimeout)
				time.Sleep(held)
			}
		}
		wantNoListing(t, c)
	})
}
