package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

// named joins the name of the organization to each series of an expression.
const named = `(%s) * on (vendor, account, organization_id) group_left (organization_name) license_organization_info{vendor="meraki"}`

// TestDemo sends queries that operators use to a Prometheus that scrapes the demo.
func TestDemo(t *testing.T) {
	exporter := startExporter(t, "--demo")
	prom := startPrometheus(t, exporter)
	eventually(t, 30*time.Second, func() error {
		failing, err := prom.value(`sum(license_organization_info{vendor="meraki", api_enabled="true"}) - sum(license_up{vendor="meraki", organization_id!=""})`)
		if err == nil && failing != 0 {
			err = fmt.Errorf("%v organizations are not up", failing)
		}
		return err
	})
	eventually(t, time.Minute, func() error {
		up, err := prom.value(`license_up{vendor="snow"}`)
		if err == nil && up != 1 {
			err = fmt.Errorf("license_up of Snow is %v", up)
		}
		return err
	})
	prom.awaitScrapes(5)

	for _, test := range []struct {
		name, expr string
		labels     []model.LabelName
		want       []string
	}{
		{
			name:   "accounts up",
			expr:   `license_up{organization_id=""} == 1`,
			labels: []model.LabelName{"account"},
			want: []string{
				"demo-elasticsearch", "demo-fortigate", "demo-github", "demo-gitlab", "demo-meraki", "demo-microsoft365", "demo-snow", "demo-table",
			},
		},
		{
			name:   "organizations up",
			expr:   fmt.Sprintf(named, `license_up{vendor="meraki"} == 1`),
			labels: []model.LabelName{"organization_name"},
			want: []string{
				"Northwind Digital", "Northwind Franchise", "Northwind Labs", "Northwind Logistics", "Northwind Openings",
				"Northwind Retail – EMEA", "Northwind Retail – Iberia", "Northwind Retail – Nordics",
				"Northwind Shared Services", "Northwind Stores – APAC", "Northwind Stores – North America",
			},
		},
		{
			name:   "API switched off",
			expr:   `license_organization_info{api_enabled="false"}`,
			labels: []model.LabelName{"organization_name"},
			want:   []string{"Northwind Archive"},
		},
		{
			name:   "not collected",
			expr:   `license_up == 0 or license_exporter_collector_success == 0`,
			labels: []model.LabelName{"organization_id", "collector"},
			want:   []string{},
		},
		{
			name:   "expired",
			expr:   fmt.Sprintf(named, `license_days_to_expiration{vendor="meraki"} < 0`),
			labels: []model.LabelName{"organization_name", "product"},
			want: []string{
				"Northwind Retail – Nordics/", "Northwind Shared Services/LIC-Z-E", "Northwind Stores – North America/MS120-8LP",
			},
		},
		{
			name:   "expiring within 30 days",
			expr:   fmt.Sprintf(named, `license_days_to_expiration{vendor="meraki"} < 30 >= 0`),
			labels: []model.LabelName{"organization_name", "product"},
			want:   []string{"Northwind Retail – Iberia/", "Northwind Stores – APAC/ENT"},
		},
		{
			name:   "not compliant",
			expr:   fmt.Sprintf(named, `license_compliant{vendor="meraki"} == 0`),
			labels: []model.LabelName{"organization_name"},
			want:   []string{"Northwind Franchise", "Northwind Retail – Nordics"},
		},
		{
			name:   "more seats used than bought",
			expr:   fmt.Sprintf(named, `license_seats_available{vendor="meraki"} < 0 unless on (organization_id, product, license_id) license_seats_info{kind="overuse_allowed"}`),
			labels: []model.LabelName{"organization_name", "product"},
			want:   []string{"Northwind Franchise/LIC-MR-E", "Northwind Labs/LIC-MS-400-L-A"},
		},
		{
			name:   "the same question for all vendors: what ends within 30 days or has ended",
			expr:   `count by (vendor) (license_days_to_expiration < 30)`,
			labels: []model.LabelName{"vendor"},
			want:   []string{"elasticsearch", "fortigate", "meraki", "snow", "table"},
		},
		{
			name:   "the same question for all vendors: what is short of seats",
			expr:   `count by (vendor) (license_seats_available < 0)`,
			labels: []model.LabelName{"vendor"},
			want:   []string{"github", "gitlab", "meraki", "snow", "table"},
		},
		{
			name:   "the same question for all vendors: what is not compliant",
			expr:   `count by (vendor) (license_compliant == 0)`,
			labels: []model.LabelName{"vendor"},
			want:   []string{"meraki", "snow"},
		},
		{
			name:   "Snow applications that are short, by name",
			expr:   `(license_compliant{vendor="snow", organization_id=""} == 0) * on (vendor, account, product) group_left (product_name) license_product_info{vendor="snow"}`,
			labels: []model.LabelName{"product_name"},
			want:   []string{"Contoso Server 2025 Datacenter", "Proseware HR Suite"},
		},
		{
			name:   "Snow metrics without a name",
			expr:   `license_seats_limit{vendor="snow", unit!=""} unless on (vendor, account, unit) snow_metric_info`,
			labels: []model.LabelName{"unit"},
			want:   []string{},
		},
		{
			name:   "Snow verdicts that contradict the seats",
			expr:   `license_compliant{vendor="snow", organization_id=""} == 1 and on (product) license_seats_available{vendor="snow"} < 0`,
			labels: []model.LabelName{"product"},
			want:   []string{},
		},
		{
			name:   "Snow agreements that are past the tenant's own limits",
			expr:   `(license_expiration_timestamp_seconds - time() < on (vendor, account, organization_id, license_id) snow_agreement_critical_limit_seconds) * on (license_id) group_left (license_name) license_info`,
			labels: []model.LabelName{"license_name"},
			want:   []string{"Adatum Support Agreement", "Contoso Enterprise Agreement", "Proseware HR Subscription"},
		},
		{
			name:   "nameless after a join",
			expr:   `license_days_to_expiration unless on (vendor, account, organization_id) license_organization_info{organization_name!=""}`,
			labels: []model.LabelName{"organization_id"},
			want:   []string{},
		},
		{
			name:   "days that contradict the date",
			expr:   `abs(license_days_to_expiration - (license_next_expiration_timestamp_seconds - time()) / 86400) > 0.01`,
			labels: []model.LabelName{"organization_id", "product"},
			want:   []string{},
		},
		{
			name:   "requests in classic histograms",
			expr:   `sum by (account) (license_exporter_api_request_duration_seconds_bucket{vendor="meraki", le="+Inf"}) > 0`,
			labels: []model.LabelName{"account"},
			want:   []string{"demo-meraki"},
		},
		{
			name:   "requests in native histograms",
			expr:   `histogram_count(sum by (account) (license_exporter_api_request_duration_seconds{vendor="meraki"})) > 0`,
			labels: []model.LabelName{"account"},
			want:   []string{"demo-meraki"},
		},
	} {
		if diff := cmp.Diff(test.want, prom.series(test.expr, test.labels...)); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", test.name, test.expr, diff)
		}
	}
	prom.checkScrapes()
	exporter.stop()
}
