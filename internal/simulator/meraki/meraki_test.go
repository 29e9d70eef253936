package meraki

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator/simtest"
)

func TestAuthentication(t *testing.T) {
	a := demo(t)
	tests := []struct {
		name   string
		header http.Header
		want   int
	}{
		{"bearer", simtest.Bearer(testKey), http.StatusOK},
		{"vendor's header", http.Header{"X-Cisco-Meraki-Api-Key": {testKey}}, http.StatusOK},
		{"wrong key", simtest.Bearer("wrong"), http.StatusUnauthorized},
		{"no key", nil, http.StatusUnauthorized},
		{"empty key", simtest.Bearer(""), http.StatusUnauthorized},
		{"basic", http.Header{"Authorization": {"Basic " + testKey}}, http.StatusUnauthorized},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := a.Send(http.MethodGet, "/organizations", test.header, "")
			if r.Status != test.want {
				t.Errorf("status %d, want %d", r.Status, test.want)
			}
			if r.Status == http.StatusUnauthorized && r.Body != `{"errors":["Invalid API key"]}` {
				t.Errorf("body %s", r.Body)
			}
		})
	}
}

func TestWithoutKeyRefusesAll(t *testing.T) {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/organizations", nil)
	New(Options{}).ServeHTTP(recorder, request)
	if recorder.Code != http.StatusUnauthorized {
		t.Errorf("status %d", recorder.Code)
	}
}

func TestRefusals(t *testing.T) {
	const disabled = "API access is disabled for this organization. To make API requests for this organization you must first enable API access."
	a := demo(t)
	coterm, device, subscribed, off := demoID(demoEMEA), demoID(demoNorthAmerica), demoID(demoDigital), demoID(demoArchive)
	tests := []struct {
		target string
		status int
		text   string
	}{
		{"/organizations/999", 404, "Not found"},
		{"/organizations/999/licenses", 404, "Not found"},
		{"/organizations/" + off, 404, disabled},
		{"/organizations/" + off + "/licenses/overview", 404, disabled},
		{subscriptionsPath + "?organizationIds[]=" + off, 404, disabled},
		{"/organizations/" + coterm + "/devices", 404, "Not found"},
		{"/unknown", 404, "Not found"},
		{"/organizations/" + coterm + "/licenses", 400, "Organization with ID " + coterm + " does not support per-device licensing"},
		{"/organizations/" + subscribed + "/licenses", 400, "Organization with ID " + subscribed + " does not support per-device licensing"},
		{"/organizations/" + device + "/licensing/coterm/licenses", 400, "Organization with ID " + device + " does not support co-term licensing"},
		{"/organizations/" + subscribed + "/licenses/overview", 400, "Organization with ID " + subscribed + " does not support co-term or per-device licensing"},
		{subscriptionsPath, 400, "organizationIds"},
		{subscriptionsPath + "?organizationIds=" + subscribed, 400, "organizationIds"},
		{subscriptionsPath + "/compliance/statuses", 400, "organizationIds"},
		{subscriptionsPath + "?organizationIds[]=" + subscribed + "&statuses[]=asleep", 400, "statuses"},
		{"/organizations/" + device + "/licenses?state=asleep", 400, "state"},
		{"/organizations/" + coterm + "/licensing/coterm/licenses?expired=perhaps", 400, "expired"},
		{"/organizations/" + coterm + "/inventory/devices?usedState=lent", 400, "usedState"},
		{"/organizations/" + coterm + "/inventory/devices?perPage=2", 400, "between 3 and 1000"},
		{"/organizations/" + coterm + "/inventory/devices?perPage=1001", 400, "between 3 and 1000"},
		{"/organizations/" + coterm + "/inventory/devices?perPage=many", 400, "between 3 and 1000"},
		{"/organizations?perPage=9001", 400, "between 3 and 9000"},
		{"/organizations?startingAfter=1&endingBefore=2", 400, "together"},
	}
	for _, test := range tests {
		r := a.Get(test.target)
		if r.Status != test.status || !strings.HasPrefix(r.Body, `{"errors":["`) || !strings.Contains(r.Body, test.text) {
			t.Errorf("GET %s: %d %s, want %d and %q", test.target, r.Status, r.Body, test.status, test.text)
		}
	}
	if r := a.Send(http.MethodPost, "/organizations", simtest.Bearer(testKey), ""); r.Status != 405 || r.Header.Get("Allow") != "GET" {
		t.Errorf("POST: %d, Allow %q", r.Status, r.Header.Get("Allow"))
	}
}

