package collector

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

func TestFailureKeepsTheLastGoodFactsAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(10)}
		h := newHarness(t, Config{MaxAge: time.Minute, MaxStale: time.Hour}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		shown := []string{`license_up{organization_id="1"`, "license_next", "license_days", `license_exporter_collector_success{collector="things"`, `license_exporter_collector_last_success_timestamp_seconds{collector="things"`}
		wantLines(t, h.scrape(t.Context(), shown...),
			`license_days_to_expiration{organization_id="1",product=""} 10`,
			`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="1"} 9.466848e+08`,
			`license_exporter_collector_success{collector="things",organization_id="1"} 1`,
			`license_next_expiration_timestamp_seconds{organization_id="1",product=""} 9.475488e+08`,
			`license_up{organization_id="1"} 1`)

		c.set(alwaysFails)
		time.Sleep(time.Hour)
		wantLines(t, h.scrape(t.Context(), shown...),
			`license_days_to_expiration{organization_id="1",product=""} 9.958333333333334`,
			`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="1"} 9.466848e+08`,
			`license_exporter_collector_success{collector="things",organization_id="1"} 0`,
			`license_next_expiration_timestamp_seconds{organization_id="1",product=""} 9.475488e+08`,
			`license_up{organization_id="1"} 0`)

		time.Sleep(time.Minute) // past max-stale: the facts go, what tells of them stays
		wantLines(t, h.scrape(t.Context(), shown...),
			`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="1"} 9.466848e+08`,
			`license_exporter_collector_success{collector="things",organization_id="1"} 0`,
			`license_up{organization_id="1"} 0`)

		c.set(endsIn(5))
		time.Sleep(time.Minute)
		if got := h.scrape(t.Context(), "license_days", `license_up{organization_id="1"`); !strings.Contains(got, "} 5\n") || !strings.HasSuffix(got, "} 1") {
			t.Errorf("after the next good fetch: %s", got)
		}
	})
}

func TestDaysMoveWithTheClockBetweenFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: endsIn(1)}
		h := newHarness(t, Config{MaxAge: 72 * time.Hour, MaxStale: 72 * time.Hour}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
		defer h.Close()
		for _, want := range []string{"1", "0.5", "0", "-0.5"} {
			wantLines(t, h.scrape(t.Context(), "license_days"), `license_days_to_expiration{organization_id="1",product=""} `+want)
			time.Sleep(12 * time.Hour)
		}
		if n := c.called("1"); n != 1 {
			t.Errorf("%d fetches, want 1", n)
		}
	})
}

func TestHalfAListIsNotTheTruth(t *testing.T) {
	c := &fakeCollector{update: endsIn(1)}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
	want := h.scrape(t.Context(), "license_next", "license_licenses")
	c.set(func(_ context.Context, o licensing.Organization, r *Report) error {
		r.Organization(o.ID).NextEnd("", days(99))
		r.Fold(o.ID).Add(licensing.License{Product: "first page"})
		return errVendor
	})
	if got := h.scrape(t.Context(), "license_next", "license_licenses"); got != want {
		t.Errorf("after a listing that broke off: %s\nwant what was there before: %s", got, want)
	}
}

func TestRemovedLicenseDisappearsWithTheNextGoodFetch(t *testing.T) {
	c := &fakeCollector{}
	c.set(func(_ context.Context, o licensing.Organization, r *Report) error {
		r.Individual(o.ID, licensing.License{ID: "7", Product: "p"})
		return nil
	})
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
	if got := h.scrape(t.Context(), "license_info"); !strings.Contains(got, `license_id="7"`) {
		t.Fatalf("not there to begin with: %q", got)
	}
	c.set(func(_ context.Context, o licensing.Organization, r *Report) error {
		r.Organization(o.ID)
		return nil
	})
	wantLines(t, h.scrape(t.Context(), "license_info"), "")
}

func TestOneOrganizationsFailureTouchesNoOther(t *testing.T) {
	c := &fakeCollector{update: endsIn(1)}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1", "2")}, Named{"things", c})
	before := h.scrape(t.Context(), `license_up{organization_id="2"`, `license_days_to_expiration{organization_id="2"`)
	c.set(func(ctx context.Context, o licensing.Organization, r *Report) error {
		if o.ID == "1" {
			return errVendor
		}
		return endsIn(1)(ctx, o, r)
	})
	after := h.scrape(t.Context(), `license_up{organization_id="2"`, `license_days_to_expiration{organization_id="2"`)
	if before != after {
		t.Errorf("organization 2 shows\n%s\nbefore and\n%s\nafter organization 1 has failed", before, after)
	}
	wantLines(t, h.scrape(t.Context(), "license_up"),
		`license_up{organization_id=""} 1`, `license_up{organization_id="1"} 0`, `license_up{organization_id="2"} 1`)
}

