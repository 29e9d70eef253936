package meraki

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	api "license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// fakeClient answers from memory. Its records are JSON as in the vendor's
// documentation.
type fakeClient struct {
	organizations []api.Organization
	byID          map[string]api.Organization
	overview      string
	list          map[string]string // records by organization
	err           error             // returned after the records
}

func (f *fakeClient) Organizations(context.Context) iter.Seq2[api.Organization, error] {
	return enginetest.Sequence(f.organizations, f.err)
}

func (f *fakeClient) Organization(_ context.Context, id string) (api.Organization, error) {
	if o, ok := f.byID[id]; ok {
		return o, nil
	}
	return api.Organization{}, &rest.Error{Operation: "getOrganization", Status: 404, Reason: rest.ReasonNotFound}
}

func (f *fakeClient) Overview(context.Context, string) (api.Overview, error) {
	var v api.Overview
	if f.err == nil {
		decode(f.overview, &v)
	}
	return v, f.err
}

func (f *fakeClient) CotermLicenses(_ context.Context, o string) iter.Seq2[api.CotermLicense, error] {
	return records[api.CotermLicense](f, o)
}

func (f *fakeClient) Licenses(_ context.Context, o string) iter.Seq2[api.License, error] {
	return records[api.License](f, o)
}

func (f *fakeClient) InventoryDevices(_ context.Context, o string) iter.Seq2[api.InventoryDevice, error] {
	return records[api.InventoryDevice](f, o)
}

func (f *fakeClient) Subscriptions(_ context.Context, o string) iter.Seq2[api.Subscription, error] {
	return records[api.Subscription](f, o)
}

func (f *fakeClient) ComplianceStatuses(_ context.Context, o string) iter.Seq2[api.ComplianceStatus, error] {
	return records[api.ComplianceStatus](f, o)
}

func (f *fakeClient) Entitlements(context.Context) iter.Seq2[api.Entitlement, error] {
	return records[api.Entitlement](f, "")
}

func records[T any](f *fakeClient, organization string) iter.Seq2[T, error] {
	var all []T
	decode("["+f.list[organization]+"]", &all)
	return enginetest.Sequence(all, f.err)
}

func decode(text string, into any) {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		panic(err)
	}
}

// collect runs a collector for organizations of a model and returns its series.
// Those of organization 1 have no label organization_id.
func collect(t *testing.T, name, model string, client *fakeClient, ids ...string) (string, *enginetest.Harness) {
	t.Helper()
	var d collector.Discovery
	for _, id := range ids {
		d.Organizations = append(d.Organizations, licensing.Organization{ID: id, Model: model, APIAccess: licensing.APIEnabled})
	}
	h := newHarness(t, &enginetest.Source{Discovery: d}, client, name)
	return strings.ReplaceAll(h.ScrapeCollectors(t.Context()), `organization_id="1",`, ""), h
}

// newHarness returns an engine with an account that has some of the collectors.
func newHarness(t *testing.T, source collector.Source, client *fakeClient, names ...string) *enginetest.Harness {
	t.Helper()
	return enginetest.NewWithMetrics(t, engine.Config{Now: enginetest.Clock}, ownMetrics, source, enginetest.Only(collectors(client), names...)...)
}

