package microsoft365

import (
	"strings"
	"testing"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// The series of the vendor's documented samples, and of published answers of real tenants.
func TestSamples(t *testing.T) {
	for name, answers := range map[string]map[string]string{
		"documented long after": {skusPath: "subscribedskus.json", subscriptionsPath: "subscriptions.json"},
		"trial":                 {subscriptionsPath: "subscriptions-trial.json"},
		"overdue":               {skusPath: "subscribedskus-overdue.json"},
		"suspended":             {subscriptionsPath: "subscriptions-suspended.json"},
		"everything":            everything(),
		"nothing at all":        {},
		"unknown members":       {skusPath: `{"id": "x", "skuId": "x", "colour": "blue"}`, subscriptionsPath: `{"id": "y"}`},
	} {
		enginetest.Golden(t, strings.ReplaceAll(name, " ", "-")+".metrics", collect(t, answers)+"\n")
	}
	january := time.Date(2023, time.January, 15, 0, 0, 0, 0, time.UTC) // when the subscription in the documents was new
	enginetest.Golden(t, "documented.metrics", collectAt(t, january, map[string]string{skusPath: "subscribedskus.json", subscriptionsPath: "subscriptions.json"})+"\n")
}

// everything has a subscription in each status, and each kind of SKU.
func everything() map[string]string {
	return map[string]string{
		skusPath: strings.Join([]string{
			sku("ENTERPRISEPACK", 35, 5, 38), sku("FLOW_FREE", 10000, 0, 3),
			`{"id": "a_store", "skuId": "id-WINDOWS_STORE", "skuPartNumber": "WINDOWS_STORE", "appliesTo": "Company", "capabilityStatus": "Enabled", "consumedUnits": 0, "prepaidUnits": {"enabled": 25}}`,
			`{"id": "a_visio", "skuId": "id-VISIOCLIENT", "skuPartNumber": "VISIOCLIENT", "appliesTo": "User", "capabilityStatus": "Suspended", "consumedUnits": 4, "prepaidUnits": {"enabled": 0, "warning": 0, "suspended": 5}}`,
			`{"id": "a_project", "skuId": "id-PROJECT", "skuPartNumber": "PROJECT", "appliesTo": "User", "capabilityStatus": "LockedOut", "consumedUnits": 1, "prepaidUnits": {"enabled": 0, "warning": 0, "lockedOut": 2}}`,
		}, ","),
		subscriptionsPath: strings.Join([]string{
			subscription("e1", "ENTERPRISEPACK", "Enabled", 25, 200), subscription("e2", "ENTERPRISEPACK", "Enabled", 10, 40), subscription("e3", "ENTERPRISEPACK", "Warning", 5, 20),
			subscription("f", "FLOW_FREE", "Enabled", 10000, 0), subscription("w", "WINDOWS_STORE", "Enabled", 25, 0),
			subscription("v", "VISIOCLIENT", "Suspended", 5, 60), subscription("p", "PROJECT", "LockedOut", 2, 30), subscription("d", "MCOMEETADV", "Deleted", 9, 0),
			`{"id": "t", "skuId": "id-TRIAL", "skuPartNumber": "TRIAL", "status": "enabled", "totalLicenses": 25, "nextLifecycleDateTime": "2026-03-20T00:00:00Z", "isTrial": true}`,
		}, ","),
	}
}

// The date of a subscription is an end only while its status is Enabled.
func TestDates(t *testing.T) {
	const (
		end      = `license_expiration_timestamp_seconds`
		grace    = `license_grace_period_end_timestamp_seconds`
		deletion = `microsoft365_deletion_timestamp_seconds`
	)
	all := []string{end, grace, deletion, "license_next_expiration_timestamp_seconds"}
	for _, test := range []struct {
		status string
		days   float64
		want   []string
	}{
		{"Enabled", 40, []string{end, "license_next_expiration_timestamp_seconds"}},
		{"Enabled", 0, nil},
		{"Enabled", -1, []string{end, "license_next_expiration_timestamp_seconds"}}, // the vendor renews it, and takes its time
		{"Warning", 20, []string{grace}},
		{"Warning", 0, nil},
		{"Suspended", 20, []string{deletion}},
		{"LockedOut", 20, []string{deletion}},
		{"Deleted", 20, nil},
		{"Paused", 20, []string{end, "license_next_expiration_timestamp_seconds"}}, // not known: the date decides
	} {
		got := collect(t, map[string]string{subscriptionsPath: subscription("1", "SPB", test.status, 5, test.days)})
		for _, name := range all {
			wanted := false
			for _, w := range test.want {
				wanted = wanted || w == name
			}
			if strings.Contains(got, name+"{") != wanted {
				t.Errorf("%s in %v days: %s is wrong in\n%s", test.status, test.days, name, got)
			}
		}
	}
}

// Words that the vendor does not document are shown and counted. Their case does not matter.
func TestUnknownWords(t *testing.T) {
	h := serve(t, map[string]string{
		skusPath: `{"id": "a", "skuId": "a", "skuPartNumber": "SPB", "appliesTo": "Device", "capabilityStatus": "Paused", "consumedUnits": 1, "prepaidUnits": {"enabled": 2}},
			{"id": "b", "skuId": "b", "skuPartNumber": "STORE", "appliesTo": "COMPANY", "capabilityStatus": "enabled", "prepaidUnits": {"enabled": 2}}`,
		subscriptionsPath: subscription("1", "SPB", "Paused", 5, 20) + "," + subscription("2", "SPB", "ENABLED", 5, 20),
	}).harness(t, engine.Config{}, &collector.Memory{}, contoso)
	got := h.Scrape(t.Context())
	for _, want := range []string{
		`license_status{license_id="1",organization_id="` + contoso + `",status="Paused"} 1`, `license_status{license_id="2",organization_id="` + contoso + `",status="Enabled"} 1`,
		`license_seats_limit{license_id="",organization_id="` + contoso + `",product="SPB",unit="user"} 2`, `license_up{organization_id="` + contoso + `"} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, `product="STORE",unit=`) {
		t.Error("a SKU of the company has seats")
	}
	for _, field := range []string{"status", "capabilityStatus", "appliesTo"} {
		if !strings.Contains(h.Log.String(), "field="+field) {
			t.Errorf("no warning about %s:\n%s", field, h.Log)
		}
	}
}

// A list is whole, or the facts are kept.
func TestFailuresKeepFacts(t *testing.T) {
	g := serve(t, everything())
	h := g.harness(t, engine.Config{}, &collector.Memory{}, contoso)
	before := h.ScrapeCollectors(t.Context())
	for _, path := range []string{skusPath, subscriptionsPath} {
		g.set(contoso+" "+path, "403")
		if got := h.ScrapeCollectors(t.Context()); got != before {
			t.Errorf("%s is refused:\n%s", path, got)
		}
		enginetest.WantLines(t, h.Lines("license_up{"), `license_up{organization_id=""} 1`, `license_up{organization_id="`+contoso+`"} 0`)
		g.set(contoso+" "+path, everything()[path])
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up{"), `license_up{organization_id=""} 1`, `license_up{organization_id="`+contoso+`"} 1`)
	}
}

func TestUnknownTenant(t *testing.T) {
	c := licensesCollector{}
	if err := c.Update(t.Context(), licensing.Organization{ID: fabrikam}, collector.NewReport(enginetest.Now, collector.Options{})); rest.ReasonOf(err) != rest.ReasonNotFound {
		t.Error(err)
	}
	if c.Applies(licensing.Organization{}) || !c.Applies(licensing.Organization{ID: contoso}) {
		t.Error("it applies to the account")
	}
}
