package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func TestReloadKeepsTheFactsOfAccountsThatStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		stays := h.Account
		closed := false
		joins := enginetest.Account("new", enginetest.NewSource("2"), enginetest.Things(c))
		joins.Close = func() { closed = true }
		h.Reload([]*engine.Account{stays, joins})
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_next"),
			`license_next_expiration_timestamp_seconds{organization_id="1",product=""} 9.475488e+08`,
			`license_next_expiration_timestamp_seconds{account="new",organization_id="2",product=""} 9.475488e+08`)
		if n := c.Called("1"); n != 1 {
			t.Errorf("the account that stays was fetched %d times, want 1", n)
		}
		h.Reload([]*engine.Account{stays})
		synctest.Wait()
		if got := h.Scrape(t.Context(), "license_next"); got != `license_next_expiration_timestamp_seconds{organization_id="1",product=""} 9.475488e+08` || !closed {
			t.Errorf("after an account has gone, closed: %v:\n%s", closed, got)
		}
		if n := len(h.OwnSeries("license_exporter_collector_errors_total")); n != 2*8 {
			t.Errorf("%d counters of errors are left, want those of one account", n)
		}
	})
}

func TestReloadEndsTheFetchesOfAnAccountThatGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			<-ctx.Done()
			ended = true
			return ctx.Err()
		}}
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Refresh(ctx, engine.Selection{})
		h.Reload(nil)
		synctest.Wait()
		if !ended || h.Log.String() != "" {
			t.Errorf("ended: %v, logged: %s", ended, h.Log)
		}
		if n := len(h.OwnSeries("license_exporter_collector_")); n != 0 {
			t.Errorf("%d counters of the account are left", n)
		}
	})
}

// A fetch that a reload cancels is not a failure of the new account.
func TestReloadCountsNoFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			return enginetest.Sleep(ctx, time.Minute)
		}}
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Refresh(ctx, engine.Selection{})
		changed := *h.Account
		h.Reload([]*engine.Account{&changed})
		synctest.Wait()
		enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_collector_errors_total{collector="things",reason="timeout"`),
			`license_exporter_collector_errors_total{collector="things",reason="timeout"} 0`)
	})
}

// A scrape without a deadline must not wait forever for an account that was
// removed.
func TestReloadEndsWaitingScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			return enginetest.Sleep(ctx, time.Minute)
		}}
		a := enginetest.Account("acme", enginetest.NewSource("1", "2"), enginetest.Things(c))
		a.Concurrency = 1
		h := enginetest.NewOf(t, engine.Config{}, a)
		defer h.Close()
		waits := true
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			h.Refresh(ctx, engine.Selection{})
			waits = false
		}()
		synctest.Wait()
		h.Reload(nil)
		synctest.Wait()
		if waits {
			t.Error("a scrape still waits for an account that is gone")
		}
	})
}

// A reload may come while the process ends.
func TestReloadWhileTheEngineIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"))
		h.Begin(true)
		go h.Close()
		for range 10 {
			changed := *h.Account
			h.Reload([]*engine.Account{&changed})
		}
		h.Close()
		late := enginetest.NewSource("1")
		h.Reload([]*engine.Account{enginetest.Account("late", late)})
		synctest.Wait()
		if late.Calls != 0 {
			t.Error("organizations are listed after the engine was closed")
		}
	})
}
