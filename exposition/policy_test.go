package exposition_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
	"license_exporter/policy"
)

func setPolicies(h *enginetest.Harness, policies ...policy.Policy) {
	h.Policies.Store(policy.NewSet(policies))
}

var (
	muted   = new(policy.Flag(true))
	audible = new(policy.Flag(false))
	// policyEnd is what endOn of a test gives.
	policyEnd = policy.End{Time: enginetest.Days(100)}
)

// estate reports about each organization a product with an end, one with seats, one with a
// verdict, one that has only licenses, and one that is only named; and a subscription with an
// end, one without, and an individual license.
func estate(_ context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	f.Product(licensing.Product{ID: "ended", Name: "Ends"})
	f.Product(licensing.Product{ID: "named", Name: "Only named"})
	f.NextEnd("ended", enginetest.Days(10))
	f.SeatsOf(licensing.SeatsKey{Product: "seats", Unit: "user"}, licensing.Seats{Limit: licensing.Seat(1)})
	f.Verdict(licensing.LicenseKey{Product: "verdict"}, true)
	r.Fold(o.ID, licensing.State{Name: "active"}).Add(licensing.License{Product: "counted", State: licensing.State{Name: "active"}, Phase: licensing.InForce})
	f.License(licensing.License{ID: "sub-1", End: enginetest.Days(20)})
	f.License(licensing.License{ID: "sub-2"})
	r.Individual(o.ID, licensing.License{ID: "3", Product: "ended", End: enginetest.Days(30)})
	return nil
}

func policyHarness(t *testing.T, update enginetest.UpdateFunc, policies ...policy.Policy) *enginetest.Harness {
	t.Helper()
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: update}))
	setPolicies(h, policies...)
	return h
}

// There is a series for each key that has an end, seats or a verdict, for the organization
// and for the account, and for each rule that is set.
func TestPolicySeries(t *testing.T) {
	h := policyHarness(t, estate,
		policy.Policy{Match: policy.Match{Product: "?*"}, Rules: policy.Rules{Owner: "product team"}},
		policy.Policy{Match: policy.Match{LicenseID: "?*"}, Rules: policy.Rules{Owner: "license team", Renewal: policy.Manual, Muted: audible}},
		policy.Policy{Match: policy.Match{ProductName: "Ends"}, Rules: policy.Rules{
			Renewal: policy.Automatic, Notice: new(model.Duration(60 * licensing.Day)), MinimumAvailableSeats: new(policy.Count(5)), Muted: muted,
		}},
		policy.Policy{Match: policy.Match{OrganizationID: "1"}, Rules: policy.Rules{Renewal: policy.Manual}},
	)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_policy", "license_next_renewal"),
		`license_next_renewal_timestamp_seconds{license_id="",organization_id="1",product="ended"} 1.7732304e+09`,
		`license_policy_info{license_id="",organization_id="1",owner="",product="",renewal="manual"} 1`,
		`license_policy_info{license_id="",organization_id="1",owner="product team",product="ended",renewal="automatic"} 1`,
		`license_policy_info{license_id="",organization_id="1",owner="product team",product="seats",renewal="manual"} 1`,
		`license_policy_info{license_id="",organization_id="1",owner="product team",product="verdict",renewal="manual"} 1`,
		`license_policy_info{license_id="3",organization_id="1",owner="product team",product="ended",renewal="manual"} 1`,
		`license_policy_info{license_id="sub-1",organization_id="1",owner="license team",product="",renewal="manual"} 1`,
		`license_policy_minimum_available_seats{license_id="",organization_id="1",product="ended"} 5`,
		`license_policy_minimum_available_seats{license_id="3",organization_id="1",product="ended"} 5`,
		`license_policy_muted{license_id="",organization_id="1",product="ended"} 1`,
		`license_policy_notice_seconds{license_id="",organization_id="1",product="ended"} 5.184e+06`,
		`license_policy_notice_seconds{license_id="3",organization_id="1",product="ended"} 5.184e+06`,
	)
	setPolicies(h, policy.Policy{Match: policy.Match{OrganizationName: "Organization 1"}, Rules: policy.Rules{Owner: "a"}}, policy.Policy{Rules: policy.Rules{Muted: muted}})
	enginetest.WantLines(t, h.Scrape(t.Context(), `license_policy_info{license_id="",organization_id="1",owner="a",product=""`, `license_policy_muted{license_id="",organization_id="",`),
		`license_policy_info{license_id="",organization_id="1",owner="a",product="",renewal=""} 1`,
		`license_policy_muted{license_id="",organization_id="",product=""} 1`,
	)
	h.Policies.Store(nil)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_policy"), "")
}

