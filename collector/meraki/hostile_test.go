package meraki

import (
	"strings"
	"testing"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func TestCoverThatOverflowsADuration(t *testing.T) {
	got, _ := collect(t, "meraki_device", api.ModelPerDevice, &vendor{list: map[string]string{
		"1": `{"id": "7", "licenseType": "ENT", "state": "active", "deviceSerial": "Q2XX-XXXX-XXXX",
			"activationDate": "2020-01-01T00:00:00Z", "expirationDate": "2027-01-01T00:00:00Z", "totalDurationInDays": 320000}`,
	}}, "1")
	if want := `license_next_expiration_timestamp_seconds{product="ENT"} 1.`; !strings.Contains(got, want+"080") {
		t.Errorf("the cover wraps around:\n%s", got)
	}
}

func TestComplianceListedTwiceCountsOnce(t *testing.T) {
	record := `{"subscription": {"id": "S", "status": "active"}, "violations": {"byProductClass": [
		{"productClass": "wireless", "missing": {"entitlements": [{"sku": "X", "quantity": 3}]}}]}}`
	got, _ := collect(t, "meraki_compliance", api.ModelSubscription, &vendor{list: map[string]string{"1": record + "," + record}}, "1")
	if want := `license_missing_seats{license_id="S",product="wireless",sku="X",unit="device"} 3`; !strings.Contains(got, want) {
		t.Errorf("it lacks %s:\n%s", want, got)
	}
}

func TestCountThatIsNullIsAbsent(t *testing.T) {
	got, _ := collect(t, "meraki_overview", api.ModelCoterm, &vendor{overview: `{"status": "OK", "licensedDeviceCounts": {"MR": 3, "MS": null}}`}, "1")
	if !strings.Contains(got, `license_seats_limit{license_id="",product="MR",unit="device"} 3`) || strings.Contains(got, "MS") {
		t.Errorf("an unknown count is not absent:\n%s", got)
	}
}

// The list of subscriptions and the report on compliance are read at different times.
func TestWorseVerdictCounts(t *testing.T) {
	v := &vendor{instead: func(path string) (int, string) {
		switch {
		case strings.HasSuffix(path, "/compliance/statuses"):
			return 200, `[{"subscription": {"id": "S", "status": "active"}, "violations": {"byProductClass": []}}]`
		case strings.HasSuffix(path, "/subscriptions"):
			return 200, `[{"subscriptionId": "S", "status": "out_of_compliance"}]`
		}
		return 0, ""
	}}
	d := collector.Discovery{Organizations: []licensing.Organization{{ID: "1", Model: api.ModelSubscription}}}
	h := newHarness(t, &enginetest.Source{Discovery: d}, v.client(t), "meraki_compliance", "meraki_subscription")
	for range 5 { // the order of collectors and facts must not matter
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_compliant"), `license_compliant{license_id="S",organization_id="1",product=""} 0`)
	}
}

// Licenses that have their own series end with the licenses that are queued behind them.
func TestIndividualLicenseIsProlonged(t *testing.T) {
	r := collector.NewReport(enginetest.Now, collector.Options{IndividualLicenses: true, IndividualLimit: 10})
	v := &vendor{list: map[string]string{"1": `
		{"id": "7", "licenseType": "ENT", "state": "active", "activationDate": "2025-03-05T12:00:00Z", "expirationDate": "2026-03-05T12:00:00Z", "durationInDays": 365},
		{"id": "8", "licenseType": "ENT", "state": "recentlyQueued", "durationInDays": 10, "headLicenseId": "7"}`}}
	if err := (deviceCollector{&account{client: v.client(t)}}).Update(t.Context(), licensing.Organization{ID: "1"}, r); err != nil {
		t.Fatal(err)
	}
	l, _ := r.Organization("1").Individual.Get(licensing.LicenseKey{Product: "ENT", LicenseID: "7"})
	if want := enginetest.Days(14); !l.CoverEnd().Equal(want) || r.IndividualLicenses() != 2 {
		t.Errorf("the license ends at %s, want %s; %d licenses, want 2", l.CoverEnd(), want, r.IndividualLicenses())
	}
}
