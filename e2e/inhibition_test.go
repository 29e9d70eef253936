package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// labelsOf returns the labels in a text such as alertname=LicenseExpired severity=critical.
func labelsOf(text string) map[string]string {
	labels := map[string]string{}
	for pair := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(pair, "=")
		labels[name] = value
	}
	return labels
}

// raise sends firing alerts to an Alertmanager.
func (p *process) raise(alerts ...map[string]string) {
	p.t.Helper()
	type firing struct {
		Labels map[string]string `json:"labels"`
	}
	var all []firing
	for _, labels := range alerts {
		all = append(all, firing{labels})
	}
	body, err := json.Marshal(all)
	if err != nil {
		p.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, "http://"+p.address+"/api/v2/alerts", bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s, %v", resp.Status, answer, err)
	}
}

// inhibition is a pair of alerts, and whether the example silences the second one while
// the first one fires.
type inhibition struct {
	source, target string
	silent         bool
}

// inhibitions are about what identifies an alert, with the labels that both have in common.
var inhibitions = []struct {
	name, common string
	pairs        []inhibition
}{
	{"the exporter is down", "", []inhibition{
		{"LicenseExporterDown critical job=license_exporter", "LicenseExpired critical job=license_exporter vendor=meraki account=emea", true},
		{"LicenseExporterDown critical job=license_exporter", "LicenseExporterTargetDown warning job=license_exporter instance=a", true},
		{"LicenseExporterDown critical job=license_exporter", "LicenseExporterDown critical job=license_exporter", false},
		{"LicenseExporterDown critical job=license_exporter_a", "LicenseExpired critical job=license_exporter_b vendor=meraki", false},
		{"LicenseExporterDown critical job=license_exporter cluster=a", "LicenseExpired critical job=license_exporter cluster=a vendor=meraki", true},
		{"LicenseExporterDown critical job=license_exporter cluster=a", "LicenseExpired critical job=license_exporter cluster=b vendor=meraki", false},
		{"LicenseExporterDown critical job=license_exporter region=a", "LicenseExpired critical job=license_exporter region=b vendor=meraki", false},
		{"LicenseExporterDown critical job=license_exporter region=a", "LicenseExpired critical job=license_exporter vendor=meraki", false},
	}},
	{"the credential is refused", "vendor=meraki account=emea", []inhibition{
		{"LicenseCredentialRefused critical job=license_exporter", "LicenseCollectorFailing warning job=license_exporter collector=meraki_device", true},
		{"LicenseCredentialRefused critical job=license_exporter", "LicenseCollectorFailing warning job=license_exporter_probe collector=meraki_device", true},
		{"LicenseCredentialRefused critical job=license_exporter", "LicenseFactsStale warning job=license_exporter_probe organization_id=1", true},
		{"LicenseCredentialRefused critical", "LicenseFactsStale critical organization_id=1", false},
		{"LicenseCredentialRefused critical", "LicenseExpiring warning organization_id=1", false},
		{"LicenseCredentialRefused critical cluster=a", "LicenseCollectorFailing warning cluster=b collector=meraki_device", false},
		{"LicenseCredentialRefused critical region=a", "LicenseCollectorFailing warning region=b collector=meraki_device", false},
		{"LicenseCredentialRefused critical account=apac", "LicenseCollectorFailing warning collector=meraki_device", false},
	}},
	{"ended", "vendor=meraki account=emea organization_id=1", []inhibition{
		// Some licenses of the product have ended, others will.
		{"LicenseExpired critical product=MR", "LicenseExpiring critical product=MR", false},
		{"LicenseExpired critical owner=sam-team renewal=manual", "LicenseNonCompliant critical owner=network-team", true},
		{"LicenseExpired critical license_id=9", "LicenseNonCompliant critical license_id=9", true},
		{"LicenseExpired critical license_id=9", "LicenseNonCompliant critical license_id=8", false},
		{"LicenseExpired critical license_id=9", "LicenseNonCompliant critical", false},
		{"LicenseExpired critical product=MR", "LicenseNonCompliant critical", false},
		{"LicenseExpired info", "LicenseNonCompliant critical", false},
		{"LicenseExpired critical cluster=a", "LicenseNonCompliant critical cluster=b", false},
		{"LicenseExpired critical region=a", "LicenseNonCompliant critical region=b", false},
	}},
	{"severities", "vendor=meraki account=emea organization_id=1", []inhibition{
		{"LicenseExpiring critical product=MR", "LicenseExpiring warning product=MR", true},
		{"LicenseExpiring critical product=MR", "LicenseExpiring info product=MR", true},
		{"LicenseExpiring warning product=MR", "LicenseExpiring info product=MR", true},
		{"LicenseExpiring critical product=MR", "LicenseExpiring warning product=MX", false},
		{"LicenseExpiring critical product=MR", "LicenseSeatsOverallocated warning product=MR", false},
		{"LicenseExpiring critical license_id=9", "LicenseExpiring warning license_id=8", false},
		{"LicenseExpiring critical product=MR cluster=a", "LicenseExpiring warning product=MR cluster=b", false},
		{"LicenseExpiring warning product=MR region=a", "LicenseExpiring info product=MR region=b", false},
		{"LicenseExpired critical product=MR", "LicenseExpired info product=MR", true},
		{"LicenseGracePeriodEnding critical license_id=9", "LicenseGracePeriodEnding warning license_id=9", true},
		{"LicenseFactsStale critical", "LicenseFactsStale warning", true},
		{"LicenseCollectorFailing warning collector=a", "LicenseCollectorFailing info collector=a", true},
		{"LicenseCollectorFailing warning collector=a", "LicenseCollectorFailing info collector=b", false},
	}},
	{"seats are missing", "vendor=snow account=corp", []inhibition{
		{"LicenseSeatsOverallocated warning product=p unit=u", "LicenseNonCompliant warning product=p", true},
		{"LicenseSeatsOverallocated warning product=p unit=u", "LicenseNonCompliant warning product=q", false},
		{"LicenseSeatsOverallocated warning unit=u", "LicenseNonCompliant critical", false},
		{"LicenseSeatsOverallocated warning product=p unit=u cluster=a", "LicenseNonCompliant warning product=p cluster=b", false},
		{"LicenseSeatsOverallocated warning product=p unit=u region=a", "LicenseNonCompliant warning product=p region=b", false},
	}},
}

