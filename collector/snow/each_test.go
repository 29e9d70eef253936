package snow

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	sim "license_exporter/internal/simulator/snow"
)

// licensePath returns the path of an operation for a license.
func licensePath(id, operation string) string {
	return samPath + "/licenses/" + id + "/" + operation
}

const (
	transfersPath = samPath + "/licenses/transfers/"
	trackingPath  = samPath + "/licenses/tracking/"
)

// eachExamples returns the vendor's examples by path. In the example list of
// licenses, the license has another id and is not an upgrade. Both are changed
// here.
func eachExamples(t *testing.T, version string) map[string]string {
	licenses := body(t, version+"/licenses.json")
	answers := map[string]string{
		samPath + "/licenses":                         "object " + strings.NewReplacer(`"id": "`+exampleID(1), `"id": "`+exampleID(2), `"isUpgrade": false`, `"isUpgrade": true`).Replace(licenses),
		samPath + "/licenses-policies":                "policies",
		samPath + "/extended-coverage":                "extended-coverage",
		samPath + "/licenses-extended-coverage-types": "extended-coverage-types",

		samPath + "/licenses-policies/" + exampleID(1) + "/fields": "policy-fields",
		licensePath(exampleID(2), "assignments-summary"):           "assignments-summary",
		licensePath(exampleID(2), "assignments/computers"):         "computer-assignments",
		licensePath(exampleID(2), "assignments/datacenters"):       "datacenter-assignments",
		licensePath(exampleID(2), "assignments/organizations"):     "organization-assignments",
		licensePath(exampleID(2), "assignments/site"):              "site-assignment",
		licensePath(exampleID(2), "assignments/users"):             "user-assignments",
		licensePath(exampleID(2), "costs"):                         "costs",
		licensePath(exampleID(2), "upgrades"):                      "upgrades",
		transfersPath + exampleID(4):                               "transfers",
		transfersPath + exampleID(4) + "/computers":                "computer-transfers",
		transfersPath + exampleID(4) + "/users":                    "user-transfers",
		transfersPath + exampleID(4) + "/custom-values":            "custom-value-transfers",
		trackingPath + exampleID(4) + "/computers":                 "computer-tracking",
		trackingPath + exampleID(4) + "/users":                     "user-tracking",
	}
	for path, file := range answers {
		if !strings.HasPrefix(file, "object ") {
			answers[path] = version + "/" + file + ".json"
		}
	}
	return answers
}

var eachCollectors = []string{
	"snow_assignments", "snow_costs", "snow_coverage", "snow_policies", "snow_tracking", "snow_transfers", "snow_upgrades",
}

// The vendor's own examples, in both versions of the API.
func TestSnowEachExamples(t *testing.T) {
	for _, version := range []string{"1.7.0", "1.0.0"} {
		answers := eachExamples(t, version)
		for _, collector := range eachCollectors {
			t.Run(collector+" "+version, func(t *testing.T) {
				wantExample(t, answers, collector, version)
			})
		}
	}
}

// The tenant of the demo has transfers and upgrades. Both versions of the API
// give the same series.
func TestSnowEachOfTheDemo(t *testing.T) {
	for _, collector := range []string{"snow_transfers", "snow_upgrades"} {
		for _, version := range []string{"1.7.0", "1.0.0"} {
			h, _ := newSimulated(t, sim.DemoEstate(), version, collector)
			enginetest.Golden(t, strings.TrimPrefix(collector, "snow_")+"-demo.metrics", h.ScrapeCollectors(t.Context())+"\n")
		}
	}
}

