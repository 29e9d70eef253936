package snow

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

const (
	samPath       = "/api/sam/v1"
	agreementPath = "/api/sam/v2/agreements"
	registryPath  = "/api/sam/software-registry/v1/applications/"
	customPath    = "/api/custom-metrics/v1/custom-metrics"
	treePath      = "/api/organizations/v1/tree"

	entitlementsPath = samPath + "/licenses-entitlements"
	compliancePath   = samPath + "/compliance/summary/"
)

// exampleID returns an id of the vendor's examples.
func exampleID(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n) }

// The vendor's own examples, in both versions of the API. testdata/NAME.metrics
// contains the series that a collector makes from them. Reviewers read these
// files.
func TestSnowExamples(t *testing.T) {
	current := map[string]string{
		treePath:              "other/organization-tree.json",
		samPath + "/licenses": "1.7.0/licenses.json",
		samPath + "/licenses/maintenance-periods":                       "1.7.0/maintenance-periods.json",
		samPath + "/licenses-entitlements":                              "1.7.0/entitlements.json",
		samPath + "/licenses/entitlements/computers":                    "1.7.0/computer-entitlements.json",
		samPath + "/licenses/entitlements/users":                        "1.7.0/user-entitlements.json",
		samPath + "/licenses/entitlements/entitlement-states":           "1.7.0/entitlement-states.json",
		samPath + "/compliance/summary/" + exampleID(4):                 "1.7.0/compliance-summary.json",
		samPath + "/compliance/summary/" + exampleID(4) + "/usage":      "1.7.0/compliance-usage.json",
		samPath + "/compliance/summary/" + exampleID(4) + "/allocation": "1.7.0/compliance-allocation.json",
		agreementPath:                                   "other/agreements.json",
		agreementPath + "/" + exampleID(1):              "other/agreement.json",
		agreementPath + "/" + exampleID(1) + "/periods": "other/agreement-periods.json",
		"/api/sam/v2/agreement-types":                   "other/agreement-types.json",
		registryPath + exampleID(4):                     "other/application.json",
		customPath:                                      "other/custom-metrics.json",
	}
	oldest := map[string]string{
		samPath + "/licenses":                                 "1.0.0/licenses.json",
		samPath + "/licenses/maintenance-periods":             "1.0.0/license-detail.json", // 1.0.0 reads the path as that of a license
		samPath + "/licenses-entitlements":                    "1.0.0/entitlements.json",
		samPath + "/licenses/entitlements/computers":          "1.0.0/computer-entitlements.json",
		samPath + "/licenses/entitlements/entitlement-states": "1.0.0/entitlement-states.json",
	}
	// The example's period is for another license than the example's license.
	periods := body(t, current[samPath+"/licenses/maintenance-periods"])
	current[samPath+"/licenses/maintenance-periods"] = "object " + strings.ReplaceAll(periods, exampleID(2), exampleID(1))
	for version, answers := range map[string]map[string]string{"1.7.0": current, "1.0.0": oldest} {
		for _, collector := range []string{
			"snow_agreements", "snow_applications", "snow_compliance", allocationName, usageName, "snow_entitlement_states",
			"snow_entitlements", "snow_licenses", "snow_maintenance",
		} {
			t.Run(collector+" "+version, func(t *testing.T) {
				wantExample(t, answers, collector, version)
			})
		}
	}
}

// agreementsOf adds agreements to answers. Each has an id and periods. It is a
// subscription unless the id begins with plain.
func agreementsOf(answers map[string]string, agreements map[string]string) map[string]string {
	var items []string
	for id, periods := range agreements {
		subscription := !strings.HasPrefix(id, "plain")
		items = append(items, fmt.Sprintf(`{"id": %q}`, id))
		answers[agreementPath+"/"+id] = fmt.Sprintf(`object {"id": %q, "name": "Agreement %s", "isSubscription": %v}`, id, id, subscription)
		answers[agreementPath+"/"+id+"/periods"] = periods
	}
	answers[agreementPath] = strings.Join(items, ",")
	answers["/api/sam/v2/agreement-types"] = ""
	return answers
}

