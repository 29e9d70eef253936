package snow

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func TestSnowDiscovery(t *testing.T) {
	v := serve(t, map[string]string{treePath: `object {"nodes": [
		{"id": "00000000-0000-0000-0000-000000000000", "name": "Northwind"}, {"id": "EMEA", "name": "Northwind EMEA"}]}`})
	h := newHarness(t, v)
	for range 2 {
		enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_organization"),
			`license_organization_info{api_enabled="",licensing_model="",organization_id="",organization_name="acme",region="westeurope"} 1`,
			`license_organization_info{api_enabled="",licensing_model="",organization_id="00000000-0000-0000-0000-000000000000",organization_name="Northwind",region="westeurope"} 1`,
			`license_organization_info{api_enabled="",licensing_model="",organization_id="emea",organization_name="Northwind EMEA",region="westeurope"} 1`,
			`license_up{organization_id=""} 1`)
	}
	if n := v.requests(treePath); n != 1 {
		t.Errorf("the tree was requested %d times in a day, want once", n)
	}
}

// Without permission to read organizations, the account has no names, but works.
func TestSnowDiscoveryWithoutNames(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		v := serve(t, nil)
		v.refuse(treePath, status)
		h := newHarness(t, v)
		for range 2 {
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_organization", "license_exporter_collector_success"),
				`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
				`license_organization_info{api_enabled="",licensing_model="",organization_id="",organization_name="acme",region="westeurope"} 1`,
				`license_organization_info{api_enabled="",licensing_model="",organization_id="00000000-0000-0000-0000-000000000000",organization_name="",region="westeurope"} 1`,
				`license_up{organization_id=""} 1`)
		}
		if n := h.Log.Count("collecting without the names of the organizations"); n != 1 {
			t.Errorf("%d: logged %d times, want once:\n%s", status, n, h.Log)
		}
	}
}

func TestSnowDiscoveryFails(t *testing.T) {
	v := serve(t, nil)
	v.refuse(treePath, http.StatusUnauthorized)
	h := newHarness(t, v)
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_organization"), `license_up{organization_id=""} 0`)
}

// Organizations are read only for their names. If that fails, licenses must still
// be read, and the names that are known must stay.
func TestSnowDiscoveryFailsAndLicensesAreRead(t *testing.T) {
	v := serve(t, map[string]string{
		treePath:              `object {"nodes": [{"id": "emea", "name": "Northwind EMEA"}]}`,
		samPath + "/licenses": `{"id": "1", "organizationId": "emea", "applicationId": "p", "isSubscription": false}`,
		agreementPath:         ``,
	})
	v.refuse(treePath, http.StatusNotImplemented)
	now := enginetest.Now
	h := newHarnessWithClock(t, v, func() time.Time { return now }, "snow_agreements", "snow_licenses")
	shown := []string{"license_up", "license_organization", "license_exporter_collector_success", `license_licenses{`}
	const (
		counted = `license_licenses{assigned="",organization_id="emea",product="p",state="Active"} 1`
		tenant  = `license_organization_info{api_enabled="",licensing_model="",organization_id="",organization_name="acme",region="westeurope"} 1`
		root    = `license_organization_info{api_enabled="",licensing_model="",organization_id="00000000-0000-0000-0000-000000000000",organization_name="",region="westeurope"} 1`
		emea    = `license_organization_info{api_enabled="",licensing_model="",organization_id="emea",organization_name="Northwind EMEA",region="westeurope"} 1`
	)
	success := func(tree string) []string {
		return []string{
			`license_exporter_collector_success{collector="snow_agreements",organization_id=""} 1`,
			`license_exporter_collector_success{collector="snow_licenses",organization_id=""} 1`,
			`license_exporter_collector_success{collector="test_organizations",organization_id=""} ` + tree,
		}
	}
	enginetest.WantLines(t, h.Scrape(t.Context(), shown...), append(success("0"), counted, tenant, root, `license_up{organization_id=""} 0`)...)

	now = now.Add(time.Hour)
	v.refuse(treePath, 0)
	enginetest.WantLines(t, h.Scrape(t.Context(), shown...), append(success("1"), counted, tenant, root, emea, `license_up{organization_id=""} 1`)...)

	now = now.Add(23 * time.Hour) // within namesMaxAge
	h.Scrape(t.Context())
	now = now.Add(2 * time.Hour)
	v.refuse(treePath, http.StatusNotImplemented)
	enginetest.WantLines(t, h.Scrape(t.Context(), shown...), append(success("0"), counted, tenant, root, emea, `license_up{organization_id=""} 0`)...)
}

// Names are cached for a day. One that cannot be read does not cost the others.
func TestSnowNamesAreCached(t *testing.T) {
	const path = "/api/sam/software-registry/v1/applications/"
	v := serve(t, map[string]string{
		samPath + "/licenses": `{"id": "1", "applicationId": "a"}, {"id": "2", "applicationId": "b"}, {"id": "3"}, {"id": "5", "applicationId": "a"}`,
		path + "a":            `object {"id": "a", "name": "A"}`, path + "c": `object {"id": "c", "name": "C"}`,
	}) // the vendor does not know b
	c := applicationsCollector{&tenant{client: v.client(t), memory: &collector.Memory{}}}
	update := func(now time.Time) (names, failed int) {
		t.Helper()
		r := collector.NewReport(now, collector.Options{})
		if err := c.Update(t.Context(), licensing.Organization{}, r); err != nil {
			t.Error(err)
		}
		return len(r.Organization("").Products), len(r.Children())
	}
	v.answer(customPath, body(t, ""))
	update(enginetest.Now)
	v.answer(samPath+"/licenses", body(t, `{"id": "1", "applicationId": "a"}, {"id": "2", "applicationId": "b"}, {"id": "4", "applicationId": "c"}`))
	v.refuse(path+"c", http.StatusNotImplemented)
	if names, failed := update(enginetest.Now.Add(time.Minute)); names != 1 || failed != 1 {
		t.Errorf("%d names and %d failures, want 1 and 1", names, failed)
	}
	v.refuse(path+"c", 0)
	for _, step := range []struct {
		after    time.Duration
		requests map[string]int // in all; the vendor is always asked for b
	}{
		{2 * time.Minute, map[string]int{path + "a": 1, path + "b": 3, path + "c": 2}},
		{24*time.Hour - time.Second, map[string]int{path + "a": 1, path + "b": 4, path + "c": 2}},
		{24 * time.Hour, map[string]int{path + "a": 2, path + "b": 5, path + "c": 2}},
		{24*time.Hour + 2*time.Minute, map[string]int{path + "a": 2, path + "b": 6, path + "c": 3}},
	} {
		if names, failed := update(enginetest.Now.Add(step.after)); names != 2 || failed != 0 {
			t.Errorf("after %v: %d names and %d failures, want 2 and 0", step.after, names, failed)
		}
		v.wantRequests(t, step.requests)
	}
}

// A tenant has organizations. A list without any keeps the names of before, and is a failure
// then, also after a reload. If it is the first list, it is a problem.
func TestSnowListOfNoOrganizations(t *testing.T) {
	good := body(t, `object {"nodes": [{"id": "00000000-0000-0000-0000-000000000000", "name": "Northwind"}, {"id": "emea", "name": "Northwind EMEA"}]}`)
	for _, empty := range []string{`{"nodes": []}`, `{"nodes": [null, null]}`, `{"nodes": null}`, `{}`, `[]`, `null`} {
		v := serve(t, nil)
		v.answer(treePath, empty)
		now := enginetest.Now
		h := newHarnessWithClock(t, v, func() time.Time { return now })
		scrape := func() string {
			now = now.Add(dayMaxAge)
			return h.Scrape(t.Context(), "license_up", "license_organization_info")
		}
		if got := scrape(); strings.HasSuffix(got, " 1") && h.Log.Count(`problem="the vendor lists no organization`) != 1 {
			t.Errorf("%s is fine at first:\n%s\n%s", empty, got, h.Log)
		}
		v.answer(treePath, good)
		want := scrape()
		if strings.Count(want, "Northwind") != 2 || !strings.HasSuffix(want, " 1") {
			t.Fatalf("it does not recover from %s:\n%s", empty, want)
		}
		v.answer(treePath, empty)
		enginetest.WantLines(t, scrape(), strings.TrimSuffix(want, "1")+"0")
		if n := h.Log.Count("no longer in the vendor's list"); n != 0 {
			t.Errorf("%s: organizations are gone:\n%s", empty, h.Log)
		}
	}
}

