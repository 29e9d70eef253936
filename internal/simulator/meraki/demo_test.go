package meraki

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/simtest"
)

// days returns the days from the start of the test's day to a date of an answer.
func days(t *testing.T, value any) int {
	t.Helper()
	return simtest.Days(t, value, time.RFC3339, "Jan 2, 2006 UTC")
}

func TestDemoOrganizations(t *testing.T) {
	a := demo(t)
	want := []string{
		"2930101 co-term true", "2930102 co-term true", "2930103 co-term true", "2930104 co-term true",
		"2930105 per-device true", "2930106 per-device true",
		"2930107 subscription true", "2930108 subscription true", "2930109 subscription true", "2930110 subscription true",
		"2930111 co-term false", "2930112 co-term true",
	}
	var got []string
	for _, o := range read[[]object](a, "/organizations") {
		enabled := " false"
		if at(o, "api", "enabled") == true {
			enabled = " true"
			if diff := cmp.Diff(o, read[object](a, "/organizations/"+o["id"].(string))); diff != "" {
				t.Errorf("listed and alone (-list +alone):\n%s", diff)
			}
		}
		got = append(got, o["id"].(string)+" "+at(o, "licensing", "model").(string)+enabled)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("organizations (-want +got):\n%s", diff)
	}
}

func TestDemoCotermOverviews(t *testing.T) {
	a := demo(t)
	tests := []struct {
		organization int
		status       string
		ends         int
	}{
		{demoEMEA, "OK", 287}, {demoIberia, "OK", 5}, {demoNordics, "License Required", -12}, {demoLogistics, "OK", 142},
	}
	for _, test := range tests {
		o := read[object](a, "/organizations/"+demoID(test.organization)+"/licenses/overview")
		if got := days(t, o["expirationDate"]); o["status"] != test.status || got != test.ends {
			t.Errorf("%s: %v in %d days, want %s in %d", demoID(test.organization), o["status"], got, test.status, test.ends)
		}
	}
	emea := read[object](a, "/organizations/"+demoID(demoEMEA)+"/licenses/overview")
	want := object{"wireless": 60., "MS225-48FP": 16., "MX67": 6., "MV": 8., "MT": 10.}
	if diff := cmp.Diff(want, emea["licensedDeviceCounts"]); diff != "" {
		t.Errorf("licensedDeviceCounts (-want +got):\n%s", diff)
	}
	if r := a.Get("/organizations/" + demoID(demoIberia) + "/licenses/overview"); !strings.Contains(r.Body, `"Mar 22, 2026 UTC"`) {
		t.Errorf("the date is not spelled as the vendor does: %s", r.Body)
	}
}

func TestDemoCotermLicenses(t *testing.T) {
	a := demo(t)
	path := "/organizations/" + demoID(demoLogistics) + "/licensing/coterm/licenses"
	all := read[[]object](a, path)
	counted := []int{
		len(all), len(where(all, "invalidated", true)), len(where(all, "invalidated", false)), len(where(all, "expired", true)),
		len(where(where(all, "expired", false), "invalidated", false)),
	}
	if diff := cmp.Diff([]int{8, 3, 5, 4, 1}, counted); diff != "" {
		t.Errorf("licenses in all, invalidated, not invalidated, expired, in force (-want +got):\n%s", diff)
	}
	modes := map[any]bool{}
	for _, l := range read[[]object](a, path) {
		modes[l["mode"]] = true
		if (l["invalidatedAt"] != nil) != (l["invalidated"] == true) {
			t.Errorf("license %v: invalidated %v at %v", l["key"], l["invalidated"], l["invalidatedAt"])
		}
		if !strings.Contains(l["key"].(string), simulator.FakeKeyMarker) || l["organizationId"] != demoID(demoLogistics) {
			t.Errorf("license %v of %v", l["key"], l["organizationId"])
		}
	}
	if diff := cmp.Diff(map[any]bool{"addDevices": true, "renew": true}, modes); diff != "" {
		t.Errorf("modes (-want +got):\n%s", diff)
	}
	mixed := read[[]object](a, "/organizations/"+demoID(demoEMEA)+"/licensing/coterm/licenses")[0]
	if got := len(mixed["editions"].([]any)); got != 4 {
		t.Errorf("%d editions, want one for each of 4 product types", got)
	}
}

