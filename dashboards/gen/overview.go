package main

import (
	"fmt"
)

// chosenAll has the selected accounts on boards for all vendors. chosenFacts adds the selected
// organizations, chosenOwned the selected manufacturers and owners, and byProduct the selected
// products. Facts about a whole organization have no product and no manufacturer, so selecting
// one leaves them out.
var (
	chosenAll   = matching(`cluster=~"$cluster", vendor=~"$vendor", account=~"$account"`)
	chosenFacts = chosenAll.with(`organization_id=~"$organization"`)
	chosenOwned = chosenFacts.filtered(byManufacturer, byOwner)
	byProduct   = chosenOwned.with(`product=~"$product"`)
)

// The facts that several boards show.
var (
	daysToEnd = byProduct.each(perProduct, "license_days_to_expiration")
	ends      = byProduct.each(perProduct, "license_next_expiration_timestamp_seconds")
	contracts = chosenOwned.each(perLicense, "license_expiration_timestamp_seconds", `product=""`) // the ends of subscriptions and agreements
	compliant = byProduct.each(perLicense, "license_compliant")
	bought    = sum(perProduct+", unit", byProduct.each(perSeat, "license_seats_limit"))
	// owned has the seats that were bought. If the vendor reports the seats of the whole account only, it has those
	// that each organization bought.
	owned    = bought + " or " + sum(perProduct+", unit", byProduct.each(perSeat, "snow_licenses_seats"))
	free     = sum(perProduct+", unit", byProduct.each(perSeat, "license_seats_available"))
	required = byProduct.each(perProduct+", unit", "license_seats_required")
	muted    = byProduct.each(perLicense, "license_policy_muted")
	// Products that are muted as a whole.
	mutedProducts = byProduct.each(perProduct, "license_policy_muted", `license_id=""`)
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
		description: "All vendors: what needs action, who has to act, what ends next, how many seats are in use, and what licenses cost. " +
			"Generated from dashboards/gen.",
		from:      "30d",
		variables: variables(vendorVariable(), organizationVariable(chosen("organization", "Organization", ""), chosenAll), chosenAll),
		rows: []row{
			{title: "What needs action", panels: overviewProblems()},
			{title: "By owner, month and cost", panels: overviewOwners()},
			{title: "What ends next", panels: overviewEnds()},
			{title: "Renews by itself or muted", panels: overviewApart()},
			{title: "What has ended", panels: overviewEnded()},
			{title: "Seats and compliance", panels: overviewSeats()},
			{title: "Unused licenses", panels: overviewUnused()},
			{title: "Costs", panels: overviewCosts()},
			{title: "Organizations", panels: overviewOrganizations()},
		},
	}
}

// mutedByPolicy is a table of all that a policy mutes, with the names of products and licenses, and
// more names.
func mutedByPolicy(columns []column, more ...name) *panelBuilder {
	first := most("topk", muted)
	// Ends are those of products, or of subscriptions and agreements.
	end := among(perLicense, "("+ends+" or "+contracts+")", first)
	return rows(about{"Muted by policy", "What policies in the exporter's configuration mute. Alerts and the figures at the top leave it out. A row without a product and a subscription is about the whole organization.",
		"No policy mutes anything in the selection"}, 24, 8, "Days left,Product", columns,
		names(named(group(perLicense, first), append(more, productName, licenseName, licensePolicy)...)),
		values("Days left", daysUntil("("+end+")"), asDays),
		values("Ends on", milliseconds("("+end+")"), asDate))
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
		rows(about{"Seats", fmt.Sprintf("Seats that are bought, in use, required (needed by devices or users) and free, by product and unit: the %d with the highest use.", mostRows),
			"No seats in the selection"}, 24, 10, "-Used",
			withColumns(organizationColumns, product(), label("metric_name", "Unit"), ownerColumn),
			seats(most("topk", seatsShare), productPolicy)...),
		rows(about{"Negative verdicts", "Organizations, subscriptions and products that the vendor reports as not compliant. Unlike the figure Not compliant, the table includes what is muted and what another alert reports.",
			"The vendor reports nothing as not compliant"}, 24, 8, "Organization",
			withColumns(organizationColumns, product(), label("license_name", "License"), ownerColumn),
			names(named(compliant+" == 0", organizationName, productName, licenseName, licensePolicy))),
		rows(about{"Missing seats", "Seats that the vendor counts as missing, and until when the vendor tolerates it.",
			"The vendor counts no missing seats"}, 24, 8, "Organization",
			withColumns(organizationColumns, product(), label("sku", "SKU", width(140)), label("metric_name", "Unit"), ownerColumn),
			missing(licensePolicy)...),
	}
}