// A policy gives an end to what has none by the vendor.
func TestEndOfPolicy(t *testing.T) {
	h := policyHarness(t, estate, policy.Policy{Rules: policy.Rules{End: policyEnd, Renewal: policy.Automatic}})
	const renewed = "license_next_renewal_timestamp_seconds"
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_next_expiration", "license_expiration", "license_days", "license_policy_info{license_id=\"\",organization_id=\"1\",owner=\"\",product=\"counted\"", renewed),
		`license_days_to_expiration{organization_id="1",product="counted"} 100`,
		`license_days_to_expiration{organization_id="1",product="ended"} 10`,
		`license_days_to_expiration{organization_id="1",product="seats"} 100`,
		`license_days_to_expiration{organization_id="1",product="verdict"} 100`,
		`license_expiration_timestamp_seconds{license_id="3",organization_id="1",product="ended"} 1.7749584e+09`,
		`license_expiration_timestamp_seconds{license_id="sub-1",organization_id="1",product=""} 1.7740944e+09`,
		`license_expiration_timestamp_seconds{license_id="sub-2",organization_id="1",product=""} 1.7810064e+09`,
		`license_next_expiration_timestamp_seconds{organization_id="1",product="counted"} 1.7810064e+09`,
		`license_next_expiration_timestamp_seconds{organization_id="1",product="ended"} 1.7732304e+09`,
		`license_next_expiration_timestamp_seconds{organization_id="1",product="seats"} 1.7810064e+09`,
		`license_next_expiration_timestamp_seconds{organization_id="1",product="verdict"} 1.7810064e+09`,
		renewed+`{license_id="",organization_id="1",product="counted"} 1.7810064e+09`,
		renewed+`{license_id="",organization_id="1",product="ended"} 1.7732304e+09`,
		renewed+`{license_id="",organization_id="1",product="seats"} 1.7810064e+09`,
		renewed+`{license_id="",organization_id="1",product="verdict"} 1.7810064e+09`,
		renewed+`{license_id="3",organization_id="1",product="ended"} 1.7749584e+09`,
		renewed+`{license_id="sub-1",organization_id="1",product=""} 1.7740944e+09`,
		renewed+`{license_id="sub-2",organization_id="1",product=""} 1.7810064e+09`,
		`license_policy_info{license_id="",organization_id="1",owner="",product="counted",renewal="automatic"} 1`,
	)
}

// Once the end of a policy has passed, the seats in use depend on what has ended.
func TestEndOfPolicyInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seats := func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			r.Organization(o.ID).SeatsOf(licensing.SeatsKey{Product: "seats", Unit: "user"}, licensing.Seats{Assigned: licensing.Seat(3)})
			return nil
		}
		h := enginetest.New(t, engine.Config{MaxAge: 24 * time.Hour}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: seats}))
		setPolicies(h, policy.Policy{Rules: policy.Rules{End: policy.End{Time: time.Now().Add(time.Hour)}}})
		inUse := func(n string) {
			t.Helper()
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_ended_in_use"), `license_ended_in_use{organization_id="1",product="seats"} `+n)
		}
		inUse("0")
		time.Sleep(time.Hour)
		inUse("3")
	})
}

// The organization as a whole gets the end of a policy unless one of its products has an end.
func TestEndOfPolicyForTheOrganization(t *testing.T) {
	whole := []string{
		`license_days_to_expiration{organization_id="1",product=""} 100`,
		`license_next_expiration_timestamp_seconds{organization_id="1",product=""} 1.7810064e+09`,
	}
	seats := func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID).SeatsOf(licensing.SeatsKey{Product: "a", Unit: "user"}, licensing.Seats{Limit: licensing.Seat(1)})
		return nil
	}
	nothing := func(context.Context, licensing.Organization, *collector.Report) error { return nil }
	end := policy.Rules{End: policyEnd}
	for name, test := range map[string]struct {
		update enginetest.UpdateFunc
		match  policy.Match
		want   []string
	}{
		"without products": {nothing, policy.Match{}, whole},
		"with a product without an end": {seats, policy.Match{}, []string{
			`license_days_to_expiration{organization_id="1",product="a"} 100`,
			`license_next_expiration_timestamp_seconds{organization_id="1",product="a"} 1.7810064e+09`,
		}},
		"of another organization": {nothing, policy.Match{OrganizationID: "2"}, nil},
		"with an end by the vendor": {enginetest.EndsIn(7), policy.Match{}, []string{
			`license_days_to_expiration{organization_id="1",product=""} 7`,
			`license_next_expiration_timestamp_seconds{organization_id="1",product=""} 1.7729712e+09`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := policyHarness(t, test.update, policy.Policy{Match: test.match, Rules: end})
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_days", "license_next_expiration"), test.want...)
		})
	}
}

