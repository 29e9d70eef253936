package meraki

import (
	"net/http"
	"testing"
	"time"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// The catalogue of SKUs is requested once a day. Meanwhile, records of it that could not be read
// still count.
func TestMerakiNamesAreReadOnceADay(t *testing.T) {
	const path = "/administered/licensing/subscription/entitlements"
	failing := false
	v := &vendor{
		organizations: organization("1", api.ModelSubscription), list: map[string]string{"": `{"sku": "A", "name": "Advantage"}, 7`},
		instead: func(asked string) (int, string) {
			if asked == path && failing {
				return http.StatusForbidden, ""
			}
			return 0, ""
		},
	}
	now := enginetest.Now
	c, memory := v.client(t), &collector.Memory{}
	h := enginetest.NewWithMetrics(t, engine.Config{Now: func() time.Time { return now }, MaxAge: time.Hour, MaxStale: 48 * time.Hour}, ownMetrics,
		newSource(c, collector.OrganizationFilter{}, memory), enginetest.Only(collectors(&account{client: c, memory: memory}), "meraki_entitlements")...)
	for _, step := range []struct {
		refreshes, requests int // the requests are those so far
		fails               bool
	}{{24, 1, false}, {1, 2, true}, {1, 3, false}, {23, 3, false}, {1, 4, false}} {
		failing = step.fails
		for range step.refreshes {
			up := "1"
			if failing {
				up = "0"
			}
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_product_info", `license_up{organization_id=""`, "license_exporter_records_skipped"),
				`license_exporter_records_skipped{collector="meraki_entitlements",reason="decode"} 1`,
				`license_product_info{feature_tier="",manufacturer="Cisco Meraki",organization_id="",product="A",product_class="",product_name="Advantage",product_type=""} 1`,
				`license_up{organization_id=""} `+up)
			now = now.Add(time.Hour)
		}
		if n := v.requests(path); n != step.requests {
			t.Errorf("after %s there were %d requests, want %d", now.Sub(enginetest.Now), n, step.requests)
		}
	}
}