// seats returns the columns about the seats of products. ranked has the share that is in use.
func seats(ranked string, more ...name) []query {
	ofThose := func(seats string) string { return among(perProduct+", unit", "("+seats+")", ranked) }
	return []query{
		names(named(group(perProduct+", unit", ranked), append([]name{organizationName, productName, metricName}, more...)...)),
		values("Used", ranked, asShare),
		values("Bought", ofThose(bought), asCount),
		values("In use", ofThose(inUse), asCount),
		values("Required", ofThose(required), asCount),
		values("Free", ofThose(free), asFree),
	}
}

// missing returns the columns about missing seats.
func missing(more ...name) []query {
	const perSKU = perLicense + ", sku, unit"
	lacking := byProduct.each(perSKU, "license_missing_seats")
	return []query{
		names(named(group(perSKU, lacking), append([]name{organizationName, productName, metricName}, more...)...)),
		values("Missing", lacking, looks(unit(unitCount), integral, width(80), coloured(noneIsOK))),
		values("Tolerated until", fmt.Sprintf("1000 * %s * on (%s) group_right () %s",
			byProduct.each(perLicense, "license_grace_period_end_timestamp_seconds"), perLicense, group(perSKU, lacking)),
			looks(unit(unitDate), width(120))),
	}
}

func overviewOrganizations() []*panelBuilder {
	info := group(perOrganization+", licensing_model, region, api_enabled", chosenFacts.of("license_organization_info"))
	up := chosenFacts.each(perOrganization, "license_up")
	// Organizations whose API is switched off have no license_up.
	first := most("bottomk", fmt.Sprintf("(%s or 0 * %s)", up, group(perOrganization, chosenFacts.of("license_organization_info"))))
	all := fmt.Sprintf("(%s and on (%s) %s) or on (%s) %s", info, perOrganization, first, perOrganization, group(perOrganization, first))
	return []*panelBuilder{
		rows(about{"Organizations", fmt.Sprintf("The organizations of the accounts, whether their facts are current, and if not, how old they are: at most %d, failing ones first. The exporter cannot read an organization whose API access is switched off.", mostRows),
			"No organizations in the selection"}, 24, 10, "Organization",
			withColumns(organizationColumns, label("licensing_model", "Model", width(120)), label("region", "Region", width(140)), label("api_enabled", "API", width(80))),
			names(fmt.Sprintf(`label_replace(%s, "organization_name", "(the account)", "organization_id", "")`, named(all, organizationName))),
			values("Facts", among(perOrganization, up, first), looks(width(110), worded(freshness))),
			values("Oldest fetch", "time() - "+among(perOrganization, notHealthy(chosenFacts, least(perOrganization,
				chosenFacts.each(perUnit, "license_exporter_collector_last_success_timestamp_seconds"))), first),
				looks(unit(unitSeconds), integral, width(130), coloured(age)))),
		lifecycles([]column{label("account", "Account"), label("model", "Model"), label("product_type", "Type")},
			values("Organizations", fmt.Sprintf("count by (%s, model, product_type) (%s)", perAccount, group(perModel, chosenFacts.of("meraki_inventory_devices"))), asCount)),
	}
}
