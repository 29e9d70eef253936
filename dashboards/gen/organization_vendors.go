package main

import "fmt"

// The texts of empty panels, for organizations of other vendors.
const (
	noMicrosoft365 = "The organization has no subscriptions of Microsoft 365"
	noCopilot      = "No Copilot seats by state. GitHub reports them for organizations only."
	noGitLab       = "The organization is no GitLab instance or group with a paid plan"
)

func microsoft365Panels() []*panelBuilder {
	units := func(matchers ...string) string {
		return byProduct.each(perProduct, "microsoft365_prepaid_units", matchers...)
	}
	// States without units are absent.
	inState := func(state string) string {
		return units(`state="`+state+`"`) + " or 0 * " + units()
	}
	deletion := byProduct.each(perLicense, "microsoft365_deletion_timestamp_seconds")
	trials := byProduct.each(perProduct, "microsoft365_trials")
	return []*panelBuilder{
		rows(about{"Units by state", "Units of each product that were bought, by the state of their subscriptions. Users keep their access in the state warning, and lose it in the states suspended and locked out.", noMicrosoft365},
			14, 9, "Product", []column{productColumn},
			names(named(group(perProduct, units()), productName)),
			values("Enabled", inState("enabled"), asCount),
			values("Warning", inState("warning"), asCount),
			values("Suspended", inState("suspended"), asCount),
			values("Locked out", inState("locked_out"), asCount)),
		rows(about{"Free trials", "How many subscriptions of each product are free trials.", "No subscription is a free trial"},
			10, 9, "Product", []column{productColumn},
			names(named(group(perProduct, trials), productName)),
			values("Trials", trials, asCount)),
		rows(about{"Deletions", "When Microsoft deletes each subscription that is suspended or locked out, with its data.", "No subscription is about to be deleted"},
			24, 8, "Days left", []column{licenseColumn, label("license_id", "License id"), productColumn},
			names(named(group(perLicense, deletion), licenseName, productName)),
			values("Days left", daysUntil(deletion), asDays),
			values("Deleted on", milliseconds(deletion), asDate)),
	}
}

func githubPanels() []*panelBuilder {
	const perState, perPlan = perOrganization + ", state", perOrganization + ", plan"
	copilot := func(matchers ...string) string {
		return chosenFacts.each(perState, "github_copilot_seats", matchers...)
	}
	states := sum("state", spaced("state", copilot()))
	inactive := fmt.Sprintf("%s / (%s > 0)", total(copilot(`state="inactive_this_cycle"`)), total(copilot(`state=~"(in)?active_this_cycle"`)))
	plan := func(which string) string { return chosenFacts.each(perPlan, "github_organization_plan_"+which) }
	planSeats := "(" + plan("seats") + " or " + plan("filled_seats") + ")"
	committers := byProduct.each(perProduct, "github_maximum_committers")
	seatsOf := func(metric string) string {
		return among(perProduct, sum(perProduct, byProduct.each(perSeat, metric, `unit="committer"`)), committers)
	}
	return []*panelBuilder{
		figures(about{"Copilot seats by state", "Copilot seats that were used and not used during the billing cycle, and those that were added, end with the cycle or wait for an invitation to be accepted. A seat can have several states.", noCopilot},
			unitCount, plain, 18, expr{states, "{{state}}"}),
		figure(about{"Inactive Copilot seats", "The share of the Copilot seats that nobody used during the billing cycle.", noCopilot},
			inactive, unitShare, plain).Span(6),
		lines(about{"Copilot seats over time", "Copilot seats by state. Each billing cycle begins without active seats.", noCopilot},
			unitCount, 24, expr{states, "{{state}}"}),
		rows(about{"Seats of the plan", "Seats of the organization's plan, and those in use. If the organization belongs to an enterprise, they may be those of the enterprise.", "GitHub shows the seats of a plan to owners of the organization only"},
			10, 7, "Plan", []column{label("plan", "Plan")},
			names(group(perPlan, planSeats)),
			values("Bought", plan("seats"), asCount),
			values("In use", plan("filled_seats"), asCount)),
		rows(about{"Committers", "How many committers would need a license if each product were enabled for all repositories of the enterprise, with the licenses that were bought and are in use.", "No Advanced Security, Code Security or Secret Protection. GitHub reports them for enterprises only."},
			14, 7, "Product", []column{productColumn},
			names(named(group(perProduct, committers), productName)),
			values("With all repositories", committers, asCount),
			values("Bought", seatsOf("license_seats_limit"), asCount),
			values("In use", seatsOf("license_seats_assigned"), asCount)),
	}
}

func gitlabPanels() []*panelBuilder {
	most := byProduct.each(perProduct, "gitlab_maximum_users")
	users := func(metric string) string {
		return among(perProduct, sum(perProduct, byProduct.each(perSeat, metric, `unit="user"`)), most)
	}
	limit := users("license_seats_limit")
	return []*panelBuilder{
		rows(about{"Maximum of users", "The most users that the license or subscription has had since it started, with the seats that were bought and are in use. GitLab charges for users above the seats that were bought.", noGitLab},
			12, 8, "Product", []column{productColumn},
			names(named(group(perProduct, most), productName)),
			values("Maximum", most, asCount),
			values("Bought", limit, asCount),
			values("In use", users("license_seats_assigned"), asCount),
			values("Above", fmt.Sprintf("clamp_min(%s - on (%s) (%s), 0)", most, perProduct, limit), looks(asCount, coloured(noneIsOK)))),
		lines(about{"Maximum of users over time", "The most users since the license or subscription started, with the seats that were bought and are in use. The maximum starts again with a new license.", noGitLab},
			unitCount, 12, expr{total(most), "maximum"}, expr{total(limit), "bought"}, expr{total(users("license_seats_assigned")), "in use"}),
	}
}

// spaced replaces the underscores in the values of a label by spaces, at most two.
func spaced(label, expr string) string {
	for range 2 {
		expr = fmt.Sprintf(`label_replace(%[1]s, "%[2]s", "$1 $2", "%[2]s", "(.*)_(.*)")`, expr, label)
	}
	return expr
}
