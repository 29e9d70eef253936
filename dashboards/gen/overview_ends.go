package main

import (
	"fmt"
	"slices"
)

// renewing has the ends at which products renew by themselves. For what ends soon, they are those of the recording
// rule license_end:renewing. If a product has several licenses, its end is that of the first one, which must be the
// one that renews.
var renewing = fmt.Sprintf("(%s >= on (%s) (%s - 86400))", ends, perProduct,
	least(perProduct, byProduct.of("license_next_renewal_timestamp_seconds", `product!=""`)))

// The ends that are to come, without those that are muted or renew by themselves: of products, and of subscriptions and
// agreements.
var (
	endsToCome      = fmt.Sprintf("(%s >= time() unless on (%s) %s unless on (%s) %s)", ends, perProduct, mutedProducts, perProduct, renewing)
	contractsToCome = fmt.Sprintf("(%s >= time() unless on (%s) %s unless on (%s) %s)", contracts, perLicense, muted, perLicense,
		chosenOwned.of("license_next_renewal_timestamp_seconds", `product=""`))
)

func overviewEnds() []*panelBuilder {
	// The number of rows is limited once, and the other columns have the same rows.
	first := most("bottomk", endsToCome)
	agreements := most("bottomk", contractsToCome)
	ofMeraki := chosenFacts.each(perLicense, "meraki_subscription_info")
	requested := "(" + chosenFacts.each(perLicense, "meraki_subscription_renewal_requested") + " or 0 * " + ofMeraki + ")"
	subscriptions := most("bottomk", fmt.Sprintf("(%s >= time() and on (%s) %s)", contracts, perLicense, ofMeraki))
	// The row of a whole organization shows the seats of all its products.
	whole := func(seats string) string {
		return among(perProduct, "("+sum(perProduct, seats)+" or "+sum(perOrganization, seats)+")", first)
	}
	kind := func(expr, text string) string {
		return fmt.Sprintf(`label_replace(%s, "kind", "%s", "", "")`, expr, text)
	}
	kinds := "(" + kind(among(perProduct, ends, mutedProducts), "muted") +
		fmt.Sprintf(" or on (%s) ", perProduct) + kind(renewing, "renews by itself") +
		fmt.Sprintf(" or on (%s) ", perProduct) + kind(ends, "ends") + ")"
	return []*panelBuilder{
		bars(about{"Ends by month", "How many products of organizations end in each calendar month from now on. Products that renew by themselves or are muted have their own colors. The last bar shows what ends in more than two years.",
			"No license has a future end"},
			12, months("kind", kinds), "month", "kind"),
		gauges(about{"Next to end", "The days left of the ten products that end first. What is muted or renews by itself is left out.", "No license has a future end"},
			unitDays, daysLeft, 12, 9, expr{
				"sort(" + named(daysUntil("bottomk(10, "+endsToCome+")"), organizationName, productName) + ")",
				"{{organization_name}} {{product_name}}",
			}).Decimals(0).Max(90),
		rows(about{"What ends next",
			fmt.Sprintf("When the licenses of each product of an organization end, from now on: the %d that end first. What is muted or renews by itself is shown in separate tables. A row without a product is about a whole organization, as in co-term licensing. Perpetual licenses are left out.", mostRows),
			"Nothing in the selection has a future end"}, 24, 12, "Days left",
			withColumns(organizationColumns, product(), ownerColumn),
			names(named(group(perProduct, first), organizationName, productName, productPolicy)),
			values("Days left", daysUntil(first), asDays),
			values("Ends on", milliseconds(first), asDate),
			values("Bought", whole("("+owned+")"), asCount),
			values("In use", whole("("+inUse+")"), asCount),
			values("Verdict", verdictOn(first), asVerdict)),
		rows(about{"Subscriptions and agreements", fmt.Sprintf("When each subscription or agreement ends, from now on: the %d that end first. The deadline is the last day to renew or cancel at the vendor. What is muted or renews by itself is left out.", mostRows),
			"No subscription or agreement in the selection has a future end"}, 24, 9, "Days left",
			withColumns([]column{label("license_name", "Name")}, withColumns(organizationColumns, ownerColumn)...),
			names(named(group(perLicense, agreements), organizationName, licenseName, licensePolicy)),
			values("Days left", daysUntil(agreements), asDays),
			values("Ends on", milliseconds(agreements), asDate),
			values("Deadline", among(perLicense, milliseconds(chosenFacts.each(perLicense, "license_renewal_deadline_timestamp_seconds")), agreements), asDate)),
		rows(about{"Renewals requested", fmt.Sprintf("Whether a renewal of each Meraki subscription was requested at the vendor: the %d that end first. The end does not change until the renewal is claimed.", mostRows),
			"No Meraki subscription in the selection has a future end"}, 24, 8, "Days left",
			withColumns([]column{label("license_name", "Subscription")}, withColumns(organizationColumns, ownerColumn)...),
			names(named(group(perLicense, subscriptions), organizationName, licenseName, licensePolicy)),
			values("Requested", among(perLicense, requested, subscriptions), looks(width(100), worded(yesNo))),
			values("Days left", daysUntil(subscriptions), asDays),
			values("Ends on", milliseconds(subscriptions), asDate)),
	}
}