// licensesOfAllKinds has licenses that the vendor's examples do not show. The
// time of the test is 2026-03-01T12:00:00Z.
const licensesOfAllKinds = `
	{"id": "1", "organizationId": "o", "applicationId": "perpetual", "metricId": "m", "quantity": 5, "status": "Active", "isSubscription": false,
	 "purchaseValue": 100.5, "purchaseCurrency": "EUR", "activeMaintenanceCost": 10, "activeSupportCost": "2.5", "isUpgrade": false, "isDowngrade": true,
	 "subscriptionValidTo": "2020-01-01T00:00:00Z"},
	{"id": "2", "organizationId": "o", "applicationId": "perpetual", "metricId": "m", "quantity": "7", "status": "Active", "isSubscription": "False",
	 "purchaseValue": "99.5", "purchaseCurrency": "EUR"},
	{"id": "2", "organizationId": "o", "applicationId": "perpetual", "metricId": "m", "quantity": "7", "status": "Active", "isSubscription": "False",
	 "purchaseValue": "99.5", "purchaseCurrency": "EUR"},
	{"id": "3", "organizationId": "00000000-0000-0000-0000-000000000000", "applicationId": "own", "metricId": "m", "quantity": 1, "status": "Active",
	 "isSubscription": true, "subscriptionValidFrom": "2025-03-11T12:00:00Z", "subscriptionValidTo": "2026-03-11T12:00:00Z"},
	{"id": "4", "applicationId": "own", "metricId": "m", "quantity": 1, "status": "Active", "isSubscription": true, "subscriptionValidTo": "2026-02-27T12:00:00Z"},
	{"id": "5", "applicationId": "own", "metricId": "m", "quantity": 1, "status": "Active", "isSubscription": true,
	 "subscriptionValidFrom": "2026-03-02T12:00:00Z", "subscriptionValidTo": "2026-03-03T12:00:00Z"},
	{"id": "6", "applicationId": "own", "metricId": "m", "quantity": 1, "status": "Active", "isSubscription": true, "subscriptionValidTo": "soon"},
	{"id": "7", "applicationId": "own", "metricId": "m", "quantity": 1, "status": "Active", "isSubscription": true},
	{"id": "8", "applicationId": "lapsed", "agreementId": "lapsed", "quantity": 1, "status": "Active", "isSubscription": true, "subscriptionValidTo": "2027-01-01T00:00:00Z"},
	{"id": "9", "applicationId": "renewed", "agreementId": "renewed", "quantity": 1, "status": "Active", "isSubscription": true, "subscriptionValidTo": "2025-01-01T00:00:00Z"},
	{"id": "10", "applicationId": "plain", "agreementId": "plain", "quantity": 1, "status": "Active", "isSubscription": true, "subscriptionValidTo": "2026-03-04T12:00:00Z"},
	{"id": "11", "applicationId": "dateless", "agreementId": "dateless", "quantity": 1, "status": "Active", "isSubscription": true, "subscriptionValidTo": "2026-03-05T12:00:00Z"},
	{"id": "12", "applicationId": "to come", "agreementId": "coming", "quantity": 1, "status": "Active", "isSubscription": true, "subscriptionValidTo": "2026-03-05T12:00:00Z"},
	{"id": "13", "applicationId": "archived", "quantity": 9, "status": "Archived", "isSubscription": true, "isIncomplete": true, "purchaseValue": 5,
	 "purchaseCurrency": "EUR", "subscriptionValidTo": "2026-03-05T12:00:00Z"},
	{"id": "14", "organizationId": "o", "metricId": "m", "status": "Active", "isSubscription": true, "isIncomplete": true,
	 "incompleteReasons": 3, "subscriptionValidTo": "2026-03-05T12:00:00Z"},
	{"id": "15", "organizationId": "o", "metricId": "m", "quantity": "many", "status": "Retired", "isSubscription": false, "isIncomplete": true, "incompleteReasons": "Mood"}`