func TestDemoEmptyOrganization(t *testing.T) {
	a := demo(t)
	path := "/organizations/" + demoID(demoOpenings)
	if r := a.Get(path + "/licenses/overview"); r.Body != `{"status":"OK","expirationDate":"N/A","licensedDeviceCounts":{}}` {
		t.Errorf("overview %s", r.Body)
	}
	for _, list := range []string{"/licensing/coterm/licenses", "/inventory/devices"} {
		if r := a.Get(path + list); r.Body != "[]" {
			t.Errorf("%s: %s", list, r.Body)
		}
	}
}

// checkDeviceLicenses checks that the licenses of a per-device organization match the vendor's rules, the overview and the inventory.
func checkDeviceLicenses(t *testing.T, a *api, organization string) {
	t.Helper()
	path := "/organizations/" + organization
	licenses := read[[]object](a, path+"/licenses")
	overview := read[object](a, path+"/licenses/overview")
	byID, bySerial, states := map[any]object{}, map[any]object{}, map[string]int{}
	for _, l := range licenses {
		byID[l["id"]] = l
		states[l["state"].(string)]++
		if l["state"] != "recentlyQueued" && l["deviceSerial"] != nil {
			bySerial[l["deviceSerial"]] = l
		}
	}
	for _, l := range licenses {
		checkDeviceLicense(t, l, byID)
	}
	if overview["licenseCount"] != float64(len(licenses)) {
		t.Errorf("licenseCount %v, want %d", overview["licenseCount"], len(licenses))
	}
	for state, n := range states {
		if got := at(overview, "states", state, "count"); got != float64(n) {
			t.Errorf("overview says %v %s, the list %d", got, state, n)
		}
	}
	for _, d := range read[[]object](a, path+"/inventory/devices") {
		l, licensed := bySerial[d["serial"]]
		if licensed != (d["networkId"] != nil) || licensed && d["licenseExpirationDate"] != l["expirationDate"] {
			t.Errorf("device %v in network %v ends %v, its license %v", d["serial"], d["networkId"], d["licenseExpirationDate"],
				l["expirationDate"])
		}
		delete(bySerial, d["serial"])
	}
	if len(bySerial) > 0 {
		t.Errorf("%d licenses are bound to devices that do not exist", len(bySerial))
	}
}

func checkDeviceLicense(t *testing.T, l object, byID map[any]object) {
	t.Helper()
	state := l["state"]
	if bound := l["deviceSerial"] != nil || l["networkId"] != nil; bound == (state == "unused" || state == "unusedActive") {
		t.Errorf("license %v is %v and bound: %v", l["id"], state, bound)
	}
	if !strings.Contains(l["licenseKey"].(string), simulator.FakeKeyMarker) {
		t.Errorf("license key %v", l["licenseKey"])
	}
	if state == "unused" || state == "recentlyQueued" {
		if l["activationDate"] != nil || l["expirationDate"] != nil {
			t.Errorf("license %v is %v and has dates", l["id"], state)
		}
	} else {
		left := days(t, l["expirationDate"])
		if total := left - days(t, l["activationDate"]); float64(total) != l["totalDurationInDays"] {
			t.Errorf("license %v runs for %d days, not %v", l["id"], total, l["totalDurationInDays"])
		}
		if (state == "expired") != (left < 0) || (state == "expiring") != (left >= 0 && left <= warningDays) && state != "unusedActive" {
			t.Errorf("license %v is %v with %d days left", l["id"], state, left)
		}
	}
	if (l["headLicenseId"] != nil) != (state == "recentlyQueued") {
		t.Errorf("license %v is %v behind %v", l["id"], state, l["headLicenseId"])
	}
	if head, ok := byID[l["headLicenseId"]]; ok {
		sum := head["durationInDays"].(float64)
		if len(head["permanentlyQueuedLicenses"].([]any)) > 0 {
			sum += l["durationInDays"].(float64)
		}
		if head["totalDurationInDays"] != sum || head["deviceSerial"] != l["deviceSerial"] {
			t.Errorf("license %v and its head %v do not fit", l["id"], head["id"])
		}
	}
}

