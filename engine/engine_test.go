package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func TestFactsYoungerThanMaxAgeAreNotFetchedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()

		h.Scrape(t.Context())
		time.Sleep(59 * time.Second)
		h.Scrape(t.Context())
		if n := c.Called("1"); n != 1 {
			t.Errorf("%d fetches within max-age, want 1", n)
		}
		time.Sleep(time.Second)
		h.Scrape(t.Context())
		if n := c.Called("1"); n != 2 {
			t.Errorf("%d fetches once max-age has passed, want 2", n)
		}
		if h.Source.Calls != 2 {
			t.Errorf("organizations listed %d times, want 2", h.Source.Calls)
		}
	})
}

func TestScrapesAtMaxAgeIntervalEachFetchInSpiteOfJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		for range 5 {
			h.Scrape(t.Context())
			time.Sleep(time.Minute - 20*time.Millisecond)
		}
		if n := c.Called("1"); n != 5 {
			t.Errorf("%d fetches in 5 scrapes, want 5", n)
		}
	})
}

func TestMaxAgeZeroFetchesAtEachScrape(t *testing.T) {
	c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
	for range 3 {
		h.Scrape(t.Context())
	}
	if n := c.Called("1"); n != 3 {
		t.Errorf("%d fetches in 3 scrapes, want 3", n)
	}
}

func TestAccountOverridesMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1"))
		h.Close()
		age := 5 * time.Minute
		a := enginetest.Account("slow", enginetest.NewSource("1"), enginetest.Things(c))
		a.MaxAge = &age
		e := engine.New(h.Config, []*engine.Account{a})
		defer e.Close()
		for range 5 {
			e.Refresh(t.Context(), engine.Selection{})
			time.Sleep(time.Minute)
		}
		if n := c.Called("1"); n != 1 {
			t.Errorf("%d fetches within the account's max_age, want 1", n)
		}
		e.Refresh(t.Context(), engine.Selection{})
		if n := c.Called("1"); n != 2 {
			t.Errorf("%d fetches after it, want 2", n)
		}
	})
}

func TestConcurrentScrapesShareOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			r.Organization(o.ID).NextEnd("", enginetest.Days(1))
			return enginetest.Sleep(ctx, time.Second)
		}}
		h := enginetest.New(t, engine.Config{}, &enginetest.Source{Discovery: enginetest.Organizations("1"), Wait: time.Second}, enginetest.Things(c))
		defer h.Close()
		done := make(chan string, 3)
		for range 3 {
			go func() { done <- h.Scrape(t.Context(), "license_next") }()
		}
		for range 3 {
			if got := <-done; !strings.Contains(got, `organization_id="1"`) {
				t.Errorf("a scrape lacks the facts: %q", got)
			}
		}
		if c.Called("1") != 1 || h.Source.Calls != 1 {
			t.Errorf("%d fetches and %d listings for three scrapes at once, want 1 and 1", c.Called("1"), h.Source.Calls)
		}
	})
}

func TestScrapeAnswersAtItsDeadlineAndTheFetchGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := time.Duration(0)
		c := &enginetest.Collector{}
		c.Set(func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			r.Organization(o.ID).NextEnd("", r.Now.Add(time.Hour))
			return enginetest.Sleep(ctx, wait)
		})
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		first := h.Scrape(t.Context(), "license_next")

		wait = 30 * time.Second
		time.Sleep(2 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		if got := h.Scrape(ctx, "license_next"); got != first {
			t.Errorf("at the deadline the scrape shows %q, want the last good facts %q", got, first)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("the scrape took %v, want its deadline of 10s", took)
		}
		time.Sleep(20 * time.Second) // the fetch ends in the background
		if got := h.Scrape(t.Context(), "license_next"); got == first {
			t.Error("the fetch that went on has brought nothing")
		}
		if n := c.Called("1"); n != 2 {
			t.Errorf("%d fetches, want 2: the third scrape uses what the second started", n)
		}
	})
}

func TestNoScrapeNoTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		time.Sleep(24 * time.Hour)
		if c.Called("1") != 1 || h.Source.Calls != 1 {
			t.Errorf("%d fetches, %d listings without a scrape, want those of the first refresh alone", c.Called("1"), h.Source.Calls)
		}
	})
}

func TestFetchesAreBoundedInNumberAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		a := enginetest.Account("acme", enginetest.NewSource("1", "2", "3", "4"), enginetest.Things(c))
		a.Concurrency = 2
		a.Vendor = &collector.Vendor{Name: "test", Defaults: collector.Defaults{FetchTimeout: time.Minute}}
		h := enginetest.NewOf(t, engine.Config{}, a)
		defer h.Close()
		start := time.Now()
		h.Refresh(t.Context(), engine.Selection{})
		if c.Most() != 2 {
			t.Errorf("%d fetches at a time, want 2", c.Most())
		}
		if took := time.Since(start); took != 2*time.Minute {
			t.Errorf("refresh took %v, want two rounds of the fetch timeout", took)
		}
		enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_collector_errors_total{collector="things",reason="timeout"`),
			`license_exporter_collector_errors_total{collector="things",reason="timeout"} 4`)
	})
}

func TestCloseEndsFetchesAndLogsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"), enginetest.Things(c))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Refresh(ctx, engine.Selection{})
		h.Close()
		if h.Log.String() != "" {
			t.Errorf("closing logs %s", h.Log)
		}
	})
}

func TestPanicFailsOneFetchOnly(t *testing.T) {
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		if o.ID == "2" {
			panic("bad record")
		}
		return enginetest.EndsIn(1)(t.Context(), o, r)
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1", "2"), enginetest.Things(c))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_days"),
		`license_days_to_expiration{organization_id="1",product=""} 1`,
		`license_up{organization_id=""} 1`,
		`license_up{organization_id="1"} 1`,
		`license_up{organization_id="2"} 0`)
	if h.Log.Count("bad record") == 0 {
		t.Error("the panic is not in the log")
	}
}

// The warning about max_age comes once. It must not come for a vendor that does
// not answer, which max_age cannot help.
func TestSlowFailureDoesNotWarn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			_ = enginetest.Sleep(ctx, 90*time.Second)
			return enginetest.ErrVendor
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		if n := h.Log.Count("raise max_age"); n != 0 {
			t.Errorf("%d warnings, want none:\n%s", n, h.Log)
		}
	})
}

func TestSlowRefreshWarnsOnceWithWhatToSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			return enginetest.Sleep(ctx, 90*time.Second)
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1", "2"), enginetest.Things(c))
		defer h.Close()
		for range 3 {
			h.Refresh(t.Context(), engine.Selection{})
			time.Sleep(time.Minute)
		}
		if n := h.Log.Count("raise max_age"); n != 1 {
			t.Errorf("%d warnings, want one:\n%s", n, h.Log)
		}
	})
}

func TestFailuresAreLoggedOnceAMinutePerReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.Fails}
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1", "2", "3"), enginetest.Things(c))
		defer h.Close()
		for range 8 { // 24 failures within 80 seconds
			h.Refresh(t.Context(), engine.Selection{})
			time.Sleep(10 * time.Second)
		}
		if n := h.Log.Count("level=error"); n != 2 {
			t.Errorf("%d lines, want one a minute:\n%s", n, h.Log)
		}
		if h.Log.Count("suppressed=17") != 1 {
			t.Errorf("the second line lacks the number of failures that were not logged:\n%s", h.Log)
		}
		for _, want := range []string{"account=acme", "organization_id=1", "getThings", "500 Internal Server Error", "reason=server"} {
			if h.Log.Count(want) == 0 {
				t.Errorf("the log lacks %q:\n%s", want, h.Log)
			}
		}
	})
}

func TestAFailureIsTriedAgainBeforeALongMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.Fails}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		time.Sleep(30 * time.Second)
		h.Refresh(t.Context(), engine.Selection{})
		if n := c.Called("1"); n != 1 {
			t.Errorf("%d tries within a minute, want 1", n)
		}
		time.Sleep(30 * time.Second)
		h.Refresh(t.Context(), engine.Selection{})
		if n := c.Called("1"); n != 2 {
			t.Errorf("%d tries after a minute, want 2", n)
		}
	})
}

func TestAFailureThatTookLongIsNotTriedAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			if err := enginetest.Sleep(ctx, 5*time.Minute); err != nil {
				return err
			}
			return enginetest.ErrVendor
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		for begun := time.Now(); time.Since(begun) < time.Hour; time.Sleep(time.Minute) {
			h.Refresh(t.Context(), engine.Selection{})
		}
		if n := c.Called("1"); n != 3 { // 5 of each 20 minutes
			t.Errorf("%d tries in an hour, want 3", n)
		}
	})
}

func TestNotApplicableIsNoFailureAndLoggedOnce(t *testing.T) {
	c := &enginetest.Collector{Do: func(context.Context, licensing.Organization, *collector.Report) error {
		return fmt.Errorf("%w: %w", rest.ErrNotApplicable, enginetest.ErrVendor)
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
	h.Refresh(t.Context(), engine.Selection{})
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_exporter_collector_success"),
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
		`license_up{organization_id=""} 1`,
		`license_up{organization_id="1"} 1`)
	if n := h.Log.Count("does not apply"); n != 1 || h.Log.Count("level=error") != 0 {
		t.Errorf("logged %d times, want once and no error:\n%s", n, h.Log)
	}
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_collector_errors_total{collector="things",reason="server"`),
		`license_exporter_collector_errors_total{collector="things",reason="server"} 0`)
	c.Set(enginetest.Fails)
	enginetest.WantLines(t, h.Scrape(t.Context(), `license_up{organization_id="1"`, `license_exporter_collector_success{collector="things"`),
		`license_exporter_collector_success{collector="things",organization_id="1"} 0`,
		`license_up{organization_id="1"} 0`)
}
