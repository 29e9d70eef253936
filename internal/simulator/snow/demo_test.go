package snow

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/simtest"
)

// number returns a field that is a number, or 0 for null.
func number(o object, name string) int {
	n, _ := o[name].(float64)
	return int(n)
}

// text returns a field that is a string, or "" for null.
func text(o object, name string) string {
	s, _ := o[name].(string)
	return s
}

// days returns the days from the start of the test's day to a date of an answer.
func days(t *testing.T, value any) int {
	t.Helper()
	return simtest.Days(t, value, time.RFC3339)
}

func sum(records []object, name string) int {
	n := 0
	for _, r := range records {
		n += number(r, name)
	}
	return n
}

// agreementVerdicts returns by agreement whether its periods include today: 1 if they do, -1 if they do not, and 0 if the dates of the
// licenses count instead.
func agreementVerdicts(t *testing.T, a *api) map[string]int {
	t.Helper()
	verdicts := map[string]int{}
	for _, item := range a.list("/api/sam/v2/agreements") {
		path := "/api/sam/v2/agreements/" + text(item, "id")
		periods := a.list(path + "/periods")
		if read[object](a, path)["isSubscription"] != true || len(periods) == 0 {
			continue
		}
		verdicts[text(item, "id")] = -1
		for _, p := range periods {
			if days(t, p["validFrom"]) <= 0 && days(t, p["validTo"]) > 0 {
				verdicts[text(item, "id")] = 1
			}
		}
	}
	return verdicts
}

// hasExpired reports whether a license has expired by what the API returns.
func hasExpired(t *testing.T, l object, verdicts map[string]int) bool {
	t.Helper()
	if l["isSubscription"] != true {
		return false
	}
	if verdict := verdicts[text(l, "agreementId")]; verdict != 0 {
		return verdict < 0
	}
	return l["subscriptionValidTo"] != nil && days(t, l["subscriptionValidTo"]) <= 0
}

func TestDemoSituations(t *testing.T) {
	a, _ := start(t, Options{})
	verdicts := agreementVerdicts(t, a)
	got := map[string]int{}
	for _, l := range a.list(samPath + "/licenses") {
		got[text(l, "purchaseCurrency")]++
		got[text(l, "status")]++
		if l["organizationId"] == noGUID {
			got["of the root"]++
		}
		if (l["status"] == "Archived") != (l["archivedDate"] != nil) {
			t.Errorf("license %v is %v since %v", l["id"], l["status"], l["archivedDate"])
		}
		if l["status"] == "Archived" {
			continue
		}
		for _, reason := range l["incompleteReasons"].([]any) {
			got[reason.(string)]++
		}
		if (l["isIncomplete"] == true) != (len(l["incompleteReasons"].([]any)) > 0) {
			t.Errorf("license %v is incomplete: %v, because of %v", l["id"], l["isIncomplete"], l["incompleteReasons"])
		}
		for _, kind := range []string{"isSubscription", "isUpgrade", "isDowngrade", "isCrossEdition", "isCrossPlatform", "isIncomplete"} {
			if l[kind] == true {
				got[kind]++
			}
		}
		if l["maintenanceAccordingToAgreement"] == true {
			got["maintained by agreement"]++
		}
		if l["isSubscription"] != true || l["isIncomplete"] == true {
			continue
		}
		expired, to := hasExpired(t, l, verdicts), l["subscriptionValidTo"]
		switch {
		case to == nil:
			got["without end"]++
		case expired && days(t, to) > 0:
			got["expired by agreement"]++
		case !expired && days(t, to) <= 0:
			got["covered by agreement"]++
		case expired:
			got["expired"]++
		case verdicts[text(l, "agreementId")] == 0:
			for _, within := range []int{7, 30, 90} {
				if days(t, to) <= within {
					got[fmt.Sprintf("within %d", within)]++
				}
			}
		}
	}
	want := map[string]int{
		"Active": 964, "Archived": 36, "EUR": 504, "GBP": 128, "USD": 368, "of the root": 37,
		"isCrossEdition": 31, "isCrossPlatform": 20, "isDowngrade": 38, "isIncomplete": 33, "isSubscription": 339, "isUpgrade": 8,
		"InvalidSubscriptionPeriod": 2, "MissingAgreementNumber": 6, "MissingApplication": 6, "MissingAssignmentType": 3,
		"MissingBaseLicenses": 2, "MissingLicenseCount": 8, "MissingMetric": 10, "MissingValidFromToDate": 3,
		"covered by agreement": 31, "expired by agreement": 30, "maintained by agreement": 34,
		"expired": 12, "within 7": 1, "within 30": 1, "within 90": 2, "without end": 16,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("licenses (-want +got):\n%s", diff)
	}
}

