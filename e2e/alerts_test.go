package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"license_exporter/internal/enginetest"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
)

// settled is how long no other alert may fire after the expected ones.
const settled = 5 * time.Second

// deserved returns the alerts of testdata/alerts.txt, which the demo must cause.
func deserved(t *testing.T, vendor string) []string {
	t.Helper()
	content, err := os.ReadFile("testdata/alerts.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return slices.DeleteFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, "#") || !strings.Contains(l, " | "+vendor)
	})
}

// awaitAlerts waits until exactly these alerts fire, and checks that it stays so.
func (r *receiver) awaitAlerts(t *testing.T, want []string) {
	t.Helper()
	slices.Sort(want)
	missing := func() string { return cmp.Diff(want, r.told()) }
	for deadline := time.Now().Add(2 * time.Minute); missing() != "" && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(settled)
	if diff := missing(); diff != "" {
		t.Errorf("alerts (-want +told):\n%s", diff)
	}
	for _, complaint := range r.complaints() {
		t.Error(complaint)
	}
}

// alerting waits until an exporter has fetched all facts, and starts a Prometheus and an
// Alertmanager that watch it.
func alerting(t *testing.T, exporter *process) (*receiver, prometheus) {
	t.Helper()
	eventually(t, time.Minute, func() error {
		_, err := exporter.get("/-/ready")
		return err
	})
	to := startReceiver(t)
	return to, alertingPrometheus(t, exporter, startAlertmanager(t, to))
}

// most is how many alerts the demo may cause, so that somebody reads each of them. It includes
// those that Alertmanager does not send because of others.
const most = 42

// TestAlerts checks that Alertmanager sends exactly the alerts that the demo must cause,
// with names and owners in them.
func TestAlerts(t *testing.T) {
	exporter := startExporter(t, "--demo")
	to, prom := alerting(t, exporter)
	if *enginetest.Update { // to be read critically
		time.Sleep(time.Minute)
		head := "# The alerts that the demo deserves: severity | alert | vendor | organization | product | subscription or agreement | owner.\n" +
			"# Made by go -C e2e test -run TestAlerts -update, and compared with internal/simulator.\n"
		if err := os.WriteFile("testdata/alerts.txt", []byte(head+strings.Join(to.told(), "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	to.awaitAlerts(t, deserved(t, ""))
	if n, err := prom.value(`count(ALERTS{alertstate="firing"})`); err != nil || n > most {
		t.Errorf("%v alerts fire, %v; want at most %d", n, err, most)
	}
	for _, url := range to.runbooks() {
		if _, err := exporter.get(strings.TrimPrefix(url, "http://localhost:10190")); err != nil {
			t.Error(err)
		}
	}
}

// demoPolicies are those policies of the demo that apply to Meraki.
const demoPolicies = `policies:
- {match: {organization_name: "*Stores*"}, owner: network-team, notice: 60d}
- {owner: sam-team}
`

// TestAlertsThroughFailures checks that a vendor that cannot be reached causes an alert
// and resolves none, and that an exporter that is down resolves none either.
func TestAlertsThroughFailures(t *testing.T) {
	vendor, stopVendor, err := simulator.Listen(meraki.New(meraki.Options{
		Estate: meraki.DemoEstate(), Key: "not-a-real-key",
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopVendor)
	exporter := startExporter(t, "--config.file="+configFor(t, vendor, demoPolicies), "--scrape.max-age=0s")
	to, _ := alerting(t, exporter)
	want := deserved(t, "meraki")
	to.awaitAlerts(t, want)

	stopVendor()
	// All collectors fail except meraki_entitlements, which has read its names for today.
	for _, collector := range []string{
		"compliance", "coterm", "device", "inventory", "organizations", "overview", "subscription",
	} {
		want = append(want, fmt.Sprintf("warning | LicenseCollectorFailing | meraki | meraki_%s", collector))
	}
	to.awaitAlerts(t, want)

	exporter.stop()
	to.awaitAlerts(t, append(want, "critical | LicenseExporterDown |  | license_exporter"))
}
