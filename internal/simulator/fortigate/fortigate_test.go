package fortigate

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/simtest"
)

func connect(t *testing.T, devices []Device, lockout int) *simtest.Client {
	t.Helper()
	c := simtest.Connect(t, New(Options{Devices: devices, Now: func() time.Time { return simtest.Now }, Lockout: lockout}))
	c.Token = DemoToken
	return c
}

type envelope struct {
	Serial, Status string
	Results        map[string]map[string]any
}

// days returns the days from today to an end.
func days(end any) float64 {
	seconds, _ := end.(float64)
	return (seconds - float64(simulator.Midnight(simtest.Now).Unix())) / (24 * 60 * 60)
}

func TestDemo(t *testing.T) {
	c := connect(t, Demo(), 0)
	for i, test := range []struct {
		service, status string
		days            float64 // to its end
	}{
		{"fortiems_cloud", "expired", -9}, {"industrial_db", "expires_soon", 12}, {"web_filtering", "licensed", 143}, {"appctrl", "licensed", 822}, {"vm", "vm_valid", 331},
	} {
		d := Demo()[i]
		got := simtest.Read[envelope](c, "/"+d.Serial+statusPath)
		if s := got.Results[test.service]; got.Serial != d.Serial || got.Status != "success" || s["status"] != test.status || days(s["expires"]) != test.days {
			t.Errorf("%s: %s is %v, want %s in %v days", d.Name, test.service, s, test.status, test.days)
		}
		for name, s := range got.Results {
			if end := days(s["expires"]); s["status"] == "licensed" && s["expires"] != nil && end < 100 {
				t.Errorf("%s: %s ends in %v days", d.Name, name, end)
			}
		}
	}
}

func TestSmall(t *testing.T) {
	all := Small(3)
	c := connect(t, all, 0)
	for _, d := range all {
		if got := simtest.Read[envelope](c, "/"+d.Serial+statusPath+"/select"); got.Serial != d.Serial || got.Results["antispam"]["status"] != "expired" {
			t.Errorf("%s: %+v", d.Serial, got)
		}
	}
	if oldest := simtest.Read[envelope](connect(t, Small(1), 0), "/"+all[0].Serial+statusPath); oldest.Results["forticlient"] == nil || oldest.Results["inline_casb"] != nil {
		t.Errorf("the oldest version has %v", oldest.Results)
	}
}

func TestRefusals(t *testing.T) {
	all := Small(2)
	all[0].NoPermission, all[1].Token = true, "own-token"
	none, own := "/"+all[0].Serial, "/"+all[1].Serial
	c := connect(t, all, 2)
	for _, test := range []struct {
		method, target, token string
		status                int
	}{
		{http.MethodGet, none + statusPath, DemoToken, http.StatusForbidden},
		{http.MethodGet, own + statusPath, "own-token", http.StatusOK},
		{http.MethodPost, own + statusPath, "own-token", http.StatusMethodNotAllowed},
		{http.MethodGet, own + "/api/v2/monitor/system/status", "own-token", http.StatusNotFound},
		{http.MethodGet, "/FGT00000" + statusPath, DemoToken, http.StatusNotFound},
		{http.MethodGet, own + statusPath, DemoToken, http.StatusUnauthorized},
		{http.MethodGet, own + statusPath + "?access_token=own-token", "", http.StatusUnauthorized},
		{http.MethodGet, own + statusPath, "own-token", http.StatusTooManyRequests}, // after two wrong tokens
		{http.MethodGet, none + statusPath, DemoToken, http.StatusForbidden},
	} {
		got := c.Send(test.method, test.target, simtest.Bearer(test.token), "")
		isPage := strings.HasPrefix(got.Body, "<")
		if wantPage := test.status == http.StatusUnauthorized || test.status == http.StatusTooManyRequests || strings.Contains(test.target, "FGT00000"); got.Status != test.status || isPage != wantPage {
			t.Errorf("%s %s: %d %s, want %d", test.method, test.target, got.Status, got.Body, test.status)
		}
	}
}
