package status

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// overviewOf returns the overview of an engine with one collector after a
// refresh.
func overviewOf(t *testing.T, d collector.Discovery, update func(context.Context, licensing.Organization, *collector.Report) error) *Overview {
	t.Helper()
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(&enginetest.Collector{Do: update}))
	h.Refresh(t.Context(), engine.Selection{})
	return overview(h)
}

func TestOverviewSummarizesAnOrganization(t *testing.T) {
	o := overviewOf(t, enginetest.Organizations("1"), func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		f := r.Organization(o.ID)
		f.Product(licensing.Product{ID: "SKU-B", Name: "Product B"})
		f.NextEnd("SKU-A", enginetest.Days(20))
		f.NextEnd("SKU-B", enginetest.Days(-3))
		r.Fold(o.ID).Add(licensing.License{ID: "x", Product: "SKU-C", Phase: licensing.InForce, End: enginetest.Days(5)})
		f.SeatsOf(licensing.SeatsKey{Product: "SKU-A", LicenseID: "1"}, licensing.Seats{Limit: licensing.Seat(10), Assigned: licensing.Seat(4), Available: licensing.Seat(6)})
		f.SeatsOf(licensing.SeatsKey{Product: "SKU-B", LicenseID: "1"}, licensing.Seats{Limit: licensing.Seat(2), Assigned: licensing.Seat(3), Available: licensing.Seat(-1)})
		f.SeatsOf(licensing.SeatsKey{Product: "model"}, licensing.Seats{Required: licensing.Seat(9)})
		f.Verdict(licensing.LicenseKey{LicenseID: "1"}, true)
		f.Verdict(licensing.LicenseKey{LicenseID: "2"}, false)
		f.Verdict(licensing.LicenseKey{LicenseID: "3"}, false)
		f.MissingSeats(licensing.MissingKey{SKU: "SKU-A"}, 2)
		f.MissingSeats(licensing.MissingKey{SKU: "SKU-B"}, 3)
		f.GraceEnd(licensing.LicenseKey{LicenseID: "2"}, enginetest.Days(9))
		f.GraceEnd(licensing.LicenseKey{LicenseID: "3"}, enginetest.Days(7))
		return nil
	})
	want := &Overview{
		Now:      enginetest.Now,
		Accounts: []Account{{Name: "acme", Vendor: "test", Organizations: 1, Freshness: Freshness{Oldest: enginetest.Now}}},
		Organizations: []Organization{{
			Account: "acme", Vendor: "test", ID: "1", Name: "Organization 1", Model: "model", APIEnabled: true,
			Freshness: Freshness{Oldest: enginetest.Now},
			NextEnd:   enginetest.Days(-3), NextProduct: "SKU-B", NextProductName: "Product B",
			Seats: licensing.Seats{
				Limit: licensing.Seat(12), Assigned: licensing.Seat(7), Available: licensing.Seat(5), Required: licensing.Seat(9),
			},
			SeatsShort: 1,
			Compliant:  new(false), Violations: 2, MissingSeats: 5, GraceEnd: enginetest.Days(7),
		}},
	}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("overview differs (-want +got):\n%s", diff)
	}
}

// A sum without the products whose number is unknown would be too low.
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
		"different units, which do not add up": {
			seats: seats{
				key("a", ""):                 {Limit: licensing.Seat(5), Assigned: licensing.Seat(6)},
				{Product: "b", Unit: "core"}: {Limit: licensing.Seat(40), Assigned: licensing.Seat(4)},
			},
			short: 1,
		},
		"a vendor that states the balance alone": {
			seats: seats{key("a", ""): {Available: licensing.Seat(-2)}, key("b", ""): {Available: licensing.Seat(5)}},
			want:  licensing.Seats{Available: licensing.Seat(3)}, short: 1,
		},
	} {
		got, short := totalSeats(test.seats, nil)
		if diff := cmp.Diff(test.want, got); diff != "" || short != test.short {
			t.Errorf("%s: %d short, want %d (-want +got):\n%s", name, short, test.short, diff)
		}
	}
}

