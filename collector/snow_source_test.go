package collector

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/client/rest"
	"license_exporter/client/snow"
	"license_exporter/licensing"
)

func TestSnowDiscovery(t *testing.T) {
	v := serveSnow(t, map[string]string{treePath: `object {"nodes": [
		{"id": "00000000-0000-0000-0000-000000000000", "name": "Northwind"}, {"id": "EMEA", "name": "Northwind EMEA"}]}`})
	h := snowHarness(t, v)
	for range 2 {
		wantLines(t, h.scrape(t.Context(), "license_up", "license_organization"),
			`license_organization_info{api_enabled="true",licensing_model="",organization_id="",organization_name="Northwind",region="westeurope"} 1`,
			`license_organization_info{api_enabled="true",licensing_model="",organization_id="emea",organization_name="Northwind EMEA",region="westeurope"} 1`,
			`license_up{organization_id=""} 1`)
	}
	if n := v.requests(treePath); n != 1 {
		t.Errorf("the tree was asked for %d times in a day, want once", n)
	}
}

// A tenant whose organizations may not be read is there without their names.
func TestSnowDiscoveryWithoutNames(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		v := serveSnow(t, nil)
		v.refuse(treePath, status)
		h := snowHarness(t, v)
		for range 2 {
			wantLines(t, h.scrape(t.Context(), "license_up", "license_organization", "license_exporter_collector_success"),
				`license_exporter_collector_success{collector="test_organizations",organization_id=""} 1`,
				`license_organization_info{api_enabled="true",licensing_model="",organization_id="",organization_name="acme",region="westeurope"} 1`,
				`license_up{organization_id=""} 1`)
		}
		if n := h.logged.count("collecting without the names of the organizations"); n != 1 {
			t.Errorf("%d: said %d times, want once:\n%s", status, n, h.logged)
		}
	}
}

func TestSnowDiscoveryFails(t *testing.T) {
	v := serveSnow(t, nil)
	v.refuse(treePath, http.StatusUnauthorized)
	h := snowHarness(t, v)
	wantLines(t, h.scrape(t.Context(), "license_up", "license_organization"), `license_up{organization_id=""} 0`)
}

// The organizations are there for their names alone. An API that fails to tell
// them must not keep the licenses from being read, nor take names back.
func TestSnowDiscoveryFailsAndLicensesAreRead(t *testing.T) {
	v := serveSnow(t, map[string]string{
		treePath:              `object {"nodes": [{"id": "emea", "name": "Northwind EMEA"}]}`,
		samPath + "/licenses": `{"id": "1", "organizationId": "emea", "applicationId": "p", "isSubscription": false}`,
		agreementPath:         ``,
	})
	v.refuse(treePath, http.StatusNotImplemented)
	now := testNow
	client := v.client(t)
	h := newHarness(t, Config{Now: func() time.Time { return now }}, NewSnowSource(client, "acme", "westeurope"),
		Collectors(VendorSnow, []string{"snow_agreements", "snow_licenses"}, Clients{Snow: client})...)
	shown := []string{"license_up", "license_organization", "license_exporter_collector_success", `license_licenses{`}
	const (
		counted = `license_licenses{assigned="",organization_id="emea",product="p",state="Active"} 1`
		none    = `license_licenses{assigned="",organization_id="emea",product="p",state="Archived"} 0`
		tenant  = `license_organization_info{api_enabled="true",licensing_model="",organization_id="",organization_name="acme",region="westeurope"} 1`
		emea    = `license_organization_info{api_enabled="true",licensing_model="",organization_id="emea",organization_name="Northwind EMEA",region="westeurope"} 1`
	)
	success := func(tree string) []string {
		return []string{
			`license_exporter_collector_success{collector="snow_agreements",organization_id=""} 1`,
			`license_exporter_collector_success{collector="snow_licenses",organization_id=""} 1`,
			`license_exporter_collector_success{collector="test_organizations",organization_id=""} ` + tree,
		}
	}
	wantLines(t, h.scrape(t.Context(), shown...), append(success("0"), counted, none, tenant, `license_up{organization_id=""} 0`)...)

	now = now.Add(time.Hour)
	v.refuse(treePath, 0)
	wantLines(t, h.scrape(t.Context(), shown...), append(success("1"), counted, none, tenant, emea, `license_up{organization_id=""} 1`)...)

	now = now.Add(23 * time.Hour) // the names of yesterday are still shown
	h.scrape(t.Context())
	now = now.Add(2 * time.Hour)
	v.refuse(treePath, http.StatusNotImplemented)
	wantLines(t, h.scrape(t.Context(), shown...), append(success("0"), counted, none, tenant, emea, `license_up{organization_id=""} 0`)...)
}

// fakeSnow answers from memory for what needs no HTTP. It panics on all that a
// test does not expect.
type fakeSnow struct {
	SnowClient
	mu           sync.Mutex
	applications []string          // of the licenses
	failures     map[snow.ID]error // of names
	asked        []string
}

func (f *fakeSnow) Licenses(context.Context) iter.Seq2[snow.License, error] {
	var licenses []snow.License
	for i, a := range f.applications {
		licenses = append(licenses, snow.License{ID: snow.ID(fmt.Sprint(i)), ApplicationID: snow.ID(a)})
	}
	return sequence(licenses, nil)
}

