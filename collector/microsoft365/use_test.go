package microsoft365

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// What lasts longest is used first. So what has ended is in use only as far as the rest is not enough.
func TestEndedInUse(t *testing.T) {
	type sub struct {
		status string
		seats  int
		days   float64
	}
	for name, test := range map[string]struct {
		used int // -1 means that it is not known
		subs []sub
		want string // of license_ended_in_use, empty if absent
	}{
		"the enabled seats are enough":          {25, []sub{{"Enabled", 25, 100}, {"Warning", 10, 20}}, "0"},
		"the order of the list does not matter": {25, []sub{{"Warning", 10, 20}, {"Enabled", 25, 100}}, "0"},
		"some use depends on what has ended":    {28, []sub{{"Enabled", 25, 100}, {"Warning", 10, 20}}, "3"},
		"all has ended":                         {7, []sub{{"Warning", 10, 20}}, "7"},
		"all has ended and nobody uses it":      {0, []sub{{"Warning", 10, 20}}, "0"},
		"more is used than there is":            {50, []sub{{"Enabled", 25, 100}, {"Warning", 10, 20}}, "10"},
		"nothing has ended":                     {50, []sub{{"Enabled", 25, 100}}, "0"},
		"suspended seats are not used":          {30, []sub{{"Enabled", 25, 100}, {"Suspended", 10, 20}}, "0"},
		"a date that has passed":                {25, []sub{{"Enabled", 25, -1}}, "0"},
		"a passed date, and a grace period":     {28, []sub{{"Enabled", 25, -1}, {"Warning", 10, 20}}, "3"},
		"without an end comes first":            {12, []sub{{"Enabled", 5, 400}, {"Enabled", 10, 0}, {"Warning", 3, 20}}, "0"},
		"the use is not known":                  {-1, []sub{{"Enabled", 25, 100}, {"Warning", 10, 20}}, ""},
	} {
		var records []string
		for i, s := range test.subs {
			records = append(records, subscription(strconv.Itoa(i), "SPB", s.status, s.seats, s.days))
		}
		of := strings.ReplaceAll(sku("SPB", 1, 1, test.used), "-1", "null")
		got := collect(t, map[string]string{skusPath: of, subscriptionsPath: strings.Join(records, ",")})
		_, value, _ := strings.Cut(got, `license_ended_in_use{product="SPB"} `)
		if value, _, _ = strings.Cut(value, "\n"); value != test.want {
			t.Errorf("%s: %q, want %q in\n%s", name, value, test.want, got)
		}
	}
}

// Seats whose number is not known could carry all of the use, or none.
func TestUnknownSeats(t *testing.T) {
	unknown := strings.Replace(subscription("1", "SPB", "Enabled", 25, 100), `"totalLicenses": 25`, `"totalLicenses": null`, 1)
	for used, want := range map[int]bool{5: false, 0: true} {
		got := collect(t, map[string]string{skusPath: sku("SPB", 25, 10, used), subscriptionsPath: unknown + "," + subscription("2", "SPB", "Warning", 10, 20)})
		if strings.Contains(got, "license_ended_in_use") != want {
			t.Errorf("%d used:\n%s", used, got)
		}
	}
}

// A subscription that nobody needs any more, since another lasts longer, does not set the end of the product. A single one does.
func TestEndThatNobodyHasToAttendTo(t *testing.T) {
	for _, test := range []struct {
		used int
		want string // days to the next end
	}{{20, "100"}, {26, "10"}} {
		got := collect(t, map[string]string{
			skusPath:          sku("SPB", 35, 0, test.used),
			subscriptionsPath: subscription("1", "SPB", "Enabled", 25, 100) + "," + subscription("2", "SPB", "Enabled", 10, 10),
		})
		if want := `license_days_to_expiration{product="SPB"} ` + test.want + "\n"; !strings.Contains(got, want) {
			t.Errorf("%d used: no %s in\n%s", test.used, want, got)
		}
	}
	got := collect(t, map[string]string{skusPath: sku("SPB", 10, 0, 0), subscriptionsPath: subscription("1", "SPB", "Enabled", 10, 10)})
	if !strings.Contains(got, `license_days_to_expiration{product="SPB"} 10`) {
		t.Errorf("nothing is used:\n%s", got)
	}
}

// Seats are those that can be used. What is not known is absent.
func TestSeats(t *testing.T) {
	for name, test := range map[string]struct{ record, limit, assigned, available string }{
		"enabled and warning":  {sku("A", 25, 5, 28), "30", "28", "2"},
		"more than there are":  {sku("A", 25, 0, 28), "25", "28", "-3"},
		"no warning":           {`{"id": "a", "skuId": "a", "skuPartNumber": "A", "appliesTo": "User", "consumedUnits": 3, "prepaidUnits": {"enabled": 4}}`, "4", "3", "1"},
		"unreadable warning":   {`{"id": "a", "skuId": "a", "skuPartNumber": "A", "consumedUnits": 3, "prepaidUnits": {"enabled": 4, "warning": "some"}}`, "", "3", ""},
		"no units":             {`{"id": "a", "skuId": "a", "skuPartNumber": "A", "consumedUnits": 3}`, "", "3", ""},
		"no use":               {`{"id": "a", "skuId": "a", "skuPartNumber": "A", "prepaidUnits": {"enabled": 4, "warning": 0}}`, "4", "", ""},
		"two SKUs of one name": {sku("A", 5, 0, 1) + "," + strings.ReplaceAll(sku("A", 7, 0, 2), "_A", "_B"), "12", "3", "9"},
	} {
		got := collect(t, map[string]string{skusPath: test.record})
		for metric, want := range map[string]string{"limit": test.limit, "assigned": test.assigned, "available": test.available} {
			_, value, _ := strings.Cut(got, `license_seats_`+metric+`{license_id="",product="A",unit="user"} `)
			if value, _, _ = strings.Cut(value, "\n"); value != want {
				t.Errorf("%s: %s is %q, want %q", name, metric, value, want)
			}
		}
	}
}

// A SKU without an id has nothing to do with others without one.
func TestSKUsWithoutID(t *testing.T) {
	without := strings.NewReplacer(`"skuId": "id-A"`, `"skuId": null`, `"skuId": "id-B"`, `"skuId": null`, `"skuId": "ID-A"`, `"skuId": null`, `"skuId": "ID-B"`, `"skuId": null`)
	got := collect(t, map[string]string{
		skusPath:          without.Replace(sku("A", 40, 0, 2) + "," + sku("B", 0, 5, 3)),
		subscriptionsPath: without.Replace(subscription("1", "A", "Enabled", 40, 100) + "," + subscription("2", "B", "Warning", 5, 20)),
	})
	for _, line := range []string{`license_ended_in_use{product="A"} 0`, `license_ended_in_use{product="B"} 3`} {
		if !strings.Contains(got, line) {
			t.Errorf("%s is missing in\n%s", line, got)
		}
	}
}

// The date of an enabled subscription that passes between two fetches is no end by the vendor's word, as it is none after the
// next fetch.
func TestDatePassesBetweenFetches(t *testing.T) {
	now := enginetest.Days(0)
	h := serve(t, map[string]string{skusPath: sku("SPB", 25, 0, 20), subscriptionsPath: subscription("1", "SPB", "Enabled", 25, 0.02)}).
		harness(t, engine.Config{Now: func() time.Time { return now }}, &collector.Memory{}, contoso)
	h.Scrape(t.Context())
	now = enginetest.Days(0.03)
	if got := h.Lines("license_ended_in_use"); !strings.HasSuffix(strings.TrimSpace(got), "} 0") {
		t.Error(got)
	}
}
