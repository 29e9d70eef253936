package collector

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/client/rest"
	"license_exporter/licensing"
)

// overviewOf refreshes an engine with one collector and returns what it knows
// of each organization.
func overviewOf(t *testing.T, d Discovery, update func(context.Context, licensing.Organization, *Report) error) Overview {
	t.Helper()
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: d}, Named{"things", &fakeCollector{update: update}})
	h.Refresh(t.Context(), Selection{})
	return h.Overview()
}

func TestOverviewSummarizesAnOrganization(t *testing.T) {
	o := overviewOf(t, organizations("1"), func(_ context.Context, o licensing.Organization, r *Report) error {
		f := r.Organization(o.ID)
		f.Product(licensing.Product{ID: "SKU-B", Name: "Product B"})
		f.NextEnd("SKU-A", days(20))
		f.NextEnd("SKU-B", days(-3))
		r.Fold(o.ID).Add(licensing.License{ID: "x", Product: "SKU-C", Phase: licensing.InForce, End: days(5)})
		f.SeatsOf(licensing.SeatsKey{Product: "SKU-A", LicenseID: "1"}, licensing.Seats{Limit: licensing.Seat(10), Assigned: licensing.Seat(4), Available: licensing.Seat(6)})
		f.SeatsOf(licensing.SeatsKey{Product: "SKU-B", LicenseID: "1"}, licensing.Seats{Limit: licensing.Seat(2), Assigned: licensing.Seat(3), Available: licensing.Seat(-1)})
		f.SeatsOf(licensing.SeatsKey{Product: "model"}, licensing.Seats{Required: licensing.Seat(9)})
		f.Verdict(licensing.LicenseKey{LicenseID: "1"}, true)
		f.Verdict(licensing.LicenseKey{LicenseID: "2"}, false)
		f.Verdict(licensing.LicenseKey{LicenseID: "3"}, false)
		f.MissingSeats(licensing.MissingKey{SKU: "SKU-A"}, 2)
		f.MissingSeats(licensing.MissingKey{SKU: "SKU-B"}, 3)
		f.GraceEnd(licensing.LicenseKey{LicenseID: "2"}, days(9))
		f.GraceEnd(licensing.LicenseKey{LicenseID: "3"}, days(7))
		return nil
	})
	want := Overview{
		Now:      testNow,
		Accounts: []AccountSummary{{Name: "acme", Vendor: "test", Organizations: 1, Freshness: Freshness{Oldest: testNow}}},
		Organizations: []OrganizationSummary{{
			Account: "acme", Vendor: "test", ID: "1", Name: "Organization 1", Model: "model", APIEnabled: true,
			Freshness: Freshness{Oldest: testNow},
			NextEnd:   days(-3), NextProduct: "SKU-B", NextProductName: "Product B",
			Seats: licensing.Seats{
				Limit: licensing.Seat(12), Assigned: licensing.Seat(7), Available: licensing.Seat(5), Required: licensing.Seat(9),
			},
			SeatsShort: 1,
			Compliant:  new(false), Violations: 2, MissingSeats: 5, GraceEnd: days(7),
		}},
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("overview differs (-want +got):\n%s", diff)
	}
}

// A total that leaves out what is not known would be wrong.
func TestTotalSeatsAreOfAllProductsOrNotKnown(t *testing.T) {
	type seats = map[licensing.SeatsKey]licensing.Seats
	key := func(product, license string) licensing.SeatsKey {
		return licensing.SeatsKey{Product: product, Unit: "device", LicenseID: license}
	}
	for name, test := range map[string]struct {
		seats seats
		want  licensing.Seats
		short int
	}{
		"none": {},
		"a product without the number in use": {
			seats: seats{key("a", ""): {Limit: licensing.Seat(5), Assigned: licensing.Seat(1)}, key("b", ""): {Limit: licensing.Seat(3)}},
			want:  licensing.Seats{Limit: licensing.Seat(8)},
		},
		"a product that is not bought here": {
			seats: seats{
				key("a", ""): {Limit: licensing.Seat(5), Available: licensing.Seat(4), Required: licensing.Seat(1)},
				key("b", ""): {Available: licensing.Seat(-90), Required: licensing.Seat(100)},
			},
			want: licensing.Seats{Available: licensing.Seat(-86), Required: licensing.Seat(101)}, short: 1,
		},
		"products that are needed and bought under different names": {
			seats: seats{key("model", ""): {Required: licensing.Seat(4)}, key("license", ""): {Limit: licensing.Seat(5)}},
			want:  licensing.Seats{Limit: licensing.Seat(5), Required: licensing.Seat(4)},
		},
		"a product's total and its licenses": {
			seats: seats{
				key("a", ""):  {Limit: licensing.Seat(5), Assigned: licensing.Seat(6)},
				key("a", "1"): {Limit: licensing.Seat(2), Assigned: licensing.Seat(3)},
				key("a", "2"): {Limit: licensing.Seat(3), Assigned: licensing.Seat(3)},
			},
			want: licensing.Seats{Limit: licensing.Seat(5), Assigned: licensing.Seat(6)}, short: 1,
		},
		"a vendor that states the balance alone": {
			seats: seats{key("a", ""): {Available: licensing.Seat(-2)}, key("b", ""): {Available: licensing.Seat(5)}},
			want:  licensing.Seats{Available: licensing.Seat(3)}, short: 1,
		},
	} {
		got, short := totalSeats(test.seats)
		if diff := cmp.Diff(test.want, got); diff != "" || short != test.short {
			t.Errorf("%s: %d short, want %d (-want +got):\n%s", name, short, test.short, diff)
		}
	}
}