func licensesWithAgreements() map[string]string {
	return agreementsOf(map[string]string{samPath + "/licenses": licensesOfAllKinds}, map[string]string{
		"lapsed": `{"id": "1", "validFrom": "2025-01-01T00:00:00Z", "validTo": "2026-01-01T00:00:00Z"}`,
		"renewed": `{"id": "2", "validFrom": "2026-06-01T00:00:00Z", "validTo": "2027-06-01T00:00:00Z"},
			{"id": "1", "validFrom": "2025-06-01T00:00:00Z", "validTo": "2026-05-31T00:00:00Z"}`,
		"plain":    `{"id": "1", "validFrom": "2025-01-01T00:00:00Z", "validTo": "2030-01-01T00:00:00Z"}`,
		"coming":   `{"id": "1", "validFrom": "2027-01-01T00:00:00Z", "validTo": "2028-01-01T00:00:00Z"}`,
		"dateless": "",
	})
}

func TestSnowLicensesOfAllKinds(t *testing.T) {
	h := newHarness(t, serve(t, licensesWithAgreements()), "snow_agreements", "snow_licenses")
	h.Account.Options.IndividualLimit = 100
	enginetest.Golden(t, "licenses.metrics", h.ScrapeCollectors(t.Context())+"\n")
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_parse_errors_total{field="incomp`, `license_exporter_parse_errors_total{field="quantity"`,
		`license_exporter_parse_errors_total{field="status"`, `license_exporter_parse_errors_total{field="subscriptionValidTo"`),
		`license_exporter_parse_errors_total{field="incompleteReasons"} 1`,
		`license_exporter_parse_errors_total{field="quantity"} 1`,
		`license_exporter_parse_errors_total{field="status"} 1`,
		`license_exporter_parse_errors_total{field="subscriptionValidTo"} 1`)
}

// Without agreements, licenses end by their own periods. That is logged once.
func TestSnowLicensesWithoutAgreements(t *testing.T) {
	const own = `license_days_to_expiration{organization_id="` + rootOrganization + `",product="lapsed"} 305.5`
	for name, test := range map[string]struct {
		collectors []string
		status     int
	}{
		"switched off": {[]string{"snow_licenses"}, 0},
		"forbidden":    {[]string{"snow_agreements", "snow_licenses"}, http.StatusForbidden},
		"not there":    {[]string{"snow_agreements", "snow_licenses"}, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			v := serve(t, licensesWithAgreements())
			v.refuse(agreementPath, test.status)
			h := newHarness(t, v, test.collectors...)
			for range 2 {
				enginetest.WantLines(t, h.Scrape(t.Context(), own[:len(own)-len(" 305.5")]), own)
			}
			if n := h.Log.Count("collecting without the periods of agreements"); n != 1 {
				t.Errorf("logged %d times, want once:\n%s", n, h.Log)
			}
			enginetest.WantLines(t, h.Scrape(t.Context(), `license_exporter_collector_success{collector="snow_lic`),
				`license_exporter_collector_success{collector="snow_licenses",organization_id=""} 1`)
		})
	}
}

// A period that cannot be parsed may be the renewal, so it is unknown whether the
// agreement's licenses have ended.
func TestSnowLicensesOfAnUnreadableAgreement(t *testing.T) {
	h := newHarness(t, serve(t, agreementsOf(map[string]string{
		samPath + "/licenses": `{"id": "1", "applicationId": "p", "agreementId": "a", "isSubscription": true, "subscriptionValidTo": "2026-01-01"}`,
	}, map[string]string{
		"a": `{"id": "1", "validFrom": "2025-01-01", "validTo": "2026-01-01"}, {"id": "2", "validFrom": "2026-01-01", "validTo": "next year"}`,
	})), "snow_agreements", "snow_licenses")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_next_exp", "license_days", "license_licenses{", "snow_expired"),
		`license_licenses{assigned="",organization_id="`+rootOrganization+`",product="p",state="Active"} 1`)
}

