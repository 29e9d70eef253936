package collector

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"license_exporter/licensing"
)

func TestReloadKeepsTheFactsOfAccountsThatStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(10)}
		h := newHarness(t, Config{MaxAge: time.Hour}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		h.Refresh(t.Context(), Selection{})
		stays := (*h.accounts.Load())[0].Account
		closed := false
		joins := &Account{
			Name: "new", Vendor: "test", Source: &fakeSource{discovery: organizations("2")}, SourceName: "test_organizations",
			Collectors: []Named{{"things", c}}, Close: func() { closed = true },
		}
		h.Reload([]*Account{stays, joins})
		wantLines(t, h.scrape(t.Context(), "license_next"),
			`license_next_expiration_timestamp_seconds{organization_id="1",product=""} 9.475488e+08`,
			`license_next_expiration_timestamp_seconds{account="new",organization_id="2",product=""} 9.475488e+08`)
		if n := c.called("1"); n != 1 {
			t.Errorf("the account that stays was fetched %d times, want 1", n)
		}
		h.Reload([]*Account{stays})
		synctest.Wait()
		if got := h.scrape(t.Context(), "license_next"); got != `license_next_expiration_timestamp_seconds{organization_id="1",product=""} 9.475488e+08` || !closed {
			t.Errorf("after an account has gone, closed: %v:\n%s", closed, got)
		}
		if n := testutil.CollectAndCount(h.Telemetry.errors); n != 2*8 {
			t.Errorf("%d counters of errors are left, want those of one account", n)
		}
	})
}

func TestReloadEndsTheFetchesOfAnAccountThatGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			<-ctx.Done()
			ended = true
			return ctx.Err()
		}}
		h := newHarness(t, Config{}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Refresh(ctx, Selection{})
		h.Reload(nil)
		synctest.Wait()
		if !ended || h.logged.String() != "" {
			t.Errorf("ended: %v, logged: %s", ended, h.logged)
		}
		if n := testutil.CollectAndCount(h.Telemetry.errors) + testutil.CollectAndCount(h.Telemetry.duration); n != 0 {
			t.Errorf("%d counters of the account are left", n)
		}
	})
}

// What a reload breaks off is no failure of the account that has the name now.
func TestReloadCountsNoFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			return sleep(ctx, time.Minute)
		}}
		h := newHarness(t, Config{}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Refresh(ctx, Selection{})
		changed := *(*h.accounts.Load())[0].Account
		h.Reload([]*Account{&changed})
		synctest.Wait()
		if n := testutil.ToFloat64(h.Telemetry.errors.WithLabelValues("test", "acme", "things", "timeout")); n != 0 {
			t.Errorf("%v failures are counted", n)
		}
	})
}

// Whoever waits for an account that goes is let go with it, also where nobody
// else ends the wait.
func TestReloadLetsGoOfThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			return sleep(ctx, time.Minute)
		}}
		h := newHarness(t, Config{Concurrency: 1}, &fakeSource{discovery: organizations("1", "2")}, Named{"things", c})
		defer h.Close()
		waits := true
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			h.Refresh(ctx, Selection{})
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
