package meraki

import (
	"net/http"
	"strings"
	"testing"

	api "license_exporter/client/meraki"
	"license_exporter/internal/enginetest"
)

const (
	cotermText    = `{"status": "OK", "expirationDate": "Feb 8, 2027 UTC", "licensedDeviceCounts": {"wireless": 1}}`
	perDeviceText = `{"licenseCount": 1, "states": {"active": {"count": 1}}}`
	refusedText   = `{"errors": ["Organization with ID 515892 does not support per-device licensing"]}`
)

// testdata/README.md says where the statuses, dates and answers are from.

// An answer that is not an overview of the organization's licensing model is a failure,
// unless the vendor also refuses the licenses of that model.
func TestOverviewOfAnotherKind(t *testing.T) {
	for name, test := range map[string]struct {
		model, overview, licenses string
		status                    int // of the licenses
		want                      string
	}{
		"empty":                         {model: api.ModelCoterm, overview: `{}`},
		"errors":                        {model: api.ModelCoterm, overview: `{"errors": ["Internal error"]}`},
		"HTML":                          {model: api.ModelCoterm, overview: `<!DOCTYPE html><html></html>`},
		"nothing but null":              {model: api.ModelCoterm, overview: `{"status": null, "expirationDate": null}`},
		"per-device, licenses answered": {api.ModelCoterm, perDeviceText, `[]`, 200, ""},
		"per-device, unclear refusal":   {api.ModelCoterm, perDeviceText, `{"errors": ["Invalid request"]}`, 400, ""},
		"co-term, licenses answered":    {api.ModelPerDevice, cotermText, `[{"id": "1"}]`, 200, ""},
		"co-term, no access":            {api.ModelPerDevice, cotermText, refusedText, 403, ""},
		"co-term, refused":              {api.ModelPerDevice, cotermText, refusedText, 400, `license_compliant{license_id="",product=""} 1`},
		"per-device, refused": {
			api.ModelCoterm, perDeviceText, `{"errors": ["Organization does not support co-term licensing"]}`, 400,
			`meraki_licenses_by_state{state="active"} 1`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{overview: test.overview, instead: func(path string) (int, string) {
				if strings.HasSuffix(path, "/licenses") {
					return test.status, test.licenses
				}
				return 0, ""
			}}
			got, h := collect(t, overviewName, test.model, v, "1")
			up := h.Scrape(t.Context(), `license_up{organization_id="1"`)
			if test.want == "" && (got != "" || !strings.HasSuffix(up, " 0")) {
				t.Errorf("it passes for an overview: %s\n%s", up, got)
			}
			if test.want != "" && (!strings.Contains(got, test.want) || !strings.HasSuffix(up, " 1")) {
				t.Errorf("it lacks %s, or is a failure: %s\n%s", test.want, up, got)
			}
		})
	}
}

func TestCotermStatuses(t *testing.T) {
	for status, test := range map[string]struct{ verdict, states string }{
		"OK":                 {"1", `"OK" 1`},
		"ok":                 {"1", `"ok" 1`},
		" license required ": {"0", `"license required" 1`},
		"License Expired":    {"0", `"License Expired" 1`},
		"Warning":            {"1", `"Warning" 1`},
		"EXPIRED":            {"", `"EXPIRED" 1`},
	} {
		t.Run(status, func(t *testing.T) {
			v := &vendor{overview: `{"status": "` + status + `", "expirationDate": "March 13, 2027 UTC", "licensedDeviceCounts": {"MX84": 1}}`}
			got, h := collect(t, overviewName, api.ModelCoterm, v, "1")
			var states []string
			for line := range strings.SplitSeq(got, "\n") {
				if state, ok := strings.CutPrefix(line, `license_status{license_id="",status=`); ok {
					states = append(states, strings.ReplaceAll(state, "}", ""))
				}
			}
			if text := strings.Join(states, ", "); text != test.states {
				t.Errorf("the states are %s, want %s", text, test.states)
			}
			var verdict string
			if _, after, ok := strings.Cut(got, `license_compliant{license_id="",product=""} `); ok {
				verdict = after[:1]
			}
			if verdict != test.verdict {
				t.Errorf("the verdict is %q, want %q:\n%s", verdict, test.verdict, got)
			}
			if !strings.Contains(got, `license_next_expiration_timestamp_seconds{product=""} 1.804896e+09`) {
				t.Errorf("the end is missing:\n%s", got)
			}
			if has := strings.Contains(got, `license_seats_limit{license_id="",product="MX84",unit="device"} 1`); has != (status != "License Expired") {
				t.Errorf("there are seats: %t", has)
			}
			errors := enginetest.Lines(t, h.Own, `license_exporter_parse_errors_total{field="status"}`)
			if strings.HasSuffix(errors, " 1") != (test.verdict == "") {
				t.Errorf("a known status is counted as unreadable, or an unknown one is not: %s", errors)
			}
		})
	}
}