// A failure must not change the ends from those of the agreements to those of
// the licenses.
func TestSnowLicensesWithoutAnAnswerOnTheirAgreements(t *testing.T) {
	const ends = "license_next_expiration_timestamp_seconds{organization_id=\"" + rootOrganization + "\",product="
	for path, want := range map[string][]string{
		agreementPath:                      {`"own"} 1.7732304e+09`},
		agreementPath + "/renewed":         {`"lapsed"} 1.7672256e+09`, `"own"} 1.7732304e+09`, `"plain"} 1.7726256e+09`},
		agreementPath + "/renewed/periods": {`"lapsed"} 1.7672256e+09`, `"own"} 1.7732304e+09`, `"plain"} 1.7726256e+09`},
	} {
		for _, status := range []int{http.StatusNotImplemented, http.StatusForbidden} {
			if path == agreementPath && status == http.StatusForbidden {
				continue // withheld
			}
			v := serve(t, licensesWithAgreements())
			v.refuse(path, status)
			var lines []string
			for _, end := range want {
				lines = append(lines, ends+end)
			}
			lines = append(lines, `license_up{organization_id=""} 0`)
			h := newHarness(t, v, "snow_agreements", "snow_licenses")
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_next_expiration", "license_up"), lines...)

			// Once the agreements could be read, a failure keeps their ends.
			v.refuse(path, 0)
			renewed := `"renewed"} 1.811808e+09`
			if got := h.Scrape(t.Context()); !strings.Contains(got, renewed) {
				t.Errorf("after the failure of %s, %s is missing", path, renewed)
			}
			v.refuse(path, status)
			if got := h.Scrape(t.Context()); !strings.Contains(got, renewed) || !strings.Contains(got, `license_up{organization_id=""} 0`) {
				t.Errorf("after another failure of %s, %s is missing", path, renewed)
			}
		}
	}
}

// An agreement that was deleted after it was listed is left out.
func TestSnowDeletedAgreement(t *testing.T) {
	v := serve(t, licensesWithAgreements())
	v.refuse(agreementPath+"/renewed", http.StatusNotFound)
	v.refuse(agreementPath+"/plain/periods", http.StatusNotFound)
	h := newHarness(t, v, "snow_agreements", "snow_licenses")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "snow_agreement_info"),
		`license_up{organization_id=""} 1`,
		`snow_agreement_info{agreement_type="",license_id="coming",manufacturer="",organization_id="",subscription="true"} 1`,
		`snow_agreement_info{agreement_type="",license_id="dateless",manufacturer="",organization_id="",subscription="true"} 1`,
		`snow_agreement_info{agreement_type="",license_id="lapsed",manufacturer="",organization_id="",subscription="true"} 1`)
}

// Two collectors need the agreements and share the requests.
func TestSnowAgreementsAreReadOnce(t *testing.T) {
	v := serve(t, licensesWithAgreements())
	newHarness(t, v, "snow_agreements", "snow_licenses").Refresh(t.Context(), engine.Selection{})
	v.wantRequests(t, map[string]int{agreementPath: 1, agreementPath + "/renewed": 1, agreementPath + "/renewed/periods": 1, samPath + "/licenses": 1})
}

