package main

import (
	"fmt"
	"slices"
)

// chosenAll has the selected accounts on boards for all vendors. chosenFacts adds the selected
// organizations, and byProduct the selected products. Facts about a whole organization have no
// product, so selecting a product leaves them out.
const (
	chosenAll   scope = `vendor=~"$vendor", account=~"$account"`
	chosenFacts scope = chosenAll + `, organization_id=~"$organization"`
	byProduct   scope = chosenFacts + `, product=~"$product"`
)

// The facts that several boards show.
var (
	daysToEnd = byProduct.each(perProduct, "license_days_to_expiration")
	ends      = byProduct.each(perProduct, "license_next_expiration_timestamp_seconds")
	compliant = byProduct.each(perLicense, "license_compliant")
	bought    = sum(perProduct+", unit", byProduct.each(perSeat, "license_seats_limit"))
	// If the vendor has seats of the whole account alone, owned has those that an organization bought.
	owned    = bought + " or " + sum(perProduct+", unit", byProduct.each(perSeat, "snow_licenses_seats"))
	free     = sum(perProduct+", unit", byProduct.each(perSeat, "license_seats_available"))
	required = byProduct.each(perProduct+", unit", "license_seats_required")
	muted    = byProduct.each(perLicense, "license_policy_muted")
	// Products that are muted as a whole.
	mutedProducts = byProduct.each(perProduct, "license_policy_muted", `license_id=""`)
	// Seats that may be exceeded cannot be short.
	shortable = sum(perProduct+", unit", byProduct.each(perSeat, "license_seats_available")+
		fmt.Sprintf(" unless on (%s) %s", perSeat, byProduct.of("license_seats_info", `kind="overuse_allowed"`)))
	// If the vendor does not report the seats in use, inUse has the seats that the estate needs.
	inUse      = sum(perProduct+", unit", byProduct.each(perSeat, "license_seats_assigned")) + " or " + required
	seatsShare = fmt.Sprintf("(%s) / (%s > 0)", inUse, bought)
)

// mostRows limits the rows of tables, which would otherwise have organizations times products.
const mostRows = 500

func overview() board {
	return board{
		uid:   uidOverview,
		title: "License overview",
		description: "All vendors: which licenses end next, how many seats are in use, what is not compliant and what it costs. " +
			"Made from code: change dashboards/gen.",
		from:      "30d",
		variables: variables(organizationVariable(chosen("organization", "Organization", ""), chosenAll), productVariable(chosenAll)),
		rows: []row{
			{"At a glance", overviewFigures()},
			{"What ends next", overviewEnds()},
			{"Seats and compliance", overviewSeats()},
			{"Money", overviewMoney()},
			{"Organizations", overviewOrganizations()},
		},
	}
}

func overviewFigures() []*panelBuilder {
	const none = "No license facts"
	return []*panelBuilder{
		figure(about{"Ended", "Products of organizations whose cover has ended.", none},
			count(daysToEnd, "< 0"), unitCount, noneIsOK),
		figure(about{"End within 30 days", "Products of organizations whose cover ends within 30 days.", none},
			within(daysToEnd, 0, 30), unitCount, fewIsOK),
		figure(about{"End in 30 to 90 days", "Products of organizations whose cover ends in 30 to 90 days.", none},
			within(daysToEnd, 30, 90), unitCount, fewIsOK),
		figure(about{"Not compliant", "Verdicts of the vendor that are negative: on organizations, subscriptions or products.", "No verdicts"},
			count(compliant, "== 0"), unitCount, noneIsOK),
		figure(about{"Short of seats", "Products of organizations with more seats in use than were bought, other than by enterprise agreements, which may be exceeded.", "No seats"},
			count(shortable, "< 0"), unitCount, noneIsOK),
		figure(about{"Facts not fresh", "Accounts and organizations of which at least one collector failed last time. Their last good facts are still shown.", none},
			count(chosenFacts.each(perOrganization, "license_up"), "== 0"), unitCount, noneIsOK),
	}
}

