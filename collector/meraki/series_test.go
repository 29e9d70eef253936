package meraki

import (
	"testing"

	api "license_exporter/client/meraki"
	"license_exporter/internal/enginetest"
)

// A number of the overview is left out if it is 0 and the overview has the numbers of all states.
// If the number of a state is missing, zeros are shown, so that what is absent is not known.
func TestOverviewLeavesOutWhatIsNone(t *testing.T) {
	const (
		states = `"active": {"count": 5}, "expired": {"count": 0}, "recentlyQueued": {"count": 0}, "unused": {"count": 0, "soonestActivation": {"toActivateCount": 0}}`
		ending = `"expiring": {"count": 0, "critical": {"expiringCount": 0, "thresholdInDays": 30}, "warning": {"expiringCount": 0, "thresholdInDays": 90}}`
		burns  = `"unusedActive": {"count": 0, "oldestActivation": {"activeCount": 0}}`
	)
	overview := func(licenses, states, more string) string {
		return `{"licenseCount": ` + licenses + `, "states": {` + states + `}` + more + `}`
	}
	for name, test := range map[string]struct {
		overview string
		want     []string
	}{
		"none": {overview("5", states+","+ending+","+burns, ""), []string{
			`meraki_licenses_by_state{state="active"} 5`,
			`meraki_licenses_by_state{state="expired"} 0`,
			`meraki_licenses_expiring_threshold_seconds{threshold="critical"} 2.592e+06`,
			`meraki_licenses_expiring_threshold_seconds{threshold="warning"} 7.776e+06`,
		}},
		"another total": {overview("6", states+","+ending+","+burns, ""), []string{
			`meraki_licenses{organization_id="1"} 6`,
			`meraki_licenses_by_state{state="active"} 5`,
			`meraki_licenses_by_state{state="expired"} 0`,
			`meraki_licenses_expiring_threshold_seconds{threshold="critical"} 2.592e+06`,
			`meraki_licenses_expiring_threshold_seconds{threshold="warning"} 7.776e+06`,
		}},
		"a state is missing": {overview("5", states+","+ending, `, "licenseTypes": [{"licenseType": "ENT", "counts": {"unassigned": 0}}]`), []string{
			`meraki_licenses{organization_id="1"} 5`,
			`meraki_licenses_by_state{state="active"} 5`,
			`meraki_licenses_by_state{state="expired"} 0`,
			`meraki_licenses_by_state{state="expiring"} 0`,
			`meraki_licenses_by_state{state="recentlyQueued"} 0`,
			`meraki_licenses_by_state{state="unused"} 0`,
			`meraki_licenses_expiring{threshold="critical"} 0`,
			`meraki_licenses_expiring{threshold="warning"} 0`,
			`meraki_licenses_expiring_threshold_seconds{threshold="critical"} 2.592e+06`,
			`meraki_licenses_expiring_threshold_seconds{threshold="warning"} 7.776e+06`,
			`meraki_licenses_unassigned{product="ENT"} 0`,
			`meraki_unused_soonest_activation_licenses{organization_id="1"} 0`,
		}},
		"some": {
			overview("8", `"active": {"count": 5}, "expired": {"count": 1}, "recentlyQueued": {"count": 0}, "unused": {"count": 1, "soonestActivation": {"toActivateCount": 1}},
				"expiring": {"count": 1, "critical": {"expiringCount": 0}, "warning": {"expiringCount": 1}},`+burns,
				`, "licenseTypes": [{"licenseType": "ENT", "counts": {"unassigned": 1}}, {"licenseType": "MV", "counts": {"unassigned": 0}}]`), []string{
				`meraki_licenses_by_state{state="active"} 5`,
				`meraki_licenses_by_state{state="expired"} 1`,
				`meraki_licenses_by_state{state="expiring"} 1`,
				`meraki_licenses_by_state{state="unused"} 1`,
				`meraki_licenses_expiring{threshold="critical"} 0`,
				`meraki_licenses_expiring{threshold="warning"} 1`,
				`meraki_licenses_unassigned{product="ENT"} 1`,
				`meraki_unused_soonest_activation_licenses{organization_id="1"} 1`,
			},
		},
		"no Systems Manager": {overview("5", states+","+ending+","+burns, `, "systemsManager": {"counts": {"totalSeats": 0, "activeSeats": 0, "unassignedSeats": 0, "orgwideEnrolledDevices": 0}}`), []string{
			`meraki_licenses_by_state{state="active"} 5`,
			`meraki_licenses_by_state{state="expired"} 0`,
			`meraki_licenses_expiring_threshold_seconds{threshold="critical"} 2.592e+06`,
			`meraki_licenses_expiring_threshold_seconds{threshold="warning"} 7.776e+06`,
		}},
		"Systems Manager": {`{"licenseCount": 0, "systemsManager": {"counts": {"totalSeats": 0, "activeSeats": 0, "orgwideEnrolledDevices": 3}}}`, []string{
			`meraki_licenses{organization_id="1"} 0`,
			`meraki_systems_manager_active_seats{organization_id="1"} 0`,
			`meraki_systems_manager_enrolled_devices{organization_id="1"} 3`,
			`meraki_systems_manager_seats{organization_id="1"} 0`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := collect(t, overviewName, api.ModelPerDevice, &vendor{overview: test.overview}, "1")
			enginetest.WantLines(t, got, test.want...)
		})
	}
}