// labels returns the labels of one side of a pair.
func (inhibition) labels(common, side string) map[string]string {
	name, rest, _ := strings.Cut(side, " ")
	severity, rest, _ := strings.Cut(rest, " ")
	labels := labelsOf(common)
	maps.Copy(labels, labelsOf(rest))
	labels["alertname"], labels["severity"] = name, severity
	return labels
}

// TestInhibitions checks which alerts the example silences while others fire.
func TestInhibitions(t *testing.T) {
	alertmanager := startAlertmanager(t, startReceiver(t))
	for i, group := range inhibitions {
		for j, pair := range group.pairs {
			// The pairs fire side by side. What keeps them apart is a label that all rules compare: where a
			// pair has a cluster of its own, it keeps it as a part.
			sides := []map[string]string{pair.labels(group.common, pair.source), pair.labels(group.common, pair.target)}
			id := fmt.Sprintf("pair-%d-%d-", i, j)
			for _, labels := range sides {
				labels["cluster"] = id + labels["cluster"]
			}
			alertmanager.raise(sides...)
			t.Run(fmt.Sprintf("%s/%s over %s", group.name, pair.source, pair.target), func(t *testing.T) {
				eventually(t, 10*time.Second, func() error {
					alerts, err := alertmanager.alerts(id)
					if err != nil {
						return err
					}
					for _, a := range alerts {
						isTarget := maps.Equal(a.Labels, sides[1])
						if silent := len(a.Status.InhibitedBy) > 0; silent != (isTarget && pair.silent) {
							return fmt.Errorf("%v: silent %v, want %v", a.Labels, silent, !silent)
						}
					}
					if len(alerts) == 0 {
						return fmt.Errorf("no alerts of %s", id)
					}
					return nil
				})
			})
		}
	}
}

// known is an alert that an Alertmanager has.
type known struct {
	Labels map[string]string `json:"labels"`
	Status struct {
		InhibitedBy []string `json:"inhibitedBy"`
	} `json:"status"`
}

// alerts returns the alerts whose cluster begins so.
func (p *process) alerts(cluster string) ([]known, error) {
	body, err := p.get("/api/v2/alerts")
	if err != nil {
		return nil, err
	}
	var all []known
	err = json.Unmarshal([]byte(body), &all)
	return slices.DeleteFunc(all, func(a known) bool { return !strings.HasPrefix(a.Labels["cluster"], cluster) }), err
}

// TestOwners checks that an alert goes to its owner, and to the usual receiver of its
// severity if it has none or one that the example does not know. The receiver complains
// about any other route.
func TestOwners(t *testing.T) {
	to := startReceiver(t)
	alertmanager := startAlertmanager(t, to)
	var want []string
	for _, owner := range []string{"", "sam-team", "network-team", "unheard-of"} {
		for severity, name := range map[string]string{
			"critical": "LicenseExpired", "warning": "LicenseExpiring", "info": "LicenseRenewing",
		} {
			labels := map[string]string{
				"alertname": name, "severity": severity, "vendor": "snow", "account": "corp", "product": name,
				"organization_name": "Organization of " + owner,
			}
			if owner != "" {
				labels["owner"] = owner
			}
			alertmanager.raise(labels)
			want = append(want, alert{Labels: labels}.String())
		}
	}
	slices.Sort(want)
	eventually(t, time.Minute, func() error {
		if diff := cmp.Diff(want, to.told()); diff != "" {
			return fmt.Errorf("alerts (-want +told):\n%s", diff)
		}
		return nil
	})
	to.mu.Lock()
	defer to.mu.Unlock()
	for _, failure := range to.failures {
		t.Error(failure)
	}
}