func TestPages(t *testing.T) {
	a := start(t, Options{Estate: Generate(7, 13, 25), Limits: Limits{Off: true}})
	tests := []struct {
		target, field string
		records       int
	}{
		{"/organizations", "id", 13},
		{"/organizations/5000001/licenses", "id", 25},
		{"/organizations/5000002/licensing/coterm/licenses", "key", 25},
		{"/organizations/5000002/inventory/devices", "serial", 25},
		{subscriptionsPath + "?organizationIds[]=5000003&organizationIds[]=5000006&organizationIds[]=5000009", "subscriptionId", 9},
	}
	for _, test := range tests {
		t.Run(test.field, func(t *testing.T) {
			sep := "?"
			if strings.Contains(test.target, "?") {
				sep = "&"
			}
			whole := a.walk(test.target, "next", test.field)
			if len(whole) != 1 || len(whole[0]) != test.records {
				t.Fatalf("whole list: %d pages, want 1 of %d: %v", len(whole), test.records, whole)
			}
			pages := a.walk(test.target+sep+"perPage=4", "next", test.field)
			if want := (test.records + 3) / 4; len(pages) != want {
				t.Errorf("%d pages, want %d", len(pages), want)
			}
			var joined []string
			for _, p := range pages {
				joined = append(joined, p...)
			}
			if diff := cmp.Diff(whole[0], joined); diff != "" {
				t.Errorf("pages joined (-whole +pages):\n%s", diff)
			}

			ends := links(t, a.Get(test.target+sep+"perPage=4").Header.Get("Link"))
			back := a.walk(ends["last"], "prev", test.field)
			var reversed []string
			for _, p := range back {
				reversed = append(append([]string{}, p...), reversed...)
			}
			if diff := cmp.Diff(whole[0], reversed); diff != "" {
				t.Errorf("pages from the last one back (-whole +pages):\n%s", diff)
			}
			if diff := cmp.Diff(pages[0], a.walk(ends["first"], "none", test.field)[0]); diff != "" {
				t.Errorf("rel=first (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPageLinksKeepParameters(t *testing.T) {
	a := demo(t)
	organizations := "organizationIds%5B%5D=" + demoID(demoDigital) + "&organizationIds%5B%5D=" + demoID(demoShared)
	next := links(t, a.Get(subscriptionsPath+"?"+organizations+"&perPage=5").Header.Get("Link"))["next"]
	if !strings.HasPrefix(next, a.Base+"/api/v1/") || !strings.Contains(next, organizations) || !strings.Contains(next, "perPage=5") {
		t.Errorf("next is %q", next)
	}
	if n := len(read[[]object](a, next)); n != 3 {
		t.Errorf("%d subscriptions on the second page, want the other 3 of 8", n)
	}
	if _, ok := links(t, a.Get("/organizations").Header.Get("Link"))["next"]; ok {
		t.Error("a list that fits on its page has a next one")
	}
}

func TestLimits(t *testing.T) {
	a := start(t, Options{Estate: DemoEstate(), Limits: Limits{Organization: 0.01, OrganizationBurst: 2}})
	shared := subscriptionsPath + "?organizationIds[]=" + demoID(demoDigital) + "&organizationIds[]=" + demoID(demoShared)
	digital := "/organizations/" + demoID(demoDigital)
	for range 2 {
		if r := a.Get(digital); r.Status != http.StatusOK {
			t.Fatalf("within the burst: %d", r.Status)
		}
	}
	for _, target := range []string{digital, shared} {
		r := a.Get(target)
		seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
		if r.Status != 429 || err != nil || seconds < 1 || r.Body != `{"errors":["API rate limit exceeded for organization"]}` {
			t.Errorf("GET %s: %d, Retry-After %q, %s", target, r.Status, r.Header.Get("Retry-After"), r.Body)
		}
	}
	for range 2 { // the refused request for both organizations took no token of the other one
		if r := a.Get("/organizations/" + demoID(demoShared)); r.Status != http.StatusOK {
			t.Errorf("the other organization: %d", r.Status)
		}
	}
	if got := a.meraki.RateLimited(); got != 2 {
		t.Errorf("RateLimited %d, want 2", got)
	}
	want := map[string]int{"getOrganization": 5, "getAdministeredLicensingSubscriptionSubscriptions": 1}
	if diff := cmp.Diff(want, a.meraki.Requests()); diff != "" {
		t.Errorf("Requests (-want +got):\n%s", diff)
	}
}

// ask sends one request without a connection, since a synctest bubble cannot have one.
func ask(ctx context.Context, m *API, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1"+path, nil)
	r.Header = simtest.Bearer(testKey)
	recorder := httptest.NewRecorder()
	m.ServeHTTP(recorder, r)
	return recorder
}

// The vendor documents 10 requests a second and 10 more in the first second: 20, and then 10 in each second.
func TestVendorLimitsRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options{Estate: DemoEstate(), Key: testKey})
		path := "/organizations/" + demoID(demoEMEA)
		var perSecond [3]int
		for tick := range 150 { // 50 a second, which is half the limit of a source
			if ask(t.Context(), m, path).Code == http.StatusOK {
				perSecond[tick/50]++
			}
			time.Sleep(20 * time.Millisecond)
		}
		if perSecond[0] < 19 || perSecond[0] > 20 || perSecond[1] != 10 || perSecond[2] != 10 {
			t.Errorf("answered per second: %v, want about 20, 10, 10", perSecond)
		}
		after := ask(t.Context(), m, path)
		for after.Code == http.StatusOK {
			after = ask(t.Context(), m, path)
		}
		seconds, err := strconv.Atoi(after.Header().Get("Retry-After"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		if code := ask(t.Context(), m, path).Code; code != http.StatusOK {
			t.Errorf("after Retry-After: %d", code)
		}
	})
}

func TestSourceLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options{Estate: DemoEstate(), Key: testKey})
		for i := range 101 {
			want := http.StatusOK
			if i == 100 {
				want = http.StatusTooManyRequests
			}
			if code := ask(t.Context(), m, "/organizations").Code; code != want {
				t.Fatalf("request %d: %d, want %d", i, code, want)
			}
		}
	})
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Options{Estate: DemoEstate(), Key: testKey, Latency: 3 * time.Second})
		began := time.Now()
		if code := ask(t.Context(), m, "/organizations").Code; code != http.StatusOK || time.Since(began) != 3*time.Second {
			t.Errorf("%d after %v", code, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		ask(ctx, m, "/organizations")
		if time.Since(began) != time.Second {
			t.Errorf("a client that goes away is held for %v", time.Since(began))
		}
	})
}