func TestDemoPerDevice(t *testing.T) {
	a := demo(t)
	checkDeviceLicenses(t, a, demoID(demoNorthAmerica))
	checkDeviceLicenses(t, a, demoID(demoAPAC))

	overview := read[object](a, "/organizations/"+demoID(demoNorthAmerica)+"/licenses/overview")
	for state, want := range map[string]float64{
		"active": 63, "expired": 2, "expiring": 7, "recentlyQueued": 5, "unused": 12, "unusedActive": 2,
	} {
		if got := at(overview, "states", state, "count"); got != want {
			t.Errorf("%v %s, want %v", got, state, want)
		}
	}
	seats := object{"totalSeats": 250., "activeSeats": 200., "unassignedSeats": 50., "orgwideEnrolledDevices": 212.}
	if diff := cmp.Diff(seats, at(overview, "systemsManager", "counts")); diff != "" {
		t.Errorf("systemsManager (-want +got):\n%s", diff)
	}
	apac := read[object](a, "/organizations/"+demoID(demoAPAC)+"/licenses/overview")
	want := object{
		"count":    14.,
		"critical": object{"thresholdInDays": 30., "expiringCount": 6.},
		"warning":  object{"thresholdInDays": 90., "expiringCount": 8.},
	}
	if diff := cmp.Diff(want, at(apac, "states", "expiring")); diff != "" {
		t.Errorf("expiring (-want +got):\n%s", diff)
	}

	path := "/organizations/" + demoID(demoNorthAmerica) + "/licenses"
	licenses := read[[]object](a, path)
	queued := where(licenses, "state", "recentlyQueued")[0]
	both := where(licenses, "deviceSerial", queued["deviceSerial"])
	if len(both) != 2 || both[0]["id"] != queued["headLicenseId"] || both[1]["id"] != queued["id"] {
		t.Errorf("licenses of a device with a queue: %v", both)
	}
	if n := len(where(licenses, "networkId", queued["networkId"])); n < 2 {
		t.Errorf("%d licenses in the network", n)
	}
	for _, l := range licenses {
		if isSM := l["licenseType"] == "SME"; isSM != (l["seatCount"] != nil) || isSM && l["deviceSerial"] != nil {
			t.Errorf("license %v of type %v has %v seats", l["id"], l["licenseType"], l["seatCount"])
		}
	}
}

func TestDemoSubscriptions(t *testing.T) {
	a := demo(t)
	list := func(organizations ...int) []object {
		t.Helper()
		path := subscriptionsPath + "?"
		for _, o := range organizations {
			path += "organizationIds[]=" + demoID(o) + "&"
		}
		return read[[]object](a, path)
	}
	all := list(demoDigital, demoFranchise, demoLabs, demoShared)
	if len(all) != 10 {
		t.Errorf("%d subscriptions, want 10 with the shared one once", len(all))
	}
	for _, s := range all {
		if !strings.Contains(at(s, "smartAccount", "account", "name").(string), simulator.FakeKeyMarker) {
			t.Errorf("smart account %v", s["smartAccount"])
		}
	}

	digital, shared := list(demoDigital), where(list(demoShared), "status", "active")
	if len(digital) != 5 || len(shared) != 1 {
		t.Fatalf("%d and %d subscriptions, want 5 and 1", len(digital), len(shared))
	}
	if diff := cmp.Diff(digital[4], shared[0]); diff != "" || at(shared[0], "counts", "organizations") != 2. {
		t.Errorf("the shared subscription (-one +other):\n%s", diff)
	}
	if grace := list(demoFranchise)[0]; grace["status"] != "active" || days(t, grace["endDate"]) != 190 {
		t.Errorf("in grace: %v, ends in %d days", grace["status"], days(t, grace["endDate"]))
	}
	scarce := where(list(demoLabs, demoDigital), "name", scarceSubscription.name)
	if len(scarce) != 1 || !slices.ContainsFunc(scarce[0]["entitlements"].([]any), func(e any) bool {
		return at(e, "seats", "available") == -2.
	}) {
		t.Errorf("no SKU is over-allocated: %v", scarce)
	}
	if agreement := where(digital, "type", "enterpriseAgreement"); len(agreement) != 1 || len(at(agreement[0], "enterpriseAgreement", "suites").([]any)) != 1 {
		t.Errorf("no enterprise agreement: %v", agreement)
	}
	if renewal := where(digital, "status", "inactive"); len(renewal) != 1 || days(t, renewal[0]["startDate"]) != endingSubscription.ends+1 {
		t.Errorf("no renewal: %v", renewal)
	}
	inactive := where(list(demoShared), "status", "inactive")[0]
	if inactive["startDate"] != "" || inactive["endDate"] != nil {
		t.Errorf("inactive from %v to %v, want no dates", inactive["startDate"], inactive["endDate"])
	}
	if ended := where(list(demoShared), "status", "canceled", "expired"); len(ended) != 2 {
		t.Errorf("%d ended subscriptions, want 2", len(ended))
	}
	if got := list(demoEMEA); len(got) != 0 {
		t.Errorf("a co-term organization has subscriptions: %v", got)
	}
}

