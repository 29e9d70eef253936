package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// slowly returns an UpdateFunc that takes as long as wait says when it is called.
func slowly(wait *time.Duration) enginetest.UpdateFunc {
	return func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID).NextEnd("", enginetest.Days(9999))
		return enginetest.Sleep(ctx, *wait)
	}
}

// timedScrape scrapes with a timeout of ten seconds and returns how long the
// scrape took.
func timedScrape(t *testing.T, h *enginetest.Harness) (series string, took time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	start := time.Now()
	return h.Scrape(ctx, "license_next"), time.Since(start)
}

// A scrape of ten seconds need not wait for a fetch of 90 minutes. Only the first
// scrape waits, because no fetch has taken that long before.
func TestScrapeDoesNotWaitForLongFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wait time.Duration
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"),
			enginetest.Things(&enginetest.Collector{Do: slowly(&wait)}))
		defer h.Close()
		timedScrape(t, h)
		wait = 90*time.Minute + 333*time.Millisecond // never ends during a scrape
		waited := 0
		for range 240 {
			time.Sleep(time.Minute)
			series, took := timedScrape(t, h)
			if series == "" {
				t.Fatal("the facts have vanished")
			}
			if took > 0 {
				waited++
			}
		}
		if waited != 1 {
			t.Errorf("%d of 240 scrapes waited, want 1", waited)
		}
	})
}

func TestScrapeDoesNotWaitForAListingThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wait time.Duration
		source := enginetest.NewSource("1")
		h := enginetest.New(t, engine.Config{MaxAge: 5 * time.Minute}, source,
			enginetest.Things(&enginetest.Collector{Do: slowly(&wait)}))
		defer h.Close()
		timedScrape(t, h)
		source.Wait = time.Hour // until the fetch timeout of five minutes
		waited := 0
		for range 20 {
			time.Sleep(time.Minute)
			if series, took := timedScrape(t, h); series == "" || took > 0 {
				waited++
			}
		}
		if waited != 1 {
			t.Errorf("%d of 20 scrapes waited or had no facts, want the first that lists", waited)
		}
	})
}

// A scrape without facts waits until its deadline, however long the fetch takes.
func TestScrapeWithoutFactsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := 25 * time.Second
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"),
			enginetest.Things(&enginetest.Collector{Do: slowly(&wait)}))
		defer h.Close()
		for i, want := range []time.Duration{10 * time.Second, 10 * time.Second, 5 * time.Second} {
			if _, took := timedScrape(t, h); took != want {
				t.Errorf("scrape %d took %v, want %v", i, took, want)
			}
		}
	})
}

// What has hung from the start must not delay the facts of all others.
func TestScrapeDoesNotWaitForFirstFetchesThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			if o.ID == "hangs" {
				return enginetest.Sleep(ctx, time.Hour) // until the fetch timeout of five minutes
			}
			return enginetest.EndsIn(1)(ctx, o, r)
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1", "hangs"), enginetest.Things(c))
		defer h.Close()
		h.Reload([]*engine.Account{h.Account, enginetest.Account("hangs", &enginetest.Source{Wait: time.Hour}, enginetest.Things(c))})
		waited := 0
		for range 20 {
			series, took := timedScrape(t, h)
			if series == "" {
				t.Fatal("the facts of organization 1 are absent")
			}
			if took > 0 {
				waited++
			}
			time.Sleep(time.Minute)
		}
		if waited != 1 {
			t.Errorf("%d of 20 scrapes waited, want the first", waited)
		}
	})
}

// After a slow fetch, scrapes do not wait for the next one. They wait again once
// a fetch was fast.
func TestScrapeWaitsAgainAfterAFastFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wait time.Duration
		c := &enginetest.Collector{Do: slowly(&wait)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		for i, step := range []struct{ fetch, scrape time.Duration }{
			{0, 0}, {30 * time.Second, 10 * time.Second}, {2 * time.Second, 0}, {2 * time.Second, 2 * time.Second},
		} {
			synctest.Wait() // the latest fetch has ended
			wait = step.fetch
			if _, took := timedScrape(t, h); took != step.scrape {
				t.Errorf("scrape %d, of a fetch of %v, took %v, want %v", i, step.fetch, took, step.scrape)
			}
			time.Sleep(2 * time.Minute)
		}
		if n := c.Called("1"); n != 4 {
			t.Errorf("%d fetches, want 4", n)
		}
	})
}

