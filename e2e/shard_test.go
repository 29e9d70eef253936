package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
)

// sharded is the configuration in docs/scaling.md: each exporter lists all
// organizations, and Prometheus assigns each organization to one exporter.
func sharded(t *testing.T, interval time.Duration, exporters ...*process) string {
	t.Helper()
	var config strings.Builder
	fmt.Fprintf(&config, "global: {scrape_interval: %[1]s, scrape_timeout: %[1]s}\nscrape_configs:\n", interval)
	for i, exporter := range exporters {
		fmt.Fprintf(&config, `
  - job_name: license_exporter_probe_%[1]d
    http_sd_configs: [{url: "http://%[3]s/sd", refresh_interval: %[4]s}]
    relabel_configs:
      - {source_labels: [instance], target_label: __tmp_shard, modulus: %[2]d, action: hashmod}
      - {source_labels: [__tmp_shard], regex: "%[1]d", action: keep}
  - job_name: license_exporter_%[1]d
    metrics_path: /metrics/exporter
    static_configs: [{targets: ["%[3]s"]}]
`, i, len(exporters), exporter.address, interval)
	}
	return config.String()
}

// TestShardedProbes checks that Prometheus finds the organizations by /sd and spreads
// their probes over two exporters.
func TestShardedProbes(t *testing.T) {
	const organizations = 40
	vendor := meraki.New(meraki.Options{
		Estate: meraki.Generate(7, organizations, 5), Key: "not-a-real-key", Limits: meraki.Limits{Off: true},
	})
	baseURL, stop, err := simulator.Listen(vendor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	config := configFor(t, baseURL)
	var exporters []*process
	for range 2 {
		exporters = append(exporters, startExporter(t, "--config.file="+config, "--no-scrape.at-start"))
	}
	// Until the first probe, the exporters only read the list of organizations.
	eventually(t, 10*time.Second, func() error {
		_, err := exporters[1].get("/-/ready")
		return err
	})
	for operation, n := range vendor.Requests() {
		if operation != "getOrganizations" {
			t.Errorf("%d requests of %s before the first scrape", n, operation)
		}
	}

	prom := runPrometheus(t, sharded(t, time.Second, exporters...))
	eventually(t, 30*time.Second, func() error {
		seen, err := prom.value(`count(count by (organization_id) (license_up{organization_id!=""} == 1))`)
		if err == nil && seen != organizations {
			err = fmt.Errorf("%v organizations are up, want %d", seen, organizations)
		}
		return err
	})
	for _, test := range []struct {
		name, expr string
		want       []string
	}{
		{"organizations scraped more than once", `count by (organization_id) (license_up{organization_id!=""}) > 1`, []string{}},
		{"series of the same fact twice", `count without (job, instance) (license_days_to_expiration) > 1 or count without (job, instance) (license_licenses) > 1 ` +
			`or count without (job, instance) (license_seats_limit) > 1 or count without (job, instance) (meraki_inventory_devices) > 1`, []string{}},
		{"probes that failed", `up == 0`, []string{}},
		{"exporters without a share", `count by (job) (up{job=~"license_exporter_probe_.*"}) < 5`, []string{}},
		{"the account as a whole", `count by (account) (license_up{organization_id=""})`, []string{"emea"}},
		{"the catalogue", `count by (account) (license_product_info) > 0`, []string{"emea"}},
		{"the exporters' own", `count by (job) (license_exporter_build_info)`, []string{"/license_exporter_0", "/license_exporter_1"}},
	} {
		got := prom.series(test.expr, "account", "job")
		for i, labels := range got {
			got[i] = strings.TrimSuffix(labels, "/")
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", test.name, test.expr, diff)
		}
	}
	for _, exporter := range exporters {
		exporter.stop()
	}
}
