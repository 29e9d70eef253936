package fortigate

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"license_exporter/internal/enginetest"
)

// The figures of public recordings, at the times at which they were made.
func TestRecordings(t *testing.T) {
	for name, now := range map[string]time.Time{
		"100e-v7.0.15":      time.Date(2024, 11, 18, 13, 1, 13, 0, time.UTC),
		"60f-v8.0.1":        time.Date(2026, 9, 23, 18, 0, 53, 0, time.UTC),
		"61f-v6.2.4":        time.Date(2020, 5, 25, 20, 10, 27, 0, time.UTC),
		"vdoms-v6.0.9":      time.Date(2020, 5, 25, 20, 10, 27, 0, time.UTC),
		"vm-pending-v6.0.0": time.Date(2018, 9, 5, 0, 0, 0, 0, time.UTC),
		"vm-trial-v6.2.4":   time.Date(2020, 5, 25, 20, 10, 27, 0, time.UTC),
		"vm-v7.4.2":         time.Date(2024, 4, 26, 21, 51, 11, 0, time.UTC),
	} {
		f := serve(t)
		f.set("fw", recorded(t, name+".json"))
		a := config(f.URL + "/fw")
		a.IndividualLicenses = name == "100e-v7.0.15"
		h := newHarness(t, now, a)
		enginetest.Golden(t, name+".metrics", h.ScrapeCollectors(t.Context())+"\n")
		all := h.Scrape(t.Context())
		if strings.Contains(all, "license_exporter_parse_errors_total") || strings.Contains(h.Log.String(), "level=warn") {
			t.Errorf("%s: something is unreadable:\n%s", name, h.Log)
		}
		for _, private := range []string{"redacted", "REDACTED", "203.0.113", "secret-token"} {
			if strings.Contains(all, private) || strings.Contains(h.Log.String(), private) {
				t.Errorf("%s: %s is shown", name, private)
			}
		}
		if n := f.requests("fw"); n != 1 {
			t.Errorf("%s: %d requests, want 1", name, n)
		}
	}
}

// A state that is not known is shown, counted, and decided by its end.
func TestUnknownStates(t *testing.T) {
	f := serve(t)
	f.set("fw", services(serial(1), `{
		"a": {"status": "vm_expired", "expires": 1},
		"b": {"status": "vm_gold", "expires": 4000000000},
		"c": {"status": {}, "expires": 4000000000},
		"d": {"status": "licensed", "expires": "soon"}
	}`))
	h := newHarness(t, enginetest.Now, config(f.URL+"/fw"))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_licenses", "license_next_expiration"),
		`license_licenses{assigned="",organization_id="FGT60FTK00000001",product="",state="expired"} 0`,
		`license_licenses{assigned="",organization_id="FGT60FTK00000001",product="a",state="vm_expired"} 1`,
		`license_licenses{assigned="",organization_id="FGT60FTK00000001",product="b",state="vm_gold"} 1`,
		`license_licenses{assigned="",organization_id="FGT60FTK00000001",product="c",state="unknown"} 1`,
		`license_licenses{assigned="",organization_id="FGT60FTK00000001",product="d",state="licensed"} 1`,
		`license_next_expiration_timestamp_seconds{organization_id="FGT60FTK00000001",product="a"} 1`,
		`license_next_expiration_timestamp_seconds{organization_id="FGT60FTK00000001",product="b"} 4e+09`,
		`license_next_expiration_timestamp_seconds{organization_id="FGT60FTK00000001",product="c"} 4e+09`)
	own := strings.Join(h.OwnSeries("license_exporter_parse_errors_total"), "\n")
	for field, n := range map[string]int{"status": 3, "expires": 1} {
		if !strings.Contains(own, fmt.Sprintf(`{field=%q} %d`, field, n)) {
			t.Errorf("want %d unreadable values of %s:\n%s", n, field, own)
		}
	}
}

// Each device has its own token, which is read at each request.
func TestCredentialsOfDevices(t *testing.T) {
	f := serve(t)
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wanting := func(serial string, tokens ...string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			for _, token := range tokens {
				if r.Header.Get("Authorization") == "Bearer "+token && r.URL.RawQuery == "" {
					services(serial, oneService)(w, r)
					return
				}
			}
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	f.set("a", wanting(serial(1), "first", "second"))
	f.set("b", wanting(serial(2), "secret-token"))
	write("first")
	h := newHarness(t, enginetest.Now, config("", deviceKeys{"fw-a", f.URL + "/a", file, ""}, deviceKeys{"fw-b", f.URL + "/b", "", ""}))
	h.wantUp(t, "at first", true, map[string]int{serial(1): 1, serial(2): 1})
	enginetest.WantLines(t, h.Lines("license_organization_info"),
		`license_organization_info{api_enabled="",licensing_model="",organization_id="FGT60FTK00000001",organization_name="fw-a",region=""} 1`,
		`license_organization_info{api_enabled="",licensing_model="",organization_id="FGT60FTK00000002",organization_name="fw-b",region=""} 1`)
	write("second")
	h.pass(time.Hour)
	h.wantUp(t, "with a new token", true, map[string]int{serial(1): 1, serial(2): 1})
	write("wrong")
	h.pass(time.Hour)
	h.wantUp(t, "with a wrong token", true, map[string]int{serial(1): 0, serial(2): 1})
	if !strings.Contains(h.Log.String(), "trusted hosts") {
		t.Errorf("the log does not say what to check:\n%s", h.Log)
	}
}
