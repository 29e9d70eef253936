package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// needsRules is the text of panels without data that show what the alert rules record.
const needsRules = "Load the alert rules, or remove filters"

// noneOrRules is the text of tables without rows that show what the alert rules record.
func noneOrRules(none string) string { return none + ", if the alert rules are loaded" }

// rulesLoaded is there if the alert rules are.
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

// The owner of what has no owner.
const nobody = "(no owner)"

// ownedBy adds the owner to what the rules have recorded as problems. scope is the rule that has the owners.
func ownedBy(problems, scope string) string {
	return fmt.Sprintf(`label_replace(%s + on (%s) group_left (owner) 0 * topk by (%s) (1, license_scope:%s), "owner", "%s", "owner", "")`,
		problems, perLicense, perLicense, scope, nobody)
}

// number is a figure that counts what the rules record, which is nothing where there is no problem.
func number(title, description, problems string, steps []dashboard.Threshold) *panelBuilder {
	return figure(about{title, description, needsRules}, fmt.Sprintf("count(%s) or 0 * %s", problems, rulesLoaded), unitCount, steps)
}

func endedInUse() *panelBuilder {
	return number("Ended and in use", "Products whose cover has ended, and on which seats, devices or assigned licenses depend: LicenseExpired, critical.", problemInUse, noneIsOK)
}

func toRenew() *panelBuilder {
	return number("To renew now", "What ends soon, and somebody has to renew: the notice has begun, usually 30 days before the end. LicenseExpiring, critical or warning.", problemSoon, fewIsOK)
}

func shortOfSeats() *panelBuilder {
	return number("Short of seats", "Seats of which more are in use than were bought, unless the vendor allows it: LicenseSeatsOverallocated.", problemShort, noneIsOK)
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
		number("Ended, use unknown", "What has ended in the last 90 days, where the vendor does not say whether anything depends on it: LicenseExpired, critical or warning.", problemEnded, fewIsOK),
		toRenew(),
		number("To renew later", "What ends within 90 days, but whose notice has not begun: LicenseExpiring, info.", problemLater, plain),
		shortOfSeats(),
		number("Not compliant", "Organizations, subscriptions and products that the vendor says are not compliant: LicenseNonCompliant.", problemVerdict, noneIsOK),
		figures(about{"Cost of what is to renew now", "What the licenses of the products under To renew now cost, by currency: purchase, and the maintenance and support that is paid now. A product counts with all its licenses, also if only the first of them ends. Currencies are not added up, and products whose vendor tells no cost are not counted.",
			"Nothing with a known cost, if the alert rules are loaded"}, unitMoney, plain, 12, expr{sum("currency", soon), "{{currency}}"}),
		number("Renewed soon", "What is renewed automatically within its notice: LicenseRenewing. It is not counted as to renew, and the table Renewed automatically also has what is renewed later.", problemRenewing, plain),
		figure(about{"Muted", "Products, subscriptions, agreements and organizations that a policy mutes. They are not counted in the other figures.", "Nothing is muted"},
			"count("+muted+")", unitCount, plain),
		figure(about{"Facts not fresh", "Accounts and organizations of which at least one collector failed last time. Their last good facts are still shown.", "No license facts"},
			count(chosenFacts.each(perOrganization, "license_up"), "== 0"), unitCount, noneIsOK),
		rows(about{"Firing alerts", fmt.Sprintf("The alerts about licenses that fire, the critical ones first: at most %d. Those about the exporter have no organization. The runbook of each is in docs/runbooks.", mostRows),
			noneOrRules("No alert fires")}, 24, 10, "-Severity",
			withColumns([]column{label("alertname", "Alert", width(210)), ownerColumn}, withColumns(organizationColumns,
				product(), label("license_name", "Subscription or agreement"), label("collector", "Collector", width(150)))...),
			values("Severity", most("topk", fmt.Sprintf("(%s or %s or %s)", rank(3, "critical"), rank(2, "warning"), rank(1, "info"))),
				looks(width(90), worded(severities)))),
	}
}
