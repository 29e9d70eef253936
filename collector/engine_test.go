package collector

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"license_exporter/licensing"
)

func TestFactsYoungerThanMaxAgeAreNotFetchedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(10)}
		h := newHarness(t, Config{MaxAge: time.Minute}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()

		h.scrape(t.Context())
		time.Sleep(59 * time.Second)
		h.scrape(t.Context())
		if n := c.called("1"); n != 1 {
			t.Errorf("%d fetches within max-age, want 1", n)
		}
		time.Sleep(time.Second)
		h.scrape(t.Context())
		if n := c.called("1"); n != 2 {
			t.Errorf("%d fetches once max-age has passed, want 2", n)
		}
		if h.source.calls != 2 {
			t.Errorf("organizations listed %d times, want 2", h.source.calls)
		}
	})
}

func TestScrapesAtMaxAgeIntervalEachFetchInSpiteOfJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(10)}
		h := newHarness(t, Config{MaxAge: time.Minute}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		for range 5 {
			h.scrape(t.Context())
			time.Sleep(time.Minute - 20*time.Millisecond)
		}
		if n := c.called("1"); n != 5 {
			t.Errorf("%d fetches in 5 scrapes, want 5", n)
		}
	})
}

func TestMaxAgeZeroFetchesAtEachScrape(t *testing.T) {
	c := &fakeCollector{update: endsIn(10)}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
	for range 3 {
		h.scrape(t.Context())
	}
	if n := c.called("1"); n != 3 {
		t.Errorf("%d fetches in 3 scrapes, want 3", n)
	}
}

func TestAccountOverridesMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(10)}
		h := newHarness(t, Config{MaxAge: time.Minute}, &fakeSource{discovery: organizations("1")})
		h.Close()
		age := 5 * time.Minute
		e := New(h.Config, []*Account{{
			Name: "slow", Source: &fakeSource{discovery: organizations("1")}, MaxAge: &age, Collectors: []Named{{"things", c}},
		}})
		defer e.Close()
		for range 5 {
			e.Refresh(t.Context(), Selection{})
			time.Sleep(time.Minute)
		}
		if n := c.called("1"); n != 1 {
			t.Errorf("%d fetches within the account's max_age, want 1", n)
		}
		e.Refresh(t.Context(), Selection{})
		if n := c.called("1"); n != 2 {
			t.Errorf("%d fetches after it, want 2", n)
		}
	})
}

func TestConcurrentScrapesShareOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, o licensing.Organization, r *Report) error {
			r.Organization(o.ID).NextEnd("", days(1))
			return sleep(ctx, time.Second)
		}}
		h := newHarness(t, Config{}, &fakeSource{discovery: organizations("1"), wait: time.Second}, Named{"things", c})
		defer h.Close()
		done := make(chan string, 3)
		for range 3 {
			go func() { done <- h.scrape(t.Context(), "license_next") }()
		}
		for range 3 {
			if got := <-done; !strings.Contains(got, `organization_id="1"`) {
				t.Errorf("a scrape lacks the facts: %q", got)
			}
		}
		if c.called("1") != 1 || h.source.calls != 1 {
			t.Errorf("%d fetches and %d listings for three scrapes at once, want 1 and 1", c.called("1"), h.source.calls)
		}
	})
}

func TestScrapeAnswersAtItsDeadlineAndTheFetchGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := time.Duration(0)
		c := &fakeCollector{}
		c.set(func(ctx context.Context, o licensing.Organization, r *Report) error {
			r.Organization(o.ID).NextEnd("", r.now.Add(time.Hour))
			return sleep(ctx, wait)
		})
		h := newHarness(t, Config{MaxAge: time.Minute}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		first := h.scrape(t.Context(), "license_next")

		wait = 30 * time.Second
		time.Sleep(2 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		if got := h.scrape(ctx, "license_next"); got != first {
			t.Errorf("at the deadline the scrape shows %q, want the last good facts %q", got, first)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("the scrape took %v, want its deadline of 10s", took)
		}
		time.Sleep(20 * time.Second) // the fetch ends in the background
		if got := h.scrape(t.Context(), "license_next"); got == first {
			t.Error("the fetch that went on has brought nothing")
		}
		if n := c.called("1"); n != 2 {
			t.Errorf("%d fetches, want 2: the third scrape uses what the second started", n)
		}
	})
}

func TestNoScrapeNoTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(1)}
		h := newHarness(t, Config{MaxAge: time.Minute}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		h.Refresh(t.Context(), Selection{})
		time.Sleep(24 * time.Hour)
		if c.called("1") != 1 || h.source.calls != 1 {
			t.Errorf("%d fetches, %d listings without a scrape, want those of the first refresh alone", c.called("1"), h.source.calls)
		}
	})
}

func TestFetchesAreBoundedInNumberAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		h := newHarness(t, Config{Concurrency: 2, FetchTimeout: time.Minute}, &fakeSource{discovery: organizations("1", "2", "3", "4")}, Named{"things", c})
		defer h.Close()
		start := time.Now()
		h.Refresh(t.Context(), Selection{})
		if c.most != 2 {
			t.Errorf("%d fetches side by side, want 2", c.most)
		}
		if took := time.Since(start); took != 2*time.Minute {
			t.Errorf("refresh took %v, want two rounds of the fetch timeout", took)
		}
		wantLines(t, lines(t, h.own, `license_exporter_collector_errors_total{collector="things",reason="timeout"`),
			`license_exporter_collector_errors_total{collector="things",reason="timeout"} 4`)
	})
}

func TestCloseEndsFetchesAndLogsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		h := newHarness(t, Config{}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.Refresh(ctx, Selection{})
		h.Close()
		if h.logged.String() != "" {
			t.Errorf("closing logs %s", h.logged)
		}
	})
}

func TestPanicIsAFailureOfItsUnitAlone(t *testing.T) {
	c := &fakeCollector{update: func(_ context.Context, o licensing.Organization, r *Report) error {
		if o.ID == "2" {
			panic("record without mercy")
		}
		return endsIn(1)(t.Context(), o, r)
	}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1", "2")}, Named{"things", c})
	wantLines(t, h.scrape(t.Context(), "license_up", "license_days"),
		`license_days_to_expiration{organization_id="1",product=""} 1`,
		`license_up{organization_id=""} 1`,
		`license_up{organization_id="1"} 1`,
		`license_up{organization_id="2"} 0`)
	if h.logged.count("record without mercy") == 0 {
		t.Error("the panic is not in the log")
	}
}

// A vendor that does not answer is no reason to set max_age, and must not use
// the one warning up.
func TestSlowFailureDoesNotWarn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			_ = sleep(ctx, 90*time.Second)
			return errVendor
		}}
		h := newHarness(t, Config{MaxAge: time.Minute}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		h.Refresh(t.Context(), Selection{})
		if n := h.logged.count("set max_age"); n != 0 {
			t.Errorf("%d warnings, want none:\n%s", n, h.logged)
		}
	})
}

func TestSlowRefreshWarnsOnceWithWhatToSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			return sleep(ctx, 90*time.Second)
		}}
		h := newHarness(t, Config{MaxAge: time.Minute}, &fakeSource{discovery: organizations("1", "2")}, Named{"things", c})
		defer h.Close()
		for range 3 {
			h.Refresh(t.Context(), Selection{})
			time.Sleep(time.Minute)
		}
		if n := h.logged.count("set max_age"); n != 1 {
			t.Errorf("%d warnings, want one:\n%s", n, h.logged)
		}
	})
}

func TestFailuresAreLoggedOnceAMinutePerReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: alwaysFails}
		h := newHarness(t, Config{}, &fakeSource{discovery: organizations("1", "2", "3")}, Named{"things", c})
		defer h.Close()
		for range 8 { // 24 failures within 80 seconds
			h.Refresh(t.Context(), Selection{})
			time.Sleep(10 * time.Second)
		}
		if n := h.logged.count("level=error"); n != 2 {
			t.Errorf("%d lines, want one a minute:\n%s", n, h.logged)
		}
		if h.logged.count("suppressed=17") != 1 {
			t.Errorf("the second line does not count what was kept quiet:\n%s", h.logged)
		}
		for _, want := range []string{"account=acme", "organization_id=1", "getThings", "500 Internal Server Error", "reason=server"} {
			if h.logged.count(want) == 0 {
				t.Errorf("the log lacks %q:\n%s", want, h.logged)
			}
		}
	})
}

func TestAFailureIsTriedAgainBeforeALongMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: alwaysFails}
		h := newHarness(t, Config{MaxAge: time.Hour}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		h.Refresh(t.Context(), Selection{})
		time.Sleep(30 * time.Second)
		h.Refresh(t.Context(), Selection{})
		if n := c.called("1"); n != 1 {
			t.Errorf("%d tries within a minute, want 1", n)
		}
		time.Sleep(30 * time.Second)
		h.Refresh(t.Context(), Selection{})
		if n := c.called("1"); n != 2 {
			t.Errorf("%d tries after a minute, want 2", n)
		}
	})
}

func TestAFailureThatTookLongIsNotTriedAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			if err := sleep(ctx, 5*time.Minute); err != nil {
				return err
			}
			return errVendor
		}}
		h := newHarness(t, Config{MaxAge: time.Hour, FetchTimeout: time.Hour}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		for begun := time.Now(); time.Since(begun) < time.Hour; time.Sleep(time.Minute) {
			h.Refresh(t.Context(), Selection{})
		}
		if n := c.called("1"); n != 3 { // 5 of each 20 minutes
			t.Errorf("%d tries in an hour, want 3", n)
		}
	})
}

func TestReadinessOutlivesNewOrganizations(t *testing.T) {
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"things", &fakeCollector{update: endsIn(1)}})
	h.Refresh(t.Context(), Selection{})
	if got := h.Waiting(false); len(got) != 0 {
		t.Fatalf("it waits for %v", got)
	}
	h.source.set(organizations("1", "2"), nil)
	h.Refresh(t.Context(), Selection{One: true, Organization: "1"})
	if got := h.Waiting(false); len(got) != 0 {
		t.Errorf("it waits for %v, which somebody else may be asked for", got)
	}
}

func TestWaitingNamesWhatHasNotBeenTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			return sleep(ctx, time.Minute)
		}}
		h := newHarness(t, Config{}, &fakeSource{discovery: organizations("1", "2"), wait: time.Second}, Named{"things", c})
		defer h.Close()
		go h.Refresh(t.Context(), Selection{})
		synctest.Wait()
		if got := fmt.Sprint(h.Waiting(false)); got != "[account acme: listing its organizations]" {
			t.Errorf("before the listing: %s", got)
		}
		time.Sleep(2 * time.Second)
		if got := fmt.Sprint(h.Waiting(false)); got != "[account acme: first fetch of 2 organizations]" {
			t.Errorf("before the fetches: %s", got)
		}
		time.Sleep(time.Minute)
		if got := h.Waiting(false); len(got) != 0 {
			t.Errorf("after the fetches: %s", got)
		}
	})
}

// A collector that takes hours must not keep the exporter from serving the others.
func TestFirstFetchesThatTakeLongAreNotAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			return sleep(ctx, 3*time.Hour)
		}}
		h := newHarness(t, Config{FetchTimeout: 12 * time.Hour}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		go h.Refresh(t.Context(), Selection{})
		time.Sleep(readyAfter - time.Second)
		if got := fmt.Sprint(h.Waiting(false)); got != "[account acme: first fetch of 1 organizations]" {
			t.Errorf("within %s: %s", readyAfter, got)
		}
		time.Sleep(time.Second)
		if got := h.Waiting(false); len(got) != 0 {
			t.Errorf("after %s: %s", readyAfter, got)
		}
	})
}

func TestParseErrorsAreCounted(t *testing.T) {
	c := &fakeCollector{update: func(_ context.Context, _ licensing.Organization, r *Report) error {
		r.ParseError("state")
		r.Shared("7").ParseError("state")
		return errPlain
	}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
	wantLines(t, lines(t, h.own, "license_exporter_parse"), `license_exporter_parse_errors_total{field="state"} 0`)
	h.Refresh(t.Context(), Selection{})
	wantLines(t, lines(t, h.own, "license_exporter_parse"), `license_exporter_parse_errors_total{field="state"} 2`)
}

func TestAllReasonsAreCountedFromZero(t *testing.T) {
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{}, Named{"things", &fakeCollector{}})
	if n := testutil.CollectAndCount(h.Telemetry.errors); n != 2*8 {
		t.Errorf("%d series of errors before the first, want 8 reasons for the collector and the discovery", n)
	}
}

func TestNotApplicableIsNoFailureAndSaidOnce(t *testing.T) {
	c := &fakeCollector{update: func(context.Context, licensing.Organization, *Report) error {
		return fmt.Errorf("%w: %w", ErrNotApplicable, errVendor)
	}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
	h.Refresh(t.Context(), Selection{})
	wantLines(t, h.scrape(t.Context(), "license_up", "license_exporter_collector_success"),
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
		`license_up{organization_id=""} 1`,
		`license_up{organization_id="1"} 1`)
	if n := h.logged.count("does not apply"); n != 1 || h.logged.count("level=error") != 0 {
		t.Errorf("said %d times, want once and no error:\n%s", n, h.logged)
	}
	if testutil.ToFloat64(h.Telemetry.errors.WithLabelValues("test", "acme", "things", "server")) != 0 {
		t.Error("it is counted as an error")
	}
	c.set(alwaysFails)
	wantLines(t, h.scrape(t.Context(), `license_up{organization_id="1"`, `license_exporter_collector_success{collector="things"`),
		`license_exporter_collector_success{collector="things",organization_id="1"} 0`,
		`license_up{organization_id="1"} 0`)
}
