package meraki

import (
	"strings"
	"testing"

	api "license_exporter/client/meraki"
)

func TestCoverThatOverflowsADuration(t *testing.T) {
	got, _ := collect(t, "meraki_device", api.ModelPerDevice, &fakeClient{list: map[string]string{
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
	got, _ := collect(t, "meraki_compliance", api.ModelSubscription, &fakeClient{list: map[string]string{"1": record + "," + record}}, "1")
	if want := `license_missing_seats{license_id="S",product="wireless",sku="X",unit="device"} 3`; !strings.Contains(got, want) {
		t.Errorf("it lacks %s:\n%s", want, got)
	}
}

func TestCountThatIsNullIsAbsent(t *testing.T) {
	got, _ := collect(t, "meraki_overview", api.ModelCoterm, &fakeClient{overview: `{"status": "OK", "licensedDeviceCounts": {"MR": 3, "MS": null}}`}, "1")
	if !strings.Contains(got, `license_seats_limit{license_id="",product="MR",unit="device"} 3`) || strings.Contains(got, "MS") {
		t.Errorf("an unknown count is not absent:\n%s", got)
	}
}
