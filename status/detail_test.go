package status

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

var detailMetrics collector.Metrics

var metricDevices = detailMetrics.New("test_devices", "things", "Devices.", "product", "unit", "state")

// detailOf returns what is known of an organization after a refresh.
func detailOf(t *testing.T, id string, d collector.Discovery, collectors ...collector.Named) *Detail {
	t.Helper()
	h := enginetest.NewWithMetrics(t, engine.Config{Now: enginetest.Clock}, detailMetrics, &enginetest.Source{Discovery: d}, collectors...)
	h.Refresh(t.Context(), engine.Selection{})
	return NewPages(h.Engine).Organization("acme", id)
}

func TestDetailOfAnOrganization(t *testing.T) {
	d := enginetest.Organizations("1", "2")
	d.Organizations[0].Region, d.Organizations[0].Name = "Europe", "One\x00\u202e"
	key := licensing.LicenseKey{Product: "sku", LicenseID: "9"}
	things := enginetest.Things(&enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		f := r.Organization(o.ID)
		if o.ID != "1" {
			f.Status("", licensing.Status{Current: "other"})
			return nil
		}
		f.Product(licensing.Product{ID: "sku", Name: "Product\x01", Manufacturer: "Maker", Type: "type", Class: "class", FeatureTier: "tier"})
		f.Status("", licensing.Status{Current: "OK", Known: []string{"OK", "bad"}})
		f.Status("10", licensing.Status{Current: "expired"})
		f.Status("9", licensing.Status{Current: "active"})
		f.RenewalDeadline(licensing.LicenseKey{LicenseID: "10"}, enginetest.Days(9))
		f.RenewalDeadline(key, enginetest.Days(3))
		f.License(licensing.License{ID: "9", Product: "sku", OrderID: "order", DeviceSerial: "serial", NetworkID: "network", State: licensing.State{Name: "active"}})
		r.Individual(o.ID, licensing.License{ID: "11", Product: "sku", OrderID: "order-2"})
		fold := r.Fold(o.ID, licensing.State{Name: "expired"})
		for _, assigned := range []licensing.Assignment{licensing.Unassigned, licensing.Assigned, licensing.Assigned} {
			fold.Add(licensing.License{Product: "sku", State: licensing.State{Name: "active", Assigned: assigned}, Phase: licensing.InForce, End: enginetest.Days(20)})
		}
		f.Unit("u", "users")
		f.Sample(metricDevices, 0, "sku", "u", "a")
		f.Sample(metricDevices, 4, "sku", "u", "c")
		f.Sample(metricDevices, 5, "none", "core", "b\x02")
		return nil
	}})
	got := detailOf(t, "1", d, things)
	if got.ID != "1" || got.Name != "One��" || got.Region != "Europe" || got.APIAccess != licensing.APIEnabled || !got.Probed || !got.Now.Equal(enginetest.Now) {
		t.Errorf("the organization: %+v", got)
	}
	if len(got.Licenses) != 3 { // the product and two licenses
		t.Errorf("licenses: %+v", got.Licenses)
	}
	want := &Detail{
		Now: got.Now, Organization: got.Organization, Region: got.Region, APIAccess: got.APIAccess, Probed: true,
		Collectors: []Collector{
			{Name: "test_organizations", Whole: true, Freshness: Freshness{Oldest: enginetest.Now}},
			{Name: "things", Freshness: Freshness{Oldest: enginetest.Now}},
		},
		Products: map[string]licensing.Product{"sku": {ID: "sku", Name: "Product�", Manufacturer: "Maker", Type: "type", Class: "class", FeatureTier: "tier"}},
		Counts: []Count{{
			Product: "sku", ProductName: "Product�", Dated: true, Expiring: [3]int32{0, 3, 3},
			States: []StateCount{
				{licensing.State{Name: "active", Assigned: licensing.Unassigned}, 1},
				{licensing.State{Name: "active", Assigned: licensing.Assigned}, 2},
			},
		}},
		Status:    "OK",
		Statuses:  []LicenseStatus{{"9", "active"}, {"10", "expired"}},
		Deadlines: []Deadline{{key, enginetest.Days(3)}, {licensing.LicenseKey{LicenseID: "10"}, enginetest.Days(9)}},
		Records:   map[licensing.LicenseKey]Record{key: {"order", "serial", "network"}, {Product: "sku", LicenseID: "11"}: {OrderID: "order-2"}},
		Metrics: []Metric{{
			Name: "test_devices", Help: "Devices.", Labels: []string{"product", "unit", "state"},
			Values: []Value{
				{[]Label{{"sku", "Product�"}, {"u", "users"}, {"c", ""}}, 4},
				{[]Label{{"none", ""}, {"core", ""}, {"b�", ""}}, 5},
				{[]Label{{"sku", "Product�"}, {"u", "users"}, {"a", ""}}, 0},
			},
		}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(License{})); diff != "" {
		t.Errorf("the detail differs (-want +got):\n%s", diff)
	}
}