func (f *fakeSnow) CustomMetrics(context.Context) iter.Seq2[snow.CustomMetric, error] {
	return sequence[snow.CustomMetric](nil, nil)
}

func (f *fakeSnow) Application(_ context.Context, id snow.ID) (snow.Application, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, string(id))
	if err := f.failures[id]; err != nil {
		return snow.Application{}, err
	}
	return snow.Application{ID: id, Name: snow.Text("Application " + id)}, nil
}

// takeAsked returns the names that were asked for since the last call.
func (f *fakeSnow) takeAsked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := slices.Sorted(slices.Values(f.asked))
	f.asked = nil
	return asked
}

// Names are read once a day, those that are at hand survive a failure, and
// those that the vendor does not know are not asked for again and again.
func TestSnowNamesAreKept(t *testing.T) {
	client := &fakeSnow{applications: []string{"a", "b", "", "c", "a"}, failures: map[snow.ID]error{
		"b": &rest.Error{Status: http.StatusNotFound, Reason: rest.ReasonNotFound}, "c": errVendor,
	}}
	c := newSnowApplications(client)
	update := func(now time.Time) (int, error) {
		r := newReport(now, Options{})
		err := c.Update(t.Context(), licensing.Organization{}, r)
		return len(r.Organization("").Products), err
	}
	if _, err := update(testNow); !errors.Is(err, errVendor) {
		t.Errorf("the failure is %v", err)
	}
	client.takeAsked()
	delete(client.failures, "c")
	for _, step := range []struct {
		after time.Duration
		names int
		asked []string
	}{
		{time.Minute, 2, []string{"c"}},
		{24*time.Hour - time.Second, 2, nil},
		{24 * time.Hour, 2, []string{"a", "b"}},
		{24*time.Hour + time.Minute, 2, []string{"c"}},
	} {
		names, err := update(testNow.Add(step.after))
		if diff := cmp.Diff(step.asked, client.takeAsked()); err != nil || names != step.names || diff != "" {
			t.Errorf("after %v: %d names, %v; asked for (-want +got):\n%s", step.after, names, err, diff)
		}
	}
	client.applications = []string{"a"}
	if _, err := update(testNow.Add(25 * time.Hour)); err != nil || len(c.names.byID) != 1 {
		t.Errorf("%d names are kept of 1 application, %v", len(c.names.byID), err)
	}
}

func TestMemoSharesAFetchAndKeepsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		fetches := 0
		fetch := func() (int, error) {
			fetches++
			time.Sleep(time.Second)
			if fetches == 1 {
				return 0, errVendor
			}
			return fetches, nil
		}
		ask := func() (values []int) {
			var all sync.WaitGroup
			results := make([]int, 3)
			for i := range results {
				all.Go(func() { results[i], _ = m.get(time.Now(), time.Minute, fetch) })
			}
			all.Wait()
			return results
		}
		for _, want := range [][]int{{0, 0, 0}, {2, 2, 2}, {2, 2, 2}} {
			if got := ask(); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
		time.Sleep(time.Minute)
		if got := ask(); !slices.Equal(got, []int{3, 3, 3}) {
			t.Errorf("an old value is kept: %v", got)
		}
	})
}

func TestCoverOf(t *testing.T) {
	span := func(from, to float64) period { return period{days(from), days(to)} }
	for name, test := range map[string]struct {
		periods []period
		want    cover
	}{
		"none":                  {nil, cover{}},
		"now":                   {[]period{span(-10, 10)}, cover{span(-10, 10), licensing.InForce}},
		"renewed ahead":         {[]period{span(11, 20), span(-10, 10)}, cover{span(-10, 20), licensing.InForce}},
		"gap before the next":   {[]period{span(-10, 10), span(12, 20)}, cover{span(-10, 10), licensing.InForce}},
		"within another":        {[]period{span(-10, 10), span(-5, 5)}, cover{span(-10, 10), licensing.InForce}},
		"between two days":      {[]period{span(-10, -0.5), span(0.5, 20)}, cover{span(-10, 20), licensing.InForce}},
		"ended":                 {[]period{span(-30, -20), span(-10, -5)}, cover{span(-10, -5), licensing.Ended}},
		"ended before the next": {[]period{span(5, 10), span(-10, -5)}, cover{span(-10, -5), licensing.Ended}},
		"to come":               {[]period{span(15, 20), span(5, 10)}, cover{span(5, 10), licensing.Dormant}},
		"ends this moment":      {[]period{span(-5, 0)}, cover{span(-5, 0), licensing.Ended}},
		"begins this moment":    {[]period{span(0, 5)}, cover{span(0, 5), licensing.InForce}},
		"without end":           {[]period{{from: days(-5)}, span(5, 10)}, cover{period{from: days(-5)}, licensing.InForce}},
		"endless renewal":       {[]period{span(-5, 5), {from: days(5)}}, cover{period{from: days(-5)}, licensing.InForce}},
		"since ever":            {[]period{{to: days(5)}}, cover{period{to: days(5)}, licensing.InForce}},
	} {
		if got := coverOf(test.periods, testNow); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
