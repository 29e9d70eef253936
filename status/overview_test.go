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
	"license_exporter/policy"
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
	org := o.Organizations[0]
	sku := licensing.LicenseKey{Product: "SKU-C"}
	if org.NextLicense == nil || org.NextLicense.LicenseKey != sku || !org.NextEnd.Equal(enginetest.Days(5)) {
		t.Errorf("next end %v of %v, want that of what ends from now on", org.NextEnd, org.NextLicense)
	}
	wantWorst := Problem{Kind: Expired, Severity: Critical, When: enginetest.Days(-3)}
	if diff := cmp.Diff(wantWorst, org.Worst); diff != "" {
		t.Errorf("the worst problem differs (-want +got):\n%s", diff)
	}
	if want := KindsOf([]Problem{{Kind: Expired}, {Kind: Expiring}, {Kind: NonCompliant}, {Kind: GraceEnding}}); org.Kinds != want {
		t.Errorf("kinds %b, want %b", org.Kinds, want)
	}
	if n := len(org.Licenses); n != 10 {
		t.Errorf("%d licenses, want 10: %+v", n, org.Licenses)
	}
	org.Licenses, org.NextLicense, org.Worst, org.Kinds = nil, nil, Problem{}, 0
	want := Organization{
		Account: "acme", Vendor: "test", ID: "1", Name: "Organization 1", Model: "model", APIEnabled: true,
		Freshness: Freshness{Oldest: enginetest.Now},
		NextEnd:   enginetest.Days(5),
		Seats: []Seats{{UnitName: "", Seats: licensing.Seats{
			Limit: licensing.Seat(12), Assigned: licensing.Seat(7), Available: licensing.Seat(5), Required: licensing.Seat(9),
		}}},
		Compliant: new(false), Violations: 2, Over: true,
	}
	if diff := cmp.Diff(want, org); diff != "" {
		t.Errorf("the organization differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Account{{Name: "acme", Vendor: "test", Organizations: 1, Freshness: Freshness{Oldest: enginetest.Now}}}, o.Accounts); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
}

// A sum without the products whose number is unknown would be too low.
func TestTotalSeatsAreOfAllProductsOrNotKnown(t *testing.T) {
	of := func(product, license string, seats licensing.Seats) License {
		return License{LicenseKey: licensing.LicenseKey{Product: product, LicenseID: license}, Seats: []Seats{{Unit: "device", Seats: seats}}}
	}
	one := func(seats licensing.Seats) []Seats { return []Seats{{Unit: "device", Seats: seats}} }
	for name, test := range map[string]struct {
		licenses []License
		want     []Seats
	}{
		"none": {},
		"a product without the number in use": {
			[]License{of("a", "", licensing.Seats{Limit: licensing.Seat(5), Assigned: licensing.Seat(1)}), of("b", "", licensing.Seats{Limit: licensing.Seat(3)})},
			one(licensing.Seats{Limit: licensing.Seat(8)}),
		},
		"a product that is not bought here": {
			[]License{
				of("a", "", licensing.Seats{Limit: licensing.Seat(5), Available: licensing.Seat(4), Required: licensing.Seat(1)}),
				of("b", "", licensing.Seats{Available: licensing.Seat(-90), Required: licensing.Seat(100)}),
			},
			one(licensing.Seats{Available: licensing.Seat(-86), Required: licensing.Seat(101)}),
		},
		"products that are needed and bought under different names": {
			[]License{of("model", "", licensing.Seats{Required: licensing.Seat(4)}), of("license", "", licensing.Seats{Limit: licensing.Seat(5)})},
			one(licensing.Seats{Limit: licensing.Seat(5), Required: licensing.Seat(4)}),
		},
		"a product's total and its licenses": {
			[]License{
				of("a", "", licensing.Seats{Limit: licensing.Seat(5), Assigned: licensing.Seat(6)}),
				of("a", "1", licensing.Seats{Limit: licensing.Seat(2), Assigned: licensing.Seat(3)}),
				of("a", "2", licensing.Seats{Limit: licensing.Seat(3), Assigned: licensing.Seat(3)}),
			},
			one(licensing.Seats{Limit: licensing.Seat(5), Assigned: licensing.Seat(6)}),
		},
		"different units, which do not add up": {
			[]License{
				of("a", "", licensing.Seats{Limit: licensing.Seat(5), Assigned: licensing.Seat(6)}),
				{LicenseKey: licensing.LicenseKey{Product: "b"}, Seats: []Seats{{Unit: "core", Seats: licensing.Seats{Limit: licensing.Seat(40)}}}},
			},
			[]Seats{
				{Unit: "core", Seats: licensing.Seats{Limit: licensing.Seat(40)}},
				{Unit: "device", Seats: licensing.Seats{Limit: licensing.Seat(5), Assigned: licensing.Seat(6)}},
			},
		},
		"a vendor that states the balance alone": {
			[]License{of("a", "", licensing.Seats{Available: licensing.Seat(-2)}), of("b", "", licensing.Seats{Available: licensing.Seat(5), Kind: licensing.OveruseAllowed})},
			one(licensing.Seats{Available: licensing.Seat(3)}),
		},
	} {
		if diff := cmp.Diff(test.want, totalSeats(test.licenses)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
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
		org := o.Organizations[1]
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
		if org := o.Organizations[1]; !org.Oldest.IsZero() || !org.NextEnd.IsZero() {
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
	unreadable := Problem{Kind: Unreadable, Severity: Warning}
	want := []Organization{
		{Account: "acme", Vendor: "test", ID: "1", Name: "Organization 1", Model: "model", APIEnabled: true},
		{Account: "acme", Vendor: "test", ID: "2", Name: "Off", Worst: unreadable, Kinds: KindsOf([]Problem{unreadable})},
		{Account: "acme", Vendor: "test", ID: "3", APIEnabled: true, Worst: unreadable, Kinds: KindsOf([]Problem{unreadable}), Freshness: Freshness{Failures: []Failure{{Collector: "test_organizations", Reason: rest.ReasonServer, Message: enginetest.ErrVendor.Error()}}}},
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
			NextEnd: end, Kinds: KindsOf([]Problem{{Kind: Expiring}, {Kind: Unreadable}}),
			Worst: Problem{Kind: Expiring, Severity: Critical, When: end},
		}
	}
	o := overview(h)
	if whole := o.Organizations[0]; whole.ID != "" || !whole.Kinds.Has(Unreadable) {
		t.Errorf("the list does not show that the account is failing: %+v", whole)
	}
	o.Organizations = o.Organizations[1:]
	for i := range o.Organizations {
		if org := &o.Organizations[i]; org.NextLicense != &org.Licenses[0] || org.NextLicense.ProductName != "App" {
			t.Errorf("%s ends next by %+v", org.ID, org.NextLicense)
		}
		o.Organizations[i].Licenses, o.Organizations[i].NextLicense = nil, nil
	}
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
	ends := Problem{Kind: Expiring, Severity: Critical, When: enginetest.Days(1)}
	root := License{End: enginetest.Days(1), EndCounts: true, Act: enginetest.Days(-29), Problems: []Problem{ends}, Kinds: KindsOf([]Problem{ends}), reported: true}
	want := []Organization{
		{
			Account: "acme", Vendor: "test", Name: "Root", APIEnabled: true, Freshness: Freshness{Oldest: enginetest.Now},
			Licenses: []License{root}, Worst: ends, Kinds: root.Kinds, NextEnd: root.End, NextLicense: &root,
		},
		{Account: "acme", Vendor: "test", ID: "leaf", Name: "Leaf", APIEnabled: true, Freshness: Freshness{Oldest: enginetest.Now}},
	}
	if diff := cmp.Diff(want, overview(h).Organizations, cmp.AllowUnexported(License{})); diff != "" {
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
		shared := NewPages(h.Engine).Overview
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

// What pages need takes memory, so it is dropped some time after the last one.
func TestPagesForgetWhatNobodyLooksAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(5)}))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		pages := NewPages(h.Engine)
		kept := func() int {
			synctest.Wait()
			pages.mu.Lock()
			defer pages.mu.Unlock()
			if pages.entry.State().Valid != (len(pages.parts) > 0) {
				t.Error("the overview is not kept as long as its parts")
			}
			return len(pages.parts)
		}
		pages.Overview()
		time.Sleep(idleTime - time.Second)
		if len(pages.Overview().Organizations) != 1 || kept() != 1 {
			t.Error("nothing is kept")
		}
		time.Sleep(idleTime - time.Second)
		if kept() != 1 {
			t.Error("what was looked at is not kept")
		}
		time.Sleep(2 * time.Second)
		if kept() != 0 {
			t.Error("all is kept")
		}
		if len(pages.Overview().Organizations[0].Licenses) != 1 {
			t.Error("it is not made again")
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
	now := enginetest.Now
	h := enginetest.New(b, engine.Config{MaxAge: 24 * time.Hour, Now: func() time.Time { return now }}, enginetest.NewSource(ids...), enginetest.Things(c))
	h.Policies.Store(policy.NewSet([]policy.Policy{{Match: policy.Match{OrganizationID: "*1"}, Rules: policy.Rules{Owner: "team-one"}}, {Rules: policy.Rules{Owner: "team-two"}}}))
	h.Refresh(b.Context(), engine.Selection{})
	pages := NewPages(h.Engine)
	for _, c := range []struct {
		facts string
		get   func() *Overview
	}{
		{"new", func() *Overview { return overview(h) }},
		{"unchanged", pages.Overview},
	} {
		b.Run("facts="+c.facts, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(overviewAge)
				if n := len(c.get().Organizations); n != len(ids) {
					b.Fatalf("%d organizations", n)
				}
			}
		})
	}
}
