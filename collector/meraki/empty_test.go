package meraki

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	simulator "license_exporter/internal/simulator/meraki"
)

// estate is a Dashboard API of which three in ten organizations have no licenses and no devices.
type estate struct {
	full, bare *simulator.API
	granted    atomic.Bool // an organization that had nothing has licenses
}

const (
	estateSize = 100
	emptyID    = "5000010" // of one that has nothing
)

func newEstate() *estate {
	of := func(licenses int) *simulator.API {
		return simulator.New(simulator.Options{
			Estate: simulator.Generate(1, estateSize, licenses), Key: "key", Limits: simulator.Limits{Off: true}, Now: enginetest.Clock,
		})
	}
	return &estate{full: of(1), bare: of(0)}
}

func (e *estate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("organizationIds[]")
	if parts := strings.Split(r.URL.Path, "/"); len(parts) > 4 && parts[3] == "organizations" {
		id = parts[4]
	}
	number, _ := strconv.Atoi(id)
	if number%10 < 3 && id != "" && (id != emptyID || !e.granted.Load()) {
		e.bare.ServeHTTP(w, r)
	} else {
		e.full.ServeHTTP(w, r)
	}
}

// harness returns an engine that reads the estate. Facts are good for an hour.
func (e *estate) harness(t *testing.T, now *time.Time) *enginetest.Harness {
	t.Helper()
	c, memory := newClient(t, e), &collector.Memory{}
	return enginetest.NewWithMetrics(t, engine.Config{Now: func() time.Time { return *now }, MaxAge: time.Hour}, ownMetrics,
		newSource(c, collector.OrganizationFilter{}, memory), collectors(&account{client: c, memory: memory, withOverview: true})...)
}

// requests returns the number of requests so far.
func (e *estate) requests() int {
	total := 0
	for _, api := range []*simulator.API{e.full, e.bare} {
		for _, n := range api.Requests() {
			total += n
		}
	}
	return total
}

// Organizations without licenses and devices are asked for in one of four refreshes, and names once
// a day. All others are asked for in each.
func TestMerakiRequestsOfTenRefreshes(t *testing.T) {
	e := newEstate()
	now := enginetest.Now
	h := e.harness(t, &now)
	const (
		empty = estateSize * 3 / 10
		first = 1 + 1 + 3*estateSize            // the organizations, the names, and three lists of each
		later = 1 + 3*(estateSize-empty)        // without names and those that have nothing
		most  = later + 3*empty/2               // of one refresh, since not all come at once
		nine  = 9*later + 3*empty*9/4 + 3*empty // of nine, to within one of each
	)
	var sent []int
	before := 0
	for range 10 {
		h.Refresh(t.Context(), engine.Selection{})
		for _, o := range h.Snapshots(engine.Selection{})[0].Organizations {
			if o.Health() != engine.Healthy {
				t.Fatalf("refresh %d: organization %s has failed:\n%s", len(sent)+1, o.ID, h.Log)
			}
		}
		total := e.requests()
		sent = append(sent, total-before)
		before = total
		now = now.Add(time.Hour)
	}
	t.Logf("requests: %d", sent)
	if sent[0] != first {
		t.Errorf("the first refresh has %d requests, want %d", sent[0], first)
	}
	if least, greatest := slices.Min(sent[1:]), slices.Max(sent[1:]); least < later || greatest > most {
		t.Errorf("later refreshes have %d to %d requests, want %d to %d", least, greatest, later, most)
	}
	if n := before - first; n > nine {
		t.Errorf("nine refreshes have %d requests, want at most %d", n, nine)
	}
}

// The first license of an organization is shown in time, with all other facts about it.
func TestMerakiFirstLicenseOfAnOrganization(t *testing.T) {
	e := newEstate()
	now := enginetest.Now
	h := e.harness(t, &now)
	h.Refresh(t.Context(), engine.Selection{})
	e.granted.Store(true)
	for range 4 {
		now = now.Add(time.Hour)
		h.Refresh(t.Context(), engine.Selection{})
	}
	shown := h.ScrapeOnly(t.Context(), engine.Selection{Account: "acme", One: true, Organization: emptyID})
	for _, metric := range []string{"license_licenses", "license_seats_limit", "meraki_inventory_devices"} {
		if !strings.Contains(shown, metric+"{") {
			t.Errorf("there is no %s of the organization:\n%s", metric, shown)
		}
	}
}

func TestMerakiEmptyReports(t *testing.T) {
	const coterm, perDevice, subscription = api.ModelCoterm, api.ModelPerDevice, api.ModelSubscription
	for _, test := range []struct {
		collector, model, answer string
		empty                    bool
	}{
		{"meraki_overview", coterm, `{"status": "OK", "expirationDate": "N/A", "licensedDeviceCounts": {}}`, true},
		{"meraki_overview", coterm, `{"status": "OK", "expirationDate": null, "licensedDeviceCounts": {"MX67": 0}}`, true},
		{"meraki_overview", coterm, `{"status": "OK", "expirationDate": "N/A", "licensedDeviceCounts": {"MX67": 1}}`, false},
		{"meraki_overview", coterm, `{"status": "OK", "expirationDate": "Feb 8, 2027 UTC", "licensedDeviceCounts": {}}`, false},
		{"meraki_overview", coterm, `{"status": "OK", "expirationDate": "soon", "licensedDeviceCounts": {}}`, false},
		{"meraki_overview", coterm, `{"status": "License Required", "expirationDate": "N/A", "licensedDeviceCounts": {}}`, false},
		{"meraki_overview", perDevice, `{"licenseCount": 0, "states": {"active": {"count": 0}}, "systemsManager": {"counts": {"totalSeats": 0}}}`, true},
		{"meraki_overview", perDevice, `{"licenseCount": 0, "systemsManager": {"counts": {"totalSeats": 9}}}`, false},
		{"meraki_overview", perDevice, `{"licenseCount": "many", "licenseTypes": []}`, false},
		{"meraki_overview", perDevice, `{"states": {"unused": {"count": 1}}}`, false},
		{"meraki_coterm", coterm, "", true},
		{"meraki_coterm", coterm, `{"key": "Z2AB-CDEF-GHJK", "expired": true}`, false},
		{"meraki_device", perDevice, "", true},
		{"meraki_device", perDevice, `{"id": "7", "state": "expired"}`, false},
		{"meraki_subscription", subscription, "", true},
		{"meraki_subscription", subscription, `{"subscriptionId": "S", "status": "canceled", "counts": {"organizations": 2}}`, false},
		{"meraki_compliance", subscription, "", true},
		{"meraki_compliance", subscription, `{"subscription": {"id": "S"}}`, false},
		{"meraki_inventory", subscription, "", true},
		{"meraki_inventory", subscription, `{"serial": "Q1", "model": "MR46"}`, false},
	} {
		_, h := collect(t, test.collector, test.model, &vendor{overview: test.answer, list: map[string]string{"1": test.answer}}, "1")
		c := h.Snapshots(engine.Selection{})[0].Organizations[0].Collectors[0]
		if c.Report == nil || c.Report.Empty != test.empty {
			t.Errorf("%s with %s: the report is empty: %v, want %v (error: %v)", test.collector, test.answer, !test.empty, test.empty, c.Err)
		}
	}
}