// testdata/NAME.metrics contains the series that a collector makes from the
// vendor's records. Reviewers read these files.
func TestMerakiCollectors(t *testing.T) {
	for _, test := range []struct {
		golden, collector, model, overview, records string
	}{
		{
			golden: "coterm_overview", collector: "meraki_overview", model: api.ModelCoterm,
			overview: `{"status": "OK", "expirationDate": "Feb 8, 2026 UTC", "licensedDeviceCounts": {"MS": 100, "MR": 3}}`,
		},
		{
			golden: "coterm_overview_license_required", collector: "meraki_overview", model: api.ModelCoterm,
			overview: `{"status": "License Required", "expirationDate": "N/A", "licensedDeviceCounts": {}}`,
		},
		{
			golden: "coterm_overview_unknown_status", collector: "meraki_overview", model: api.ModelCoterm,
			overview: `{"status": "Under Review", "expirationDate": "soon", "licensedDeviceCounts": null}`,
		},
		{
			golden: "device_overview", collector: "meraki_overview", model: api.ModelPerDevice,
			overview: `{"licenseCount": 12, "states": {"active": {"count": 5}, "expired": {"count": 1}, "recentlyQueued": {"count": 2},
				"expiring": {"count": 3, "critical": {"thresholdInDays": 30, "expiringCount": 1}, "warning": {"thresholdInDays": 90, "expiringCount": 2}},
				"unused": {"count": 4, "soonestActivation": {"activationDate": "2026-04-01T00:00:00Z", "toActivateCount": 2}},
				"unusedActive": {"count": 1, "oldestActivation": {"activationDate": "2026-01-01T00:00:00Z", "activeCount": 1}}},
				"licenseTypes": [{"licenseType": "ENT", "counts": {"unassigned": 4}}, {"licenseType": "SME", "counts": {"unassigned": 0}}],
				"systemsManager": {"counts": {"totalSeats": 100, "activeSeats": 60, "unassignedSeats": 40, "orgwideEnrolledDevices": 55}}}`,
		},
		{
			golden: "device_overview_sparse", collector: "meraki_overview", model: api.ModelPerDevice,
			overview: `{"licenseCount": 0, "states": {"unused": {"count": 0, "soonestActivation": null}, "unusedActive": {"count": 0, "oldestActivation": {"activationDate": null, "activeCount": 0}}}, "systemsManager": null}`,
		},
		{
			golden: "coterm_licenses", collector: "meraki_coterm", model: api.ModelCoterm,
			records: `
				{"mode": "addDevices", "claimedAt": "2025-05-02T10:52:00Z", "invalidated": false, "expired": false, "invalidatedAt": null,
				 "editions": [{"edition": "Enterprise", "productType": "appliance"}, {"edition": "Enterprise", "productType": "wireless"}],
				 "counts": [{"model": "MR Enterprise", "count": 2}, {"model": "MX64 Enterprise", "count": 1}]},
				{"mode": "renew", "claimedAt": "2025-06-02T10:52:00Z", "invalidated": true, "expired": false, "invalidatedAt": "2025-07-04T16:23:00Z",
				 "editions": [{"edition": "Enterprise", "productType": "wireless"}], "counts": [{"model": "MR Enterprise", "count": 5}]},
				{"mode": "renew", "claimedAt": null, "invalidated": false, "expired": true,
				 "editions": [{"edition": "Enterprise", "productType": "wireless"}], "counts": [{"model": "MR Enterprise", "count": 7}, {"model": "MR Enterprise", "count": 1}]},
				{"mode": "renew", "invalidated": true, "expired": true, "invalidatedAt": "2025-03-04T16:23:00Z", "editions": [], "counts": []}`,
		},
		{golden: "coterm_empty", collector: "meraki_coterm", model: api.ModelCoterm},
		{
			golden: "device_licenses", collector: "meraki_device", model: api.ModelPerDevice,
			records: `
				{"id": "1", "licenseType": "ENT", "state": "active", "orderNumber": "4C1", "deviceSerial": "Q234-ABCD-5678", "networkId": "N_1",
				 "seatCount": null, "activationDate": "2025-04-01T12:00:00Z", "expirationDate": "2026-04-01T12:00:00Z", "totalDurationInDays": 365, "durationInDays": 365, "headLicenseId": null},
				{"id": "2", "licenseType": "ENT", "state": "expiring", "deviceSerial": "Q234-ABCD-5679",
				 "activationDate": "2025-03-05T12:00:00Z", "expirationDate": "2026-03-05T12:00:00Z", "totalDurationInDays": 730, "durationInDays": 365},
				{"id": "3", "licenseType": "ENT", "state": "recentlyQueued", "deviceSerial": "Q234-ABCD-5679",
				 "activationDate": "2026-03-05T12:00:00Z", "expirationDate": "2027-03-05T12:00:00Z", "totalDurationInDays": 365, "headLicenseId": "2"},
				{"id": "4", "licenseType": "ENT", "state": "unused", "activationDate": null, "expirationDate": null, "deviceSerial": null},
				{"id": "5", "licenseType": "ENT", "state": "unusedActive", "activationDate": "2025-12-01T12:00:00Z", "expirationDate": "2026-12-01T12:00:00Z", "deviceSerial": ""},
				{"id": "6", "licenseType": "MX64-ENT", "state": "expired", "activationDate": "2023-01-01T00:00:00Z", "expirationDate": "2024-01-01T00:00:00Z", "deviceSerial": "Q2AB-CDEF-0001"},
				{"id": "7", "licenseType": "MX64-ENT", "state": "expired", "activationDate": "2024-01-01T00:00:00Z", "expirationDate": "2025-01-01T00:00:00Z", "deviceSerial": "Q2AB-CDEF-0002"},
				{"id": "8", "licenseType": "SME", "state": "active", "networkId": "N_2", "seatCount": 25, "activationDate": "2025-09-01T12:00:00Z", "expirationDate": "2026-09-01T12:00:00Z"},
				{"id": "9", "licenseType": "SME", "state": "unused", "networkId": null, "seatCount": 10}`,
		},
		{
			golden: "device_unknown", collector: "meraki_device", model: api.ModelPerDevice,
			records: `
				{"id": "1", "licenseType": "ENT", "state": "suspended", "activationDate": "2025-04-01T12:00:00Z", "expirationDate": "2026-04-01T12:00:00Z", "deviceSerial": "Q234-ABCD-5678"},
				{"id": "2", "licenseType": "ENT", "state": "active", "activationDate": "yesterday", "expirationDate": "tomorrow", "deviceSerial": "Q234-ABCD-5679"}`,
		},
		{golden: "device_empty", collector: "meraki_device", model: api.ModelPerDevice},
		{
			golden: "subscriptions", collector: "meraki_subscription", model: api.ModelSubscription,
			records: `
				{"subscriptionId": "2345", "name": "Corporate subscription", "status": "active", "startDate": "2025-06-30T00:00:00Z", "endDate": "2026-06-30T00:00:00Z",
				 "webOrderId": "55598764", "renewalRequested": false, "productTypes": ["wireless"],
				 "entitlements": [{"sku": "LIC-MS-400-L-A", "seats": {"assigned": 10, "available": 15, "limit": 25}}, {"sku": "LIC-MR-A", "seats": {"assigned": 12, "available": -2, "limit": 10}},
				 {"sku": "LIC-MR-A", "seats": {"assigned": 1, "available": 0, "limit": 1}}],
				 "counts": {"seats": {"assigned": 23, "available": 13, "limit": 36}, "networks": 1, "organizations": 1}},
				{"subscriptionId": "2345", "name": "The same again", "status": "active", "entitlements": [], "counts": {}},
				{"subscriptionId": "2346", "name": "In grace", "status": "active", "startDate": null, "endDate": "2026-02-20T00:00:00Z", "renewalRequested": true,
				 "entitlements": [{"sku": "LIC-MR-A", "seats": {"assigned": 3, "available": null, "limit": 3}}], "counts": {"seats": null, "organizations": null}},
				{"subscriptionId": "2347", "name": "Gone", "status": "expired", "endDate": "2025-01-01T00:00:00Z", "entitlements": [], "counts": {"organizations": 1}}`,
		},
		{golden: "subscriptions_empty", collector: "meraki_subscription", model: api.ModelSubscription},
		{
			golden: "compliance", collector: "meraki_compliance", model: api.ModelSubscription,
			records: `
				{"subscription": {"id": "12345", "name": "Corporate Subscription", "status": "active"}, "violations": {"byProductClass": [
				 {"productClass": "MS 100 Small", "gracePeriodEndsAt": "2026-03-20T00:00:00Z", "missing": {"entitlements": [{"sku": "LIC-MS-100-S-E", "quantity": 11}, {"sku": "LIC-MS-100-S-A", "quantity": 1}]}},
				 {"productClass": "MR", "gracePeriodEndsAt": null, "missing": {"entitlements": []}}]}},
				{"subscription": {"id": "12346", "name": "Other", "status": "out_of_compliance"}, "violations": {"byProductClass": []}}`,
		},
		{
			golden: "inventory", collector: "meraki_inventory", model: api.ModelCoterm,
			records: `
				{"model": "MR46", "productType": "wireless", "networkId": "N_1", "licenseExpirationDate": "2026-05-02T10:52:44.012345Z"},
				{"model": "MR46", "productType": "wireless", "networkId": "N_1", "licenseExpirationDate": "2026-04-02T10:52:44.012345Z"},
				{"model": "MR56", "productType": "wireless", "networkId": "N_1", "licenseExpirationDate": null},
				{"model": "MR56", "productType": "wireless", "networkId": null, "licenseExpirationDate": "2020-01-01T00:00:00Z"},
				{"model": "MS225-48FP", "productType": "switch", "networkId": "N_1"}`,
		},
	} {
		t.Run(test.golden, func(t *testing.T) {
			got, h := collect(t, test.collector, test.model, &fakeClient{overview: test.overview, list: map[string]string{"1": test.records}}, "1")
			if test.golden == "coterm_overview_unknown_status" || test.golden == "device_unknown" {
				got += "\n" + enginetest.Lines(t, h.Own, "license_exporter_parse")
			}
			enginetest.Golden(t, test.golden+".metrics", got+"\n")
		})
	}
}

