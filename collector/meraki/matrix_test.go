package meraki

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

type answer struct {
	status int
	body   string
}

// faults are answers that must never change the facts of before.
var faults = map[string]answer{
	"400":             {400, `{"errors": ["perPage must be at most 100"]}`},
	"400 per-device":  {400, `{"errors": ["Organization with ID 1 does not support per-device licensing"]}`},
	"400 co-term":     {400, `{"errors": ["Organization with ID 1 does not support co-term licensing"]}`},
	"400 subscribers": {400, `{"errors": ["Organization with ID 1 does not support subscription licensing"]}`},
	"403":             {403, `{"errors": ["Forbidden"]}`},
	"404":             {404, `{"errors": ["Not found"]}`},
	"404 of gateway":  {404, `<html>Not found</html>`},
	"500":             {500, `{"errors": ["Sorry"]}`},
	"nothing":         {200, ""},
	"empty object":    {200, "{}"},
	"null":            {200, "null"},
	"null records":    {200, "[null, null]"},
	"text":            {200, `"OK"`},
	"errors":          {200, `{"errors": ["Sorry"]}`},
	"odd records":     {200, `[null, 1, "x"]`},
	"page":            {200, "<html>Log in</html>"},
	"broken off":      {200, `[{"id": "1"`},
	"of one model":    {200, `{"status": "OK", "expirationDate": "Feb 8, 2027 UTC", "licensedDeviceCounts": {"MX": 3}}`},
	"of the other":    {200, `{"licenseCount": 3, "states": {"active": {"count": 3}}}`},
}

// answers has an answer of each operation for three organizations, one for each model.
var answers = map[string]string{
	"/organizations":                             "[" + organization("1", api.ModelCoterm) + "," + organization("2", api.ModelPerDevice) + "," + organization("3", api.ModelSubscription) + "]",
	"/organizations/1/licenses/overview":         `{"status": "OK", "expirationDate": "Feb 8, 2090 UTC", "licensedDeviceCounts": {"wireless": 3}}`,
	"/organizations/1/licensing/coterm/licenses": `[{"key": "Z2AB-CDEF-GHJK", "mode": "addDevices", "invalidated": false, "expired": false, "counts": [{"model": "wireless", "count": 3}]}]`,
	"/organizations/1/inventory/devices":         `[{"serial": "Q1", "model": "MR46", "productType": "wireless", "networkId": "N"}]`,
	"/organizations/2/licenses/overview":         `{"licenseCount": 1, "states": {"active": {"count": 1}}}`,
	"/organizations/2/licenses":                  `[{"id": "7", "licenseType": "ENT", "state": "active", "deviceSerial": "Q2", "activationDate": "2020-01-01T00:00:00Z", "expirationDate": "2090-01-01T00:00:00Z"}]`,
	"/organizations/2/inventory/devices":         `[{"serial": "Q2", "model": "MR46", "productType": "wireless", "networkId": "N"}]`,
	"/organizations/3/inventory/devices":         `[{"serial": "Q3", "model": "MS120", "productType": "switch", "networkId": "N"}]`,
	"/administered/licensing/subscription/subscriptions": `[{"subscriptionId": "S", "status": "active", "startDate": "2020-01-01T00:00:00Z", "endDate": "2090-01-01T00:00:00Z",
		"entitlements": [{"sku": "A", "seats": {"limit": 9, "assigned": 3}}]}]`,
	"/administered/licensing/subscription/subscriptions/compliance/statuses": `[{"subscription": {"id": "S", "status": "active"}, "violations": {"byProductClass": [{"productClass": "switch",
		"missing": {"entitlements": [{"sku": "A", "quantity": 2}]}}]}}]`,
	"/administered/licensing/subscription/entitlements": `[{"sku": "A", "name": "Advantage"}]`,
}

// aside matches series that say how fetches went, or that change with time.
var aside = regexp.MustCompile(`(?m)^(license_exporter_|license_up|license_days_to_expiration).*\n?`)

