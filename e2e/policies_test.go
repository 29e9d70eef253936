package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
)

// inDays returns the date in so many days, which is the last day of a license.
func inDays(days int) string {
	return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// someOrganizations reads a few organizations only.
const someOrganizations = `    organizations: {include: ["name:*Iberia", "name:*Nordics", "name:*APAC", "name:*Labs", "name:*Archive", "name:*Openings"]}
`

// TestPolicies checks that each key of a policy changes the alerts, from a configuration and
// from a spreadsheet, and that the alerts go to the receiver of the owner. A reload that
// changes policies takes no request.
func TestPolicies(t *testing.T) {
	api := meraki.New(meraki.Options{Estate: meraki.DemoEstate(), Key: "not-a-real-key"})
	vendor, stopVendor, err := simulator.Listen(api)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopVendor)
	config := configFor(t, vendor, someOrganizations)
	account, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	write := func(path, content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	write(config, string(account)+fmt.Sprintf(`policies:
- {match: {organization_name: "*Iberia"}, owner: network-team, renewal: automatic}
- {match: {organization_name: "*APAC", product: ENT}, notice: 8d}
- {match: {organization_name: "*Labs", product: LIC-MX-L-A}, minimum_available_seats: 2}
- {match: {organization_name: "*Openings"}, owner: nobody-else, end: %s}
- {match: {organization_name: "*Archive"}, muted: true}
- {owner: sam-team}
`, inDays(20)))
	exporter := startExporter(t, "--config.file="+config, "--scrape.max-age=1h")
	to, prom := alerting(t, exporter)
	to.awaitAlerts(t, []string{
		"info | LicenseRenewing | meraki | Northwind Retail – Iberia | for network-team",
		"info | LicenseExpiring | meraki | Northwind Stores – APAC | ENT | for sam-team",
		"info | LicenseSeatsAlmostUsed | meraki | Northwind Labs | MX Large | Labs – evaluation | device | for sam-team",
		"warning | LicenseExpiring | meraki | Northwind Openings | for nobody-else",
		"critical | LicenseExpired | meraki | Northwind Retail – Nordics | for sam-team",
	})
	before := api.Requests()

	write(filepath.Join(filepath.Dir(config), "policies.csv"), fmt.Sprintf(`organization_name,product,owner,renewal,notice,minimum_available_seats,end,muted
*Iberia,,,manual,,,,
*APAC,ENT,network-team,,90d,,,
*Labs,LIC-MX-ADD-SDW,,,,2,,
*Openings,,sam-team,,,,%s,
*Nordics,,,,,,,true
*Archive,,,,,,,false
*APAC,MX68-SEC,,automatic,200d,,,
,,nobody-else,,,,,
`, inDays(3)))
	write(config, string(account)+"policy_files: [policies.csv]\n")
	if err := exporter.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"critical | LicenseExpiring | meraki | Northwind Retail – Iberia | for nobody-else",
		"warning | LicenseExpiring | meraki | Northwind Stores – APAC | ENT | for network-team",
		"info | LicenseRenewing | meraki | Northwind Stores – APAC | MX68-SEC | for nobody-else",
		"info | LicenseSeatsAlmostUsed | meraki | Northwind Labs | MX SD-WAN Plus | Labs – evaluation | device | for nobody-else",
		"critical | LicenseExpiring | meraki | Northwind Openings | for sam-team",
		"warning | LicenseAPIDisabled | meraki | Northwind Archive | for nobody-else",
	}
	// Alertmanager does not tell that an alert is resolved while a higher severity of it fires, so
	// Prometheus says what no longer fires.
	slices.Sort(want)
	eventually(t, 2*time.Minute, func() error {
		told := to.told()
		untold := slices.DeleteFunc(slices.Clone(want), func(a string) bool { return slices.Contains(told, a) })
		firing, err := prom.alerts()
		if diff := cmp.Diff(want, firing); err == nil && (diff != "" || len(untold) > 0) {
			err = fmt.Errorf("not told: %q; firing (-want +got):\n%s", untold, diff)
		}
		return err
	})
	for _, failure := range to.misrouted() {
		t.Error(failure)
	}
	if diff := cmp.Diff(before, api.Requests()); diff != "" {
		t.Errorf("requests before and after the reload (-before +after):\n%s", diff)
	}
}