func TestMerakiEntitlementsAreReadOncePerAccount(t *testing.T) {
	client := &fakeClient{
		organizations: []api.Organization{organization("1", api.ModelSubscription), organization("2", api.ModelSubscription)},
		list: map[string]string{"": `{"sku": "LIC-MR-A", "name": "MR", "productType": "wireless", "productClass": "MR", "featureTier": "advantage", "isAddOn": false, "isFree": true},
			{"sku": "LIC-MR-A", "name": "MR again"}`},
	}
	h := newHarness(t, source{client: client}, client, "meraki_entitlements")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_product_info", "meraki_entitlement_info"),
		`license_product_info{feature_tier="",manufacturer="Cisco Meraki",organization_id="",product="LIC-MR-A",product_class="",product_name="MR again",product_type=""} 1`,
		`meraki_entitlement_info{add_on="false",free="false",organization_id="",product="LIC-MR-A"} 1`,
		`meraki_entitlement_info{add_on="false",free="true",organization_id="",product="LIC-MR-A"} 1`)
}

func TestMerakiEntitlementsAreNotReadWithoutSubscriptionOrganizations(t *testing.T) {
	client := &fakeClient{organizations: []api.Organization{organization("1", api.ModelCoterm)}, list: map[string]string{"": `{"sku": "X"}`}}
	h := newHarness(t, source{client: client}, client, "meraki_entitlements")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_product_info"), "")
}

