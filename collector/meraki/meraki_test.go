package meraki

import (
	"errors"
	"net/http"
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
			overview: `{"status": "OK", "expirationDate": "Feb 8, 2027 UTC", "licensedDeviceCounts": {"wireless": 5, "MS225-48FP": 1}}`,
			records: `
				{"model": "MR46", "productType": "wireless", "networkId": "N_1", "licenseExpirationDate": "2026-05-02T10:52:44.012345Z",
				 "eox": {"status": "endOfSale", "endOfSaleAt": "2025-10-31T00:00:00Z", "endOfSupportAt": "2030-10-31T00:00:00Z"}},
				{"model": "MR46", "productType": "wireless", "networkId": "N_1", "licenseExpirationDate": "2026-04-02T10:52:44.012345Z"},
				{"model": "MR56", "productType": "wireless", "networkId": "N_1", "licenseExpirationDate": null, "eox": {"status": "", "endOfSaleAt": null, "endOfSupportAt": null}},
				{"model": "MR56", "productType": "wireless", "networkId": null, "licenseExpirationDate": "2020-01-01T00:00:00Z"},
				{"model": "MS225-48FP", "productType": "switch", "networkId": "N_1", "eox": {"status": "endOfSale", "endOfSaleAt": "2024-05-21T00:00:00Z", "endOfSupportAt": null}}`,
		},
	} {
		t.Run(test.golden, func(t *testing.T) {
			got, h := collect(t, test.collector, test.model, &vendor{overview: test.overview, list: map[string]string{"1": test.records}}, "1")
			if test.golden == "coterm_overview_unknown_status" || test.golden == "device_unknown" {
				got += "\n" + enginetest.Lines(t, h.Own, "license_exporter_parse")
			}
			enginetest.Golden(t, test.golden+".metrics", got+"\n")
		})
	}
}

func TestMerakiEntitlementsAreReadOncePerAccount(t *testing.T) {
	v := &vendor{
		organizations: organization("1", api.ModelSubscription) + "," + organization("2", api.ModelSubscription),
		list: map[string]string{"": `{"sku": "LIC-MR-A", "name": "MR", "productType": "wireless", "productClass": "MR", "featureTier": "advantage", "isAddOn": false, "isFree": true},
			{"sku": "LIC-MR-A", "name": "MR again"}`},
	}
	c := v.client(t)
	h := newHarness(t, newSource(c, collector.OrganizationFilter{}, &collector.Memory{}), c, "meraki_entitlements")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_product_info", "meraki_entitlement_info"),
		`license_product_info{feature_tier="advantage",manufacturer="Cisco Meraki",organization_id="",product="LIC-MR-A",product_class="MR",product_name="MR",product_type="wireless"} 1`,
		`meraki_entitlement_info{add_on="false",free="true",organization_id="",product="LIC-MR-A"} 1`)
}

func TestMerakiEntitlementsAreNotReadWithoutSubscriptionOrganizations(t *testing.T) {
	v := &vendor{organizations: organization("1", api.ModelCoterm), list: map[string]string{"": `{"sku": "X"}`}}
	c := v.client(t)
	h := newHarness(t, newSource(c, collector.OrganizationFilter{}, &collector.Memory{}), c, "meraki_entitlements")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_product_info"), "")
}

func TestMerakiSubscriptionOfTwoOrganizationsIsCountedOnce(t *testing.T) {
	shared := `{"subscriptionId": "9", "status": "active", "endDate": "2026-06-30T00:00:00Z", "entitlements": [{"sku": "LIC-MR-A", "seats": {"limit": 10}}], "counts": {"organizations": 2}}`
	v := &vendor{list: map[string]string{"1": shared, "2": shared}}
	got, _ := collect(t, "meraki_subscription", api.ModelSubscription, v, "2", "1")
	for _, prefix := range []string{"license_seats_limit{", "license_info{", "license_days_to_expiration{", "meraki_subscription_organizations{"} {
		if n := strings.Count(got, prefix); n != 1 {
			t.Errorf("%d series of %s, want 1 for both organizations:\n%s", n, prefix, got)
		}
	}
	if !strings.Contains(got, `license_licenses{assigned="",product="LIC-MR-A",state="active"} 1`) || !strings.Contains(got, `license_licenses{assigned="",organization_id="2",product="",state="active"} 0`) {
		t.Errorf("the subscription is not counted for the first organization, or it is counted for the second:\n%s", got)
	}
}

