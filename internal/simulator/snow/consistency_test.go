package snow

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator/simtest"
)

// expected has the sums over the licenses of an application and metric.
type expected struct{ purchased, incomplete, expired, invalid, unassigned, entitled int }

// ledger has what the licenses and agreements imply for the rest of the API.
type ledger struct {
	licenses []object
	sums     map[[2]string]*expected // by application and metric
}

func newLedger(t *testing.T, a *api) ledger {
	t.Helper()
	verdicts := agreementVerdicts(t, a)
	all := ledger{licenses: a.list(samPath + "/licenses"), sums: map[[2]string]*expected{}}
	for i, l := range all.licenses {
		if l["status"] == "Archived" || l["applicationId"] == nil || l["metricId"] == nil {
			continue
		}
		key := [2]string{text(l, "applicationId"), text(l, "metricId")}
		if all.sums[key] == nil {
			all.sums[key] = &expected{}
		}
		e, quantity := all.sums[key], number(l, "quantity")
		e.purchased += quantity
		switch {
		case l["isIncomplete"] == true:
			e.incomplete += quantity
		case hasExpired(t, l, verdicts):
			e.expired += quantity
		default:
			invalid, assigned := checkAssignments(t, a, i)
			e.invalid += invalid
			e.unassigned += quantity - assigned
			e.entitled += quantity
		}
	}
	return all
}

// checkAssignments adds up the assignments of a license and compares them with their summary.
func checkAssignments(t *testing.T, a *api, license int) (invalid, assigned int) {
	t.Helper()
	path := licensePath(license)
	summary := read[object](a, path+"/assignments-summary")
	has := map[string]bool{}
	for kind, flag := range map[string]string{
		"computers": "hasComputerAssignment", "datacenters": "hasComputerAssignment", "users": "hasUserAssignment",
		"organizations": "hasOrganizationAssignment",
	} {
		for _, item := range a.list(path + "/assignments/" + kind) {
			has[flag] = true
			assigned += number(item, "quantity")
			if reasons, ok := item["invalidAssignmentReasons"].([]any); ok && len(reasons) > 0 {
				invalid += number(item, "quantity")
			}
		}
	}
	if r := a.Get(path + "/assignments/site"); r.Status == http.StatusOK {
		has["hasSiteAssignment"] = true
		assigned += number(read[object](a, path+"/assignments/site"), "quantity")
	}
	for flag, value := range summary {
		if value == true && !has[flag] || value == false && has[flag] {
			t.Errorf("license %d: %s is %v", license, flag, value)
		}
	}
	return invalid, assigned
}

// checkCompliance compares the compliance of an application with its licenses, its allocation, its usage and its tracking.
func checkCompliance(t *testing.T, a *api, all ledger, application string) {
	t.Helper()
	path := samPath + "/compliance/summary/" + application
	allocations, usage := a.list(path+"/allocation"), a.list(path+"/usage")
	for _, c := range a.list(path) {
		metric := text(c, "metricId")
		e := all.sums[[2]string{application, metric}]
		if e == nil {
			e = &expected{}
		}
		got := expected{
			number(c, "licensesPurchased"), number(c, "incompleteLicenses"), number(c, "expiredSubscriptionLicenses"),
			number(c, "invalidAssignments"), number(c, "unassigned"), e.entitled,
		}
		if got != *e || e.entitled != e.purchased-e.incomplete-e.expired {
			t.Errorf("%s by %s: %+v, the licenses say %+v", application, metric, got, *e)
		}
		if want := number(c, "totalCoverage") - number(c, "licenseRequirement"); number(c, "compliance") != want {
			t.Errorf("%s by %s: compliance %v, want %d", application, metric, c["compliance"], want)
		}
		checkBalance(t, c)
		parts := map[string]int{}
		for _, part := range allocations {
			if part["metricId"] != metric {
				continue
			}
			for _, name := range []string{"requirement", "coverage", "compliance"} {
				parts[name] += number(part, name)
			}
			if number(part, "requirement") < 0 || number(part, "coverage") < 0 {
				t.Errorf("allocation %v", part)
			}
		}
		whole := map[string]int{
			"requirement": number(c, "licenseRequirement"), "coverage": number(c, "totalCoverage"), "compliance": number(c, "compliance"),
		}
		if diff := cmp.Diff(whole, parts); diff != "" {
			t.Errorf("%s by %s in organizations (-whole +parts):\n%s", application, metric, diff)
		}
		checkTracking(t, a, c)
	}
	for _, u := range usage {
		if number(u, "otherMetricCoverage") != crossMetricQuantity {
			t.Errorf("usage %v", u)
		}
	}
}

