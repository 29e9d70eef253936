package status

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// The manufacturer and the name of a product can come from different collectors.
func TestOverviewHasNamesOfProducts(t *testing.T) {
	d := enginetest.Organizations("1")
	d.Organizations = append([]licensing.Organization{{APIAccess: licensing.APIEnabled}}, d.Organizations...)
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, &enginetest.Source{Discovery: d},
		collector.Named{Name: "whole", Collector: &enginetest.Collector{ForAccount: true, Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
			r.Organization("").Product(licensing.Product{ID: "a", Name: "of the account", Manufacturer: "Maker\x00"})
			r.Organization("").Product(licensing.Product{ID: "b", Name: "B", Manufacturer: "of the account"})
			return nil
		}}},
		collector.Named{Name: "one", Collector: &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			f := r.Organization(o.ID)
			f.Product(licensing.Product{ID: "a", Name: "A"})
			f.Product(licensing.Product{ID: "b", Manufacturer: "Other"})
			for _, product := range []string{"a", "b", "c"} {
				f.NextEnd(product, enginetest.Days(20))
			}
			f.License(licensing.License{ID: "9", Product: "a"})
			f.License(licensing.License{ID: "10", End: enginetest.Days(20)})
			return nil
		}}})
	h.Refresh(t.Context(), engine.Selection{})
	got := map[licensing.LicenseKey][2]string{}
	org := overview(h).organization("acme", "1")
	for _, l := range org.Licenses {
		got[l.LicenseKey] = [2]string{l.ProductName, l.Manufacturer}
	}
	want := map[licensing.LicenseKey][2]string{
		{Product: "a"}: {"A", "Maker\uFFFD"}, {Product: "b"}: {"B", "Other"}, {Product: "c"}: {}, {Product: "a", LicenseID: "9"}: {"A", "Maker\uFFFD"}, {LicenseID: "10"}: {},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names of products and manufacturers (-want +got):\n%s", diff)
	}
	for manufacturer, want := range map[string]bool{"Other": true, "of the account": false} {
		if org.HasManufacturer(manufacturer) != want {
			t.Errorf("it has licenses of %q: %v, want %v", manufacturer, !want, want)
		}
	}
}