func TestMerakiSubscriptionOfTwoOrganizationsIsCountedOnce(t *testing.T) {
	shared := `{"subscriptionId": "9", "status": "active", "endDate": "2026-06-30T00:00:00Z", "entitlements": [{"sku": "LIC-MR-A", "seats": {"limit": 10}}], "counts": {"organizations": 2}}`
	client := &fakeClient{list: map[string]string{"1": shared, "2": shared}}
	got, _ := collect(t, "meraki_subscription", api.ModelSubscription, client, "2", "1")
	for _, prefix := range []string{"license_seats_limit{", "license_info{", "license_days_to_expiration{", "meraki_subscription_organizations{"} {
		if n := strings.Count(got, prefix); n != 1 {
			t.Errorf("%d series of %s, want 1 for both organizations:\n%s", n, prefix, got)
		}
	}
	if !strings.Contains(got, `license_licenses{assigned="",product="LIC-MR-A",state="active"} 1`) || !strings.Contains(got, `license_licenses{assigned="",organization_id="2",product="",state="active"} 0`) {
		t.Errorf("the first organization does not count the subscription, or the second does:\n%s", got)
	}
}

func TestMerakiWrongModelIsNoFailure(t *testing.T) {
	refusal := fmt.Errorf("%w: %w", rest.ErrNotApplicable, &rest.Error{Operation: "x", Status: 400, Reason: rest.ReasonServer})
	for name, model := range map[string]string{"meraki_overview": api.ModelCoterm, "meraki_coterm": api.ModelCoterm, "meraki_device": api.ModelPerDevice} {
		_, h := collect(t, name, model, &fakeClient{err: refusal}, "1")
		enginetest.WantLines(t, h.Scrape(t.Context(), `license_up{organization_id="1"`, `license_exporter_collector_success{collector="meraki`), `license_up{organization_id="1"} 1`)
	}
}

func TestMerakiListingThatBreaksOffIsAFailure(t *testing.T) {
	for name, test := range map[string]struct{ model, record string }{
		"meraki_coterm":       {api.ModelCoterm, `{"counts": [{"model": "MR", "count": 1}]}`},
		"meraki_device":       {api.ModelPerDevice, `{"id": "1"}`},
		"meraki_subscription": {api.ModelSubscription, `{"subscriptionId": "1"}`},
		"meraki_compliance":   {api.ModelSubscription, `{"subscription": {"id": "1"}}`},
		"meraki_inventory":    {api.ModelCoterm, `{"model": "MR46", "networkId": "N_1"}`},
	} {
		got, h := collect(t, name, test.model, &fakeClient{list: map[string]string{"1": test.record}, err: enginetest.ErrVendor}, "1")
		if got != "" {
			t.Errorf("%s shows half a list: %s", name, got)
		}
		enginetest.WantLines(t, h.Scrape(t.Context(), `license_up{organization_id="1"`), `license_up{organization_id="1"} 0`)
	}
}

