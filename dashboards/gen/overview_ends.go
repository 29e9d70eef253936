package main

import (
	"fmt"
	"slices"
)

// renewing has the ends at which products are renewed automatically, as license_end:renewing of the rules
// has them for what ends soon. If a product has several licenses, the one that ends first is renewed.
var renewing = fmt.Sprintf("(%s >= on (%s) (%s - 86400))", ends, perProduct,
	least(perProduct, byProduct.of("license_next_renewal_timestamp_seconds", `product!=""`)))

// toCome has the ends that are to come, without those that are muted or renewed automatically.
var (
	endsToCome      = fmt.Sprintf("(%s >= time() unless on (%s) %s unless on (%s) %s)", ends, perProduct, mutedProducts, perProduct, renewing)
	contractsToCome = fmt.Sprintf("(%s >= time() unless on (%s) %s unless on (%s) %s)", contracts, perLicense, muted, perLicense,
		chosenFacts.of("license_next_renewal_timestamp_seconds", `product=""`))
)

func overviewEnds() []*panelBuilder {
	// The number of rows is limited once, and the other columns have the same rows.
	first := most("bottomk", endsToCome)
	agreements := most("bottomk", contractsToCome)
	requested := chosenFacts.each(perLicense, "meraki_subscription_renewal_requested")
	subscriptions := most("bottomk", fmt.Sprintf("(%s >= time() and on (%s) %s)", contracts, perLicense, requested))
	// The row of a whole organization shows the seats of all its products.
	whole := func(seats string) string {
		return among(perProduct, "("+sum(perProduct, seats)+" or "+sum(perOrganization, seats)+")", first)
	}
	kind := func(expr, text string) string {
		return fmt.Sprintf(`label_replace(%s, "kind", "%s", "", "")`, expr, text)
	}
	kinds := "(" + kind(among(perProduct, ends, mutedProducts), "muted") +
		fmt.Sprintf(" or on (%s) ", perProduct) + kind(renewing, "renewed automatically") +
		fmt.Sprintf(" or on (%s) ", perProduct) + kind(ends, "ends") + ")"
	return []*panelBuilder{
		bars(about{"Ends by month", "How many products of organizations end in each calendar month from now on. Those that are renewed automatically and those that a policy mutes are apart. What ends in more than two years stands last.",
			"No license has an end to come"},
			12, months("kind", kinds), "month", "kind"),
		gauges(about{"Next to end", "Days left of the ten products that end first. What is muted or renewed automatically is left out.", "No license has an end to come"},
			unitDays, daysLeft, 12, 9, expr{
				"sort(" + named(daysUntil("bottomk(10, "+endsToCome+")"), organizationName, productName) + ")",
				"{{organization_name}} {{product_name}}",
			}).Decimals(0).Max(90),
		rows(about{"What ends next",
			fmt.Sprintf("When the cover of each product of an organization ends, from now on: the %d that end first. What is muted or renewed automatically has tables of its own. A row without a product is about a whole organization, as in co-term licensing. Perpetual licenses do not appear.", mostRows),
			"Nothing in what is chosen has an end to come"}, 24, 12, "Days left",
			withColumns(organizationColumns, product(), ownerColumn),
			names(named(group(perProduct, first), organizationName, productName, productPolicy)),
			values("Days left", daysUntil(first), asDays),
			values("Ends on", milliseconds(first), asDate),
			values("Bought", whole("("+owned+")"), asCount),
			values("In use", whole("("+inUse+")"), asCount),
			values("Verdict", verdictOn(first), asVerdict)),
		rows(about{"Subscriptions and agreements", fmt.Sprintf("When each subscription or agreement ends, from now on: the %d that end first. What is muted or renewed automatically is left out.", mostRows),
			"No subscription or agreement in what is chosen has an end to come"}, 24, 9, "Days left",
			withColumns([]column{label("license_name", "Name")}, withColumns(organizationColumns, ownerColumn)...),
			names(named(group(perLicense, agreements), organizationName, licenseName, licensePolicy)),
			values("Days left", daysUntil(agreements), asDays),
			values("Ends on", milliseconds(agreements), asDate),
			values("Renew by", among(perLicense, milliseconds(chosenFacts.each(perLicense, "license_renewal_deadline_timestamp_seconds")), agreements), asDate)),
		rows(about{"Renewals requested", fmt.Sprintf("Whether the renewal of each Meraki subscription was requested from the vendor: the %d that end first from now on. A requested renewal has not begun, so the end stays until it is claimed.", mostRows),
			"No Meraki subscription in what is chosen has an end to come"}, 24, 8, "Days left",
			withColumns([]column{label("license_name", "Subscription")}, withColumns(organizationColumns, ownerColumn)...),
			names(named(group(perLicense, subscriptions), organizationName, licenseName, licensePolicy)),
			values("Requested", among(perLicense, requested, subscriptions), looks(width(100), worded(yesNo))),
			values("Days left", daysUntil(subscriptions), asDays),
			values("Ends on", milliseconds(subscriptions), asDate)),
	}
}