// If the next fetch is soon, it must not report the list of the one before.
func TestSnowListsAreReadInEachFetch(t *testing.T) {
	v := serve(t, licensesWithAgreements())
	h := newHarness(t, v, "snow_agreements", "snow_licenses", "snow_maintenance")
	for range 3 { // max-age is 0
		h.Refresh(t.Context(), engine.Selection{})
	}
	v.wantRequests(t, map[string]int{agreementPath: 3, samPath + "/licenses": 3})
	v.refuse(samPath+"/licenses", http.StatusNotImplemented)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 0`)
}

func TestSnowCompliance(t *testing.T) {
	h := newHarness(t, serve(t, map[string]string{
		samPath + "/licenses": `{"id": "1", "applicationId": "short"}, {"id": "2", "applicationId": "fine"}, {"id": "3", "applicationId": "unheard of"},
			{"id": "4"}, {"id": "5", "applicationId": "short"}`,
		samPath + "/compliance/summary/short": `
			{"applicationId": "short", "metricId": "devices", "compliance": -3, "licenseRequirement": 10, "totalCoverage": 7},
			{"applicationId": "short", "metricId": "users", "compliance": "-2", "licenseRequirement": 2},
			{"applicationId": "short", "metricId": "cores", "compliance": 5}`,
		samPath + "/compliance/summary/short/allocation": `{"organizationId": "o", "metricId": "devices", "requirement": 4, "coverage": 1, "compliance": -3}`,
		samPath + "/compliance/summary/fine":             `{"applicationId": "fine", "metricId": "devices", "compliance": 0}`,
		samPath + "/compliance/summary/fine/usage":       `{"metricId": "devices", "licenseMetricId": "users", "otherMetricCoverage": 4}`,
	}), "snow_compliance", allocationName, usageName)
	enginetest.Golden(t, "compliance.metrics", h.ScrapeCollectors(t.Context())+"\n")
}

// A record that occurs twice, for example on two pages, counts once. If records about one
// metric contradict each other, the worse one counts.
func TestSnowComplianceCountsOnce(t *testing.T) {
	const short = `{"applicationId": "a", "metricId": "m", "compliance": -3, "licenseRequirement": 5}`
	const enough = `{"applicationId": "a", "metricId": "m", "compliance": 2, "licenseRequirement": 0}`
	h := newHarness(t, serve(t, map[string]string{
		samPath + "/licenses":             `{"id": "1", "applicationId": "a"}`,
		samPath + "/compliance/summary/a": enough + "," + short + "," + short + "," + enough,
	}), "snow_compliance")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_missing", "license_seats"),
		`license_missing_seats{license_id="",organization_id="",product="a",sku="",unit="m"} 3`,
		`license_seats_available{license_id="",organization_id="",product="a",unit="m"} -3`,
		`license_seats_required{organization_id="",product="a",unit="m"} 5`)
}

// If the vendor refuses the figures of one application, its last good ones are kept, and
// those of the others are read.
func TestSnowComplianceOfOneApplicationFails(t *testing.T) {
	v := serve(t, map[string]string{
		samPath + "/licenses": `{"id": "1", "applicationId": "a"}, {"id": "2", "applicationId": "b"}`,
		compliancePath + "a":  `{"metricId": "m", "compliance": -3}`,
		compliancePath + "b":  `{"metricId": "m", "compliance": -4}`,
	})
	const a, b = `license_seats_available{license_id="",organization_id="",product="a",unit="m"} -3`,
		`license_seats_available{license_id="",organization_id="",product="b",unit="m"} -4`
	failed := [...]string{
		`license_exporter_records_skipped{collector="snow_compliance",reason="forbidden"} 1`, `license_up{organization_id=""} 0`,
	}
	v.refuse(compliancePath+"b", http.StatusForbidden)
	now := enginetest.Now
	h := newHarnessWithClock(t, v, func() time.Time { return now }, "snow_compliance")
	for _, step := range []struct {
		status int
		want   []string
	}{
		{http.StatusForbidden, []string{failed[0], a, failed[1]}},
		{0, []string{a, b, `license_up{organization_id=""} 1`}},
		{http.StatusForbidden, []string{failed[0], a, b, failed[1]}},
		{http.StatusNotFound, []string{strings.Replace(failed[0], "forbidden", "not_found", 1), a, b, failed[1]}},
	} {
		now = now.Add(dayMaxAge)
		v.refuse(compliancePath+"b", step.status)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_seats_available", "license_up", "license_exporter_records_skipped"), step.want...)
	}
}

func TestSnowMaintenance(t *testing.T) {
	h := newHarness(t, serve(t, map[string]string{
		samPath + "/licenses": `{"id": "1", "organizationId": "o", "applicationId": "p"}, {"id": "2", "organizationId": "o", "applicationId": "p"},
			{"id": "3", "organizationId": "o", "applicationId": "p"}, {"id": "4", "applicationId": "q"}, {"id": "5", "applicationId": "q", "status": "Archived"},
			{"id": "6", "applicationId": "never"}, {"id": "7", "applicationId": "q"}`,
		samPath + "/licenses/maintenance-periods": `
			{"id": "1", "licenseId": "1", "validFrom": "2025-03-20", "validTo": "2026-03-20"},
			{"id": "2", "licenseId": "1", "validFrom": "2026-03-21", "validTo": "2027-03-21"},
			{"id": "3", "licenseId": "2", "validFrom": "2025-03-05", "validTo": "2026-03-05T12:00:00"},
			{"id": "4", "licenseId": "3", "validFrom": "2024-03-05", "validTo": "2025-03-05"},
			{"id": "5", "licenseId": "4", "validFrom": "2026-06-01", "validTo": "2027-06-01"},
			{"id": "6", "licenseId": "5", "validFrom": "2025-06-01", "validTo": "2026-06-01"},
			{"id": "7", "licenseId": "7", "validFrom": "2025-06-01", "validTo": "whenever"},
			{"id": "8", "licenseId": "of no license", "validTo": "2026-06-01"}`,
	}), "snow_maintenance")
	enginetest.Golden(t, "maintenance.metrics", h.ScrapeCollectors(t.Context())+"\n")
}

func TestSnowMaintenanceWithAnUnreadableRenewal(t *testing.T) {
	h := newHarness(t, serve(t, map[string]string{
		samPath + "/licenses": `{"id": "1", "applicationId": "p"}`,
		samPath + "/licenses/maintenance-periods": `{"id": "1", "licenseId": "1", "validFrom": "2025-01-01", "validTo": "2026-01-01"},
			{"id": "2", "licenseId": "1", "validFrom": "2026-01-01", "validTo": "whenever"}`,
	}), "snow_maintenance")
	if got := h.ScrapeCollectors(t.Context()); got != "" {
		t.Errorf("series although the end of the maintenance is unknown: %s", got)
	}
}

func TestSnowEmptyIsNotFailed(t *testing.T) {
	h := newHarness(t, serve(t, map[string]string{samPath + "/licenses": "", samPath + "/licenses-entitlements": ""}),
		"snow_licenses", "snow_entitlements", "snow_compliance")
	enginetest.Golden(t, "empty.metrics", h.ScrapeCollectors(t.Context())+"\n")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`)
}

func TestSnowCollectorsApplyToTheTenant(t *testing.T) {
	for _, c := range collectors(&tenant{}) {
		if !c.Applies(licensing.Organization{}) || c.Applies(licensing.Organization{ID: "o"}) {
			t.Errorf("%s does not apply to the tenant alone", c.Name)
		}
	}
}

// The log must name all missing permissions at once.
func TestSnowLogNamesAllMissingPermissions(t *testing.T) {
	v := serve(t, map[string]string{samPath + "/licenses": `{"id": "1", "applicationId": "p"}`})
	v.refuse(agreementPath, http.StatusForbidden)
	v.refuse("/api/sam/software-registry/v1/applications/p", http.StatusForbidden)
	h := newHarness(t, v, "snow_agreements", "snow_applications")
	for range 2 {
		h.Refresh(t.Context(), engine.Selection{})
	}
	for _, line := range []string{
		`level=warn vendor=test account=acme msg="collecting without the agreements" collector=snow_agreements`,
		`level=error vendor=test account=acme collector=snow_applications organization_id= reason=forbidden`,
	} {
		if n := h.Log.Count(line); n != 1 {
			t.Errorf("%s is logged %d times, want once:\n%s", line, n, h.Log)
		}
	}
}
