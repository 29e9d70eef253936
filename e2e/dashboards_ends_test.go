package e2e

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"license_exporter/dashboards"
)

// oldEnds is how many products of the estate of TestEndsOnOverview ended long ago: more than a table has rows.
const oldEnds = 600

// estateOfEnds writes the metrics of an account with products that end, have ended, renew by
// themselves or are muted.
func estateOfEnds(w http.ResponseWriter, now time.Time) {
	product := func(metric, product, more string, value float64) {
		_, _ = fmt.Fprintf(w, "%s{vendor=\"acme\",account=\"a\",organization_id=\"1\",product=%q%s} %.0f\n", metric, product, more, value)
	}
	end := func(name string, days int) {
		product("license_next_expiration_timestamp_seconds", name, "", float64(now.Add(time.Duration(days)*24*time.Hour).Unix()))
	}
	for i := range oldEnds {
		name := fmt.Sprintf("old-%03d", i)
		end(name, -100-i)
		product("license_ended_in_use", name, "", 0)
	}
	end("used", -900)
	product("license_ended_in_use", "used", "", 3)
	end("unknown", -400)
	end("partly", 200) // licenses that have ended are in use, and others are in force
	product("license_ended_in_use", "partly", "", 2)
	for name, days := range map[string]int{"soon": 10, "later": 50, "far": 400, "muted": 5, "automatic": 6} {
		end(name, days)
		product("license_cost", name, `,component="purchase",currency="EUR"`, float64(100*days))
	}
	product("license_cost", "soon", `,component="support",currency="USD"`, 7)
	product("license_policy_muted", "muted", "", 1)
	product("license_next_renewal_timestamp_seconds", "automatic", "", float64(now.Add(6*24*time.Hour).Unix()))
	for _, name := range []string{"used", "soon", "automatic"} {
		product("license_policy_info", name, `,owner="team",renewal=""`, 1)
	}
}

// TestEndsOnOverview checks that the overview shows what is to come apart from what has ended, and what has to be
// renewed apart from what renews by itself or is muted.
func TestEndsOnOverview(t *testing.T) {
	now := time.Now()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { estateOfEnds(w, now) }))
	t.Cleanup(server.Close)
	rules, err := filepath.Abs("../alerts/*.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	prom := runPrometheus(t, fmt.Sprintf(`
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
  - job_name: license_exporter
    fallback_scrape_protocol: PrometheusText0.0.4
    static_configs: [{targets: [%q]}]
`, rules, strings.TrimPrefix(server.URL, "http://")))
	eventually(t, time.Minute, func() error {
		_, err := prom.value(`license_ends:count{problem="expiring", severity="info"}`)
		return err
	})
	panels := panelsOf(t, "license-overview", selection{"cluster": ".*", "vendor": ".*", "account": ".*", "organization": ".*", "manufacturer": ".*", "owner": ".*", "product": ".*"})
	rows := func(title string, target int, of ...model.LabelName) []string {
		t.Helper()
		vector, err := prom.query(panels[title].Targets[target].Expr)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(vector, func(a, b *model.Sample) int {
			return cmp.Or(-cmp.Compare(a.Value, b.Value), cmp.Compare(a.Metric.String(), b.Metric.String()))
		})
		var all []string
		for _, sample := range vector {
			row := ""
			for _, label := range of {
				row += string(sample.Metric[label]) + " "
			}
			all = append(all, row+sample.Value.String())
		}
		return all
	}
	for _, want := range []struct {
		panel  string
		labels []model.LabelName
		rows   string
	}{
		{"Ended and in use", nil, "2"},
		{"Ended, use unknown", nil, "0"}, // it ended too long ago
		{"To renew now", nil, "1"},
		{"To renew later", nil, "1"},
		{"Renewing", nil, "1"},
		{"Muted", nil, "1"},
		{"Cost of what is to renew now", []model.LabelName{"currency"}, "EUR 1000, USD 7"},
	} {
		if got := strings.Join(rows(want.panel, 0, want.labels...), ", "); got != want.rows {
			t.Errorf("%s: %s, want %s", want.panel, got, want.rows)
		}
	}
	for target, want := range []string{"(no owner) 1, team 1", "(no owner) 1, team 1", "", "team 1", "(no owner) 1", "", "team 1"} {
		if got := strings.Join(rows("By owner", target, "owner"), ", "); got != want {
			t.Errorf("query %d of By owner: %s, want %s", target, got, want)
		}
	}
	if got := strings.Join(rows("Cost by month", 1, "owner", "currency"), ", "); got != "(no owner) EUR 5000, team EUR 1000, team USD 7" {
		t.Errorf("Cost by month: %s", got)
	}
	var next []string
	for _, row := range rows("What ends next", 1, "product") {
		product, _, _ := strings.Cut(row, " ")
		next = append([]string{product}, next...)
	}
	if got := strings.Join(next, ", "); got != "soon, later, partly, far" {
		t.Errorf("What ends next: %s", got)
	}
	if got := rows("What has ended", 1, "product"); len(got) != 500 || !slices.Equal(got[:4], []string{"partly 2", "used 2", "unknown 1", "old-000 0"}) || got[499] != "old-496 0" {
		t.Errorf("What has ended: %d rows, %q", len(got), got)
	}
	if got := rows("What has ended", 3, "product"); len(got) != 499 || !strings.HasPrefix(got[0], "old-000 ") || !strings.HasPrefix(got[498], "used ") {
		t.Errorf("What has ended: %d dates, %q", len(got), got)
	}
}

// panelsOf returns the panels of a board by title, the first of each title, with the selected values.
func panelsOf(t *testing.T, uid string, selected selection) map[string]dashboards.Panel {
	t.Helper()
	boards, err := dashboards.Load()
	if err != nil {
		t.Fatal(err)
	}
	panels := map[string]dashboards.Panel{}
	for _, b := range boards {
		if b.UID != uid {
			continue
		}
		for _, p := range b.Panels {
			if _, taken := panels[p.Title]; taken || p.Type == "row" {
				continue
			}
			for i := range p.Targets {
				p.Targets[i].Expr = selected.fill(p.Targets[i].Expr)
			}
			panels[p.Title] = p
		}
	}
	return panels
}
