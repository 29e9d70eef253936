package snow

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// faults are the answers that must never change facts of a moment ago.
var faults = map[string]func(http.ResponseWriter){
	"403":            fault(http.StatusForbidden, `{"error": {"code": 403, "message": "Forbidden."}}`),
	"404":            fault(http.StatusNotFound, `{"error": {"code": 404, "message": "Resource not found."}}`),
	"404 of gateway": fault(http.StatusNotFound, `<html>Not found</html>`),
	"500":            fault(http.StatusInternalServerError, `{"error": {"code": 500}}`),
	"empty object":   fault(http.StatusOK, "{}"),
	"null":           fault(http.StatusOK, "null"),
	"list":           fault(http.StatusOK, "[]"),
	"null list":      fault(http.StatusOK, `{"items": null, "nodes": null}`),
	"null records":   fault(http.StatusOK, `{"items": [null, null], "nodes": [null, {}]}`),
	"no list":        fault(http.StatusOK, `{"items": {}, "nodes": 1e400}`),
	"odd items":      fault(http.StatusOK, `{"items": [null, 1, "x"]}`),
}

func fault(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}
}

// wholeTenant has two of each thing and an answer of each operation.
func wholeTenant() map[string]string {
	answers := map[string]string{
		treePath:                      `object {"nodes": [{"id": "emea", "name": "EMEA"}]}`,
		customPath:                    `{"id": "mine", "name": "Petabytes"}`,
		agreementPath:                 `{"id": "1"}, {"id": "2"}`,
		"/api/sam/v2/agreement-types": `{"id": "t", "name": "Master"}`,
		samPath + "/licenses":         tenantLicense("1") + "," + tenantLicense("2"),
		samPath + "/licenses/maintenance-periods":             `{"id": "1", "licenseId": "1", "validFrom": "2026-01-01", "validTo": "2050-01-01"}`,
		samPath + "/licenses/entitlements/entitlement-states": `{"id": "s", "name": "Covered"}`,
		samPath + "/licenses/entitlements/computers":          `{"computerId": "c", "applicationId": "1", "metricId": "m", "entitlementStateId": "s"}`,
		samPath + "/licenses/entitlements/users":              `{"userId": "u", "applicationId": "1", "metricId": "m", "entitlementStateId": "s"}`,
		entitlementsPath:                                      `{"applicationId": "3", "organizationId": "emea", "metricId": "m", "assignmentType": "User", "quantity": 3}`,
		samPath + "/licenses-policies":                        `{"id": "1"}, {"id": "2"}`,
		samPath + "/extended-coverage":                        `{"id": "1", "applicationId": "1", "reason": "Other"}`,
		samPath + "/licenses-extended-coverage-types":         `{"id": "1", "name": "Passive"}`,
	}
	for _, id := range []string{"1", "2"} {
		for path, answer := range map[string]string{
			agreementPath + "/ID":                    `object {"id": "ID", "name": "Agreement", "typeId": "t", "isSubscription": true, "renewalDays": 30}`,
			agreementPath + "/ID/periods":            `{"id": "ID", "validFrom": "2026-01-01", "validTo": "2050-01-01"}`,
			samPath + "/licenses-policies/ID/fields": `{"id": "1", "isRequired": true}`,
			licensePath("ID", "assignments-summary"): `object {"licenseId": "ID", "hasComputerAssignment": true, "hasOrganizationAssignment": true,
				"hasSiteAssignment": true, "hasUserAssignment": true}`,
			licensePath("ID", "assignments/computers"):     `{"id": "1", "licenseId": "ID", "quantity": 2, "invalidAssignmentReasons": ["InactiveComputer"]}`,
			licensePath("ID", "assignments/datacenters"):   `{"id": "1", "licenseId": "ID", "quantity": 3}`,
			licensePath("ID", "assignments/organizations"): `{"id": "1", "licenseId": "ID", "quantity": 4}`,
			licensePath("ID", "assignments/site"):          `object {"id": "1", "licenseId": "ID", "quantity": 5}`,
			licensePath("ID", "assignments/users"):         `{"id": "1", "licenseId": "ID", "quantity": 6}`,
			licensePath("ID", "costs"):                     `{"organizationId": "emea", "totalCost": 7, "currency": "EUR"}`,
			licensePath("ID", "upgrades"):                  `{"upgradedLicenseId": "1", "quantity": 8, "upgradedQuantity": 9}`,
			transfersPath + "ID":                           `{"licenseId": "ID", "hasComputerTransfer": true, "hasUserTransfer": true, "hasCustomCompareValueTransfer": true}`,
			transfersPath + "ID/computers":                 `{"licenseId": "ID", "computerId": "c", "fromApplicationId": "ID", "toApplicationId": "x"}`,
			transfersPath + "ID/users":                     `{"licenseId": "ID", "userId": "u", "fromApplicationId": "ID", "toApplicationId": "x"}`,
			transfersPath + "ID/custom-values":             `{"licenseId": "ID", "customCompareValueId": "v", "fromApplicationId": "ID", "toApplicationId": "x"}`,
			trackingPath + "ID/computers":                  `{"id": "1", "computerId": "c", "metricId": "m", "requirement": 1, "receivedCoverage": 1}`,
			trackingPath + "ID/users":                      `{"id": "1", "userId": "u", "metricId": "m", "requirement": 1, "receivedCoverage": 1}`,
			registryPath + "ID":                            `object {"id": "ID", "name": "Application", "manufacturer": "Contoso", "metrics": [{"id": "m", "name": "Installations"}]}`,
			compliancePath + "ID":                          `{"metricId": "m", "compliance": -3, "licenseRequirement": 9}`,
			compliancePath + "ID/allocation":               `{"metricId": "m", "organizationId": "emea", "compliance": -3, "requirement": 9, "coverage": 6}`,
			compliancePath + "ID/usage":                    `{"metricId": "m", "licenseMetricId": "n", "otherMetricCoverage": 4}`,
		} {
			answers[strings.ReplaceAll(path, "ID", id)] = strings.ReplaceAll(answer, "ID", id)
		}
	}
	for path, answer := range map[string]string{ // of an application with an entitlement only
		registryPath + "3":   `object {"id": "3", "name": "Suite"}`,
		compliancePath + "3": `{"metricId": "m", "compliance": 1}`, compliancePath + "3/allocation": "", compliancePath + "3/usage": "",
	} {
		answers[path] = answer
	}
	return answers
}

