package meraki

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// devices returns inventory records. Each text is a model, a product type and the number
// of a network, or none for a device in stock.
func devices(texts ...string) string {
	var records []string
	for i, text := range texts {
		parts := strings.Fields(text)
		network := "null"
		if len(parts) > 2 {
			network = `"L_` + parts[2] + `"`
		}
		records = append(records, fmt.Sprintf(`{"serial": "Q2XX-XXXX-%04d", "model": %q, "productType": %q, "networkId": %s}`, i, parts[0], parts[1], network))
	}
	return strings.Join(records, ",")
}

// testdata/README.md says where the keys and the models are from.
func TestRequiredSeats(t *testing.T) {
	for name, test := range map[string]struct {
		model  string // co-term by default
		counts string // of the overview
		devices,
		want []string
	}{
		"access points as wireless": {
			counts:  `{"wireless": 1}`,
			devices: []string{"MR28 wireless 1", "MR46E wireless 2", "CW9166I-MR wireless 2", "CW9172H wireless 2", "MR28 wireless"},
			want:    []string{"wireless 4"},
		},
		"access points as MR-ADV": {
			counts:  `{"MT": 8, "MV": 2, "MS220-8P": 2, "MS250-24P": 1, "MR-ADV": 3, "MS120-8LP": 1, "SM": 10}`,
			devices: []string{"MR46 wireless 1", "CW9166I wireless 1", "MT10 sensor 1", "MT30 sensor 1", "MV12WE camera 1", "MS220-8P switch 1", "MS120-8LP switch 1"},
			want:    []string{"MR-ADV 2", "MS120-8LP 1", "MS220-8P 1", "MT 2", "MV 1"},
		},
		"access points as MR Enterprise": {counts: `{"MR Enterprise": 5}`, devices: []string{"MR46 wireless 1"}, want: []string{"MR Enterprise 1"}},
		"access points as MR":            {counts: `{"MR": 5}`, devices: []string{"MR46 wireless 1", "CW9166I-MR wireless 1"}, want: []string{"MR 2"}},
		"access points of two editions": {
			counts: `{"wireless": 5, "MR-ADV": 3}`, devices: []string{"MR46 wireless 1", "MR57 wireless 1", "MR57 wireless 2"},
			want: []string{"MR46 1", "MR57 2"},
		},
		"access points of one edition in use": {
			counts: `{"wireless": 0, "MR-ADV": 3}`, devices: []string{"MR46 wireless 1"}, want: []string{"MR-ADV 1"},
		},
		"models": {
			counts: `{"MS220-8P": 30, "MX65W": 2, "SM": 100, "wireless": 95, "MX64W": 2, "MX65": 6, "MC": 7, "Z1": 1, "MX64": 1, "MV": 4}`,
			devices: []string{
				"MX65W appliance 1", "MX65 appliance 2", "Z1 appliance 3", "MC74 phone 1", "MV21 camera 1", "MS220-8P switch 1", "MX67 appliance 4", "MG21E cellularGateway 5",
			},
			want: []string{"MC 1", "MG21E 1", "MS220-8P 1", "MV 1", "MX65 1", "MX65W 1", "MX67 1", "Z1 1"},
		},
		"regional models": {
			counts:  `{"MX67C": 2, "MX68CW": 1, "Z3C": 3, "MG21": 1}`,
			devices: []string{"MX67C-NA appliance 1", "MX67C-WW appliance 2", "MX68CW-WW appliance 3", "Z3C-NA appliance 4", "Z3C-HW-WW appliance 5", "MG21-NA cellularGateway 5"},
			want:    []string{"MG21 1", "MX67C 2", "MX68CW 1", "Z3C 2"},
		},
		"a regional product": {
			counts: `{"MX67C-NA": 1, "MX67C": 1}`, devices: []string{"MX67C-NA appliance 1", "MX67C-WW appliance 2"}, want: []string{"MX67C 1", "MX67C-NA 1"},
		},
		"hardware suffixes": {
			counts: `{"MX84": 1, "C9300-24P": 1, "MS130-8P": 1}`, devices: []string{"MX84-HW appliance 1", "C9300-24P-M switch 1", "MS130-8P-HW switch 1"},
			want: []string{"C9300-24P 1", "MS130-8P 1", "MX84 1"},
		},
		"a model of two editions": {
			counts: `{"MX67": 1, "MX67-SEC": 1, "MX64 Enterprise": 1, "MX64 Advanced Security": 2}`, devices: []string{"MX67 appliance 1", "MX64 appliance 2"},
			want: []string{"MX64 1"},
		},
		"product lines": {counts: `{"MS": 100, "MS225-48FP": 3}`, devices: []string{"MS225-48FP switch 1", "MS120-8 switch 1"}, want: []string{"MS 1", "MS225-48FP 1"}},
		"warm spares": {
			counts: `{"MX84": 1, "MX67C": 1, "MS225-48FP": 1}`,
			devices: []string{
				"MX84 appliance 9", "MX84 appliance 9", "MX84 appliance 8", "MX84 appliance", "MX67C-NA appliance 7", "MX67C-NA appliance 7",
				"MS225-48FP switch 9", "MS225-48FP switch 9", "MX250 appliance 5", "MX85 appliance 5", "MX95 appliance 6", "MX95 appliance 6",
				"MX105 appliance 4", "MX105 appliance 4", "MX105 appliance 4",
			},
			want: []string{"MS225-48FP 2", "MX105 2", "MX250 1", "MX67C 1", "MX84 2", "MX85 1", "MX95 1"},
		},
		"no products": {counts: `{}`, devices: []string{"MR46 wireless 1"}, want: []string{"MR46 1"}},
		"per-device": {
			model: api.ModelPerDevice, devices: []string{"MR46 wireless 1", "CW9166I wireless 1", "MS225-48FP switch 1", "MV12 camera 1", "MX84 appliance 1", "MX84 appliance 1"},
			want: []string{"MR 2", "MS225-48FP 1", "MV 1", "MX84 1"},
		},
		"subscription": {model: api.ModelSubscription, devices: []string{"MX67C-NA appliance 1"}, want: []string{"MX67C-NA 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{overview: `{"status": "OK", "licensedDeviceCounts": ` + test.counts + `}`, list: map[string]string{"1": devices(test.devices...)}}
			model := test.model
			if model == "" {
				model = api.ModelCoterm
			}
			_, h := collect(t, inventoryName, model, v, "1")
			var want []string
			for _, text := range test.want {
				i := strings.LastIndexByte(text, ' ')
				want = append(want, fmt.Sprintf(`license_seats_required{organization_id="1",product=%q,unit="device"} %s`, text[:i], text[i+1:]))
			}
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_seats_required"), want...)
		})
	}
}