// checkBalance checks that the figures of a summary add up.
func checkBalance(t *testing.T, c object) {
	t.Helper()
	available := number(c, "licensesPurchased")
	for _, name := range []string{"incompleteLicenses", "expiredSubscriptionLicenses", "invalidAssignments", "unassigned"} {
		available -= number(c, name)
	}
	for _, kind := range []string{"downgrades", "upgrades", "crossPlatform", "crossEdition"} {
		available += number(c, kind+"Received") - number(c, kind+"Given")
	}
	if available != number(c, "availableLicenses") {
		t.Errorf("availableLicenses %v, want %d", c["availableLicenses"], available)
	}
	if want := available + number(c, "otherMetricCoverage") - number(c, "licensingOtherMetrics"); want != number(c, "totalCoverage") {
		t.Errorf("totalCoverage %v, want %d", c["totalCoverage"], want)
	}
	if number(c, "initialRequirement")-number(c, "secondaryUseRightsDesktopLaptop") != number(c, "licenseRequirement") {
		t.Errorf("initialRequirement %v of %v", c["initialRequirement"], c["licenseRequirement"])
	}
}

// checkTracking adds up what computers and users need and receive of an application by one metric.
func checkTracking(t *testing.T, a *api, c object) {
	t.Helper()
	metric := text(c, "metricId")
	if metric == metrics[tradingDesks].id {
		return
	}
	path := samPath + "/licenses/tracking/" + text(c, "applicationId")
	required, received := 0, 0
	for _, kind := range []string{"/computers", "/users"} {
		for _, track := range a.list(path + kind) {
			if track["metricId"] == metric {
				required += number(track, "initialRequirement")
				received += number(track, "receivedCoverage")
			}
		}
	}
	if want := number(c, "licenseRequirement"); required != want || received != min(want, number(c, "totalCoverage")) {
		t.Errorf("%v by %s: %d required and %d received", c["applicationId"], metric, required, received)
	}
}

func checkEstate(t *testing.T, a *api, applications int) {
	t.Helper()
	all := newLedger(t, a)
	for number := range applications {
		checkCompliance(t, a, all, applicationGUID(number+1))
	}
	entitled := map[[2]string]int{}
	for _, e := range a.list(samPath + "/licenses-entitlements") {
		entitled[[2]string{text(e, "applicationId"), text(e, "metricId")}] += number(e, "quantity")
	}
	for key, e := range all.sums {
		if entitled[key] != e.entitled {
			t.Errorf("%v: entitlements to %d, licenses for %d", key, entitled[key], e.entitled)
		}
	}
	checkUpgrades(t, a, all.licenses)
	for i := 0; i < len(all.licenses); i += 7 {
		checkCosts(t, a, all.licenses[i])
	}
}

// checkUpgrades checks how much of each license others have upgraded.
func checkUpgrades(t *testing.T, a *api, licenses []object) {
	t.Helper()
	upgraded := map[string]int{}
	for _, l := range licenses {
		upgrades, _ := l["upgrades"].([]any)
		for _, u := range upgrades {
			upgraded[text(u.(object), "upgradedLicenseId")] += number(u.(object), "upgradedQuantity")
			records := a.list(samPath + "/licenses/" + text(l, "id") + "/upgrades")
			if len(records) != 1 || records[0]["upgradedLicenseId"] != u.(object)["upgradedLicenseId"] || number(records[0], "quantity") != number(l, "quantity") {
				t.Errorf("upgrades of %v", l["id"])
			}
		}
	}
	for _, l := range licenses {
		if n := upgraded[text(l, "id")]; n != number(l, "upgradedLicenseCount") || number(l, "initialQuantity")-n != number(l, "quantity") {
			t.Errorf("license %v: %v of %v upgraded, want %d", l["id"], l["upgradedLicenseCount"], l["initialQuantity"], n)
		}
	}
}