// overviewApart shows what nobody has to renew.
func overviewApart() []*panelBuilder {
	first := most("bottomk", fmt.Sprintf("(%s >= time() unless on (%s) %s)", renewing, perProduct, mutedProducts))
	return []*panelBuilder{
		rows(about{"Renews by itself", fmt.Sprintf("Products that renew by themselves: the %d that renew first. Return seats that nobody needs before the renewal.", mostRows),
			"Nothing in the selection renews by itself"}, 24, 8, "Days left",
			withColumns(organizationColumns, product(), ownerColumn),
			names(named(group(perProduct, first), organizationName, productName, productPolicy)),
			values("Days left", daysUntil(first), asPeriod),
			values("Renews on", milliseconds(first), asDate),
			values("Bought", among(perProduct, sum(perProduct, "("+owned+")"), first), asCount),
			values("Free", freeOf(first), asFree)),
		mutedByPolicy(withColumns(organizationColumns, product(), label("license_name", "Subscription or agreement"), ownerColumn),
			organizationName),
	}
}

// freeOf returns the free seats of products. Where an organization has none, it returns those of the product in the whole
// account. Of several units, the one with the fewest free seats counts.
func freeOf(products string) string {
	return among(perProduct, least(perProduct, free), products) + fmt.Sprintf(" or %s * on (%s) group_left () %s", group(perProduct, products),
		perApplication, least(perApplication, chosenAll.of("license_seats_available", `organization_id=""`)))
}

func overviewEnded() []*panelBuilder {
	depends := byProduct.each(perLicense, "license_ended_in_use")
	// Subscriptions and agreements count where products have no ends, as in the rules.
	ended := fmt.Sprintf("((%s or %s unless on (%s) %s) < time())", ends, contracts, perOrganization, ends)
	// The rank is 300,000 less the days since the end for what is in use, 200,000 less these days for what may be in use,
	// and 100,000 less these days for the rest. No end is 100,000 days ago. A product of which some licenses have ended and
	// others are in force has no end in the past. It counts as if it had ended yesterday.
	first := most("topk", fmt.Sprintf("(%[1]s + on (%[2]s) (100000 + 200000 * (%[3]s > bool 0)) or %[1]s + 200000 or 0 * (%[3]s > 0) + 299999)",
		daysUntil(ended), perLicense, depends))
	ofThose := func(expr string) string { return among(perLicense, expr, first) }
	uses := valueNames(map[string][2]string{"2": {"in use", "red"}, "1": {"unknown", "orange"}, "0": {"not in use", "green"}})
	return []*panelBuilder{
		rows(about{"What has ended",
			fmt.Sprintf("Products of organizations whose licenses have ended, and subscriptions and agreements if the products have no ends: at most %d. Those in use come first, then those for which the vendor does not report whether they are in use. In each group, the latest ends come first. A product without a date has licenses that have ended and are in use, and others that are in force.", mostRows),
			"Nothing in the selection has ended"}, 24, 12, "-Use,-Ended on",
			withColumns(organizationColumns, product(), label("license_name", "Subscription or agreement"), ownerColumn),
			names(named(group(perLicense, first), organizationName, productName, licenseName, licensePolicy)),
			values("Use", "floor("+first+" / 100000)", looks(width(100), worded(uses))),
			values("Depends on it", ofThose(depends), looks(asCount, width(110))),
			values("Ended on", ofThose("1000 * "+ended), asDate),
			values("Muted", ofThose(muted), asMuted)),
		overTime(),
	}
}

// overTime shows what the rules have counted. Prometheus cannot read the ends of all licenses over a month, since they have
// too many samples.
func overTime() *panelBuilder {
	counted := func(legend string, matchers ...string) expr {
		return expr{total(chosenAll.of("license_ends:count", matchers...)) + " or 0 * " + rulesLoaded, legend}
	}
	severity := func(s string) string { return `severity="` + s + `"` }
	return lines(about{"Ended and ending over time",
		"How many products, subscriptions and agreements had ended or were about to end, by the thresholds of the alerts: critical 7 days before the end, warning from the notice on, usually 30 days before, and info 90 days before. The panel ignores the variables Organization, Manufacturer, Owner and Product.",
		needsRules}, unitCount, 24, slices.Concat(
		[]expr{
			counted("ended and in use", `problem="expired_in_use"`),
			counted("ended, use unknown", `problem="expired"`, `severity!="info"`),
			counted("ended recently, not in use", `problem="expired"`, severity("info")),
		},
		[]expr{
			counted("ends: critical", `problem="expiring"`, severity("critical")),
			counted("ends: warning", `problem="expiring"`, severity("warning")),
			counted("ends: info", `problem="expiring"`, severity("info")),
		},
		[]expr{
			counted("renewing", `problem="renewing"`),
			counted("muted", `problem="muted"`),
		})...)
}
