package fortigate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hurriedClock returns a clock whose time only passes while somebody sleeps.
func hurriedClock() rest.Clock {
	var slept atomic.Int64
	return rest.Clock{
		Now:   func() time.Time { return time.Unix(0, slept.Load()) },
		Sleep: func(_ context.Context, d time.Duration) error { slept.Add(int64(d)); return nil },
	}
}

// serve returns a client of a device that gives one answer. It fails the test if a request is not as it must be.
func serve(t testing.TB, status int, body string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Method + " " + r.RequestURI + " " + r.Header.Get("Authorization"); got != "GET /fw/api/v2/monitor/license/status Bearer secret-token" {
			t.Errorf("the request is %s", got)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	c, err := New(rest.Options{
		BaseURL: server.URL + "/fw", Budgets: rest.NewBudgets(nil, 0), Metrics: enginetest.ClientMetrics(), Logger: log.NewNopLogger(),
		HTTP:  config.HTTPClientConfig{Authorization: &config.Authorization{Type: "Bearer", Credentials: "secret-token"}},
		Clock: hurriedClock(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func recording(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// envelope returns a good answer with these services.
func envelope(results string) string {
	return `{"http_method": "GET", "results": ` + results + `, "status": "success", "serial": "FGT60FTK00000001", "version": "v7.4.8"}`
}

// Of each recording, nothing is unreadable, and nothing of people, companies and addresses is decoded.
func TestRecordings(t *testing.T) {
	for name, want := range map[string]struct {
		serial   string
		services int
	}{
		"100e-v7.0.15.json":      {"FG100E4Q00000001", 34},
		"60f-v8.0.1.json":        {"FGT60FTK00000001", 21},
		"61f-v6.2.4.json":        {"FGT61FTK00000001", 25},
		"vdoms-v6.0.9.json":      {"FG1K5D0000000001", 2},
		"vm-pending-v6.0.0.json": {"FGVMEV0000000002", 15},
		"vm-trial-v6.2.4.json":   {"FGVMEV0000000001", 24},
		"vm-v7.4.2.json":         {"FGVM01TM00000001", 49},
	} {
		got, err := serve(t, http.StatusOK, recording(t, name)).LicenseStatus(t.Context(), "fw", "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Serial != want.serial || len(got.Services) != want.services || got.Unreadable != nil {
			t.Errorf("%s: %s with %d services, unreadable %v; want %s with %d", name, got.Serial, len(got.Services), got.Unreadable, want.serial, want.services)
		}
		text := fmt.Sprintf("%+v", got)
		for _, private := range []string{"redacted", "REDACTED", "203.0.113", "EUROPE", "Technology"} {
			if strings.Contains(text, private) {
				t.Errorf("%s: %s is decoded", name, private)
			}
		}
	}
}

func count(n int64) scalar.Count { return scalar.Count{Int: scalar.Int{Value: n, Valid: true}} }

func TestServicesOfARecording(t *testing.T) {
	got, err := serve(t, http.StatusOK, recording(t, "vm-v7.4.2.json")).LicenseStatus(t.Context(), "fw", "")
	if err != nil {
		t.Fatal(err)
	}
	end := Expiry{Time: time.Date(2024, 11, 11, 0, 0, 0, 0, time.UTC)}
	for _, want := range []Service{
		{Name: "antivirus", Type: "downloaded_fds_object", Status: "licensed", Expires: end, Entitlement: "AVDB"},
		{Name: "botnet_ip", Type: "downloaded_fds_object", Status: "licensed"},
		{Name: "forticare", Type: "cloud_service_status", Status: "registered"},
		{Name: "forticare_support_enhanced", Status: "licensed", Expires: end, SupportLevel: "Premium"},
		{Name: "ot_detection", Type: "live_fortiguard_service", Status: "licensed", Expires: end, Entitlement: "IOTH"},
		{Name: "ot_detection_patch_definitions", Type: "downloaded_fds_object", Status: "licensed", Expires: end, Entitlement: "ISSS"},
		{Name: "vdom", Type: "platform", Used: count(1), Max: count(10)},
		{Name: "vm", Type: "platform", Status: "vm_valid", Expires: Expiry{Time: time.Unix(1731106800, 0).UTC()}, CPUUsed: count(1), CPUMax: count(1)},
	} {
		i := slices.IndexFunc(got.Services, func(s Service) bool { return s.Name == want.Name })
		if i < 0 {
			t.Errorf("%s is missing", want.Name)
		} else if diff := cmp.Diff(want, got.Services[i]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Name, diff)
		}
	}
	for _, part := range []string{"antivirus_engine", "ips_engine", "fortiguard", "forticare_support"} {
		if slices.ContainsFunc(got.Services, func(s Service) bool { return s.Name == part }) {
			t.Errorf("%s is no service", part)
		}
	}
}

func TestOddServices(t *testing.T) {
	unreadable := scalar.Count{Int: scalar.Int{Unreadable: true}}
	for results, want := range map[string]Status{
		`{"a": {"status": {}}}`:                          {Services: []Service{{Name: "a", Status: "unknown"}}},
		`{"a": {"status": "KEY1234567890ABCDEFGH"}}`:     {Services: []Service{{Name: "a", Status: "unknown"}}},
		`{"a": {"status": 5}}`:                           {Services: []Service{{Name: "a", Status: "5"}}},
		`{"a": {"status": null, "entitlement": "AVDB"}}`: {Services: []Service{{Name: "a", Entitlement: "AVDB"}}},
		`{"a": {"status": "licensed", "expires": "1737244800"}}`: {
			Services: []Service{{Name: "a", Status: "licensed", Expires: Expiry{Time: time.Date(2025, 1, 19, 0, 0, 0, 0, time.UTC)}}},
		},
		`{"a": {"status": "licensed", "expires": 0}}`:    {Services: []Service{{Name: "a", Status: "licensed"}}},
		`{"a": {"status": "licensed", "expires": null}}`: {Services: []Service{{Name: "a", Status: "licensed"}}},
		`{"a": {"status": "licensed", "expires": "soon", "used": []}}`: {
			Services:   []Service{{Name: "a", Status: "licensed", Expires: Expiry{Unreadable: true}, Used: unreadable}},
			Unreadable: []string{"expires", "used"},
		},
		`{"a": {"status": "licensed", "expires": -1}}`: {
			Services: []Service{{Name: "a", Status: "licensed", Expires: Expiry{Unreadable: true}}}, Unreadable: []string{"expires"},
		},
		`{"vdom": {"used": -1, "max": -1}, "vm": {"status": "vm_valid", "cpu_used": "2", "cpu_max": 1.5}}`: {
			Services: []Service{
				{Name: "vdom", Used: unreadable, Max: unreadable},
				{Name: "vm", Status: "vm_valid", CPUUsed: count(2), CPUMax: unreadable},
			},
			Unreadable: []string{"cpu_max", "max", "used"},
		},
		`{"a": {"status": "licensed", "expires": 1e300}}`: {
			Services: []Service{{Name: "a", Status: "licensed", Expires: Expiry{Unreadable: true}}}, Unreadable: []string{"expires"},
		},
		`{"a": "licensed", "b": [], "c": null, "d": {"status": "licensed"}}`: {Services: []Service{{Name: "d", Status: "licensed"}}},
		`{"forticare": {"support": {"hardware": {"status": "expired"}, "enhanced": {}}}}`: {
			Services: []Service{{Name: "forticare_support_hardware", Status: "expired"}},
		},
		`{"a": {"b": {"c": {"status": "too deep", "d": {"status": "licensed"}}}}}`: {Services: []Service{{Name: "a_b_c", Status: "too deep"}}},
		`{"a": {"status": "licensed", "\u0073tatus": "expired"}}`:                  {Services: []Service{{Name: "a", Status: "expired"}}},
	} {
		want.Serial = "FGT60FTK00000001"
		got, err := serve(t, http.StatusOK, envelope(results)).LicenseStatus(t.Context(), "fw", "")
		slices.Sort(got.Unreadable)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", results, err, diff)
		}
	}
}

func TestFailures(t *testing.T) {
	many := "{" + strings.TrimSuffix(strings.Repeat(`"a": {"status": "licensed"},`, maxServices+1), ",") + "}"
	for _, test := range []struct {
		status int
		body   string
		reason rest.Reason
		want   string
	}{
		{200, envelope(`{}`), rest.ReasonDecode, "the answer has no license"},
		{200, envelope(`[]`), rest.ReasonDecode, "the answer has no license"},
		{200, envelope(`null`), rest.ReasonDecode, "the answer has no license"},
		{200, envelope(many), rest.ReasonDecode, "more than 500 services"},
		{200, `{"status": "error", "results": {"a": {"status": "licensed"}}, "serial": "FGT60FTK00000001"}`, rest.ReasonDecode, `the status "error" instead of success`},
		{200, `{"results": {"a": {"status": "licensed"}}, "serial": "FGT60FTK00000001"}`, rest.ReasonDecode, `the status "" instead of success`},
		{200, `{"status": "success", "results": {"a": {"status": "licensed"}}}`, rest.ReasonDecode, "the answer has no serial number"},
		{200, `{"status": "success", "results": {"a": {"status": "licensed"}}, "serial": "../etc"}`, rest.ReasonDecode, "the answer has no serial number"},
		{200, `{"http_status": 403, "status": "error", "error": -37}`, rest.ReasonDecode, "a report of errors"},
		{200, "[" + envelope(`{"a": {"status": "licensed"}}`) + "]", rest.ReasonDecode, "a list instead of"},
		{200, "<!DOCTYPE html><html><body>Login</body></html>", rest.ReasonDecode, "check base_url"},
		{401, "", rest.ReasonAuth, "trusted hosts"},
		{401, "<!DOCTYPE HTML><title>401 Unauthorized</title>", rest.ReasonAuth, "trusted hosts"},
		{403, `{"http_status": 403, "status": "error", "error": -37, "cli_error": "no permission for REDACTED"}`, rest.ReasonForbidden, "error -37: the profile"},
		{404, `{"http_status": 404, "status": "error"}`, rest.ReasonNotFound, "check base_url"},
		{429, "<!DOCTYPE HTML><title>429 Too Many Requests</title>", rest.ReasonRateLimited, "wrong tokens"},
		{429, "", rest.ReasonRateLimited, "wrong tokens"},
		{500, "", rest.ReasonServer, "500 Internal Server Error"},
	} {
		_, err := serve(t, test.status, test.body).LicenseStatus(t.Context(), "fw", "")
		var e *rest.Error
		if !errors.As(err, &e) {
			t.Errorf("%d %.60s: the error is %v", test.status, test.body, err)
			continue
		}
		text := err.Error()
		if e.Reason != test.reason || !strings.Contains(text, test.want) || strings.Contains(text, "REDACTED") || strings.Contains(text, "secret-token") {
			t.Errorf("%d %.60s: %s, %v; want %s, %s", test.status, test.body, e.Reason, err, test.reason, test.want)
		}
	}
}

// Whatever a device answers is read or is an error, and only known fields can be unreadable.
func FuzzLicenseStatus(f *testing.F) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			f.Add(recording(f, entry.Name()))
		}
	}
	for _, results := range []string{`{}`, `null`, `{"a": {"status": {}, "expires": []}}`, `{"a": {"status": "x", "b": {"used": "-"}}}`, `{"a": {"status"`} {
		f.Add(envelope(results))
	}
	fields := scalar.Fields(Service{})
	f.Fuzz(func(t *testing.T, body string) {
		var a answer
		if n := scalar.Decode(&a, []byte(body), nil); n == 0 {
			return
		}
		for _, s := range a.Results.services {
			if s.Name == "" || !s.isService() || !utf8.ValidString(string(s.Status)) {
				t.Errorf("%q has the service %+v", body, s)
			}
		}
		for _, field := range a.Results.unreadable {
			if !slices.Contains(fields, field) {
				t.Errorf("%q has the unreadable field %q", body, field)
			}
		}
		var again answer
		if n := scalar.Decode(&again, []byte(body), nil); n == 0 || !reflect.DeepEqual(a, again) {
			t.Errorf("%q gives %+v, and then %+v", body, a, again)
		}
	})
}
