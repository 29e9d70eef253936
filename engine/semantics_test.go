package engine_test

import (
	"context"
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

func TestFailureIsReportedAndKeepsTheLastGoodFacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute, MaxStale: time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		shown := []string{`license_up{organization_id="1"`, "license_next", "license_days", `license_exporter_collector_success{collector="things"`, `license_exporter_collector_last_success_timestamp_seconds{collector="things"`}
		enginetest.WantLines(t, h.Scrape(t.Context(), shown...),
			`license_days_to_expiration{organization_id="1",product=""} 10`,
			`license_next_expiration_timestamp_seconds{organization_id="1",product=""} 9.475488e+08`,
			`license_up{organization_id="1"} 1`)

		c.Set(enginetest.Fails)
		time.Sleep(time.Hour)
		enginetest.WantLines(t, h.Scrape(t.Context(), shown...),
			`license_days_to_expiration{organization_id="1",product=""} 9.9609375`,
			`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="1"} 9.466848e+08`,
			`license_exporter_collector_success{collector="things",organization_id="1"} 0`,
			`license_next_expiration_timestamp_seconds{organization_id="1",product=""} 9.475488e+08`,
			`license_up{organization_id="1"} 0`)

		time.Sleep(time.Minute) // past max-stale: the facts are dropped, metrics about the collector stay
		enginetest.WantLines(t, h.Scrape(t.Context(), shown...),
			`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="1"} 9.466848e+08`,
			`license_exporter_collector_success{collector="things",organization_id="1"} 0`,
			`license_up{organization_id="1"} 0`)

		c.Set(enginetest.EndsIn(5))
		time.Sleep(time.Minute)
		if got := h.Scrape(t.Context(), "license_days", `license_up{organization_id="1"`); !strings.Contains(got, "} 5\n") || !strings.HasSuffix(got, "} 1") {
			t.Errorf("after the next good fetch: %s", got)
		}
	})
}

func TestDaysMoveWithTheClockBetweenFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
		h := enginetest.New(t, engine.Config{MaxAge: 72 * time.Hour, MaxStale: 72 * time.Hour}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		for _, want := range []string{"1", "0.5", "-0.0078125", "-0.5"} {
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_days"), `license_days_to_expiration{organization_id="1",product=""} `+want)
			time.Sleep(12 * time.Hour)
		}
		if n := c.Called("1"); n != 1 {
			t.Errorf("%d fetches, want 1", n)
		}
	})
}

func TestIncompleteListIsNotShown(t *testing.T) {
	c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
	want := h.Scrape(t.Context(), "license_next", "license_licenses")
	c.Set(func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID).NextEnd("", enginetest.Days(99))
		r.Fold(o.ID).Add(licensing.License{Product: "first page"})
		return enginetest.ErrVendor
	})
	if got := h.Scrape(t.Context(), "license_next", "license_licenses"); got != want {
		t.Errorf("after an incomplete listing: %s\nwant the facts before it: %s", got, want)
	}
}

func TestRemovedLicenseDisappearsWithTheNextGoodFetch(t *testing.T) {
	c := &enginetest.Collector{}
	c.Set(func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Individual(o.ID, licensing.License{ID: "7", Product: "p"})
		return nil
	})
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
	if got := h.Scrape(t.Context(), "license_info"); !strings.Contains(got, `license_id="7"`) {
		t.Fatalf("not there to begin with: %q", got)
	}
	c.Set(func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID)
		return nil
	})
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_info"), "")
}

func TestFailureOfAnOrganizationDoesNotAffectOthers(t *testing.T) {
	c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1", "2"), enginetest.Things(c))
	before := h.Scrape(t.Context(), `license_up{organization_id="2"`, `license_days_to_expiration{organization_id="2"`)
	c.Set(func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
		if o.ID == "1" {
			return enginetest.ErrVendor
		}
		return enginetest.EndsIn(1)(ctx, o, r)
	})
	after := h.Scrape(t.Context(), `license_up{organization_id="2"`, `license_days_to_expiration{organization_id="2"`)
	if before != after {
		t.Errorf("organization 2 shows\n%s\nbefore and\n%s\nafter organization 1 has failed", before, after)
	}
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"),
		`license_up{organization_id=""} 1`, `license_up{organization_id="1"} 0`, `license_up{organization_id="2"} 1`)
}

func TestUnreachableVendorIsUpZeroFromTheFirstScrapeOn(t *testing.T) {
	source := &enginetest.Source{Err: &rest.Error{Operation: "list", Reason: rest.ReasonNetwork}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_organization", "license_exporter_collector_success"),
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 0`,
		`license_up{organization_id=""} 0`)

	source.Set(enginetest.Organizations("1"), nil)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`)

	source.Set(collector.Discovery{}, enginetest.ErrVendor) // the known organizations are still read
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_days"),
		`license_days_to_expiration{organization_id="1",product=""} 1`,
		`license_up{organization_id=""} 0`,
		`license_up{organization_id="1"} 1`)
}

func TestSeriesOfAVanishedOrganizationVanish(t *testing.T) {
	source := enginetest.NewSource("1", "2")
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	h.Refresh(t.Context(), engine.Selection{})
	source.Set(enginetest.Organizations("2"), nil)
	if got := h.Scrape(t.Context()); strings.Contains(got, `organization_id="1"`) || !strings.Contains(got, `organization_id="2"`) {
		t.Errorf("want series of organization 2 alone, got\n%s", got)
	}
}