// The numbers of requests are those that the registrations describe.
func TestSnowEachRequests(t *testing.T) {
	const licenses, archived, applications, policies = 120, 5, 6, 3
	for collector, want := range map[string]map[string]int{
		"snow_assignments": {
			"getLicenses": 1, "getAssignmentsSummary": licenses - archived,
			// No license is assigned to computers. Two have no assignments by the summary.
			"getOrganizationAssignments": licenses - archived - 2, "getDatacenterAssignments": 2,
		},
		"snow_costs":     {"getLicenses": 1}, // which has the totals
		"snow_coverage":  {"getExtendedCoverage": 1, "getExtendedCoverageTypes": 1},
		"snow_policies":  {"getPolicies": 1, "getPolicyFields": policies},
		"snow_tracking":  {"getLicenses": 1, "getComputerTracking": applications, "getUserTracking": applications},
		"snow_transfers": {"getLicenses": 1, "getTransfers": applications},
		"snow_upgrades":  {"getLicenses": 1}, // there are none
	} {
		h, api := newSimulated(t, sim.Generate(7, applications, licenses), "1.7.0", collector)
		h.Refresh(t.Context(), engine.Selection{})
		got := api.Requests()
		delete(got, "token")
		delete(got, "getOrganizationTree")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s asks for (-want +got):\n%s", collector, diff)
		}
	}
}

// newSimulated returns an engine with an account at a simulator.
func newSimulated(t *testing.T, estate sim.Estate, version string, collectors ...string) (*enginetest.Harness, *sim.API) {
	t.Helper()
	api := sim.New(sim.Options{
		Estate: estate, ClientID: "client", ClientSecret: "secret", Now: enginetest.Clock, Version: version,
		Limits: sim.Limits{Off: true},
	})
	v := &fakeAPI{Server: httptest.NewServer(api)}
	t.Cleanup(v.Close)
	return newHarness(t, v, collectors...), api
}

func TestSnowAssignmentsOfAllKinds(t *testing.T) {
	v := serve(t, map[string]string{
		samPath + "/licenses": `{"id": "desktops", "organizationId": "o", "applicationId": "p", "metricId": "m", "status": "Active"},
			{"id": "servers", "organizationId": "o", "applicationId": "p", "metricId": "m", "status": "Active"},
			{"id": "site", "organizationId": "o", "applicationId": "p", "metricId": "sites"},
			{"id": "mail", "applicationId": "q", "metricId": "users"}, {"id": "spare", "applicationId": "q", "metricId": "m"},
			{"id": "gone", "applicationId": "q", "metricId": "never seen"},
			{"id": "old", "applicationId": "q", "metricId": "m", "status": "Archived"}`,
		licensePath("desktops", "assignments-summary"): assignmentsTo("desktops", "Computer"),
		licensePath("desktops", "assignments/computers"): `{"id": "1", "quantity": 3}, {"id": "2", "quantity": "4", "invalidAssignmentReasons": 12},
			{"id": "2", "quantity": "4", "invalidAssignmentReasons": 12}, {"id": "3", "quantity": 1, "invalidAssignmentReasons": ["InactiveComputer"]},
			{"id": "4", "quantity": "plenty", "invalidAssignmentReasons": "Mood"}`,
		licensePath("servers", "assignments-summary"):     assignmentsTo("servers"),
		licensePath("servers", "assignments/datacenters"): `{"id": "1", "quantity": 16}`,
		licensePath("site", "assignments-summary"):        assignmentsTo("site", "Site"),
		licensePath("site", "assignments/site"):           `object {"id": "1", "licenseId": "site", "quantity": 1}`,
		licensePath("mail", "assignments-summary"):        assignmentsTo("mail", "User", "Organization", "Site"),
		licensePath("mail", "assignments/users"):          `{"id": "1", "quantity": 1}, {"id": "2", "quantity": 1}`,
		licensePath("mail", "assignments/organizations"):  `{"id": "1", "quantity": 50, "organizationId": "another"}`,
		licensePath("spare", "assignments-summary"):       assignmentsTo("spare"),
	})
	h := newHarness(t, v, "snow_assignments")
	enginetest.Golden(t, "assignments.metrics", h.ScrapeCollectors(t.Context())+"\n")
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_parse_errors_total{field="inv`, `license_exporter_parse_errors_total{field="quantity"`),
		`license_exporter_parse_errors_total{field="invalidAssignmentReasons"} 1`,
		`license_exporter_parse_errors_total{field="quantity"} 1`)
	v.wantRequests(t, map[string]int{
		licensePath("old", "assignments-summary"):          0, // archived
		licensePath("mail", "assignments/datacenters"):     0, // only assigned to users and organizations
		licensePath("desktops", "assignments/users"):       0, // none by the summary
		licensePath("mail", "assignments/site"):            1,
		licensePath("desktops", "assignments/datacenters"): 1,
	})
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`)
}

// assignmentsTo returns a summary of a license that is assigned to these types
// only.
func assignmentsTo(license string, types ...string) string {
	summary := `object {"licenseId": "` + license + `"`
	for _, name := range []string{"Organization", "Computer", "User", "Site"} {
		summary += fmt.Sprintf(`, "has%sAssignment": %v`, name, slices.Contains(types, name))
	}
	return summary + "}"
}

// twoLicenses adds a list of two licenses to answers.
func twoLicenses(answers map[string]string) map[string]string {
	answers[samPath+"/licenses"] = `{"id": "1", "applicationId": "a"}, {"id": "2", "applicationId": "b"}`
	return answers
}

func TestSnowCostsAddUp(t *testing.T) {
	h := newHarness(t, serve(t, twoLicenses(map[string]string{
		licensePath("1", "costs"): `{"organizationId": "o", "licensePurchaseCost": 0.1, "totalCost": "0.2", "currency": "EUR"},
			{"organizationId": "", "licensePurchaseCost": 5, "currentSupportCost": "cheap", "currency": "EUR"},
			{"organizationId": "o", "licensePurchaseCost": 0.7, "currency": "USD"},
			{"organizationId": "o", "licensePurchaseCost": 0.7, "currency": "USD"}`,
		licensePath("2", "costs"): "",
	})), "snow_costs")
	enginetest.WantLines(t, h.ScrapeCollectors(t.Context()),
		`snow_cost{component="purchase",currency="EUR",organization_id="`+rootOrganization+`",product="a"} 5`,
		`snow_cost{component="purchase",currency="EUR",organization_id="o",product="a"} 0.1`,
		`snow_cost{component="purchase",currency="USD",organization_id="o",product="a"} 0.7`,
		`snow_cost{component="total",currency="EUR",organization_id="o",product="a"} 0.2`)
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_parse_errors_total{field="currentSupportCost"`),
		`license_exporter_parse_errors_total{field="currentSupportCost"} 1`)
}