func TestMerakiWrongModelIsNoFailure(t *testing.T) {
	for name, test := range map[string]struct{ model, refused string }{
		"meraki_overview": {api.ModelCoterm, "co-term or per-device"},
		"meraki_coterm":   {api.ModelCoterm, "co-term"},
		"meraki_device":   {api.ModelPerDevice, "per-device"},
	} {
		v := &vendor{instead: refuse("", http.StatusBadRequest, "Organization with ID 1 does not support "+test.refused+" licensing")}
		_, h := collect(t, name, test.model, v, "1")
		one := engine.Selection{Account: "acme", One: true, Organization: "1"}
		enginetest.WantLines(t, h.ScrapeOnly(t.Context(), one, "license_up", "license_exporter_collector_success"), `license_up{organization_id="1"} 1`)
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
		got, h := collect(t, name, test.model, &vendor{list: map[string]string{"1": test.record}, breaksOff: true}, "1")
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
		for _, c := range collectors(&account{}) {
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
	disabled := `{"id": "3", "name": "Organization 3", "api": {"enabled": false}, "licensing": {"model": "co-term"}, "cloud": {"region": {"name": "Atlantis"}}}`
	enabled := `{"id": "5", "name": "Organization 5", "api": {"enabled": true}, "cloud": {"region": {"name": "Atlantis"}}}`
	v := &vendor{organizations: strings.Join([]string{organization("1", api.ModelCoterm), organization("2", "hyperbolic"), disabled, organization("4", api.ModelCoterm), enabled}, ",")}
	r := collector.NewReport(enginetest.Now, collector.Options{})
	d, err := newSource(v.client(t), collector.OrganizationFilter{Exclude: []string{"4"}}, &collector.Memory{}).Discover(t.Context(), r)
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

// If the vendor once leaves out the licensing model, the facts are kept, even after a reload.
func TestMerakiKeepsTheModelOfBefore(t *testing.T) {
	v := &vendor{organizations: organization("1", api.ModelCoterm)}
	memory := &collector.Memory{}
	for _, test := range []struct {
		listed, model, problem string
		unreadable             int
	}{
		{organization("1", api.ModelCoterm), api.ModelCoterm, "", 0},
		{`{"id": "1", "name": "Organization 1"}`, api.ModelCoterm, "the vendor no longer reports the licensing model; the previous one, co-term, is used", 1},
		{organization("1", api.ModelPerDevice), api.ModelPerDevice, "", 0},
		{organization("1", "per-user"), "per-user", `the licensing model "per-user" is not known to this version; its licenses are not read`, 1},
		{`{"id": "1", "licensing": null}`, api.ModelPerDevice, "the vendor no longer reports the licensing model; the previous one, per-device, is used", 1},
	} {
		v.organizations = test.listed
		r := collector.NewReport(enginetest.Now, collector.Options{})
		s := newSource(v.client(t), collector.OrganizationFilter{}, memory) // as after a reload
		d, err := s.Discover(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		o := d.Organizations[0]
		if o.Model != test.model || o.Problem != test.problem || r.ParseErrors()[fieldModel] != test.unreadable {
			t.Errorf("%s: model %q, problem %q, %v", test.listed, o.Model, o.Problem, r.ParseErrors())
		}
	}
}

func TestMerakiFindsNoOrganization(t *testing.T) {
	for name, test := range map[string]struct {
		listed, want string
	}{
		"listed":   {"", "the vendor lists no organization; check which organizations the credential may read"},
		"selected": {organization("4", api.ModelCoterm), "organizations.include and organizations.exclude leave none of the 1 organizations that the vendor lists; check the ids and names"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSource((&vendor{organizations: test.listed}).client(t), collector.OrganizationFilter{Exclude: []string{"4"}}, &collector.Memory{})
			_, err := s.Discover(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}))
			if err == nil || err.Error() != test.want || rest.ReasonOf(err) != rest.ReasonNotFound {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestMerakiIncludedOrganizationsAreReadOneByOne(t *testing.T) {
	v := &vendor{instead: func(path string) (int, string) {
		switch path {
		case "/organizations/1":
			return http.StatusOK, organization("1", api.ModelCoterm)
		case "/organizations/3":
			return http.StatusOK, organization("4", api.ModelCoterm)
		}
		return http.StatusNotFound, ""
	}}
	d, err := newSource(v.client(t), collector.OrganizationFilter{Include: []string{"1", "2", "3"}}, &collector.Memory{}).Discover(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}))
	if err != nil || len(d.Organizations) != 2 || d.Organizations[0].ID != "1" || len(d.Failed) != 2 || rest.ReasonOf(d.Failed["2"]) != rest.ReasonNotFound {
		t.Errorf("got %+v, %v; want organization 1 and the account, and the failure of 2", d, err)
	}
	if v.requests("/organizations") > 0 {
		t.Error("the list of all organizations is requested")
	}
	if d.Failed["3"] == nil {
		t.Error("a response with another id is accepted")
	}
}

func TestMerakiIncludedOrganizationWithoutAccess(t *testing.T) {
	v := &vendor{instead: func(path string) (int, string) {
		if path == "/organizations/1" {
			return http.StatusNotFound, `{"errors": ["To make requests you must first enable API access via https://n9.meraki.com/o/abcd/manage/organization/edit"]}`
		}
		return http.StatusOK, organization("2", api.ModelCoterm)
	}}
	d, err := newSource(v.client(t), collector.OrganizationFilter{Include: []string{"1", "2"}}, &collector.Memory{}).Discover(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}))
	if err != nil || !errors.Is(d.Failed["1"], rest.ErrAccessDisabled) || len(d.Failed) != 1 {
		t.Errorf("got %v and %v, want organization 1 without access", d.Failed, err)
	}
}

// An id that is a number keeps all its digits. An organization without an id is left out.
func TestMerakiOddOrganizations(t *testing.T) {
	v := &vendor{organizations: `{"id": 575334852396584364, "api": {"enabled": "true"}, "licensing": {"model": "Co-Term"}}, null, {"name": "no id"}, {"id": "2", "licensing": {"model": {}}}`}
	c := v.client(t)
	h := newHarness(t, newSource(c, collector.OrganizationFilter{}, &collector.Memory{}), c)
	got := h.Scrape(t.Context(), "license_organization_info")
	for _, want := range []string{`api_enabled="true",licensing_model="co-term",organization_id="575334852396584364"`, `api_enabled="",licensing_model="",organization_id="2"`} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %s:\n%s", want, got)
		}
	}
	if strings.Contains(got, "no id") {
		t.Errorf("an organization without an id is shown:\n%s", got)
	}
}