func overviewEnds() []*panelBuilder {
	// The number of rows is limited once, and the other columns have the same rows.
	first := most("bottomk", daysToEnd)
	contracts := most("bottomk", chosenFacts.each(perLicense, "license_expiration_timestamp_seconds", `product=""`))
	// The row of a whole organization shows the seats of all its products.
	whole := func(seats string) string {
		return among(perProduct, "("+sum(perProduct, seats)+" or "+sum(perOrganization, seats)+")", first)
	}
	return []*panelBuilder{
		bars(about{"Ends by month", "How many products of organizations end in each calendar month, by vendor. Those that have ended stand first; those that end in more than two years stand last.",
			"No license has an end"},
			12, months("vendor", ends), "month", "vendor"),
		gauges(about{"Next to end", "Days left of the fifteen that end first, those that have ended left out.", "No license has an end"},
			unitDays, daysLeft, 12, 9, expr{
				"sort(" + named(fmt.Sprintf("bottomk(15, %s >= 0)", daysToEnd), organizationName, productName) + ")",
				"{{organization_name}} {{product_name}}",
			}).Decimals(0).Max(90),
		rows(about{"What ends next",
			fmt.Sprintf("When the cover of each product of an organization ends: the %d that end first or have ended. A row without a product is about a whole organization, as in co-term licensing. Perpetual licenses do not appear.", mostRows),
			"No licenses end in what is chosen"}, 24, 12, "Days left",
			withColumns(withColumns(organizationColumns, product(240), label("product", "Product id", width(160))), policyColumns...),
			names(named(group(perProduct, first), organizationName, productName, productPolicy)),
			values("Days left", first, asDays),
			values("Ends on", among(perProduct, milliseconds(ends), first), asDate),
			values("Bought", whole("("+owned+")"), asCount),
			values("In use", whole("("+inUse+")"), asCount),
			values("Verdict", verdictOn(first), asVerdict),
			values("Muted", among(perProduct, mutedProducts, first), asMuted)),
		rows(about{"Subscriptions and agreements", fmt.Sprintf("When each subscription or agreement ends, by name: the %d that end first or have ended.", mostRows),
			"No subscription or agreement has an end"}, 24, 9, "Days left",
			slices.Concat([]column{label("license_name", "Name", width(320))}, organizationColumns, policyColumns),
			names(named(group(perLicense, contracts), organizationName, licenseName, licensePolicy)),
			values("Days left", daysUntil(contracts), asDays),
			values("Ends on", milliseconds(contracts), asDate),
			values("Renew by", among(perLicense, milliseconds(chosenFacts.each(perLicense, "license_renewal_deadline_timestamp_seconds")), contracts), asDate),
			values("Muted", among(perLicense, muted, contracts), asMuted)),
		mutedByPolicy(withColumns(organizationColumns, product(240), label("license_name", "Subscription or agreement", width(260)), policyColumns[0]),
			organizationName),
		lifecycles(withColumns(organizationColumns, label("model", "Model"), label("product_type", "Type")), organizationName),
		lines(about{"Ended and ending over time", "How many products of organizations had ended, or were about to end. A renewal lowers it.", "No license has an end"},
			unitCount, 24,
			expr{count(daysToEnd, "< 0"), "ended"},
			expr{within(daysToEnd, 0, 7), "within 7 days"},
			expr{within(daysToEnd, 0, 30), "within 30 days"},
			expr{within(daysToEnd, 0, 90), "within 90 days"}),
	}
}

// mutedByPolicy is a table of all that a policy mutes, in addition to names those of products
// and licenses.
func mutedByPolicy(columns []column, more ...name) *panelBuilder {
	return rows(about{"Muted by policy", "What policies of the exporter's configuration mute: it raises no alert, whatever becomes of it. A row without a product and a subscription is about the organization.",
		"No policy mutes anything in what is chosen"}, 24, 8, "Product", columns,
		names(named(group(perLicense, most("topk", muted)), append(more, productName, licenseName, licensePolicy)...)))
}

// verdictOn is the vendor's verdict on each product of an organization. If there is none, it
// is that on the product in the whole account, or on the organization or its subscriptions.
func verdictOn(products string) string {
	onto := func(labels, matcher string) string {
		return fmt.Sprintf("%s * on (%s) group_left () %s", group(perProduct, products), labels,
			least(labels, byProduct.of("license_compliant", matcher)))
	}
	return onto(perProduct, `product!=""`) + " or " + onto(perAccount+", product", `product!="", organization_id=""`) +
		" or " + onto(perOrganization, `product=""`)
}