func TestOrganizationThatCannotBeReadKeepsItsFactsAndIsDown(t *testing.T) {
	source := enginetest.NewSource("1")
	c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(c))
	h.Refresh(t.Context(), engine.Selection{})
	source.Set(collector.Discovery{Failed: map[string]error{"1": enginetest.ErrVendor, "9": enginetest.ErrVendor}}, nil)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_days", "license_organization", "license_exporter_collector_success"),
		`license_days_to_expiration{organization_id="1",product=""} 1`,
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 0`,
		`license_exporter_collector_success{collector="things",organization_id="1"} 1`,
		`license_organization_info{api_enabled="true",licensing_model="model",organization_id="1",organization_name="Organization 1",region=""} 1`,
		`license_up{organization_id=""} 0`,
		`license_up{organization_id="1"} 0`,
		`license_up{organization_id="9"} 0`)
}

func TestOrganizationWithDisabledAPIIsShownAndNotRead(t *testing.T) {
	d := enginetest.Organizations("1")
	d.Organizations[0].APIAccess = licensing.APIDisabled
	c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(c))
	h.Refresh(t.Context(), engine.Selection{})
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_organization", "license_exporter_collector_success"),
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
		`license_organization_info{api_enabled="false",licensing_model="model",organization_id="1",organization_name="Organization 1",region=""} 1`,
		`license_up{organization_id=""} 1`)
	if c.Called("1") != 0 {
		t.Error("its licenses were requested")
	}
	if n := h.Log.Count("API access is switched off"); n != 1 {
		t.Errorf("logged %d times, want once:\n%s", n, h.Log)
	}
}

func TestOrganizationListedTwiceIsOne(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1", "1"), enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_days"), `license_days_to_expiration{organization_id="1",product=""} 1`)
}

func TestIndividualLicensesAreLimitedPerAccountAndTheRestCounted(t *testing.T) {
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		for _, id := range []string{"10", "9"} {
			r.Individual(o.ID, licensing.License{ID: id, Product: "p", End: enginetest.Days(1)})
		}
		r.Organization(o.ID).License(licensing.License{ID: "always"})
		return nil
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1", "2"), enginetest.Things(c)) // limit 3
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_expiration", "license_exporter_series_dropped"),
		`license_expiration_timestamp_seconds{license_id="10",organization_id="1",product="p"} 1.7724528e+09`,
		`license_expiration_timestamp_seconds{license_id="9",organization_id="1",product="p"} 1.7724528e+09`,
		`license_expiration_timestamp_seconds{license_id="9",organization_id="2",product="p"} 1.7724528e+09`,
		`license_exporter_series_dropped{collector="things"} 1`)
	if got := h.Scrape(t.Context(), "license_info"); strings.Count(got, "always") != 2 {
		t.Errorf("the limit applies to licenses that always have series of their own:\n%s", got)
	}
}

func TestSharedLicenseIsShownOnceAndByAnotherIfTheFirstIsGone(t *testing.T) {
	source := enginetest.NewSource("10", "9")
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		s := r.Shared("7")
		s.Fold(o.ID, licensing.State{Name: "active"}).Add(licensing.License{Product: "p", State: licensing.State{Name: "active"}})
		s.Organization(o.ID).License(licensing.License{ID: "7"})
		r.Fold(o.ID, licensing.State{Name: "active"}).Add(licensing.License{Product: "q", State: licensing.State{Name: "active"}})
		return nil
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(c))
	for range 2 { // merging for a scrape must not change the report
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_licenses{", "license_info"),
			`license_info{device_serial="",license_id="7",license_name="",network_id="",order_id="",organization_id="9",product="",state=""} 1`,
			`license_licenses{assigned="",organization_id="10",product="q",state="active"} 1`,
			`license_licenses{assigned="",organization_id="9",product="p",state="active"} 1`,
			`license_licenses{assigned="",organization_id="9",product="q",state="active"} 1`)
	}
	source.Set(enginetest.Organizations("10"), nil)
	if got := h.Scrape(t.Context(), "license_info"); !strings.Contains(got, `organization_id="10"`) {
		t.Errorf("the organization that is left does not show it: %q", got)
	}
}

func TestAccountIsNeitherUpNorDownBeforeItWasTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{ForAccount: true, Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			return enginetest.Sleep(ctx, time.Minute)
		}}
		d := collector.Discovery{Organizations: []licensing.Organization{{APIAccess: licensing.APIEnabled}}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, &enginetest.Source{Discovery: d}, enginetest.Things(c))
		defer h.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		enginetest.WantLines(t, h.Scrape(ctx, "license_up"), "")
		time.Sleep(time.Minute)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`)
	})
}

func TestFetchTimeoutOfTheVendor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{ForAccount: true, Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			return enginetest.Sleep(ctx, 30*time.Minute)
		}}
		d := collector.Discovery{Organizations: []licensing.Organization{{APIAccess: licensing.APIEnabled}}}
		for timeout, want := range map[time.Duration]string{time.Hour: "1", 0: "0"} {
			a := enginetest.Account("acme", &enginetest.Source{Discovery: d}, enginetest.Things(c))
			a.Vendor = &collector.Vendor{Name: "slow", Defaults: collector.Defaults{FetchTimeout: timeout}}
			h := enginetest.NewOf(t, engine.Config{}, a)
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} `+want)
			h.Close()
		}
	})
}