// A license without such data is left out. If no license has them, the collector
// does not apply.
func TestSnowEachAbsent(t *testing.T) {
	v := serve(t, twoLicenses(map[string]string{licensePath("2", "costs"): `{"totalCost": 3, "currency": "EUR"}`}))
	h := newHarness(t, v, "snow_costs")
	enginetest.WantLines(t, h.ScrapeCollectors(t.Context()), `snow_cost{component="total",currency="EUR",organization_id="`+rootOrganization+`",product="b"} 3`)

	for _, collector := range []string{"snow_assignments", "snow_costs", "snow_tracking", "snow_transfers", "snow_upgrades"} {
		h := newHarness(t, serve(t, twoLicenses(map[string]string{})), collector)
		for range 2 {
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "snow_", "license_exporter_collector_success"),
				`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
				`license_up{organization_id=""} 1`)
		}
		if n := h.Log.Count("level=error"); n != 0 {
			t.Errorf("%s: it is logged as a failure:\n%s", collector, h.Log)
		}
	}
}

// If the vendor refuses something about one license or application, the others are read.
func TestSnowEachShowsTheOthers(t *testing.T) {
	const root = `organization_id="` + rootOrganization + `"`
	for collector, test := range map[string]struct{ path, want string }{
		"snow_assignments": {licensePath("2", "assignments/computers"), `license_seats_assigned{license_id="",organization_id="",product="a",unit=""} 0`},
		"snow_costs":       {licensePath("2", "costs"), `snow_cost{component="total",currency="EUR",` + root + `,product="a"} 3`},
		"snow_tracking":    {trackingPath + "b/users", `snow_tracked{organization_id="",product="a",subject="computer",unit=""} 1`},
		"snow_transfers":   {transfersPath + "b/users", `snow_transfers{` + root + `,product="a",subject="computer",to_product="c"} 1`},
		"snow_upgrades":    {licensePath("2", "upgrades"), `snow_upgrade_quantity{` + root + `,product="a",upgraded_product=""} 1`},
	} {
		v := serve(t, twoLicenses(map[string]string{
			licensePath("1", "assignments-summary"): assignmentsTo("1"), licensePath("2", "assignments-summary"): assignmentsTo("2", "Computer"),
			licensePath("1", "costs"): `{"totalCost": 3, "currency": "EUR"}`, licensePath("1", "upgrades"): `{"quantity": 1}`,
			trackingPath + "a/computers": `{"id": "1"}`, trackingPath + "b/computers": `{"id": "1"}`,
			transfersPath + "a": `{"licenseId": "1", "hasComputerTransfer": true, "hasUserTransfer": false, "hasCustomCompareValueTransfer": false}`,
			transfersPath + "b": `{"licenseId": "2", "hasUserTransfer": true}`,

			transfersPath + "a/computers": `{"licenseId": "1", "fromApplicationId": "a", "toApplicationId": "c"}`,
		}))
		v.refuse(test.path, http.StatusForbidden)
		h := newHarness(t, v, collector)
		enginetest.WantLines(t, h.ScrapeCollectors(t.Context()), test.want)
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_exporter_records_skipped"),
			`license_exporter_records_skipped{collector="`+collector+`",reason="forbidden"} 1`,
			`license_up{organization_id=""} 0`)
	}
}

func TestSnowTransfersCountOnce(t *testing.T) {
	const between = `{"licenseId": "1", "organizationId": "o", "computerId": "x", "fromApplicationId": "a", "toApplicationId": "b"}`
	const foreign = `{"licenseId": "9", "organizationId": "o", "computerId": "x", "fromApplicationId": "unlicensed", "toApplicationId": "b"}`
	v := serve(t, twoLicenses(map[string]string{
		transfersPath + "a":           `{"licenseId": "1", "hasComputerTransfer": true, "hasUserTransfer": false, "hasCustomCompareValueTransfer": false}`,
		transfersPath + "a/computers": between + "," + between + "," + strings.Replace(between, `"x"`, `"y"`, 1),
		transfersPath + "b":           `{"licenseId": "1", "hasUserTransfer": false}`, // other subjects are not mentioned
		transfersPath + "b/computers": foreign + "," + between,
	}))
	enginetest.WantLines(t, newHarness(t, v, "snow_transfers").ScrapeCollectors(t.Context()),
		`snow_transfers{organization_id="o",product="a",subject="computer",to_product="b"} 2`,
		`snow_transfers{organization_id="o",product="unlicensed",subject="computer",to_product="b"} 1`)
	v.wantRequests(t, map[string]int{
		transfersPath + "a/users": 0, transfersPath + "a/custom-values": 0, transfersPath + "b/users": 0, transfersPath + "b/custom-values": 1,
	})
}

func TestSnowTracking(t *testing.T) {
	h := newHarness(t, serve(t, twoLicenses(map[string]string{
		trackingPath + "a/computers": `{"id": "1", "metricId": "m", "initialRequirement": 9, "requirement": 2, "receivedCoverage": 2},
			{"id": "1", "metricId": "m", "initialRequirement": 9, "requirement": 2, "receivedCoverage": 2},
			{"id": "2", "metricId": "m", "requirement": "3", "receivedCoverage": 0}, {"id": "3", "metricId": "n", "requirement": "lots"}`,
		trackingPath + "b/users": `{"id": "1", "metricId": "u", "initialRequirement": 1, "receivedCoverage": 1}`,
	})), "snow_tracking")
	enginetest.WantLines(t, h.ScrapeCollectors(t.Context()),
		`snow_tracked{organization_id="",product="a",subject="computer",unit="m"} 2`,
		`snow_tracked{organization_id="",product="a",subject="computer",unit="n"} 1`,
		`snow_tracked{organization_id="",product="b",subject="user",unit="u"} 1`,
		`snow_tracking_received_coverage{organization_id="",product="a",subject="computer",unit="m"} 2`,
		`snow_tracking_received_coverage{organization_id="",product="b",subject="user",unit="u"} 1`,
		`snow_tracking_requirement{organization_id="",product="a",subject="computer",unit="m"} 5`,
		`snow_tracking_requirement{organization_id="",product="b",subject="user",unit="u"} 1`)
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_parse_errors_total{field="requirement"`), `license_exporter_parse_errors_total{field="requirement"} 1`)
}