func TestDemoNames(t *testing.T) {
	a, _ := start(t, Options{})
	organizations := map[string]bool{noGUID: true}
	for _, node := range read[map[string][]object](a, "/api/organizations/v1/tree")["nodes"] {
		if !organizations[text(node, "parentId")] {
			t.Errorf("the parent of %v does not come before it", node["name"])
		}
		organizations[text(node, "id")] = true
	}
	if len(organizations) != 9 {
		t.Errorf("%d organizations, want 8 and the root", len(organizations)-1)
	}
	applications, metrics, ended := map[string]bool{}, map[string]string{}, 0
	for i, application := range demoApplications[1:] {
		detail := read[object](a, registryPath+"/applications"+"/"+applicationGUID(i+1))
		if detail["name"] != application.name || text(detail, "manufacturer") == "" {
			t.Errorf("application %v", detail)
		}
		for _, m := range detail["metrics"].([]any) {
			metrics[text(m.(object), "id")] = text(m.(object), "name")
		}
		if detail["isEndOfSupport"] == true {
			ended++
		}
		applications[text(detail, "id")] = true
	}
	if len(applications) != 40 || len(metrics) != 4 || ended == 0 {
		t.Errorf("%d applications, metrics %v, %d out of support", len(applications), metrics, ended)
	}
	custom := a.list("/api/custom-metrics/v1/custom-metrics")
	if len(custom) != 1 || metrics[text(custom[0], "id")] != "Trading desks" {
		t.Errorf("custom metrics %v", custom)
	}
	types := map[string]bool{}
	for _, kind := range assignmentKinds {
		types[kind.id] = true
	}
	for _, l := range a.list(samPath + "/licenses") {
		for name, known := range map[string]bool{
			"applicationId":    l["applicationId"] == nil || applications[text(l, "applicationId")],
			"metricId":         l["metricId"] == nil || metrics[text(l, "metricId")] != "",
			"organizationId":   organizations[text(l, "organizationId")],
			"assignmentTypeId": l["assignmentTypeId"] == nil || types[text(l, "assignmentTypeId")],
		} {
			if !known {
				t.Errorf("license %v: nothing has the %s %v", l["id"], name, l[name])
			}
		}
	}
}

func TestDemoAgreements(t *testing.T) {
	a, _ := start(t, Options{})
	got := map[string]string{}
	types := map[string]bool{}
	for _, kind := range a.list("/api/sam/v2/agreement-types") {
		types[text(kind, "id")] = true
	}
	for _, item := range a.list("/api/sam/v2/agreements") {
		path := "/api/sam/v2/agreements/" + text(item, "id")
		detail := read[object](a, path)
		for _, field := range []string{"contactName", "contactEmail", "contactPhone", "manufacturerContact", "description"} {
			if !strings.Contains(text(detail, field), simulator.FakeKeyMarker) {
				t.Errorf("%s is %q", field, detail[field])
			}
		}
		ends := []int{}
		for _, p := range a.list(path + "/periods") {
			ends = append(ends, days(t, p["validTo"]))
		}
		got[text(item, "name")] = fmt.Sprint(ends, number(detail, "warningDayLimit"), number(detail, "criticalDayLimit"), detail["isSubscription"])
		if !types[text(item, "typeId")] {
			t.Errorf("agreement %v is of no known type", item)
		}
	}
	want := map[string]string{
		"Contoso Enterprise Agreement":  "[-346 20] 60 30 true",
		"Fabrikam Volume Agreement":     "[75] 90 30 false",
		"Adatum Support Agreement":      "[-100] 60 14 false",
		"Litware Cloud Subscription":    "[400] 90 30 true",
		"Proseware HR Subscription":     "[-12] 45 15 true",
		"Tailspin Platform Agreement":   "[665 300] 60 30 false",
		"Contoso Enrollment for Stores": "[] 0 0 false",
		"Wingtip Maintenance Agreement": "[-235 130] 60 20 false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("agreements: ends, limits, subscription (-want +got):\n%s", diff)
	}
	if len(types) != 4 {
		t.Errorf("%d types", len(types))
	}
}