// While fetches succeed, facts must not vanish, for any max-age, max-stale and
// the duration of fetches are.
func TestFactsOutlastAFetchThatTakesLong(t *testing.T) {
	for name, test := range map[string]struct{ maxAge, maxStale, fetch, every time.Duration }{
		"max-age is max-stale":            {24 * time.Hour, 24 * time.Hour, 3 * time.Hour, 15 * time.Minute},
		"a fetch longer than max-stale":   {time.Hour, time.Hour, 5 * time.Hour, time.Minute},
		"a fetch at each scrape":          {0, time.Minute, 90 * time.Second, 30 * time.Second},
		"scrapes apart by almost max-age": {24 * time.Hour, 24 * time.Hour, time.Hour, 23 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wait := test.fetch + 333*time.Millisecond // never ends during a scrape
				d := enginetest.Organizations("1")
				h := enginetest.New(t, engine.Config{MaxAge: test.maxAge, MaxStale: test.maxStale}, &enginetest.Source{Discovery: d},
					enginetest.Things(&enginetest.Collector{Do: slowly(&wait)}))
				defer h.Close()
				h.Refresh(t.Context(), engine.Selection{})
				absent, scrapes := 0, int(4*24*time.Hour/test.every)
				for range min(scrapes, 2000) {
					time.Sleep(test.every)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					if got := h.Scrape(ctx, "license_next", "license_organization_info"); strings.Count(got, "} ") != 2 {
						absent++
					}
					cancel()
				}
				if absent > 0 {
					t.Errorf("facts were absent in %d of %d scrapes", absent, scrapes)
				}
			})
		})
	}
}

// Facts of a fetch that took longer than max-stale are shown when it ends, even
// if no other fetch has started yet.
func TestFactsOfALongFetchAreShownAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := 5 * time.Hour
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour, MaxStale: time.Hour}, enginetest.NewSource("1"),
			enginetest.Things(&enginetest.Collector{Do: slowly(&wait)}))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		if got := enginetest.Lines(t, h.Gatherer(engine.Selection{}), "license_next"); got == "" {
			t.Error("the facts are absent")
		}
	})
}

// The age of facts counts from the start of the fetch, when they were true.
func TestAgeCountsFromTheStartOfAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := 40 * time.Minute
		c := &enginetest.Collector{Do: slowly(&wait)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour, MaxStale: 2 * time.Hour},
			enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{}) // the facts are now 40 minutes old
		time.Sleep(19 * time.Minute)
		h.Refresh(t.Context(), engine.Selection{})
		if n := c.Called("1"); n != 1 {
			t.Fatalf("%d fetches before max-age has passed, want 1", n)
		}
		time.Sleep(time.Minute)
		c.Set(enginetest.Fails)
		h.Refresh(t.Context(), engine.Selection{})
		if n := c.Called("1"); n != 2 {
			t.Fatalf("%d fetches an hour after the first started, want 2", n)
		}
		time.Sleep(time.Hour)
		if got := h.Scrape(t.Context(), "license_next"); got == "" {
			t.Error("two hours after they were true, facts have vanished already")
		}
		time.Sleep(time.Minute)
		if got := h.Scrape(t.Context(), "license_next"); got != "" {
			t.Errorf("more than two hours after they were true, facts are still there: %s", got)
		}
	})
}

func TestAccountIsNeitherUpNorDownBeforeItsFirstListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, &enginetest.Source{Discovery: enginetest.Organizations("1"), Wait: time.Minute},
			enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
		defer h.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		enginetest.WantLines(t, h.Scrape(ctx, "license_up"), "")
		time.Sleep(time.Minute)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`)
	})
}