func TestSnowListOfNoOrganizationsAfterAReload(t *testing.T) {
	w := newWholeServer(t)
	good, up := w.scrape()
	w.answer(treePath, `{"nodes": []}`)
	for range 2 {
		if facts, down := w.scrape(); !up || down || facts != good {
			t.Errorf("license_up is %v after an empty list, and before it %v; the facts are\n%s", down, up, facts)
		}
		w.reload()
	}
}

// A late 404 for one kind of assignments, or a number that cannot be read, leaves no seats
// out of a sum.
func TestSnowAssignmentsThatCannotBeRead(t *testing.T) {
	path := licensePath("1", "assignments/users")
	v := newWholeServer(t)
	const assigned = `license_seats_assigned{license_id="",organization_id="",product="1",unit="m"} 20`
	if good, up := v.scrape(); !up || !strings.Contains(good, assigned) {
		t.Fatalf("it lacks %s:\n%s", assigned, good)
	}
	v.refuse(path, http.StatusNotFound)
	if facts, up := v.scrape(); up || !strings.Contains(facts, assigned) {
		t.Errorf("license_up is %v after a late 404, and it lacks %s:\n%s", up, assigned, facts)
	}
	v.refuse(path, 0)
	v.answer(path, body(t, `{"id": "1", "licenseId": "1", "quantity": 1e400}`))
	if facts, up := v.scrape(); !up || strings.Contains(facts, strings.TrimSuffix(assigned, " 20")) ||
		strings.Contains(facts, `snow_assigned_quantity{organization_id="emea",product="1",to="user"}`) {
		t.Errorf("license_up is %v after a number that cannot be read, and there is a sum:\n%s", up, facts)
	}
	if n := enginetest.Lines(t, v.h.Own, `license_exporter_parse_errors_total{field="quantity"`); !strings.HasSuffix(n, " 1") && v.h.Log.Count("field=quantity") != 1 {
		t.Errorf("it is neither counted nor logged: %s\n%s", n, v.h.Log)
	}
}