// Names may come from the account as a whole, as those of products, or from the list of
// organizations, as those of organizations that the account's report is about.
func TestPolicyMatchesNamesOfOtherParts(t *testing.T) {
	source := enginetest.NewSource("", "1", "2")
	source.Discovery.Organizations[0].Name = "The tenant"
	tenant := &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
		r.Organization("").Product(licensing.Product{ID: "p", Name: "Product P"})
		r.Organization("").NextEnd("p", enginetest.Days(1))
		for _, id := range []string{"2", "unlisted"} {
			r.Organization(id).NextEnd("p", enginetest.Days(1))
		}
		return nil
	}}
	own := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		if o.ID == "1" {
			r.Organization(o.ID).NextEnd("p", enginetest.Days(1))
		}
		return nil
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, collector.Named{Name: "tenant", Collector: tenant}, collector.Named{Name: "own", Collector: own})
	setPolicies(h,
		policy.Policy{Match: policy.Match{OrganizationName: "The tenant"}, Rules: policy.Rules{Owner: "tenant"}},
		policy.Policy{Match: policy.Match{OrganizationName: "Organization 2"}, Rules: policy.Rules{Owner: "two"}},
		policy.Policy{Match: policy.Match{ProductName: "Product P"}, Rules: policy.Rules{Renewal: policy.Manual}},
		policy.Policy{Rules: policy.Rules{Owner: "all"}},
	)
	want := []string{
		`license_policy_info{license_id="",organization_id="",owner="tenant",product="",renewal=""} 1`,
		`license_policy_info{license_id="",organization_id="",owner="tenant",product="p",renewal="manual"} 1`,
		`license_policy_info{license_id="",organization_id="1",owner="all",product="",renewal=""} 1`,
		`license_policy_info{license_id="",organization_id="1",owner="all",product="p",renewal="manual"} 1`,
		`license_policy_info{license_id="",organization_id="2",owner="two",product="",renewal=""} 1`,
		`license_policy_info{license_id="",organization_id="2",owner="two",product="p",renewal="manual"} 1`,
		`license_policy_info{license_id="",organization_id="unlisted",owner="all",product="",renewal=""} 1`,
		`license_policy_info{license_id="",organization_id="unlisted",owner="all",product="p",renewal="manual"} 1`,
	}
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_policy"), want...)
	// A request for one organization gives its part. What the account's report says of others is in
	// the account's part.
	for organization, lines := range map[string][]string{"1": want[2:4], "2": want[4:5], "": {want[0], want[1], want[5], want[6], want[7]}} {
		one, err := h.One(t.Context(), "acme", organization)
		if err != nil {
			t.Fatal(err)
		}
		enginetest.WantLines(t, h.ScrapeOnly(t.Context(), one, "license_policy"), lines...)
	}
}

// Series are made again when policies or names change, and only then.
func TestTextFollowsPolicies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		name := "Product P"
		catalogue := &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
			r.Organization("").Product(licensing.Product{ID: "p", Name: name})
			return nil
		}}
		ends := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			r.Organization(o.ID).NextEnd("p", enginetest.Days(1))
			return nil
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, enginetest.NewSource("", "1"), collector.Named{Name: "catalogue", Collector: catalogue}, enginetest.Things(ends))
		defer h.Close()
		set := func() {
			setPolicies(h, policy.Policy{Match: policy.Match{ProductName: "Product P"}, Rules: policy.Rules{Owner: "a"}})
		}
		cached := func() any {
			h.Scrape(t.Context()) // compares the text with the series of the client library
			return h.Cached("acme", "1")
		}
		h.Scrape(t.Context())
		first := cached()
		set()
		second := cached()
		if second == first {
			t.Error("the series were not made again, but there is a policy")
		}
		calls := ends.Called("1")
		if calls != 1 {
			t.Errorf("the facts were fetched %d times, want once", calls)
		}
		if cached() != second {
			t.Error("the series were made again, but nothing has changed")
		}
		only := func(organization string) {
			one, err := h.One(t.Context(), "acme", organization)
			if err != nil {
				t.Fatal(err)
			}
			h.ScrapeOnly(t.Context(), one)
		}
		time.Sleep(time.Hour)
		only("")
		if h.Lines(); h.Cached("acme", "1") != second {
			t.Error("the series were made again, but the names are the same")
		}
		name = "Renamed"
		time.Sleep(time.Hour)
		only("")
		if got := h.Lines(`license_policy_info{license_id="",organization_id="1"`); got != "" || h.Cached("acme", "1") == second {
			t.Errorf("the policy still matches a product that has another name: %s", got)
		}
	})
}