// checkCosts compares the costs of a license by organization with those in the list of licenses.
func checkCosts(t *testing.T, a *api, l object) {
	t.Helper()
	parts := a.list(samPath + "/licenses/" + text(l, "id") + "/costs")
	total, purchase := 0.0, 0.0
	for _, part := range parts {
		total += part["totalCost"].(float64)
		purchase += part["licensePurchaseCost"].(float64)
		if part["currency"] != l["purchaseCurrency"] {
			t.Errorf("license %v costs %v, and its part %v", l["id"], l["purchaseCurrency"], part["currency"])
		}
	}
	if fmt.Sprintf("%.2f", total) != fmt.Sprintf("%.2f", l["totalLicenseCost"]) ||
		fmt.Sprintf("%.2f", purchase) != fmt.Sprintf("%.2f", l["purchaseValue"]) || sum(parts, "licenseQuantity") != number(l, "quantity") {
		t.Errorf("license %v costs %v of %v, parts %v", l["id"], l["totalLicenseCost"], l["purchaseValue"], parts)
	}
}

func TestDemoIsConsistent(t *testing.T) {
	a, _ := start(t, Options{})
	checkEstate(t, a, 40)
	over, short, exact := 0, 0, 0
	for i, application := range demoApplications[1:] {
		compliance := number(a.list(samPath + "/compliance/summary/" + applicationGUID(i+1))[0], "compliance")
		if compliance != application.compliance {
			t.Errorf("%s: compliance %d, want %d", application.name, compliance, application.compliance)
		}
		switch {
		case compliance > 0:
			over++
		case compliance < 0:
			short++
		default:
			exact++
		}
	}
	if over != 37 || short != 2 || exact != 1 {
		t.Errorf("%d over, %d short, %d exact", over, short, exact)
	}
}

func TestDemoTransfers(t *testing.T) {
	a, _ := start(t, Options{})
	got := map[string]int{}
	for i := range demoApplications[1:] {
		id := applicationGUID(i + 1)
		path := samPath + "/licenses/transfers/" + id
		licenses := 0
		given := 0
		for kind, field := range map[string]string{"computers": "computerId", "users": "userId", "custom-values": "customCompareValueId"} {
			for _, transfer := range a.list(path + "/" + kind) {
				if transfer["fromApplicationId"] == id {
					given++
					got[kind]++
				}
				if text(transfer, field) == "" {
					t.Errorf("transfer %v has no %s", transfer, field)
				}
			}
		}
		for range a.list(path) {
			licenses++
		}
		c := a.list(samPath + "/compliance/summary/" + id)[0]
		moved := 0
		for _, kind := range []string{"downgrades", "upgrades", "crossPlatform", "crossEdition"} {
			moved += number(c, kind+"Received") + number(c, kind+"Given")
			got[kind] += number(c, kind+"Given")
			given -= number(c, kind+"Given")
		}
		if given != 0 {
			t.Errorf("%s gives %d more than its compliance says", id, given)
		}
		if (licenses > 0) != (moved > 0) {
			t.Errorf("%s: %d licenses transferred, %d in compliance", id, licenses, moved)
		}
	}
	want := map[string]int{
		"computers": 12, "users": 2, "custom-values": 2,
		"downgrades": 5, "upgrades": 3, "crossEdition": 6, "crossPlatform": 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transfers (-want +got):\n%s", diff)
	}
}