// The names of products, and some of the facts, are in the report about the account.
func TestDetailOfAnOrganizationThatOnlyTheAccountReports(t *testing.T) {
	about := func(reported ...string) collector.Named {
		return collector.Named{Name: "about_" + reported[0], Collector: &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
			r.Organization("").Product(licensing.Product{ID: "app", Name: "App"})
			for _, id := range reported {
				r.Organization(id).NextEnd("app", enginetest.Days(3))
			}
			return nil
		}}}
	}
	fails := collector.Named{Name: "fails", Collector: &enginetest.Collector{ForAccount: true, Do: enginetest.Fails}}
	account := collector.Discovery{Organizations: []licensing.Organization{{APIAccess: licensing.APIEnabled}, {ID: "listed"}}}
	got := detailOf(t, "east", account, about("east", "west"), about("west"), fails)
	if got.Probed || len(got.Licenses) != 1 || got.Products["app"].Name != "App" {
		t.Errorf("east: %+v", got)
	}
	var names []string
	for _, c := range got.Collectors {
		names = append(names, c.Name)
		if failed := c.Name == "fails"; !c.Whole || (len(c.Failures) > 0) != failed {
			t.Errorf("%+v", c)
		}
	}
	if want := []string{"test_organizations", "about_east", "fails"}; !slices.Equal(names, want) {
		t.Errorf("collectors %v, want %v", names, want)
	}
	if got := detailOf(t, "listed", account, about("east")); got == nil || !got.Probed || got.APIAccess != licensing.APIUnknown {
		t.Errorf("listed: %+v", got)
	}
	if got := detailOf(t, "", account, about("east"), fails); len(got.Collectors) != 3 || !got.Probed {
		t.Errorf("the account as a whole: %+v", got)
	}
}

func TestDetailOfWhatIsUnknown(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"))
	pages := NewPages(h.Engine)
	for _, test := range []struct {
		account, id string
		known       bool
	}{{"acme", "1", false}, {"acme", "", true}, {"", "", false}, {"", "1", false}, {"other", "", false}} {
		if got := pages.Organization(test.account, test.id); (got != nil) != test.known {
			t.Errorf("account %q, organization %q: %+v", test.account, test.id, got)
		}
	}
	whole := pages.Organization("acme", "")
	if !whole.Waiting || !whole.Collectors[0].Waiting || whole.Vendor != "test" {
		t.Errorf("an account that has fetched nothing: %+v", whole)
	}
}

func TestDetailOfWhatCannotBeRead(t *testing.T) {
	d := enginetest.Organizations("1")
	d.Organizations = append(d.Organizations, licensing.Organization{ID: "2", Name: "Off", APIAccess: licensing.APIDisabled})
	d.Failed = map[string]error{"3": enginetest.ErrVendor}
	fails := enginetest.Things(&enginetest.Collector{Do: enginetest.Fails})
	failure := []Failure{{Collector: "test_organizations", Reason: rest.ReasonServer, Message: enginetest.ErrVendor.Error()}}
	for id, want := range map[string][]Collector{
		"1": {
			{Name: "test_organizations", Whole: true, Freshness: Freshness{Oldest: enginetest.Now}},
			{Name: "things", Freshness: Freshness{Failures: []Failure{{Collector: "things", Reason: rest.ReasonServer, Message: enginetest.ErrVendor.Error()}}}},
		},
		"2": {{Name: "test_organizations", Whole: true, Freshness: Freshness{Oldest: enginetest.Now}}},
		"3": {
			{Name: "test_organizations", Whole: true, Freshness: Freshness{Oldest: enginetest.Now, Failures: failure}},
		},
	} {
		got := detailOf(t, id, d, fails)
		if got == nil {
			t.Fatalf("%s is unknown", id)
		}
		if id == "3" {
			got.Collectors = got.Collectors[:1] // those that are tried all the same do not matter here
		}
		if diff := cmp.Diff(want, got.Collectors); diff != "" {
			t.Errorf("collectors of %s (-want +got):\n%s", id, diff)
		}
		if got.APIEnabled != (id != "2") {
			t.Errorf("%s: access by API: %v", id, got.APIEnabled)
		}
	}
}

func TestDetailOfACollectorWithoutFacts(t *testing.T) {
	notApplicable := enginetest.Things(&enginetest.Collector{Do: func(context.Context, licensing.Organization, *collector.Report) error {
		return rest.ErrNotApplicable
	}})
	got := detailOf(t, "1", enginetest.Organizations("1"), notApplicable)
	if c := got.Collectors[1]; !c.NotApplicable || c.Waiting || len(c.Failures) > 0 {
		t.Errorf("%+v", c)
	}
	if (&License{notice: new(time.Hour)}).PolicyNotice() == nil || (&License{}).PolicyNotice() != nil {
		t.Error("the notice differs")
	}
}