// Each operation answers, then fails in each way, and then answers again. The facts stay,
// and the failure is shown. So it is after a reload.
func TestMerakiOperationsFailLater(t *testing.T) {
	failing, fault := "", answer{}
	v := &vendor{instead: func(path string) (int, string) {
		if path == failing {
			return fault.status, fault.body
		}
		return http.StatusOK, answers[path]
	}}
	now := enginetest.Now
	memory := &collector.Memory{}
	connection := func() collector.Connection {
		c := v.client(t)
		return collector.Connection{
			Source:     newSource(c, collector.OrganizationFilter{}, memory),
			Collectors: collectors(&account{client: c, memory: memory, withOverview: true}),
		}
	}
	c := connection()
	h := enginetest.NewWithMetrics(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Hour, MaxStale: 10000 * time.Hour}, ownMetrics, c.Source, c.Collectors...)
	scrape := func() (facts string, up bool) {
		now = now.Add(time.Hour)
		all := h.Scrape(t.Context())
		return aside.ReplaceAllString(all, ""), !regexp.MustCompile(`(?m)^license_up.* 0$`).MatchString(all)
	}
	good, up := scrape()
	if enginetest.Golden(t, "all.metrics", good+"\n"); !up {
		t.Fatal("it is not good at first")
	}
	for path := range answers {
		a := *h.Account
		a.Connection = connection()
		h.Reload([]*engine.Account{&a})
		for name := range faults {
			if strings.HasSuffix(path, "/1/licenses/overview") && name == "of one model" {
				continue // it is of its model
			}
			if strings.HasSuffix(path, "/2/licenses/overview") && name == "of the other" {
				continue
			}
			failing, fault = path, faults[name]
			n := v.requests(path)
			facts, up := scrape()
			if v.requests(path) == n {
				t.Errorf("%s was not asked for again", path)
			}
			if diff := cmp.Diff(good, facts); diff != "" || up {
				t.Errorf("%s: all license_up are 1: %v, after %s (-want +got):\n%s", path, up, name, diff)
			}
		}
		failing = ""
		if facts, up := scrape(); facts != good || !up {
			t.Errorf("%s does not recover: %v (-want +got):\n%s", path, up, cmp.Diff(good, facts))
		}
	}
}

// A list of no organizations keeps those of before, with their facts, and is a failure, also
// if it is the first one.
func TestMerakiListOfNoOrganizations(t *testing.T) {
	for _, empty := range []string{`[]`, `[null, null]`, `[{}, {}]`, `{}`, `null`, `{"items": []}`} {
		list := empty
		v := &vendor{instead: func(path string) (int, string) {
			if path == "/organizations" {
				return http.StatusOK, list
			}
			return http.StatusOK, answers[path]
		}}
		c, memory, now := v.client(t), &collector.Memory{}, enginetest.Now
		h := enginetest.NewWithMetrics(t, engine.Config{Now: func() time.Time { return now }, MaxStale: 10000 * time.Hour}, ownMetrics,
			newSource(c, collector.OrganizationFilter{}, memory), collectors(&account{client: c, memory: memory, withOverview: true})...)
		scrape := func() (facts, up string) {
			now = now.Add(time.Hour)
			all := h.Scrape(t.Context())
			return aside.ReplaceAllString(all, ""), h.Lines(`license_up{organization_id=""`)
		}
		const down = `license_up{organization_id=""} 0`
		if _, up := scrape(); up != down {
			t.Errorf("%s at first: %s", empty, up)
		}
		list = answers["/organizations"]
		good, up := scrape()
		if up == down {
			t.Errorf("it does not recover from %s", empty)
		}
		list = empty
		if facts, up := scrape(); up != down || facts != good {
			t.Errorf("after %s there is %s, and the facts differ (-want +got):\n%s", empty, up, cmp.Diff(good, facts))
		}
		if n := h.Log.Count("no longer in the vendor's list"); n != 0 {
			t.Errorf("%s: organizations are gone:\n%s", empty, h.Log)
		}
	}
}

// The same applies to organizations that are read by their ids.
func TestMerakiIncludedOrganizationsThatVanish(t *testing.T) {
	gone := false
	v := &vendor{instead: func(path string) (int, string) {
		switch {
		case path == "/organizations/1":
			return http.StatusOK, organization("1", api.ModelCoterm)
		case path == "/organizations/2" && !gone:
			return http.StatusOK, organization("2", api.ModelCoterm)
		case strings.HasSuffix(path, "/licenses/overview"):
			return http.StatusOK, answers["/organizations/1/licenses/overview"]
		}
		return http.StatusNotFound, `{"errors": ["Not found"]}`
	}}
	c, memory := v.client(t), &collector.Memory{}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, newSource(c, collector.OrganizationFilter{Include: []string{"1", "2"}}, memory),
		enginetest.Only(collectors(&account{client: c, memory: memory, withOverview: true}), "meraki_overview")...)
	good := h.Scrape(t.Context(), "license_next", "license_organization_info")
	gone = true
	if got := h.Scrape(t.Context(), "license_next", "license_organization_info"); got != good {
		t.Errorf("the facts differ (-want +got):\n%s", cmp.Diff(good, got))
	}
	enginetest.WantLines(t, h.Lines("license_up"), `license_up{organization_id=""} 0`, `license_up{organization_id="1"} 1`, `license_up{organization_id="2"} 0`)
	if n := h.Log.Count(`organizations="Organization 2 (2)"`); n != 1 {
		t.Errorf("it is logged %d times, want once:\n%s", n, h.Log)
	}
}