func TestUnreachableVendorIsUpZeroFromTheFirstScrapeOn(t *testing.T) {
	source := &fakeSource{err: &rest.Error{Operation: "list", Reason: rest.ReasonNetwork}}
	h := newHarness(t, Config{Now: fixedClock}, source, Named{"things", &fakeCollector{update: endsIn(1)}})
	wantLines(t, h.scrape(t.Context(), "license_up", "license_organization", "license_exporter_collector_success"),
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 0`,
		`license_up{organization_id=""} 0`)

	source.set(organizations("1"), nil)
	wantLines(t, h.scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`)

	source.set(Discovery{}, errVendor) // the organizations that were known are still collected from
	wantLines(t, h.scrape(t.Context(), "license_up", "license_days"),
		`license_days_to_expiration{organization_id="1",product=""} 1`,
		`license_up{organization_id=""} 0`,
		`license_up{organization_id="1"} 1`)
}

func TestVanishedOrganizationTakesItsSeriesAlong(t *testing.T) {
	source := &fakeSource{discovery: organizations("1", "2")}
	h := newHarness(t, Config{Now: fixedClock}, source, Named{"things", &fakeCollector{update: endsIn(1)}})
	h.Refresh(t.Context(), Selection{})
	source.set(organizations("2"), nil)
	if got := h.scrape(t.Context()); strings.Contains(got, `organization_id="1"`) || !strings.Contains(got, `organization_id="2"`) {
		t.Errorf("want series of organization 2 alone, got\n%s", got)
	}
}

func TestOrganizationThatCannotBeReadKeepsItsFactsAndIsDown(t *testing.T) {
	source := &fakeSource{discovery: organizations("1")}
	c := &fakeCollector{update: endsIn(1)}
	h := newHarness(t, Config{Now: fixedClock}, source, Named{"things", c})
	h.Refresh(t.Context(), Selection{})
	source.set(Discovery{Failed: map[string]error{"1": errVendor, "9": errVendor}}, nil)
	wantLines(t, h.scrape(t.Context(), "license_up", "license_days", "license_organization", "license_exporter_collector_success"),
		`license_days_to_expiration{organization_id="1",product=""} 1`,
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 0`,
		`license_exporter_collector_success{collector="things",organization_id="1"} 1`,
		`license_organization_info{api_enabled="true",licensing_model="model",organization_id="1",organization_name="Organization 1",region=""} 1`,
		`license_up{organization_id=""} 0`,
		`license_up{organization_id="1"} 0`,
		`license_up{organization_id="9"} 0`)
}

func TestAPIDisabledOrganizationIsNamedAndLeftAlone(t *testing.T) {
	d := organizations("1")
	d.Organizations[0].APIEnabled = false
	c := &fakeCollector{update: endsIn(1)}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: d}, Named{"things", c})
	h.Refresh(t.Context(), Selection{})
	wantLines(t, h.scrape(t.Context(), "license_up", "license_organization", "license_exporter_collector_success"),
		`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
		`license_organization_info{api_enabled="false",licensing_model="model",organization_id="1",organization_name="Organization 1",region=""} 1`,
		`license_up{organization_id=""} 1`)
	if c.called("1") != 0 {
		t.Error("it was asked for licenses")
	}
	if n := h.logged.count("API access is switched off"); n != 1 {
		t.Errorf("said %d times, want once:\n%s", n, h.logged)
	}
}

func TestOrganizationListedTwiceIsOne(t *testing.T) {
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1", "1")}, Named{"things", &fakeCollector{update: endsIn(1)}})
	wantLines(t, h.scrape(t.Context(), "license_days"), `license_days_to_expiration{organization_id="1",product=""} 1`)
}