// There is maintenance that has ended, that ends soon or later, and that has not begun.
func TestDemoMaintenance(t *testing.T) {
	a, _ := start(t, Options{})
	got, byLicense := map[string]bool{}, map[string][]object{}
	for _, p := range a.list(samPath + "/licenses/maintenance-periods") {
		byLicense[text(p, "licenseId")] = append(byLicense[text(p, "licenseId")], p)
		from, to := days(t, p["validFrom"]), days(t, p["validTo"])
		got["ended"] = got["ended"] || to <= 0
		got["future"] = got["future"] || from > 0
		for _, within := range []int{30, 90} {
			got[fmt.Sprintf("within %d", within)] = got[fmt.Sprintf("within %d", within)] || to > 0 && to <= within && from <= 0
		}
		got["by agreement"] = got["by agreement"] || p["agreementPeriodId"] != nil
	}
	if diff := cmp.Diff(map[string]bool{"ended": true, "future": true, "within 30": true, "within 90": true, "by agreement": true}, got); diff != "" {
		t.Errorf("periods (-want +got):\n%s", diff)
	}
	for _, l := range a.list(samPath + "/licenses") {
		periods := byLicense[text(l, "id")]
		active, support, total := 0, 0, 0
		for _, p := range periods {
			if days(t, p["validFrom"]) > 0 {
				continue
			}
			total += number(p, "maintenanceCost")
			if days(t, p["validTo"]) > 0 {
				active += number(p, "maintenanceCost")
				support += number(p, "supportCost")
			}
		}
		if number(l, "activeMaintenanceCost")-active > 1 || number(l, "totalMaintenanceCost")-total > 2 ||
			number(l, "activeSupportCost")-support > 1 || active > number(l, "totalLicenseCost") {
			t.Errorf("license %v costs %v of maintenance, its periods %d", l["id"], l["activeMaintenanceCost"], active)
		}
	}
}

func TestDemoPoliciesAndCoverage(t *testing.T) {
	a, _ := start(t, Options{})
	required, chosen := 0, 0
	for _, p := range a.list(policiesPath) {
		for _, f := range a.list(policiesPath + "/" + text(p, "id") + "/fields") {
			if f["isRequired"] == true {
				required++
			}
			if f["isComboBox"] == true {
				chosen += len(f["listItems"].([]any))
			}
		}
	}
	if required != 4 || chosen != 6 {
		t.Errorf("%d fields required, %d items", required, chosen)
	}
	reasons := map[string]int{}
	for _, c := range a.list(coveragePath) {
		reasons[text(c, "reason")]++
	}
	if diff := cmp.Diff(map[string]int{"Passive": 3, "Disaster": 3, "TestingOrDevelopment": 2, "Other": 2}, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	for _, kind := range a.list(samPath + "/licenses-extended-coverage-types") {
		if reasons[text(kind, "name")] == 0 {
			t.Errorf("no coverage of type %v", kind)
		}
	}
}

// What an exporter must not show contains a marker.
func TestDemoMarkers(t *testing.T) {
	a, _ := start(t, Options{})
	l := a.list(samPath + "/licenses")[2]
	for _, field := range []string{"invoiceReference", "licenseProofLocation", "mediaStorage", "vendor", "externalId", "productDescription"} {
		if !strings.Contains(text(l, field), simulator.FakeKeyMarker) {
			t.Errorf("%s is %q", field, l[field])
		}
	}
	if list := a.Get(samPath + "/licenses?page_size=1000"); strings.Contains(list.Body, "licenseKeys") || list.Status != http.StatusOK {
		t.Error("the list tells keys")
	}
	for path, field := range map[string]string{
		licensePath(2) + "/assignments/users":        "userId",
		licensePath(0) + "/assignments/computers":    "computerId",
		samPath + "/licenses/entitlements/computers": "computerId",
		samPath + "/licenses/entitlements/users":     "userId",
	} {
		if id := text(a.list(path)[0], field); !strings.HasPrefix(id, FakePersonMarker) {
			t.Errorf("%s of %s is %q", field, path, id)
		}
	}
}
