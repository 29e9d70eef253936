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

// A collector whose child fails has succeeded, but not all facts are of its fetch.
func TestChildThatFailsIsCountedAndMakesTheOrganizationDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			r.ChildFailed(collector.ChildFailure{Child: "agreement 1", Err: enginetest.ErrVendor})
			r.ChildFailed(collector.ChildFailure{Child: "agreement 2", Err: enginetest.ErrVendor})
			r.ChildFailed(collector.ChildFailure{Child: "agreement 3", Err: enginetest.ErrPlain})
			return enginetest.EndsIn(1)(ctx, o, r)
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("1", "2"), enginetest.Things(c))
		defer h.Close()
		shown := []string{"license_up", "license_days", `license_exporter_collector_success{collector="things"`, "license_exporter_records_skipped"}
		enginetest.WantLines(t, h.Scrape(t.Context(), shown...),
			`license_days_to_expiration{organization_id="1",product=""} 1`,
			`license_days_to_expiration{organization_id="2",product=""} 1`,
			`license_exporter_collector_success{collector="things",organization_id="1"} 1`,
			`license_exporter_collector_success{collector="things",organization_id="2"} 1`,
			`license_exporter_records_skipped{collector="things",reason="decode"} 2`,
			`license_exporter_records_skipped{collector="things",reason="server"} 4`,
			`license_up{organization_id=""} 1`,
			`license_up{organization_id="1"} 0`,
			`license_up{organization_id="2"} 0`)
		if all, rest := h.Log.Count(`child="agreement `), h.Log.Count("level=debug"); all != 6 || rest != 4 { // one for each reason
			t.Errorf("%d children are logged, %d of them at level debug, want 6 and 4:\n%s", all, rest, h.Log)
		}
		for _, series := range h.OwnSeries("license_exporter_collector_errors_total") {
			if !strings.HasSuffix(series, " 0") {
				t.Errorf("counted as a fetch that failed: %s", series)
			}
		}
		time.Sleep(2 * time.Minute)
		h.Refresh(t.Context(), engine.Selection{})
		if n := c.Called("1"); n != 1 {
			t.Errorf("%d fetches within max-age, want 1", n)
		}

		c.Set(enginetest.EndsIn(1))
		time.Sleep(time.Hour)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_exporter_records_skipped"),
			`license_up{organization_id=""} 1`, `license_up{organization_id="1"} 1`, `license_up{organization_id="2"} 1`)
	})
}

// listing is a source whose report has findings.
type listing struct{ find func(*collector.Report) }

func (l listing) Discover(_ context.Context, r *collector.Report) (collector.Discovery, error) {
	l.find(r)
	return enginetest.Organizations("1"), nil
}

func TestFindingsOfAListingAreShown(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, listing{func(r *collector.Report) {
		r.Trace().Skipped("getOrganizations", 2)
		r.ChildFailed(collector.ChildFailure{Child: "organization 7", Err: enginetest.ErrVendor})
	}}, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_exporter_records_skipped"),
		`license_exporter_records_skipped{collector="test_organizations",reason="decode"} 2`,
		`license_exporter_records_skipped{collector="test_organizations",reason="server"} 1`,
		`license_up{organization_id=""} 0`,
		`license_up{organization_id="1"} 1`)
}

func TestUnreadableValuesAndRecordsAreLoggedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
			trace := r.Trace()
			trace.Unreadable(rest.Unreadable{Operation: "getThings", Organization: "7", Field: "endDate", Value: "soon"})
			trace.Unreadable(rest.Unreadable{Operation: "getThings", Organization: "7", Field: "endDate", Value: "later"})
			r.CheckKnown("state", "odd", "active")
			trace.Skipped("getThings", 2)
			return nil
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Second}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		const what = `msg="a value from the vendor could not be read, and is left out or passed on unchanged"`
		lines := []string{
			`level=warn vendor=test account=acme collector=things organization_id=7 field=endDate operation=getThings value=soon ` + what,
			`level=warn vendor=test account=acme collector=things organization_id=1 field=state value=odd ` + what,
			`level=warn vendor=test account=acme collector=things organization_id=1 operation=getThings records=2 msg="records from the vendor could not be read and are left out"`,
		}
		for minute := range 2 {
			for range 3 {
				h.Refresh(t.Context(), engine.Selection{})
				time.Sleep(20 * time.Second)
			}
			for _, line := range lines {
				if minute == 0 && h.Log.Count(line) != 1 {
					t.Errorf("it is logged %d times in a minute, want once: %s\nin\n%s", h.Log.Count(line), line, h.Log)
				}
			}
		}
		if n := h.Log.Count("level=warn") - h.Log.Count("suppressed=2"); n != len(lines) || h.Log.Count("level=warn") != 2*n {
			t.Errorf("the second minute lacks the number of what the first suppressed:\n%s", h.Log)
		}
		if n := h.Log.Count("value=later"); n != 0 {
			t.Errorf("a second value of a field is logged:\n%s", h.Log)
		}
	})
}
