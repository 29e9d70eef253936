package snow

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func keys(o object) []string { return slices.Sorted(maps.Keys(o)) }

func TestLegacyLicenses(t *testing.T) {
	a, _ := start(t, Options{Version: "1.0.0"})
	current, _ := start(t, Options{})
	old, recent := a.list(samPath+"/licenses"), current.list(samPath+"/licenses")
	if len(old) != len(recent) || len(recent[0]) != 43 {
		t.Fatalf("%d and %d licenses with %d fields", len(old), len(recent), len(recent[0]))
	}
	want := []string{
		"_links", "applicationId", "contractId", "id", "metricId", "organizationId", "purchaseCurrency", "purchaseDate", "purchaseValue",
		"quantity",
	}
	for i, l := range old {
		if diff := cmp.Diff(want, keys(l)); diff != "" {
			t.Fatalf("fields (-want +got):\n%s", diff)
		}
		for _, same := range []string{"id", "applicationId", "contractId", "metricId", "organizationId"} {
			if l[same] != recent[i][same] {
				t.Errorf("license %d: %s is %v, not %v", i, same, l[same], recent[i][same])
			}
		}
		if n, ok := recent[i]["quantity"].(float64); ok != (l["quantity"] != nil) || ok && l["quantity"] != marshal(n) {
			t.Errorf("license %d: %v of %v", i, l["quantity"], recent[i]["quantity"])
		}
		if l["purchaseValue"] != marshal(recent[i]["purchaseValue"]) || !strings.HasSuffix(l["purchaseDate"].(string), " 12:00:00 AM") {
			t.Errorf("license %d: value %v on %v", i, l["purchaseValue"], l["purchaseDate"])
		}
	}

	p := read[listing](a, samPath+"/licenses?page_size=10")
	if p.Pagination.TotalItems != nil || p.link("next") != "api/sam/v1/licenses?page_number=2&page_size=10" {
		t.Errorf("page %+v, next %q", p.Pagination, p.link("next"))
	}
	if r := a.Get(filtered(samPath+"/licenses", "status -eq 'Active'")); r.Status != 400 {
		t.Errorf("filter on a field that is not there: %d", r.Status)
	}
	if got := a.list(filtered(samPath+"/licenses", "purchaseCurrency -eq 'GBP'")); len(got) == 0 || len(got) == len(old) {
		t.Errorf("filter: %d licenses", len(got))
	}
}

func marshal(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestLegacyDetail(t *testing.T) {
	a, _ := start(t, Options{Version: "1.0.0"})
	incomplete := -1
	for i := range demoLicenses {
		if l := DemoEstate().book.license(i); l.faults == missingCount|missingMetric || l.faults == missingPeriod|missingAgreement {
			incomplete = i
		}
	}
	l := read[object](a, licensePath(incomplete))
	want := []string{
		"_links", "applicationId", "contractId", "externalId", "id", "incompleteReasons", "invoiceReference", "isCrossPlatform", "isDowngrade",
		"isSubscription", "isUpgrade", "licenseKeys", "licenseProofLocation", "mediaStorage", "metricId", "notes", "organizationId",
		"productDescription", "purchaseCurrency", "purchaseDate", "purchaseValue", "quantity", "vendor",
	}
	if diff := cmp.Diff(want, keys(l)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if l["incompleteReasons"] != 6. && l["incompleteReasons"] != 96. || l["isUpgrade"] != "False" {
		t.Errorf("incompleteReasons %v, isUpgrade %v", l["incompleteReasons"], l["isUpgrade"])
	}
	if read[object](a, licensePath(2))["isSubscription"] != "True" {
		t.Error("isSubscription is no string")
	}
}

func TestLegacyOperations(t *testing.T) {
	a, s := start(t, Options{Version: "1.0.0"})
	application := applicationGUID(1)
	for path, status := range map[string]int{
		"/licenses/maintenance-periods":                        400, // taken for a license
		"/licenses/" + licenseGUID(0) + "/maintenance-periods": 404,
		"/compliance/summary/" + application:                   404,
		"/compliance/summary/" + application + "/allocation":   404,
		"/compliance/summary/" + application + "/usage":        404,
		"/assignment-types":                                    404,
		"/licenses/entitlements/users":                         404,
		"/licenses/tracking-computers/" + computerGUID(1):      404,
		"/licenses/entitlements/computers":                     200,
		"/licenses-policies":                                   200,
		"/licenses/tracking/" + application + "/computers":     200,
	} {
		if r := a.Get(samPath + path); r.Status != status {
			t.Errorf("%s: %d %.100s", path, r.Status, r.Body)
		}
	}
	if s.Requests()["getLicense"] != 1 {
		t.Errorf("requests %v", s.Requests())
	}
	if r := a.Get("/api/sam/v2/agreements"); r.Status != 200 || !strings.Contains(r.Body, `"href":"/api/sam/v2/`) {
		t.Errorf("other APIs are of another version: %d", r.Status)
	}
}

func TestLegacyRecords(t *testing.T) {
	a, _ := start(t, Options{Version: "1.0.0"})
	if state := read[object](a, samPath+"/licenses/entitlements/entitlement-states"); state["name"] != "Covered" || state["items"] != nil {
		t.Errorf("entitlement state %v", state)
	}
	application := samPath + "/licenses/tracking/" + applicationGUID(1)
	track := a.list(application + "/computers")[0]
	want := []string{"_links", "applicationId", "computerId", "licenseId", "organizationId"}
	if diff := cmp.Diff(want, keys(track)); diff != "" {
		t.Errorf("tracking (-want +got):\n%s", diff)
	}
	detail := a.list(application + "/computers/" + track["computerId"].(string))[0]
	if _, ok := detail["requirement"]; ok || detail["primaryUseRights"] != float64(namedComputer) || detail["receivedCoverage"] != 1. {
		t.Errorf("tracking of a computer %v", detail)
	}
	transfers := samPath + "/licenses/transfers/" + applicationGUID(1) + "/computers"
	transfer := a.list(transfers)[0]
	if got := read[object](a, transfers+"/"+transfer["computerId"].(string)); got["isDowngrade"] != true || got["items"] != nil {
		t.Errorf("transfer of a computer %v", got)
	}
	if got := a.list(licensePath(2) + "/assignments/users"); got[0]["quantity"] != "1" || got[0]["invalidAssignmentReasons"] != nil {
		t.Errorf("assignment to a user %v", got[0])
	}
	fields := a.list(policiesPath + "/" + guid(guidPolicy, 1, 0) + "/fields")
	if diff := cmp.Diff([]string{"_links", "description", "id", "isRequired", "name"}, keys(fields[0])); diff != "" {
		t.Errorf("field of a policy (-want +got):\n%s", diff)
	}
}
