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
	if len(old) != len(recent) || len(recent[0]) != 42 {
		t.Fatalf("%d and %d licenses with %d fields", len(old), len(recent), len(recent[0]))
	}
	want := []string{
		"applicationId", "contractId", "id", "metricId", "organizationId", "purchaseCurrency", "purchaseDate", "purchaseValue",
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
}

func marshal(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(b)
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
		"/licenses/entitlements/users":                         404,
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
	want := []string{"applicationId", "computerId", "licenseId", "organizationId"}
	if diff := cmp.Diff(want, keys(track)); diff != "" {
		t.Errorf("tracking (-want +got):\n%s", diff)
	}
	if got := a.list(licensePath(2) + "/assignments/users"); got[0]["quantity"] != "1" || got[0]["invalidAssignmentReasons"] != nil {
		t.Errorf("assignment to a user %v", got[0])
	}
	fields := a.list(policiesPath + "/" + guid(guidPolicy, 1, 0) + "/fields")
	if diff := cmp.Diff([]string{"description", "id", "isRequired", "name"}, keys(fields[0])); diff != "" {
		t.Errorf("field of a policy (-want +got):\n%s", diff)
	}
}
