package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// needsRules is the text of panels without data that show what the alert rules record.
const needsRules = "The alert rules are not loaded, or a filter excludes them"

// noneOrRules is the text of tables without rows that show what the alert rules record.
func noneOrRules(none string) string { return none + ", or the alert rules are not loaded" }

// rulesLoaded has a value if the alert rules are loaded.
const rulesLoaded = "max(license_threshold:notice_days)"

// problem selects what the rules record as a problem, such as expiring_timestamp_seconds.
func problem(labels, name string, matchers ...string) string {
	return byProduct.each(labels, "license_problem:"+name, matchers...)
}

// The definitions of the alerts, which leave out what is muted.
var (
	problemInUse    = problem(perLicense, "expired_in_use")
	problemEnded    = problem(perLicense, "expired_timestamp_seconds", `severity=~"critical|warning"`)
	problemSoon     = problem(perLicense, "expiring_timestamp_seconds", `severity=~"critical|warning"`)
	problemLater    = problem(perLicense, "expiring_timestamp_seconds", `severity="info"`)
	problemExpiring = problem(perLicense, "expiring_timestamp_seconds")
	problemRenewing = problem(perLicense, "renewing_timestamp_seconds")
	problemShort    = problem(perSeat, "seats_missing")
	problemVerdict  = problem(perLicense, "noncompliant")
)

// nobody is shown as the owner of what has no owner.
const nobody = "(no owner)"

// ownedBy adds the owner to problems. The rule license_scope:SCOPE has the owners.
func ownedBy(problems, scope string) string {
	return fmt.Sprintf(`label_replace(%s + on (%s) group_left (owner) 0 * topk by (%s) (1, license_scope:%s), "owner", "%s", "owner", "")`,
		problems, perLicense, perLicense, scope, nobody)
}

// number is a figure that counts problems. It shows 0 if there are none and the rules are loaded: the rules record
// nothing then.
func number(title, description, problems string, steps []dashboard.Threshold) *panelBuilder {
	return figure(about{title, description, needsRules}, fmt.Sprintf("count(%s) or 0 * %s", problems, rulesLoaded), unitCount, steps)
}

func endedInUse() *panelBuilder {
	return number("Ended and in use", "Products whose licenses have ended and that seats, devices or assigned licenses still depend on. Alert: LicenseExpired, critical.", problemInUse, noneIsOK)
}

func toRenew() *panelBuilder {
	return number("To renew now", "What ends soon and whose notice has begun, usually 30 days before the end. Alert: LicenseExpiring, critical or warning.", problemSoon, fewIsOK)
}

func shortOfSeats() *panelBuilder {
	return number("Short of seats", "Products with more seats in use, or required, than were bought, counted by unit. Products for which the vendor allows this are left out. Alert: LicenseSeatsOverallocated.", problemShort, noneIsOK)
}

func overviewProblems() []*panelBuilder {
	soon := among(perProduct, sum(perProduct+", currency", costs), problemSoon)
	rank := func(weight int, severity string) string {
		return fmt.Sprintf("%d * %s", weight, byProduct.each("alertname, owner, organization_name, product_name, license_name, collector, "+perOrganization,
			"ALERTS", `alertname=~"License.+"`, `alertstate="firing"`, `severity="`+severity+`"`))
	}
	severities := valueNames(map[string][2]string{"3": {"critical", "red"}, "2": {"warning", "orange"}, "1": {"info", "blue"}})
	return []*panelBuilder{
		endedInUse(),
		number("Ended, use unknown", "What has ended in the last 90 days, if the vendor does not report whether anything depends on it. Alert: LicenseExpired, critical or warning.", problemEnded, fewIsOK),
		toRenew(),
		number("To renew later", "What ends within 90 days and whose notice has not begun. Alert: LicenseExpiring, info.", problemLater, plain),
		shortOfSeats(),
		number("Not compliant", "Organizations, subscriptions and products that the vendor reports as not compliant. Alert: LicenseNonCompliant.", problemVerdict, noneIsOK),
		figures(about{"Cost of what is to renew now", "The cost of the products in To renew now, by currency: purchase, and current maintenance and support. All licenses of a product are included, even if only some of them end. Products for which the vendor reports no cost are left out.",
			noneOrRules("Nothing with a known cost has to be renewed")}, unitMoney, plain, 12, expr{sum("currency", soon), "{{currency}}"}),
		number("Renewing", "What renews by itself and whose notice has begun. It is not counted in To renew now. The table Renews by itself also shows later renewals. Alert: LicenseRenewing.", problemRenewing, plain),
		figure(about{"Muted", "Products, subscriptions, agreements and organizations that a policy mutes. The other figures leave them out.", "Nothing is muted"},
			"count("+muted+")", unitCount, plain),
		figure(about{"Facts not current", "Accounts and organizations with at least one collector whose latest fetch failed. Their last good facts are still shown.", "No license facts"},
			count(chosenFacts.each(perOrganization, "license_up"), "== 0"), unitCount, noneIsOK),
		rows(about{"Firing alerts", fmt.Sprintf("The firing alerts about licenses and the exporter, critical ones first: at most %d. Alerts about the exporter have no organization. docs/runbooks has a runbook for each alert.", mostRows),
			noneOrRules("No alert fires")}, 24, 10, "-Severity",
			withColumns([]column{label("alertname", "Alert", width(210)), ownerColumn}, withColumns(organizationColumns,
				product(), label("license_name", "Subscription or agreement"), label("collector", "Collector", width(150)))...),
			values("Severity", most("topk", fmt.Sprintf("(%s or %s or %s)", rank(3, "critical"), rank(2, "warning"), rank(1, "info"))),
				looks(width(90), worded(severities)))),
	}
}