func TestOverviewSaysWhatFailsAndHowOldFactsAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := &fakeCollector{update: endsIn(10)}
		flaky := &fakeCollector{update: endsIn(5)}
		h := newHarness(t, Config{}, &fakeSource{discovery: organizations("1")}, Named{"flaky", flaky}, Named{"good", good})
		defer h.Close()
		if o := h.Overview(); len(o.Organizations) != 0 || o.Accounts[0].Waiting != "listing its organizations" || !o.Accounts[0].Oldest.IsZero() {
			t.Errorf("before the first fetch: %+v", o)
		}
		first := time.Now()
		h.Refresh(t.Context(), Selection{})
		flaky.set(alwaysFails)
		time.Sleep(time.Hour)
		h.source.set(Discovery{}, errPlain)
		h.Refresh(t.Context(), Selection{})

		o := h.Overview()
		org := o.Organizations[0]
		want := Freshness{Oldest: first, Failures: []Failure{{"flaky", rest.ReasonServer, errVendor.Error()}}}
		if diff := cmp.Diff(want, org.Freshness); diff != "" {
			t.Errorf("freshness differs (-want +got):\n%s", diff)
		}
		if !org.NextEnd.Equal(first.Add(5 * 24 * time.Hour)) {
			t.Errorf("next end %v: the last good facts are not kept", org.NextEnd)
		}
		if diff := cmp.Diff(Freshness{Oldest: first, Failures: []Failure{{"test_organizations", rest.ReasonDecode, "plain error"}}}, o.Accounts[0].Freshness); diff != "" {
			t.Errorf("the account's freshness differs (-want +got):\n%s", diff)
		}

		time.Sleep(25 * time.Hour) // longer than max-stale
		o = h.Overview()
		if org := o.Organizations[0]; !org.Oldest.IsZero() || !org.NextEnd.IsZero() {
			t.Errorf("facts older than max-stale are still there: %+v", org)
		}
	})
}

func TestOverviewOfOrganizationsWithoutFacts(t *testing.T) {
	off := licensing.Organization{ID: "2", Name: "Off"}
	d := organizations("1")
	d.Organizations = append(d.Organizations, off)
	d.Failed = map[string]error{"3": errVendor}
	o := overviewOf(t, d, func(context.Context, licensing.Organization, *Report) error {
		return fmt.Errorf("%w: not sold here", ErrNotApplicable)
	})
	want := []OrganizationSummary{
		{Account: "acme", Vendor: "test", ID: "1", Name: "Organization 1", Model: "model", APIEnabled: true},
		{Account: "acme", Vendor: "test", ID: "2", Name: "Off"},
		{Account: "acme", Vendor: "test", ID: "3", APIEnabled: true, Freshness: Freshness{Failures: []Failure{{"test_organizations", rest.ReasonServer, errVendor.Error()}}}},
	}
	if diff := cmp.Diff(want, o.Organizations); diff != "" {
		t.Errorf("organizations differ (-want +got):\n%s", diff)
	}
}

// accountWide is a collector for the account as a whole, which knows of
// organizations that the vendor does not list.
type accountWide struct{ fakeCollector }

func (*accountWide) Applies(o licensing.Organization) bool { return o.ID == "" }