func tenantLicense(id string) string {
	return fmt.Sprintf(`{"id": %[1]q, "organizationId": "emea", "applicationId": %[1]q, "metricId": "m", "agreementId": %[1]q, "quantity": 10,
		"status": "Active", "isSubscription": false, "isUpgrade": true, "purchaseValue": 5, "purchaseCurrency": "eur"}`, id)
}

// aside matches series that say how fetches went, or that change with time.
var aside = regexp.MustCompile(`(?m)^(license_exporter_|license_up|license_days_to_expiration).*\n?`)

// wholeServer is a server with the answers of a whole tenant, and an engine that reads it.
type wholeServer struct {
	*fakeAPI
	t      *testing.T
	h      *enginetest.Harness
	memory collector.Memory
	now    time.Time
}

func newWholeServer(t *testing.T) *wholeServer {
	t.Helper()
	w := &wholeServer{fakeAPI: serve(t, wholeTenant()), t: t, now: enginetest.Now}
	c := w.connection()
	w.h = enginetest.NewWithMetrics(t, engine.Config{Now: func() time.Time { return w.now }, MaxStale: 1000 * dayMaxAge}, ownMetrics, c.Source, c.Collectors...)
	return w
}

// connection returns a new connection of the account.
func (w *wholeServer) connection() collector.Connection {
	client := w.clientOf(w.t, collector.Remembered[api.Memory](&w.memory, "client"), rest.Clock{Sleep: func(context.Context, time.Duration) error { return nil }})
	return collector.Connection{
		Source:     &source{client: client, account: "acme", memory: &w.memory},
		Collectors: collectors(&tenant{client: client, memory: &w.memory, withAgreements: true}),
	}
}

// reload replaces the connection, as a change of a setting does.
func (w *wholeServer) reload() {
	a := *w.h.Account
	a.Connection = w.connection()
	w.h.Reload([]*engine.Account{&a})
}

// scrape returns the facts of the next day, and license_up.
func (w *wholeServer) scrape() (facts string, up bool) {
	w.now = w.now.Add(dayMaxAge)
	all := w.h.Scrape(w.t.Context())
	return aside.ReplaceAllString(all, ""), strings.Contains(all, `license_up{organization_id=""} 1`)
}

// firstOfEach returns the paths of a whole tenant, one for each operation.
func firstOfEach() []string {
	paths := slices.Sorted(maps.Keys(wholeTenant()))
	return slices.DeleteFunc(paths, func(path string) bool { return strings.Contains(path, "/2") })
}

// Each operation answers, then fails in each way once its answer is out of date, and then
// answers again. The facts stay, and the failure is shown. So it is after a reload.
func TestSnowOperationsFailLater(t *testing.T) {
	v := newWholeServer(t)
	good, up := v.scrape()
	if enginetest.Golden(t, "whole.metrics", good+"\n"); !up {
		t.Fatal("it is not good at first")
	}
	for _, path := range firstOfEach() {
		v.reload() // must not make a difference
		for name, answer := range faults {
			n := v.requests(path)
			v.fail(path, answer)
			facts, up := v.scrape()
			if v.requests(path) == n {
				t.Errorf("%s was not asked for again", path)
			}
			if diff := cmp.Diff(good, facts); diff != "" || up {
				t.Errorf("%s: license_up is %v after %s (-want +got):\n%s", path, up, name, diff)
			}
		}
		v.fail(path, nil)
		if facts, up := v.scrape(); facts != good || !up {
			t.Errorf("%s does not recover: license_up is %v (-want +got):\n%s", path, up, cmp.Diff(good, facts))
		}
	}
}

// An operation fails from the start. That is shown, and all is well once it answers. The
// vendor may refuse some operations, and may not know an object.
func TestSnowOperationsFailFirst(t *testing.T) {
	want, err := os.ReadFile("testdata/whole.metrics")
	if err != nil {
		t.Fatal(err)
	}
	optional := []string{treePath, customPath, agreementPath, "/api/sam/v2/agreement-types"}
	for _, path := range firstOfEach() {
		mayRefuse := slices.Contains(optional, path) || strings.Contains(path, "/1") || strings.Contains(path, "/3")
		for _, name := range []string{"404", "500"} {
			v := newWholeServer(t)
			v.fail(path, faults[name])
			if _, up := v.scrape(); up && (!mayRefuse || !strings.HasPrefix(name, "404")) {
				t.Errorf("%s: license_up is 1 although it answers %s", path, name)
			}
			v.fail(path, nil)
			facts, up := v.scrape()
			if diff := cmp.Diff(string(want), facts+"\n"); diff != "" || !up {
				t.Errorf("%s does not recover from %s: license_up is %v (-want +got):\n%s", path, name, up, diff)
			}
		}
	}
}