func TestIndividualLicensesAreLimitedPerAccountAndTheRestCounted(t *testing.T) {
	c := &fakeCollector{update: func(_ context.Context, o licensing.Organization, r *Report) error {
		for _, id := range []string{"10", "9"} {
			r.Individual(o.ID, licensing.License{ID: id, Product: "p", End: days(1)})
		}
		r.Organization(o.ID).Single(licensing.License{ID: "always"})
		return nil
	}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1", "2")}, Named{"things", c}) // limit 3
	wantLines(t, h.scrape(t.Context(), "license_expiration", "license_exporter_series_dropped"),
		`license_expiration_timestamp_seconds{license_id="10",organization_id="1",product="p"} 1.7724528e+09`,
		`license_expiration_timestamp_seconds{license_id="9",organization_id="1",product="p"} 1.7724528e+09`,
		`license_expiration_timestamp_seconds{license_id="9",organization_id="2",product="p"} 1.7724528e+09`,
		`license_exporter_series_dropped{collector="things"} 1`)
	if got := h.scrape(t.Context(), "license_info"); strings.Count(got, "always") != 2 {
		t.Errorf("what always has a series of its own fell under the limit:\n%s", got)
	}
}

func TestIndividualLicensesBeyondTheLimitAreNotKept(t *testing.T) {
	r := newReport(testNow, Options{IndividualLicenses: true, IndividualLimit: 2})
	for _, id := range []string{"1", "2", "3", "4"} {
		r.Individual("o", licensing.License{ID: id})
	}
	if n := len(r.Organization("o").optional); n != 2 || r.dropped != 2 {
		t.Errorf("%d kept and %d dropped of 4 at a limit of 2", n, r.dropped)
	}
}

func TestIndividualLicensesAreOffUnlessAskedFor(t *testing.T) {
	r := newReport(testNow, Options{IndividualLimit: 2})
	r.Individual("o", licensing.License{ID: "1"})
	if len(r.organizations) != 0 || r.dropped != 0 {
		t.Error("a license got a series of its own though that is off")
	}
}

func TestSharedLicenseIsShownOnceAndByAnotherIfTheFirstIsGone(t *testing.T) {
	source := &fakeSource{discovery: organizations("10", "9")}
	c := &fakeCollector{update: func(_ context.Context, o licensing.Organization, r *Report) error {
		s := r.Shared("7")
		s.Fold(o.ID, licensing.State{Name: "active"}).Add(licensing.License{Product: "p", State: licensing.State{Name: "active"}})
		s.Organization(o.ID).Single(licensing.License{ID: "7"})
		r.Fold(o.ID, licensing.State{Name: "active"}).Add(licensing.License{Product: "q", State: licensing.State{Name: "active"}})
		return nil
	}}
	h := newHarness(t, Config{Now: fixedClock}, source, Named{"things", c})
	for range 2 { // merging for one scrape must not change what the next one sees
		wantLines(t, h.scrape(t.Context(), "license_licenses{", "license_info"),
			`license_info{device_serial="",license_id="7",license_name="",network_id="",order_id="",organization_id="9",product="",state=""} 1`,
			`license_licenses{assigned="",organization_id="10",product="q",state="active"} 1`,
			`license_licenses{assigned="",organization_id="9",product="p",state="active"} 1`,
			`license_licenses{assigned="",organization_id="9",product="q",state="active"} 1`)
	}
	source.set(organizations("10"), nil)
	if got := h.scrape(t.Context(), "license_info"); !strings.Contains(got, `organization_id="10"`) {
		t.Errorf("the organization that is left does not show it: %q", got)
	}
}

// wholeCollector applies to the account as a whole.
type wholeCollector struct{ *fakeCollector }

func (wholeCollector) Applies(o licensing.Organization) bool { return o.ID == "" }

func TestAccountIsNeitherUpNorDownBeforeItWasTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := wholeCollector{&fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			return sleep(ctx, time.Minute)
		}}}
		d := Discovery{Organizations: []licensing.Organization{{APIEnabled: true}}}
		h := newHarness(t, Config{MaxAge: time.Hour}, &fakeSource{discovery: d}, Named{"things", c})
		defer h.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantLines(t, h.scrape(ctx, "license_up"), "")
		time.Sleep(time.Minute)
		wantLines(t, h.scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`)
	})
}

func TestAccountsConcurrencyOverridesTheEngines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error { return sleep(ctx, time.Second) }}
		h := newHarness(t, Config{}, &fakeSource{})
		h.Close()
		e := New(h.Config, []*Account{{
			Name: "slow", Source: &fakeSource{discovery: organizations("1", "2", "3", "4")}, Concurrency: 2, Collectors: []Named{{"things", c}},
		}})
		defer e.Close()
		e.Refresh(t.Context(), Selection{})
		if c.most != 2 {
			t.Errorf("%d fetches side by side, want 2", c.most)
		}
	})
}

func TestAccountsFetchTimeoutOverridesTheEngines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := wholeCollector{&fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
			return sleep(ctx, 30*time.Minute)
		}}}
		d := Discovery{Organizations: []licensing.Organization{{APIEnabled: true}}}
		h := newHarness(t, Config{MaxAge: time.Minute, FetchTimeout: time.Minute}, &fakeSource{discovery: d}, Named{"things", c})
		defer h.Close()
		(*h.accounts.Load())[0].FetchTimeout = time.Hour
		wantLines(t, h.scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`)
		(*h.accounts.Load())[0].FetchTimeout = 0
		time.Sleep(time.Minute)
		wantLines(t, h.scrape(t.Context(), "license_up"), `license_up{organization_id=""} 0`)
	})
}
