package snow

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// Once an optional operation has been answered, its refusal is a failure, which
// keeps the facts.
func TestSnowRefusalAfterAnAnswerIsAFailure(t *testing.T) {
	const (
		registryPath = "/api/sam/software-registry/v1/applications/p"
		customPath   = "/api/custom-metrics/v1/custom-metrics"
	)
	for path, fact := range map[string]string{
		agreementPath: `snow_agreement_info{agreement_type="",license_id="a"`,
		treePath:      `license_organization_info{api_enabled="",licensing_model="",organization_id="emea"`,
		customPath:    `snow_metric_info{metric_name="Points"`,
	} {
		for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
			answers := agreementsOf(map[string]string{
				samPath + "/licenses": `{"id": "1", "applicationId": "p"}`,
				treePath:              `object {"nodes": [{"id": "emea", "name": "Northwind EMEA"}]}`,
				registryPath:          `object {"id": "p", "name": "P"}`,
				customPath:            `{"id": "m", "name": "Points"}`,
			}, map[string]string{"a": `{"id": "1", "validFrom": "2025-01-01", "validTo": "2027-01-01"}`})
			v := serve(t, answers)
			now := enginetest.Now
			h := newHarnessWithClock(t, v, func() time.Time { return now }, "snow_agreements", "snow_applications", "snow_licenses")
			up := `license_up{organization_id=""} 1`
			if got := h.Scrape(t.Context()); !strings.Contains(got, fact) || !strings.Contains(got, up) {
				t.Fatalf("before the refusal of %s:\n%s", path, got)
			}
			v.refuse(path, status)
			now = now.Add(dayMaxAge)
			down := `license_up{organization_id=""} 0`
			if got := h.Scrape(t.Context()); !strings.Contains(got, fact) || !strings.Contains(got, down) {
				t.Errorf("%s refused with %d, want the fact of before and %s:\n%s", path, status, down, got)
			}
		}
	}
}

// Collectors that start within a minute of each other share the list of licenses.
func TestSnowListOfLicensesIsShared(t *testing.T) {
	v := serve(t, map[string]string{samPath + "/licenses": `{"id": "1"}`})
	c := &tenant{client: v.client(t)}
	for reader, step := range []struct {
		after    time.Duration
		requests int
	}{{0, 1}, {59 * time.Second, 1}, {time.Minute, 2}} {
		r := collector.NewReport(enginetest.Now.Add(step.after), collector.Options{})
		if _, err := c.listLicenses(t.Context(), reader, r); err != nil {
			t.Error(err)
		}
		v.wantRequests(t, map[string]int{samPath + "/licenses": step.requests})
	}
}

// What could not be read of a shared list counts for each collector that reads it, so that
// the numbers do not depend on which of them fetches it. Unreadable values count once.
func TestSnowSharedListReportsToAllCollectors(t *testing.T) {
	v := serve(t, map[string]string{samPath + "/licenses": `{"id": "1", "applicationId": "a", "quantity": "many"}, null, 7`})
	c := &tenant{client: v.client(t)}
	for reader, parseErrors := range []int{1, 0, 0} {
		r := collector.NewReport(enginetest.Now, collector.Options{})
		if _, err := c.listLicenses(rest.WithTrace(t.Context(), r.Trace()), reader, r); err != nil {
			t.Error(err)
		}
		if n := r.SkippedRecords()["getLicenses"]; n != 2 || r.ParseErrors()["quantity"] != parseErrors {
			t.Errorf("reader %d: %d skipped, %v; want 2 and %d", reader, n, r.ParseErrors(), parseErrors)
		}
	}
	v.wantRequests(t, map[string]int{samPath + "/licenses": 1})
}

// The failure of a list is that of all collectors that need it at the time. A collector
// that has seen it asks again.
func TestSnowSharedListAfterAFailure(t *testing.T) {
	v := serve(t, map[string]string{samPath + "/licenses": `{"id": "1", "applicationId": "a"}`})
	v.refuse(samPath+"/licenses", http.StatusNotImplemented)
	c := &tenant{client: v.client(t)}
	r := collector.NewReport(enginetest.Now, collector.Options{})
	for reader := range 2 {
		if _, err := c.listLicenses(t.Context(), reader, r); rest.ReasonOf(err) != rest.ReasonServer {
			t.Errorf("reader %d: %v", reader, err)
		}
	}
	v.wantRequests(t, map[string]int{samPath + "/licenses": 1})
	v.refuse(samPath+"/licenses", 0)
	for reader := range 3 {
		if licenses, err := c.listLicenses(t.Context(), reader, r); err != nil || len(licenses) != 1 {
			t.Errorf("reader %d: %d licenses, %v", reader, len(licenses), err)
		}
	}
	v.wantRequests(t, map[string]int{samPath + "/licenses": 2})
}

// The answers about applications outlive a connection: after a reload, they are not
// requested again on the same day.
func TestSnowAnswersOutliveAConnection(t *testing.T) {
	v := serve(t, map[string]string{
		samPath + "/licenses": `{"id": "1", "applicationId": "p"}`, compliancePath + "p": `{"metricId": "m", "compliance": -3}`,
	})
	memory := &collector.Memory{}
	for range 2 {
		c := complianceCollector{&tenant{client: v.client(t), memory: memory}}
		r := collector.NewReport(enginetest.Now, collector.Options{})
		if err := c.Update(t.Context(), licensing.Organization{}, r); err != nil {
			t.Error(err)
		}
		if compliant, known := r.Organization("").Compliant.Get(licensing.LicenseKey{Product: "p"}); compliant || !known {
			t.Errorf("the verdict is %v, %v", compliant, known)
		}
	}
	v.wantRequests(t, map[string]int{compliancePath + "p": 1, samPath + "/licenses": 2})
}