// Both collectors of the overview take one request in all, also if it fails.
func TestOverviewIsFetchedOnce(t *testing.T) {
	for name, instead := range map[string]func(string) (int, string){
		"good":   nil,
		"failed": refuse("/overview", http.StatusForbidden, "no"),
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{overview: cotermText, list: map[string]string{"1": devices("MR46 wireless 1")}, instead: instead}
			d := collector.Discovery{Organizations: []licensing.Organization{{ID: "1", Model: api.ModelCoterm}}}
			h := newHarness(t, &enginetest.Source{Discovery: d}, v.client(t), inventoryName, overviewName)
			for refreshes := range 3 {
				h.Scrape(t.Context())
				if n := v.requests("/overview"); n != refreshes+1 {
					t.Errorf("%d requests after %d refreshes", n, refreshes+1)
				}
			}
		})
	}
}

// If the overview cannot be read, the seats that devices need belong to the products that
// it named before. Without these they are not known.
func TestInventoryWithoutOverview(t *testing.T) {
	v := &vendor{overview: cotermText, list: map[string]string{"1": devices("MR46 wireless 1")}}
	refusal := refuse("/overview", http.StatusForbidden, "no")
	v.instead = func(path string) (int, string) {
		if v.requests("/overview") != 2 {
			return refusal(path)
		}
		return 0, ""
	}
	got, h := collect(t, inventoryName, api.ModelCoterm, v, "1")
	if strings.Contains(got, "license_seats_required") || !strings.Contains(got, "meraki_inventory_devices{") {
		t.Errorf("the seats are guessed, or the devices are missing:\n%s", got)
	}
	const required, up = `license_seats_required{organization_id="1",product="wireless",unit="device"} 1`, `license_up{organization_id="1"} `
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_seats_required", `license_up{organization_id="1"`), required, up+"1")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_seats_required", `license_up{organization_id="1"`), required, up+"0")
}

