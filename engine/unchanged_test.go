package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// What has not changed since the latest fetch keeps its facts and is current.
func TestUnchangedKeepsFactsCurrent(t *testing.T) {
	now := enginetest.Now
	source, things := enginetest.NewSource("1"), &enginetest.Collector{Do: enginetest.EndsIn(7)}
	h := enginetest.New(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Minute}, source, enginetest.Things(things))
	facts := func() string { return h.Scrape(t.Context(), "license_next", "license_up", "license_organization_info") }
	before := facts()
	parsed := things.Called("1")

	now = now.Add(time.Hour)
	source.Set(collector.Discovery{}, collector.ErrUnchanged)
	things.Set(func(context.Context, licensing.Organization, *collector.Report) error {
		return errors.Join(errors.New("the file is the same"), collector.ErrUnchanged)
	})
	if got := facts(); got != before || things.Called("1") == parsed {
		t.Errorf("the facts changed to\n%s\nfrom\n%s", got, before)
	}
	for _, s := range h.Snapshots(engine.Selection{}) {
		if success := s.Organizations[0].Collectors[0].Success; !success.Equal(now) || !s.DiscoverySuccess.Equal(now) {
			t.Errorf("the latest success was at %v, of the list at %v, want %v", success, s.DiscoverySuccess, now)
		}
	}
	if log := h.Log.String(); log != "" {
		t.Errorf("the log has\n%s", log)
	}
}

// A collector that has no facts to keep must not succeed without any.
func TestUnchangedWithoutFactsIsAFailure(t *testing.T) {
	unchanged := func(context.Context, licensing.Organization, *collector.Report) error { return collector.ErrUnchanged }
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: unchanged}))
	enginetest.WantLines(t, h.Scrape(t.Context(), `license_up{organization_id="1"`), `license_up{organization_id="1"} 0`)
}

// What a vendor says in place of policies comes before them, and needs none.
func TestRulesOfAVendor(t *testing.T) {
	update := func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		f := r.Organization(o.ID)
		for _, product := range []string{"a", "b", "c"} {
			f.NextEnd(product, enginetest.Days(10))
		}
		f.Rules.Set(licensing.LicenseKey{Product: "a"}, policy.Rules{Owner: "of the table", Muted: new(policy.Flag(false))})
		f.Rules.Set(licensing.LicenseKey{Product: "c"}, policy.Rules{Renewal: policy.Automatic})
		f.Rules.Set(licensing.LicenseKey{Product: "nothing is known of it"}, policy.Rules{Owner: "nobody"})
		return nil
	}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: update}))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_policy", "license_next_renewal"),
		`license_next_renewal_timestamp_seconds{license_id="",organization_id="1",product="c"} 1.7732304e+09`,
		`license_policy_info{license_id="",organization_id="1",owner="",product="c",renewal="automatic"} 1`,
		`license_policy_info{license_id="",organization_id="1",owner="of the table",product="a",renewal=""} 1`,
	)
	h.Policies.Store(policy.NewSet([]policy.Policy{{Match: policy.Match{Product: "?"}, Rules: policy.Rules{Owner: "all", Muted: new(policy.Flag(true))}}}))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_policy"),
		`license_policy_info{license_id="",organization_id="1",owner="all",product="b",renewal=""} 1`,
		`license_policy_info{license_id="",organization_id="1",owner="all",product="c",renewal="automatic"} 1`,
		`license_policy_info{license_id="",organization_id="1",owner="of the table",product="a",renewal=""} 1`,
		`license_policy_muted{license_id="",organization_id="1",product="b"} 1`,
		`license_policy_muted{license_id="",organization_id="1",product="c"} 1`,
	)
}