func TestMerakiCollectorsApplyByModel(t *testing.T) {
	want := map[string]string{
		api.ModelCoterm:       "meraki_coterm meraki_inventory meraki_overview",
		api.ModelPerDevice:    "meraki_device meraki_inventory meraki_overview",
		api.ModelSubscription: "meraki_compliance meraki_inventory meraki_subscription",
		"something new":       "meraki_inventory",
	}
	for model, names := range want {
		var got []string
		for _, c := range collectors(nil) {
			if c.Applies(licensing.Organization{ID: "1", Model: model}) {
				got = append(got, c.Name)
			}
		}
		if strings.Join(got, " ") != names {
			t.Errorf("%s: %v, want %s", model, got, names)
		}
	}
}

func TestMerakiDiscovery(t *testing.T) {
	disabled, enabled := organization("3", api.ModelCoterm), organization("5", "")
	disabled.API.Enabled, enabled.API.Enabled = new(false), new(true)
	client := &fakeClient{organizations: []api.Organization{
		organization("1", api.ModelCoterm), organization("2", "hyperbolic"), disabled, organization("4", api.ModelCoterm), enabled,
	}}
	r := collector.NewReport(enginetest.Now, collector.Options{})
	d, err := source{client: client, filter: collector.OrganizationFilter{Exclude: []string{"4"}}}.Discover(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	want := []licensing.Organization{
		{ID: "1", Name: "Organization 1", Model: api.ModelCoterm, Region: "Atlantis"},
		{
			ID: "2", Name: "Organization 2", Model: "hyperbolic", Region: "Atlantis",
			Problem: `the licensing model "hyperbolic" is not known to this version; its licenses are not read`,
		},
		{ID: "3", Name: "Organization 3", Model: api.ModelCoterm, Region: "Atlantis", APIAccess: licensing.APIDisabled},
		{
			ID: "5", Name: "Organization 5", Region: "Atlantis", APIAccess: licensing.APIEnabled,
			Problem: "the vendor reports no licensing model; its licenses are not read",
		},
		{},
	}
	if diff := cmp.Diff(want, d.Organizations); diff != "" {
		t.Errorf("the organizations differ (-want +got):\n%s", diff)
	}
	if n := r.ParseErrors()[fieldModel]; n != 2 {
		t.Errorf("%d models are counted as unreadable, want 2", n)
	}
}

func TestMerakiFindsNoOrganization(t *testing.T) {
	for name, test := range map[string]struct {
		listed []api.Organization
		want   string
	}{
		"listed":   {nil, "the vendor lists no organization; check which organizations the credential may read"},
		"selected": {[]api.Organization{organization("4", api.ModelCoterm)}, "organizations.include and organizations.exclude leave none of the 1 organizations that the vendor lists; check the ids"},
	} {
		t.Run(name, func(t *testing.T) {
			s := source{client: &fakeClient{organizations: test.listed}, filter: collector.OrganizationFilter{Exclude: []string{"4"}}}
			_, err := s.Discover(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}))
			if err == nil || err.Error() != test.want || rest.ReasonOf(err) != rest.ReasonNotFound {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestMerakiIncludedOrganizationsAreReadOneByOne(t *testing.T) {
	client := &fakeClient{
		err:  enginetest.ErrVendor, // of the list of all, which must not be requested
		byID: map[string]api.Organization{"1": organization("1", api.ModelCoterm), "3": {}},
	}
	d, err := source{client: client, filter: collector.OrganizationFilter{Include: []string{"1", "2", "3"}}}.Discover(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}))
	if err != nil || len(d.Organizations) != 2 || d.Organizations[0].ID != "1" || len(d.Failed) != 2 || rest.ReasonOf(d.Failed["2"]) != rest.ReasonNotFound {
		t.Errorf("got %+v, %v; want organization 1 and the account, and the failure of 2", d, err)
	}
	if d.Failed["3"] == nil {
		t.Error("a response with another id is accepted")
	}
}

func organization(id, model string) api.Organization {
	o := api.Organization{ID: id, Name: "Organization " + id}
	o.Licensing.Model = model
	o.Cloud.Region.Name = "Atlantis"
	return o
}