func TestDemoEntitledPeople(t *testing.T) {
	a, _ := start(t, Options{})
	states := map[string]string{}
	for _, s := range a.list(samPath + "/licenses/entitlements/entitlement-states") {
		states[text(s, "id")] = text(s, "name")
	}
	got := map[string]bool{}
	for _, kind := range []string{"computers", "users"} {
		for _, e := range a.list(samPath + "/licenses/entitlements/" + kind) {
			got[kind+" "+states[text(e, "entitlementStateId")]] = true
		}
	}
	want := map[string]bool{
		"computers Covered": true, "computers Partially covered": true, "computers Not covered": true, "users Covered": true,
		"users Not covered": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestGenerate(t *testing.T) {
	a, _ := start(t, Options{Estate: Generate(5, 30, 210), Limits: Limits{Off: true}})
	if n := len(a.list(samPath + "/licenses")); n != 210 {
		t.Errorf("%d licenses", n)
	}
	checkEstate(t, a, 30)
	few, _ := start(t, Options{Estate: Generate(6, 20, 9), Limits: Limits{Off: true}})
	checkEstate(t, few, 20)
	none, _ := start(t, Options{Estate: Generate(1, 0, 10), Limits: Limits{Off: true}})
	for _, path := range []string{
		samPath + "/licenses", samPath + "/licenses-entitlements", samPath + "/licenses/maintenance-periods", "/api/sam/v2/agreements",
		coveragePath,
	} {
		if items := none.list(path); len(items) != 0 {
			t.Errorf("%s of an estate without licenses: %v", path, items)
		}
	}
}

func TestIsDeterministic(t *testing.T) {
	paths := []string{
		samPath + "/licenses?page_size=1000", licensePath(7) + "/costs", samPath + "/licenses-entitlements?page_size=1000",
		samPath + "/licenses/maintenance-periods?page_size=1000", samPath + "/compliance/summary/" + applicationGUID(3),
		registryPath + "/applications" + "/" + applicationGUID(2), "/api/sam/v2/agreements/" + agreementGUID(1) + "/periods",
	}
	answers := func(estate Estate, now time.Time) []string {
		s := newTest(Options{Estate: estate, Limits: Limits{Off: true}, Now: func() time.Time { return now }})
		token := s.tokens.issue()
		bodies := make([]string, len(paths))
		for i, path := range paths {
			bodies[i] = ask(t.Context(), s, token, path).Body.String()
		}
		return bodies
	}
	if diff := cmp.Diff(answers(DemoEstate(), simtest.Now), answers(DemoEstate(), simtest.Now.Add(-20*time.Hour))); diff != "" {
		t.Errorf("the demo at another hour of the day (-first +second):\n%s", diff)
	}
	first, other := answers(Generate(1, 20, 300), simtest.Now), answers(Generate(2, 20, 300), simtest.Now)
	if diff := cmp.Diff(first, answers(Generate(1, 20, 300), simtest.Now)); diff != "" {
		t.Errorf("the same seed (-first +second):\n%s", diff)
	}
	for i, path := range paths[:5] {
		if first[i] == other[i] {
			t.Errorf("%s does not depend on the seed", path)
		}
	}
}

// The cost of a page does not depend on the size of the estate.
func TestGenerateIsMadeOnDemand(t *testing.T) {
	s := newTest(Options{Estate: Generate(1, 2_000, 10_000_000), Limits: Limits{Off: true}})
	token := s.tokens.issue()
	for _, path := range []string{
		samPath + "/licenses?page_size=3&page_number=3000000", licensePath(9_999_999) + "/costs", licensePath(9_000_000) + "/costs",
	} {
		allocations := testing.AllocsPerRun(1, func() {
			if r := ask(t.Context(), s, token, path); r.Code != http.StatusOK || len(r.Body.String()) < 100 {
				t.Errorf("GET %s: %d %s", path, r.Code, r.Body)
			}
		})
		if allocations > 5_000 {
			t.Errorf("GET %s: %v allocations", path, allocations)
		}
	}
}