func TestShard(t *testing.T) {
	shard := demo(t)
	front := start(t, Options{Estate: DemoEstate(), Shard: shard.Base})
	path := "/organizations/" + demoID(demoNorthAmerica) + "/licenses?perPage=3"
	r := front.Get(path)
	if want := shard.Base + "/api/v1" + path; r.Status != 308 || r.Header.Get("Location") != want {
		t.Fatalf("%d to %q, want 308 to %q", r.Status, r.Header.Get("Location"), want)
	}
	if next := links(t, front.Get(r.Header.Get("Location")).Header.Get("Link"))["next"]; !strings.HasPrefix(next, shard.Base) {
		t.Errorf("the shard's next page is %q", next)
	}
	for _, path := range []string{"/organizations", subscriptionsPath + "?organizationIds[]=" + demoID(demoLabs)} {
		if r := front.Get(path); r.Status != http.StatusOK {
			t.Errorf("GET %s: %d", path, r.Status)
		}
	}
	if r := front.Send(http.MethodGet, path, simtest.Bearer("wrong"), ""); r.Status != http.StatusUnauthorized {
		t.Errorf("redirected a wrong key: %d", r.Status)
	}

	own := New(Options{Estate: DemoEstate(), Key: testKey, Shard: "http://example.com"})
	if code := ask(t.Context(), own, path).Code; code != http.StatusOK { // httptest's requests are for example.com
		t.Errorf("on the shard itself: %d", code)
	}
}

func TestFail(t *testing.T) {
	a := demo(t)
	a.meraki.Fail(func(r *http.Request) (int, string, bool) {
		return 502, "<html>Bad gateway</html>", strings.HasSuffix(r.URL.Path, "/overview")
	})
	overview := "/organizations/" + demoID(demoEMEA) + "/licenses/overview"
	if r := a.Get(overview); r.Status != 502 || r.Header.Get("Content-Type") != "text/html" {
		t.Errorf("%d %s", r.Status, r.Header.Get("Content-Type"))
	}
	if r := a.Get("/organizations"); r.Status != http.StatusOK {
		t.Errorf("a request that the hook lets go: %d", r.Status)
	}
	a.meraki.Fail(func(*http.Request) (int, string, bool) { return 429, `{"errors":[]}`, true })
	if r := a.Get(overview); r.Status != 429 || r.Header.Get("Retry-After") != "1" || a.meraki.RateLimited() != 1 {
		t.Errorf("%d, Retry-After %q, %d limited", r.Status, r.Header.Get("Retry-After"), a.meraki.RateLimited())
	}
	a.meraki.Fail(func(*http.Request) (int, string, bool) { return 0, "", true })
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.Base+"/api/v1/organizations", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := a.HTTP.Do(request); err == nil {
		_ = response.Body.Close()
		t.Errorf("the connection was not dropped: %d", response.StatusCode)
	}
	a.meraki.Fail(nil)
	if r := a.Get(overview); r.Status != http.StatusOK {
		t.Errorf("after the fault: %d", r.Status)
	}
}