func TestOverviewHasOrganizationsThatOnlyFactsNameAndTheAccountAsAWhole(t *testing.T) {
	c := &accountWide{fakeCollector{update: func(_ context.Context, _ licensing.Organization, r *Report) error {
		r.Organization("").Product(licensing.Product{ID: "app", Name: "App"})
		r.Organization("west").NextEnd("app", days(3))
		r.Organization("east").NextEnd("app", days(4))
		return nil
	}}}
	names := &accountWide{fakeCollector{update: func(_ context.Context, _ licensing.Organization, r *Report) error {
		r.Organization("").Product(licensing.Product{ID: "app", Name: "App"})
		return nil
	}}}
	whole := Discovery{Organizations: []licensing.Organization{{APIEnabled: true}}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: whole}, Named{"names", names}, Named{"things", c})
	h.Refresh(t.Context(), Selection{})
	c.set(alwaysFails)
	h.Refresh(t.Context(), Selection{})
	stale := Freshness{Oldest: testNow, Failures: []Failure{newFailure("things", errVendor)}}
	org := func(id string, end time.Time) OrganizationSummary {
		return OrganizationSummary{
			Account: "acme", Vendor: "test", ID: id, APIEnabled: true, Freshness: stale,
			NextEnd: end, NextProduct: "app", NextProductName: "App",
		}
	}
	o := h.Overview()
	if diff := cmp.Diff([]OrganizationSummary{org("east", days(4)), org("west", days(3))}, o.Organizations); diff != "" {
		t.Errorf("organizations differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]AccountSummary{{Name: "acme", Vendor: "test", Organizations: 2, Failing: 2, Freshness: stale}}, o.Accounts); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
}

// An organization that is listed and that no collector reads by itself is as
// fresh as the account.
func TestOverviewOfOrganizationsThatOnlyTheAccountIsReadFor(t *testing.T) {
	c := &accountWide{fakeCollector{update: func(_ context.Context, _ licensing.Organization, r *Report) error {
		r.Organization("").NextEnd("", days(1))
		return nil
	}}}
	d := Discovery{Organizations: []licensing.Organization{{Name: "Root", APIEnabled: true}, {ID: "leaf", Name: "Leaf", APIEnabled: true}}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: d}, Named{"things", c})
	h.Refresh(t.Context(), Selection{})
	want := []OrganizationSummary{
		{Account: "acme", Vendor: "test", Name: "Root", APIEnabled: true, Freshness: Freshness{Oldest: testNow}, NextEnd: days(1)},
		{Account: "acme", Vendor: "test", ID: "leaf", Name: "Leaf", APIEnabled: true, Freshness: Freshness{Oldest: testNow}},
	}
	if diff := cmp.Diff(want, h.Overview().Organizations); diff != "" {
		t.Errorf("organizations differ (-want +got):\n%s", diff)
	}
}

func TestStatusOfAnOrganizationWhoseListingIsTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := Discovery{Failed: map[string]error{"1": errVendor}}
		h := newHarness(t, Config{}, &fakeSource{discovery: d})
		defer h.Close()
		h.Refresh(t.Context(), Selection{})
		time.Sleep(25 * time.Hour)
		h.source.set(Discovery{}, errors.New("still down"))
		h.Refresh(t.Context(), Selection{})
		if got := h.Status()[1].Problem; got != "the organization could not be read" {
			t.Errorf("problem %q", got)
		}
	})
}

// BenchmarkOverview summarizes an estate of 5,000 organizations, each with ten
// products.
func BenchmarkOverview(b *testing.B) {
	var ids []string
	for i := range 5000 {
		ids = append(ids, fmt.Sprint(i+1))
	}
	c := &fakeCollector{update: func(_ context.Context, o licensing.Organization, r *Report) error {
		f, fold := r.Organization(o.ID), r.Fold(o.ID)
		for i := range 10 {
			product := fmt.Sprintf("SKU-%d", i)
			fold.Add(licensing.License{ID: product, Product: product, Phase: licensing.InForce, End: days(float64(i))})
			f.SeatsOf(licensing.SeatsKey{Product: product, Unit: "device"}, licensing.Seats{Limit: licensing.Seat(9), Assigned: licensing.Seat(i)})
		}
		return nil
	}}
	e := New(Config{
		Now: fixedClock, MaxStale: time.Hour, Logger: log.NewNopLogger(), Telemetry: NewTelemetry(prometheus.NewRegistry()),
	}, []*Account{{Name: "acme", Vendor: "test", Source: &fakeSource{discovery: organizations(ids...)}, Collectors: []Named{{"things", c}}}})
	defer e.Close()
	e.Refresh(b.Context(), Selection{})
	b.ReportAllocs()
	for b.Loop() {
		if n := len(e.Overview().Organizations); n != len(ids) {
			b.Fatalf("%d organizations", n)
		}
	}
}