// overviewApart has what nobody has to renew.
func overviewApart() []*panelBuilder {
	first := most("bottomk", fmt.Sprintf("(%s >= time() unless on (%s) %s)", renewing, perProduct, mutedProducts))
	return []*panelBuilder{
		rows(about{"Renewed automatically", fmt.Sprintf("Products that are renewed automatically, from now on: the %d that are renewed first. Give back seats that nobody needs before that.", mostRows),
			"Nothing in what is chosen is renewed automatically"}, 24, 8, "Days left",
			withColumns(organizationColumns, product(), ownerColumn),
			names(named(group(perProduct, first), organizationName, productName, productPolicy)),
			values("Days left", daysUntil(first), asPeriod),
			values("Renewed on", milliseconds(first), asDate),
			values("Bought", among(perProduct, sum(perProduct, "("+owned+")"), first), asCount),
			values("Free", freeOf(first), asFree)),
		mutedByPolicy(withColumns(organizationColumns, product(), label("license_name", "Subscription or agreement"), ownerColumn),
			organizationName),
	}
}

// freeOf returns the free seats of products, or if there are none, those of the product in the whole account,
// by the metric with the fewest.
func freeOf(products string) string {
	return among(perProduct, least(perProduct, free), products) + fmt.Sprintf(" or %s * on (%s) group_left () %s", group(perProduct, products),
		perApplication, least(perApplication, chosenAll.of("license_seats_available", `organization_id=""`)))
}

func overviewEnded() []*panelBuilder {
	depends := byProduct.each(perLicense, "license_ended_in_use")
	// Subscriptions and agreements count where products have no ends, as in the rules.
	ended := fmt.Sprintf("((%s or %s unless on (%s) %s) < time())", ends, contracts, perOrganization, ends)
	// What is in use comes first, then what may be, and within each what ended last: 300,000 less the days since the
	// end, then 200,000 and 100,000 less these days. No end is 100,000 days ago. A product of which licenses have ended
	// and others are in force has an end to come, and counts as if it had ended yesterday.
	first := most("topk", fmt.Sprintf("(%[1]s + on (%[2]s) (100000 + 200000 * (%[3]s > bool 0)) or %[1]s + 200000 or 0 * (%[3]s > 0) + 299999)",
		daysUntil(ended), perLicense, depends))
	ofThose := func(expr string) string { return among(perLicense, expr, first) }
	uses := valueNames(map[string][2]string{"2": {"in use", "red"}, "1": {"unknown", "orange"}, "0": {"not in use", "green"}})
	return []*panelBuilder{
		rows(about{"What has ended",
			fmt.Sprintf("Products of organizations whose cover has ended, and subscriptions and agreements where products have no ends. Those that are in use come first, then those of which the vendor does not say what depends on them, and in each group those that ended last: %d in all. A product without a date has licenses that have ended and are in use, and others that are in force.", mostRows),
			"Nothing in what is chosen has ended"}, 24, 12, "-Use,-Ended on",
			withColumns(organizationColumns, product(), label("license_name", "Subscription or agreement"), ownerColumn),
			names(named(group(perLicense, first), organizationName, productName, licenseName, licensePolicy)),
			values("Use", "floor("+first+" / 100000)", looks(width(100), worded(uses))),
			values("Depends on it", ofThose(depends), looks(asCount, width(110))),
			values("Ended on", ofThose("1000 * "+ended), asDate),
			values("Muted", ofThose(muted), asMuted)),
		overTime(),
	}
}

// overTime shows what the rules have counted, since Prometheus could not read the ends of all licenses over
// a month.
func overTime() *panelBuilder {
	counted := func(legend string, matchers ...string) expr {
		return expr{total(chosenAll.of("license_ends:count", matchers...)) + " or 0 * " + rulesLoaded, legend}
	}
	severity := func(s string) string { return `severity="` + s + `"` }
	return lines(about{"Ended and ending over time",
		"How many products, subscriptions and agreements had ended or were about to end, by the thresholds of the alerts: critical 7 days before the end, warning at the notice, usually 30 days, and info 90 days before. A renewal lowers it. Organizations and products cannot be chosen here.",
		needsRules}, unitCount, 24, slices.Concat(
		[]expr{
			counted("ended and in use", `problem="expired_in_use"`),
			counted("ended, use unknown", `problem="expired"`, `severity!="info"`),
			counted("ended lately, not in use", `problem="expired"`, severity("info")),
		},
		[]expr{
			counted("ends: critical", `problem="expiring"`, severity("critical")),
			counted("ends: warning", `problem="expiring"`, severity("warning")),
			counted("ends: info", `problem="expiring"`, severity("info")),
		},
		[]expr{
			counted("renewed soon", `problem="renewing"`),
			counted("muted", `problem="muted"`),
		})...)
}