func TestOverviewShowsFailuresAndTheAgeOfFacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := &enginetest.Collector{Do: enginetest.EndsIn(10)}
		flaky := &enginetest.Collector{Do: enginetest.EndsIn(5)}
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"), collector.Named{Name: "flaky", Collector: flaky}, collector.Named{Name: "good", Collector: good})
		defer h.Close()
		if o := overview(h); len(o.Organizations) != 0 || o.Accounts[0].Waiting != "listing its organizations" || !o.Accounts[0].Oldest.IsZero() {
			t.Errorf("before the first fetch: %+v", o)
		}
		first := time.Now()
		h.Refresh(t.Context(), engine.Selection{})
		flaky.Set(enginetest.Fails)
		time.Sleep(time.Hour)
		h.Source.Set(collector.Discovery{}, enginetest.ErrPlain)
		h.Refresh(t.Context(), engine.Selection{})

		o := overview(h)
		org := o.Organizations[0]
		want := Freshness{Oldest: first, Failures: []Failure{{Collector: "flaky", Reason: rest.ReasonServer, Message: enginetest.ErrVendor.Error()}}}
		if diff := cmp.Diff(want, org.Freshness); diff != "" {
			t.Errorf("freshness differs (-want +got):\n%s", diff)
		}
		if !org.NextEnd.Equal(first.Add(5 * 24 * time.Hour)) {
			t.Errorf("next end %v: the last good facts are not kept", org.NextEnd)
		}
		if diff := cmp.Diff(Freshness{Oldest: first, Failures: []Failure{{Collector: "test_organizations", Reason: rest.ReasonDecode, Message: "plain error"}}}, o.Accounts[0].Freshness); diff != "" {
			t.Errorf("the account's freshness differs (-want +got):\n%s", diff)
		}

		time.Sleep(25 * time.Hour) // longer than max-stale
		o = overview(h)
		if org := o.Organizations[0]; !org.Oldest.IsZero() || !org.NextEnd.IsZero() {
			t.Errorf("facts older than max-stale are still there: %+v", org)
		}
	})
}

func TestOverviewOfOrganizationsWithoutFacts(t *testing.T) {
	off := licensing.Organization{ID: "2", Name: "Off", APIAccess: licensing.APIDisabled}
	d := enginetest.Organizations("1")
	d.Organizations = append(d.Organizations, off)
	d.Failed = map[string]error{"3": enginetest.ErrVendor}
	o := overviewOf(t, d, func(context.Context, licensing.Organization, *collector.Report) error {
		return fmt.Errorf("%w: not sold here", rest.ErrNotApplicable)
	})
	want := []Organization{
		{Account: "acme", Vendor: "test", ID: "1", Name: "Organization 1", Model: "model", APIEnabled: true},
		{Account: "acme", Vendor: "test", ID: "2", Name: "Off"},
		{Account: "acme", Vendor: "test", ID: "3", APIEnabled: true, Freshness: Freshness{Failures: []Failure{{Collector: "test_organizations", Reason: rest.ReasonServer, Message: enginetest.ErrVendor.Error()}}}},
	}
	if diff := cmp.Diff(want, o.Organizations); diff != "" {
		t.Errorf("organizations differ (-want +got):\n%s", diff)
	}
}