// Odd values cost neither the end nor the status.
func TestOddDeviceCounts(t *testing.T) {
	v := &vendor{overview: `{"status": "License Required", "expirationDate": "Feb 8, 2027 UTC",
		"licensedDeviceCounts": {"MR": "3", "MX84": 2.0, "MV": {"x": 1}, "MT": "many", "MG": null}}`}
	got, h := collect(t, overviewName, api.ModelCoterm, v, "1")
	for _, want := range []string{`product="MR",unit="device"} 3`, `product="MX84",unit="device"} 2`, "license_next_expiration", "license_compliant"} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %s:\n%s", want, got)
		}
	}
	for _, unwanted := range []string{"MV", "MT", "MG"} {
		if strings.Contains(got, unwanted) {
			t.Errorf("the unknown number of %s is shown:\n%s", unwanted, got)
		}
	}
	enginetest.WantLines(t, enginetest.Lines(t, h.Own, `license_exporter_parse_errors_total{field="licensed`), `license_exporter_parse_errors_total{field="licensedDeviceCounts"} 2`)
}

func TestOverviewWithoutSomeStates(t *testing.T) {
	v := &vendor{overview: `{"licenseCount": "5", "states": {"active": {"count": 5}, "expiring": {"warning": {"thresholdInDays": 90}}},
		"licenseTypes": [{"licenseType": "ENT"}, {"licenseType": "MX64-ENT", "counts": {"unassigned": 0}}, {"licenseType": "MV", "counts": null}]}`}
	got, _ := collect(t, overviewName, api.ModelPerDevice, v, "1")
	enginetest.WantLines(t, got,
		`meraki_licenses{organization_id="1"} 5`,
		`meraki_licenses_by_state{state="active"} 5`,
		`meraki_licenses_expiring_threshold_seconds{threshold="warning"} 7.776e+06`,
		`meraki_licenses_unassigned{product="MX64-ENT"} 0`)
}

// Once an operation has answered, even the vendor's words do not remove its facts, as
// long as the organization is listed with the same licensing model.
func TestFactsOutliveARefusal(t *testing.T) {
	for name, test := range map[string]struct{ collector, model, suffix, message, want string }{
		"overview, unclear":   {overviewName, api.ModelCoterm, "/overview", "Bad request", "license_next_expiration"},
		"overview, words":     {overviewName, api.ModelCoterm, "/overview", "Organization does not support co-term licensing", "license_next_expiration"},
		"co-term, words":      {"meraki_coterm", api.ModelCoterm, "/licenses", "Organization does not support co-term licensing", "license_licenses{"},
		"per-device, unclear": {"meraki_device", api.ModelPerDevice, "/licenses", "'perPage' must be an integer between 3 and 1000", "license_next_expiration"},
		"per-device, words":   {"meraki_device", api.ModelPerDevice, "/licenses", "Organization with ID 1 does not support per-device licensing", "license_next_expiration"},
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{overview: cotermText, list: map[string]string{
				"1": `{"id": "1", "licenseType": "ENT", "state": "active", "expirationDate": "2026-04-01T12:00:00Z", "deviceSerial": "Q2AB-CDEF-0001", "counts": [{"model": "MX84", "count": 1}]}`,
			}}
			refusal := refuse(test.suffix, http.StatusBadRequest, test.message)
			v.instead = func(path string) (int, string) {
				if v.requests(test.suffix) < 2 {
					return 0, ""
				}
				return refusal(path)
			}
			before, h := collect(t, test.collector, test.model, v, "1")
			after := strings.ReplaceAll(h.ScrapeCollectors(t.Context()), `organization_id="1",`, "")
			if before != after || !strings.Contains(after, test.want) {
				t.Errorf("the facts change with the refusal:\n%s\nbefore:\n%s", after, before)
			}
			enginetest.WantLines(t, h.Scrape(t.Context(), `license_up{organization_id="1"`), `license_up{organization_id="1"} 0`)
		})
	}
}
