package exposition_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

const (
	organizationsSuccess = `license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`
	othersSucceed        = `license_exporter_collector_success{collector="others",organization_id="1"} 1`
)

// The fetches of a healthy organization are shown only in a response about this organization.
func TestFetchesAreShownOfOrganizationsThatAreNotHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, others := &enginetest.Collector{Do: enginetest.EndsIn(10)}, &enginetest.Collector{Do: enginetest.EndsIn(20)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute}, enginetest.NewSource("1", "2"),
			enginetest.Things(c), collector.Named{Name: "others", Collector: others})
		defer h.Close()
		one := func(organization string) string {
			t.Helper()
			return h.ScrapeOnly(t.Context(), engine.Selection{Account: "acme", One: true, Organization: organization}, "license_exporter_collector")
		}
		time.Sleep(1500 * time.Millisecond) // times are shown in whole seconds
		wantOne := func() {
			t.Helper()
			enginetest.WantLines(t, one("1"),
				`license_exporter_collector_last_success_timestamp_seconds{collector="others",organization_id="1"} 9.46684801e+08`,
				`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="1"} 9.46684801e+08`,
				othersSucceed,
				`license_exporter_collector_success{collector="things",organization_id="1"} 1`)
		}
		wantOne()
		for range 2 { // an answer about one organization changes nothing in those about all
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_exporter_collector"),
				`license_exporter_collector_last_success_timestamp_seconds{collector="test_organizations",organization_id=""} 9.46684801e+08`,
				`license_exporter_collector_oldest_success_timestamp_seconds{collector="others"} 9.46684801e+08`,
				`license_exporter_collector_oldest_success_timestamp_seconds{collector="test_organizations"} 9.46684801e+08`,
				`license_exporter_collector_oldest_success_timestamp_seconds{collector="things"} 9.46684801e+08`,
				organizationsSuccess)
			wantOne()
		}

		c.Set(func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			if o.ID == "1" {
				return enginetest.ErrVendor
			}
			return enginetest.EndsIn(10)(ctx, o, r)
		})
		time.Sleep(time.Hour)
		wantFailing := func() {
			t.Helper()
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_exporter_collector"),
				`license_exporter_collector_last_success_timestamp_seconds{collector="others",organization_id="1"} 9.46688401e+08`,
				`license_exporter_collector_last_success_timestamp_seconds{collector="test_organizations",organization_id=""} 9.46688401e+08`,
				`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="1"} 9.46684801e+08`,
				`license_exporter_collector_oldest_success_timestamp_seconds{collector="others"} 9.46688401e+08`,
				`license_exporter_collector_oldest_success_timestamp_seconds{collector="test_organizations"} 9.46688401e+08`,
				`license_exporter_collector_oldest_success_timestamp_seconds{collector="things"} 9.46684801e+08`,
				othersSucceed,
				organizationsSuccess,
				`license_exporter_collector_success{collector="things",organization_id="1"} 0`)
		}
		wantFailing()
		enginetest.WantLines(t, one("1"),
			`license_exporter_collector_last_success_timestamp_seconds{collector="others",organization_id="1"} 9.46688401e+08`,
			`license_exporter_collector_last_success_timestamp_seconds{collector="things",organization_id="1"} 9.46684801e+08`,
			othersSucceed,
			`license_exporter_collector_success{collector="things",organization_id="1"} 0`)
		wantFailing()
	})
}

// Fetches that never succeeded, and collectors that do not apply, have no time of success.
func TestOldestSuccessIsOfWhatWasFetched(t *testing.T) {
	for name, test := range map[string]struct {
		do   enginetest.UpdateFunc
		want []string
	}{
		"fails":          {enginetest.Fails, nil},
		"does not apply": {func(context.Context, licensing.Organization, *collector.Report) error { return rest.ErrNotApplicable }, nil},
		"one of two works": {func(ctx context.Context, o licensing.Organization, r *collector.Report) error {
			if o.ID == "1" {
				return enginetest.ErrVendor
			}
			return enginetest.EndsIn(1)(ctx, o, r)
		}, []string{`license_exporter_collector_oldest_success_timestamp_seconds{collector="things"} 1.7723664e+09`}},
	} {
		t.Run(name, func(t *testing.T) {
			h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1", "2"), enginetest.Things(&enginetest.Collector{Do: test.do}))
			enginetest.WantLines(t, h.Scrape(t.Context(), `license_exporter_collector_oldest_success_timestamp_seconds{collector="things"`), test.want...)
		})
	}
}

// The account as a whole always shows its fetches.
func TestFetchesOfTheAccountAsAWhole(t *testing.T) {
	d := collector.Discovery{Organizations: []licensing.Organization{{APIAccess: licensing.APIEnabled}}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1), ForAccount: true}))
	want := []string{
		organizationsSuccess,
		`license_exporter_collector_success{collector="things",organization_id=""} 1`,
	}
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_exporter_collector_success"), want...)
	enginetest.WantLines(t, h.ScrapeOnly(t.Context(), engine.Selection{Account: "acme", One: true}, "license_exporter_collector_success"), want...)
}