func TestOverviewHasOrganizationsThatOnlyReportsName(t *testing.T) {
	c := &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
		r.Organization("").Product(licensing.Product{ID: "app", Name: "App"})
		r.Organization("west").NextEnd("app", enginetest.Days(3))
		r.Organization("east").NextEnd("app", enginetest.Days(4))
		return nil
	}}
	names := &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
		r.Organization("").Product(licensing.Product{ID: "app", Name: "App"})
		return nil
	}}
	account := collector.Discovery{Organizations: []licensing.Organization{{APIAccess: licensing.APIEnabled}}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: account}, collector.Named{Name: "names", Collector: names}, enginetest.Things(c))
	h.Refresh(t.Context(), engine.Selection{})
	c.Set(enginetest.Fails)
	h.Refresh(t.Context(), engine.Selection{})
	stale := Freshness{Oldest: enginetest.Now, Failures: []Failure{*failure("things", enginetest.ErrVendor, nil)}}
	org := func(id string, end time.Time) Organization {
		return Organization{
			Account: "acme", Vendor: "test", ID: id, APIEnabled: true, Freshness: stale,
			NextEnd: end, NextProduct: "app", NextProductName: "App",
		}
	}
	o := overview(h)
	if diff := cmp.Diff([]Organization{org("east", enginetest.Days(4)), org("west", enginetest.Days(3))}, o.Organizations); diff != "" {
		t.Errorf("organizations differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Account{{Name: "acme", Vendor: "test", Organizations: 2, Failing: 2, Freshness: stale}}, o.Accounts); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
}

// An organization that no collector reads separately is as current as the
// account as a whole.
func TestOverviewOfOrganizationsWithoutCollectors(t *testing.T) {
	c := &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
		r.Organization("").NextEnd("", enginetest.Days(1))
		return nil
	}}
	d := collector.Discovery{Organizations: []licensing.Organization{{Name: "Root", APIAccess: licensing.APIEnabled}, {ID: "leaf", Name: "Leaf", APIAccess: licensing.APIEnabled}}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d}, enginetest.Things(c))
	h.Refresh(t.Context(), engine.Selection{})
	want := []Organization{
		{Account: "acme", Vendor: "test", Name: "Root", APIEnabled: true, Freshness: Freshness{Oldest: enginetest.Now}, NextEnd: enginetest.Days(1)},
		{Account: "acme", Vendor: "test", ID: "leaf", Name: "Leaf", APIEnabled: true, Freshness: Freshness{Oldest: enginetest.Now}},
	}
	if diff := cmp.Diff(want, overview(h).Organizations); diff != "" {
		t.Errorf("organizations differ (-want +got):\n%s", diff)
	}
}

func TestRowOfAnOrganizationWhoseListingIsTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := collector.Discovery{Failed: map[string]error{"1": enginetest.ErrVendor}}
		h := enginetest.New(t, engine.Config{}, &enginetest.Source{Discovery: d})
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		time.Sleep(25 * time.Hour)
		h.Source.Set(collector.Discovery{}, errors.New("still down"))
		h.Refresh(t.Context(), engine.Selection{})
		if got := Rows(h.Snapshots(engine.Selection{}))[1].Problem; got != "the organization could not be read" {
			t.Errorf("problem %q", got)
		}
	})
}

func TestOverviewIsCachedForSomeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"))
		defer h.Close()
		shared := Shared(h.Engine)
		h.Refresh(t.Context(), engine.Selection{})
		first := shared()
		h.Source.Set(enginetest.Organizations("1", "2"), nil)
		h.Refresh(t.Context(), engine.Selection{})
		time.Sleep(overviewAge - time.Millisecond)
		if shared() != first {
			t.Error("it was not cached")
		}
		time.Sleep(time.Millisecond)
		if n := len(shared().Organizations); n != 2 {
			t.Errorf("%d organizations, want 2: it is too old", n)
		}
	})
}

func overview(h *enginetest.Harness) *Overview {
	return NewOverview(h.Now(), h.Snapshots(engine.Selection{}))
}

// BenchmarkOverview makes an overview of 5,000 organizations with ten products
// each.
func BenchmarkOverview(b *testing.B) {
	var ids []string
	for i := range 5000 {
		ids = append(ids, fmt.Sprint(i+1))
	}
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		f, fold := r.Organization(o.ID), r.Fold(o.ID)
		for i := range 10 {
			product := fmt.Sprintf("SKU-%d", i)
			fold.Add(licensing.License{ID: product, Product: product, Phase: licensing.InForce, End: enginetest.Days(float64(i))})
			f.SeatsOf(licensing.SeatsKey{Product: product, Unit: "device"}, licensing.Seats{Limit: licensing.Seat(9), Assigned: licensing.Seat(i)})
		}
		return nil
	}}
	h := enginetest.New(b, engine.Config{Now: enginetest.Clock}, enginetest.NewSource(ids...), enginetest.Things(c))
	h.Refresh(b.Context(), engine.Selection{})
	b.ReportAllocs()
	for b.Loop() {
		if n := len(overview(h).Organizations); n != len(ids) {
			b.Fatalf("%d organizations", n)
		}
	}
}