func overviewSeats() []*panelBuilder {
	return []*panelBuilder{
		rows(about{"Seats", fmt.Sprintf("Seats bought, in use, needed by the estate and free, by product and by what a seat is: the %d that are used most.", mostRows),
			"No seats in what is chosen"}, 24, 10, "-Used",
			withColumns(organizationColumns, product(240), label("metric_name", "Unit", width(120))),
			seats(most("topk", seatsShare))...),
		rows(about{"Not compliant", "What the vendor holds to be out of compliance: an organization, a subscription or a product.",
			"All that the vendor judges is compliant"}, 24, 8, "Organization",
			withColumns(organizationColumns, product(200), label("license_name", "License", width(220))),
			names(named(compliant+" == 0", organizationName, productName, licenseName))),
		rows(about{"Missing seats", "Seats that are missing by the vendor's count, and when the vendor stops tolerating it.",
			"No seats are missing by the vendor's count"}, 24, 8, "Organization",
			withColumns(organizationColumns, product(200), label("sku", "SKU", width(140)), label("metric_name", "Unit", width(120))),
			missing()...),
	}
}

// seats returns the columns about the seats of products. ranked has the share that is in use.
func seats(ranked string) []query {
	ofThose := func(seats string) string { return among(perProduct+", unit", "("+seats+")", ranked) }
	return []query{
		names(named(group(perProduct+", unit", ranked), organizationName, productName, metricName)),
		values("Used", ranked, asShare),
		values("Bought", ofThose(bought), asCount),
		values("In use", ofThose(inUse), asCount),
		values("Required", ofThose(required), asCount),
		values("Free", ofThose(free), asFree),
		values("Muted", fmt.Sprintf("%s * on (%s) group_left () %s", group(perProduct+", unit", ranked), perProduct, mutedProducts), asMuted),
	}
}

// missing returns the columns about missing seats.
func missing() []query {
	const perSKU = perLicense + ", sku, unit"
	lacking := byProduct.each(perSKU, "license_missing_seats")
	return []query{
		names(named(group(perSKU, lacking), organizationName, productName, metricName)),
		values("Missing", lacking, looks(unit(unitCount), integral, width(90), coloured(noneIsOK))),
		values("Tolerated until", fmt.Sprintf("1000 * %s * on (%s) group_right () %s",
			byProduct.each(perLicense, "license_grace_period_end_timestamp_seconds"), perLicense, group(perSKU, lacking)), asDate),
	}
}

func overviewMoney() []*panelBuilder {
	const perCost = perProduct + ", component, currency"
	cost := byProduct.each(perCost, "license_cost")
	const none = "The vendors tell no costs of what is chosen"
	return []*panelBuilder{
		rows(about{"Cost by currency", "What licenses in force cost, by what it is paid for. Currencies are not added up.", none},
			8, 9, "Currency",
			[]column{label("vendor", "Vendor"), label("component", "For"), label("currency", "Currency")},
			values("Cost", sum("vendor, component, currency", cost), asMoney)),
		rows(about{"Cost by product", "What licenses in force cost, by product: the fifty that cost most in their currency.", none},
			16, 9, "-Cost",
			withColumns(organizationColumns, product(240), label("component", "For", width(120)), label("currency", "Currency", width(90))),
			names(named(group(perCost, "topk by (currency) (50, "+cost+")"), organizationName, productName)),
			values("Cost", "topk by (currency) (50, "+cost+")", asMoney)),
	}
}

func overviewOrganizations() []*panelBuilder {
	info := group(perOrganization+", licensing_model, region, api_enabled", chosenFacts.of("license_organization_info"))
	all := fmt.Sprintf("%s or on (%s) %s", info, perOrganization, group(perOrganization, chosenFacts.of("license_up")))
	return []*panelBuilder{
		rows(about{"Organizations", "The organizations that the accounts see, and whether their facts are fresh. An organization whose API is switched off cannot be read.",
			"No organizations in what is chosen"}, 24, 10, "Organization",
			withColumns(organizationColumns, label("licensing_model", "Model", width(120)), label("region", "Region", width(140)), label("api_enabled", "API", width(80))),
			names(fmt.Sprintf(`label_replace(%s, "organization_name", "(the account)", "organization_id", "")`, named(all, organizationName))),
			values("Facts", chosenFacts.each(perOrganization, "license_up"), looks(width(110), worded(freshness))),
			values("Oldest fetch", fmt.Sprintf("time() - %s", least(perOrganization,
				chosenFacts.of("license_exporter_collector_last_success_timestamp_seconds"))),
				looks(unit(unitSeconds), integral, width(130), coloured(age)))),
	}
}