func TestDemoCompliance(t *testing.T) {
	a := demo(t)
	path := subscriptionsPath + "/compliance/statuses?organizationIds[]=" + demoID(demoFranchise) + "&organizationIds[]=" + demoID(demoDigital)
	statuses := read[[]object](a, path)
	if len(statuses) != 6 {
		t.Fatalf("%d statuses, want 6", len(statuses))
	}
	for _, s := range statuses {
		violations := at(s, "violations", "byProductClass").([]any)
		if at(s, "subscription", "name") != graceSubscription.name {
			if len(violations) > 0 || at(s, "subscription", "status") == "out_of_compliance" {
				t.Errorf("%v is not compliant", s)
			}
			continue
		}
		if len(violations) != 1 || at(s, "subscription", "status") != "out_of_compliance" {
			t.Errorf("in grace: %v", s)
		}
		for _, v := range violations {
			if days(t, at(v, "gracePeriodEndsAt")) != 20 || len(at(v, "missing", "entitlements").([]any)) != 1 {
				t.Errorf("violation %v", v)
			}
		}
	}
}

func TestCatalogueCoversTheDemo(t *testing.T) {
	a := demo(t)
	known := map[any]bool{}
	skus := read[[]object](a, "/administered/licensing/subscription/entitlements")
	for _, e := range skus {
		known[e["sku"]] = true
	}
	if len(known) < 25 {
		t.Errorf("%d entitlements", len(known))
	}
	for _, p := range []plan{
		digitalSubscription, graceSubscription, scarceSubscription, sharedSubscription, canceledSubscription, expiredSubscription,
		inactiveSubscription, agreementSubscription, endingSubscription, renewalSubscription,
	} {
		for _, s := range p.seats {
			if !known[s.sku] {
				t.Errorf("%s of %q is not in the catalogue", s.sku, p.name)
			}
		}
	}
	some := where(skus, "sku", "LIC-MR-A", "LIC-MT-F")
	if len(some) != 2 || some[0]["isFree"] != false || some[1]["isFree"] != true {
		t.Errorf("by SKU: %v", some)
	}
}

func TestDemoInventory(t *testing.T) {
	a := demo(t)
	path := "/organizations/" + demoID(demoEMEA) + "/inventory/devices"
	all := read[[]object](a, path)
	spares := where(all, "networkId", nil)
	counted := []int{len(all), len(spares), len(where(all, "productType", "switch")), len(where(all, "model", "MR46", "MT10"))}
	if diff := cmp.Diff([]int{96, 4, 16, 52}, counted); diff != "" {
		t.Errorf("devices in all, spare, switches, of two models (-want +got):\n%s", diff)
	}
	for _, d := range spares {
		if d["networkId"] != nil || d["licenseExpirationDate"] != nil || d["productType"] == "" {
			t.Errorf("spare %v", d)
		}
	}
	for _, d := range where(all, "model", "MS225-48FP") {
		if sale, _ := at(d, "eox", "endOfSaleAt").(string); days(t, sale) != -210 || at(d, "eox", "endOfSupportAt") != nil {
			t.Errorf("the end of sale and of support of a switch: %v", d["eox"])
		}
	}
	if access := where(all, "model", "MR46")[0]; at(access, "eox", "status") != "" || at(access, "eox", "endOfSaleAt") != nil {
		t.Errorf("an access point that is sold: %v", access["eox"])
	}

	appliances := where(read[[]object](a, "/organizations/"+demoID(demoLogistics)+"/inventory/devices"), "model", "MX85")
	if len(appliances) != 3 || appliances[2]["networkId"] != appliances[0]["networkId"] || appliances[1]["networkId"] == appliances[0]["networkId"] {
		t.Errorf("no pair of appliances with a warm spare: %v", appliances)
	}
}