func TestSnowUpgradesByApplication(t *testing.T) {
	v := serve(t, map[string]string{
		samPath + "/licenses": `{"id": "new", "organizationId": "o", "applicationId": "p2", "isUpgrade": true}, {"id": "base", "applicationId": "p1", "isUpgrade": false},
			{"id": "archived base", "applicationId": "p0", "status": "Archived", "isUpgrade": true}`,
		licensePath("new", "upgrades"): `{"upgradedLicenseId": "base", "quantity": 5, "upgradedQuantity": "4"},
			{"upgradedLicenseId": "archived base", "quantity": 1, "upgradedQuantity": "some"}`,
	})
	h := newHarness(t, v, "snow_upgrades")
	enginetest.WantLines(t, h.ScrapeCollectors(t.Context()),
		`snow_upgrade_quantity{organization_id="o",product="p2",upgraded_product="p0"} 1`,
		`snow_upgrade_quantity{organization_id="o",product="p2",upgraded_product="p1"} 5`,
		`snow_upgraded_quantity{organization_id="o",product="p2",upgraded_product="p1"} 4`)
	v.wantRequests(t, map[string]int{licensePath("base", "upgrades"): 0, licensePath("archived base", "upgrades"): 0})
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_parse_errors_total{field="upgraded`), `license_exporter_parse_errors_total{field="upgradedQuantity"} 1`)
}

func TestSnowCoverageAndPolicies(t *testing.T) {
	h := newHarness(t, serve(t, map[string]string{
		samPath + "/extended-coverage": `{"id": "1", "applicationId": "a", "reason": "Passive"}, {"id": "1", "applicationId": "a", "reason": "Passive"},
			{"id": "2", "applicationId": "a", "coveredApplicationId": "a", "reason": "Passive"}, {"id": "3", "applicationId": "a", "coveredApplicationId": "b", "reason": "Whim"},
			{"id": "4", "applicationId": "a", "reason": null}, {"id": "5", "applicationId": "a", "reason": {}}`,
		samPath + "/licenses-extended-coverage-types": `{"name": "Passive"}`,
		samPath + "/licenses-policies":                `{"id": "p"}, {"id": "deleted"}`,
		samPath + "/licenses-policies/p/fields":       `{"id": "1", "isRequired": true}, {"id": "2", "isRequired": "True"}, {"id": "3", "isRequired": "perhaps"}`,
	}), "snow_coverage", "snow_policies")
	enginetest.WantLines(t, h.ScrapeCollectors(t.Context()),
		`snow_extended_coverage_type_info{coverage_type="Passive",organization_id=""} 1`,
		`snow_extended_coverages{covered_product="a",organization_id="",product="a",reason=""} 2`,
		`snow_extended_coverages{covered_product="a",organization_id="",product="a",reason="Passive"} 2`,
		`snow_extended_coverages{covered_product="b",organization_id="",product="a",reason="Whim"} 1`,
		`snow_policies{organization_id=""} 2`,
		`snow_policy_fields{organization_id="",policy="p",required="false"} 0`,
		`snow_policy_fields{organization_id="",policy="p",required="true"} 2`)
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_parse_errors_total{field="isRequired"`, `license_exporter_parse_errors_total{field="reason"`),
		`license_exporter_parse_errors_total{field="isRequired"} 1`,
		`license_exporter_parse_errors_total{field="reason"} 2`) // Whim and {}
}

// Without licenses, the collectors succeed without further requests.
func TestSnowEachWithoutLicenses(t *testing.T) {
	h := newHarness(t, serve(t, map[string]string{
		samPath + "/licenses": "", samPath + "/licenses-policies": "", samPath + "/extended-coverage": "", samPath + "/licenses-extended-coverage-types": "",
	}), eachCollectors...)
	enginetest.WantLines(t, h.ScrapeCollectors(t.Context()), `snow_policies{organization_id=""} 0`)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`)
	if n := strings.Count(h.Scrape(t.Context(), `license_exporter_collector_success{collector="snow_`), "} 1"); n != len(eachCollectors) {
		t.Errorf("%d collectors succeeded, want %d", n, len(eachCollectors))
	}
}