func TestCotermCountsOfFlags(t *testing.T) {
	for name, test := range map[string]struct {
		license string
		want    []string
	}{
		"neither":     {`"expired": false, "invalidated": false`, nil},
		"expired":     {`"expired": true, "invalidated": false`, []string{`meraki_coterm_expired_licenses{organization_id="1"} 1`, `meraki_coterm_invalidated_licenses{organization_id="1"} 0`}},
		"invalidated": {`"expired": false, "invalidated": true`, []string{`meraki_coterm_expired_licenses{organization_id="1"} 0`, `meraki_coterm_invalidated_licenses{organization_id="1"} 1`}},
		"both":        {`"expired": true, "invalidated": true`, []string{`meraki_coterm_expired_licenses{organization_id="1"} 1`, `meraki_coterm_invalidated_licenses{organization_id="1"} 1`}},
	} {
		t.Run(name, func(t *testing.T) {
			_, h := collect(t, "meraki_coterm", api.ModelCoterm, &vendor{list: map[string]string{"1": `{` + test.license + `, "counts": [{"model": "MX67", "count": 1}]}`}}, "1")
			enginetest.WantLines(t, h.Lines("meraki_coterm_expired", "meraki_coterm_invalidated"), test.want...)
		})
	}
}

// The totals of a subscription are shown where they differ from the sums of the seats that are shown.
func TestTotalsOfSubscriptions(t *testing.T) {
	const two = `{"sku": "A", "seats": {"assigned": 4, "available": 1, "limit": 5}}, {"sku": "B", "seats": {"assigned": 1, "available": 2, "limit": 3}}`
	totals := func(assigned, available, limit string) []string {
		return []string{
			`meraki_subscription_seats_assigned{license_id="S",organization_id="1"} ` + assigned,
			`meraki_subscription_seats_available{license_id="S",organization_id="1"} ` + available,
			`meraki_subscription_seats_limit{license_id="S",organization_id="1"} ` + limit,
		}
	}
	for name, test := range map[string]struct {
		status, entitlements, seats string
		want                        []string
	}{
		"the sums":          {"active", two, `"assigned": 5, "available": 3, "limit": 8`, nil},
		"another available": {"active", two, `"assigned": 5, "available": 2, "limit": 8`, totals("5", "2", "8")[1:2]},
		"no seats by SKU":   {"active", `{"sku": "A"}`, `"assigned": 0, "available": 8, "limit": 8`, totals("0", "8", "8")},
		"no SKU":            {"active", ``, `"assigned": 5, "available": 3, "limit": 8`, totals("5", "3", "8")},
		"not in force":      {"expired", two, `"assigned": 5, "available": 3, "limit": 8`, totals("5", "3", "8")},
		"no totals":         {"active", two, ``, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, h := collect(t, "meraki_subscription", api.ModelSubscription, &vendor{list: map[string]string{
				"1": `{"subscriptionId": "S", "status": "` + test.status + `", "endDate": "2030-01-01T00:00:00Z", "entitlements": [` + test.entitlements + `], "counts": {"seats": {` + test.seats + `}}}`,
			}}, "1")
			enginetest.WantLines(t, h.Lines("meraki_subscription_seats"), test.want...)
		})
	}
}

func TestSharingAndRenewalOfSubscriptions(t *testing.T) {
	for name, test := range map[string]struct {
		fields string
		want   []string
	}{
		"alone":      {`"renewalRequested": false, "counts": {"organizations": 1}`, nil},
		"not in use": {`"counts": {"organizations": 0}`, []string{`meraki_subscription_organizations{license_id="S",organization_id="1"} 0`}},
		"shared":     {`"renewalRequested": null, "counts": {"organizations": 2}`, []string{`meraki_subscription_organizations{license_id="S",organization_id="1"} 2`}},
		"to be renewed": {`"renewalRequested": true`, []string{
			`meraki_subscription_renewal_requested{license_id="S",organization_id="1"} 1`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, h := collect(t, "meraki_subscription", api.ModelSubscription, &vendor{list: map[string]string{"1": `{"subscriptionId": "S", "status": "active", ` + test.fields + `}`}}, "1")
			enginetest.WantLines(t, h.Lines("meraki_subscription_organizations", "meraki_subscription_renewal"), test.want...)
		})
	}
}

// The status in the compliance report is shown where the verdict does not imply it.
func TestStatusInTheComplianceReport(t *testing.T) {
	for name, test := range map[string]struct{ status, violations, want string }{
		"active":                  {"active", `[]`, ""},
		"active, with violations": {"active", `[{"productClass": "MR"}]`, ""},
		"active, no verdict":      {"active", `null`, "active"},
		"expired":                 {"expired", `[]`, "expired"},
		"out of compliance":       {"out_of_compliance", `[]`, "out_of_compliance"},
		"a new word":              {"odd", `[]`, "odd"},
		"none":                    {"", `[]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, h := collect(t, "meraki_compliance", api.ModelSubscription, &vendor{list: map[string]string{
				"1": `{"subscription": {"id": "S", "status": "` + test.status + `"}, "violations": {"byProductClass": ` + test.violations + `}}`,
			}}, "1")
			var want []string
			if test.want != "" {
				want = append(want, `meraki_subscription_compliance_status{license_id="S",organization_id="1",status="`+test.want+`"} 1`)
			}
			enginetest.WantLines(t, h.Lines("meraki_subscription_compliance"), want...)
		})
	}
}