func TestOddDevicesDoNotCostTheOthers(t *testing.T) {
	v := &vendor{overview: cotermText, list: map[string]string{"1": `null, "x", {"serial": "Q1", "model": "MR46", "productType": "wireless", "networkId": "L_1", "eox": "none"},
		{"serial": "Q2", "model": 9166, "productType": ["wireless"], "networkId": "L_1", "licenseExpirationDate": "soon", "eox": {"endOfSaleAt": "soon", "endOfSupportAt": "2031-07-29"}},
		{"serial": "Q1", "model": "MR46", "productType": "wireless", "networkId": "L_1"}`}}
	got, h := collect(t, inventoryName, api.ModelCoterm, v, "1")
	for _, want := range []string{
		`meraki_inventory_devices{model="MR46",product_type="wireless",used="true"} 1`,
		`meraki_inventory_devices{model="9166",product_type="",used="true"} 1`,
		`meraki_inventory_end_of_support_timestamp_seconds{model="9166",organization_id="",product_type=""} 1.9430496e+09`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %s:\n%s", want, got)
		}
	}
	for _, field := range []string{"eox", "endOfSaleAt", "licenseExpirationDate", "productType"} {
		want := fmt.Sprintf(`license_exporter_parse_errors_total{field=%q} 1`, field)
		if got := enginetest.Lines(t, h.Own, strings.TrimSuffix(want, " 1")); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_exporter_records_skipped", `license_up{organization_id="1"`),
		`license_exporter_records_skipped{collector="meraki_inventory",reason="decode"} 2`, `license_up{organization_id="1"} 1`)
}

// What has ended of a co-term organization covers the devices in its networks.
func TestCotermEndedInUse(t *testing.T) {
	overview := func(end, counts string) string {
		return fmt.Sprintf(`{"status": "License Expired", "expirationDate": %q, "licensedDeviceCounts": %s}`, end, counts)
	}
	const ended, later = "Feb 8, 2026 UTC", "Feb 8, 2027 UTC"
	for name, test := range map[string]struct {
		overview   string
		devices    []string
		collectors []string // overview and inventory by default
		want       string   // empty if it is not known
	}{
		"devices in networks":   {overview(ended, `{"MX64": 3}`), []string{"MX64 appliance 1", "MX64 appliance 1", "MR46 wireless 2", "MR46 wireless"}, nil, "3"},
		"devices in stock":      {overview(ended, `{"MX64": 3}`), []string{"MX64 appliance"}, nil, "0"},
		"no devices":            {overview(ended, `{}`), nil, nil, "0"},
		"no counts":             {overview(ended, `null`), nil, nil, "0"},
		"for Systems Manager":   {overview(ended, `{"SM": 10}`), nil, nil, ""},
		"not ended":             {overview(later, `{"MX64": 3}`), []string{"MX64 appliance 1"}, nil, "0"},
		"inventory is not read": {overview(ended, `{"MX64": 3}`), nil, []string{overviewName}, ""},
		"overview is not read":  {overview(ended, `{"MX64": 3}`), []string{"MX64 appliance 1"}, []string{inventoryName}, ""},
		"end is not known":      {overview("N/A", `{"MX64": 3}`), []string{"MX64 appliance 1"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{overview: test.overview, list: map[string]string{"1": devices(test.devices...)}}
			d := collector.Discovery{Organizations: []licensing.Organization{{ID: "1", Model: api.ModelCoterm}}}
			names := test.collectors
			if names == nil {
				names = []string{overviewName, inventoryName}
			}
			h := newHarness(t, &enginetest.Source{Discovery: d}, v.client(t), names...)
			want := ""
			if test.want != "" {
				want = `license_ended_in_use{organization_id="1",product=""} ` + test.want
			}
			enginetest.WantSameLines(t, want, h.Scrape(t.Context(), "license_ended_in_use"))
		})
	}
}
