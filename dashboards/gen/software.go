package main

import "fmt"

// softwareVendors are the vendors whose licenses are for products of many manufacturers.
const softwareVendors = "snow|table"

// chosenAgreements has the selected agreements. They have manufacturers, but no products.
var chosenAgreements = chosenFacts.filtered(filter{"manufacturer", "snow_agreement_info", perLicense}, byOwner)

const (
	perApplication = perAccount + ", product"
	perMetric      = perProduct + ", unit"
)

func softwareAssets() board {
	return board{
		uid:   uidSoftware,
		title: "License software assets",
		description: "Software in Snow Atlas and in tables: applications, shortfalls, costs by manufacturer and owner, ends of licenses, maintenance and agreements, and incomplete licenses. " +
			"Generated from dashboards/gen.",
		from: "30d",
		// Compliance is reported for the whole tenant, so selecting an organization leaves it out.
		variables: variables(chosen("vendor", "Vendor", `label_values(license_up{cluster=~"$cluster", vendor=~"`+softwareVendors+`"}, vendor)`).AllValue(softwareVendors),
			organizationVariable(chosen("organization", "Organization", ""), chosenAll), chosenAll),
		rows: []row{
			{title: "At a glance", panels: softwareFigures()},
			{title: "By manufacturer and owner", panels: softwareSums()},
			{title: "Applications and shortfalls", panels: softwareApplications()},
			{title: "Ends and maintenance", panels: softwareEnds()},
			{title: "Agreements", panels: softwareAgreements()},
			{title: "Costs", panels: softwareCosts()},
			{title: "Incomplete licenses", panels: softwareIncomplete()},
			{title: "Entitlement and assignment", panels: append(softwareUse(), softwareAssignments()...)},
			{title: "Coverage, transfers, upgrades and policies", panels: softwareMoves()},
		},
	}
}

// The facts that several panels of the board show.
var (
	samLicenses   = byProduct.each(perProduct+", state, assigned", "license_licenses", `product!=""`)
	samDays       = byProduct.each(perProduct, "license_days_to_expiration", `product!=""`)
	samSurplus    = byProduct.each(perMetric, "license_seats_available")
	samMaintained = byProduct.each(perProduct, "snow_maintained_licenses")
	samVerdicts   = byProduct.each(perProduct, "license_compliant", `product!=""`, `organization_id=""`) // on the whole tenant

	// The columns with the names of the organization and the application.
	samColumns = append(linkedOrganization(), label("product_name", "Application"))
)

// samNames is a query for the names of the organization and the application of each row.
func samNames(labels, facts string, more ...name) query {
	return names(named(group(labels, facts), append([]name{organizationName, productName}, more...)...))
}

func softwareFigures() []*panelBuilder {
	const none = "No licenses of software"
	return []*panelBuilder{
		figure(about{"Applications", "Applications that have licenses.", none},
			"count("+group(perApplication, samLicenses)+")", unitCount, plain),
		figure(about{"Applications short", "Applications that are short of licenses by at least one metric, by the vendor's compliance report.", "No compliance report. The collector snow_compliance may be off."},
			count(samVerdicts, "== 0"), unitCount, noneIsOK),
		figure(about{"Missing licenses", "Missing licenses, over all metrics of all applications.", "No compliance report. The collector snow_compliance may be off."},
			fmt.Sprintf("sum((%[1]s < bool 0) * -%[1]s)", samSurplus), unitCount, noneIsOK),
		figure(about{"Incomplete licenses", "Licenses that the vendor ignores because data is missing, counted once for each reason.", none},
			orNone(total(byProduct.each(perProduct+", reason", "snow_licenses_incomplete")), samLicenses), unitCount, fewIsOK),
		figure(about{"Subscriptions ended", "Subscription licenses that have ended.", none},
			orNone(total(byProduct.each(perProduct, "snow_expired_subscription_licenses")), samLicenses), unitCount, fewIsOK),
		figure(about{"Maintenance ended", "Licenses whose maintenance has ended without a renewal.", "No license has maintenance"},
			orNone(total(byProduct.each(perProduct, "snow_maintenance_ended_licenses")), samMaintained), unitCount, fewIsOK),
	}
}

func softwareApplications() []*panelBuilder {
	first := most("topk", sum(perApplication, samLicenses))
	ofThose := func(expr string) string { return among(perApplication, expr, first) }
	info := group(perApplication+", product_name, manufacturer, product_type", chosenAll.of("license_product_info", `product_name!=""`))
	date := func(metric string) query {
		titles := map[string]string{"support": "Support ends", "extended_support": "Extended support", "life": "Life ends"}
		ends := chosenAll.each(perApplication, "snow_application_end_of_"+metric+"_timestamp_seconds", `product=~"$product"`)
		return values(titles[metric], milliseconds(ofThose(ends)), asDate)
	}
	return []*panelBuilder{
		rows(about{"Applications", fmt.Sprintf("Applications with their licenses, the earliest end, and the end of the manufacturer's support: the %d with most licenses. An application that has no name yet is shown by its id.", mostRows),
			"No licenses of software"}, 24, 11, "Days left",
			[]column{label("product_name", "Application"), label("manufacturer", "Manufacturer", width(160)), label("product_type", "Platform", width(110))},
			names(fmt.Sprintf(`%s or on (%s) label_replace(%s, "product_name", "$1", "product", "(.*)")`,
				ofThose(info), perApplication, group(perApplication, first))),
			values("Licenses", first, asCount),
			values("Days left", ofThose(least(perApplication, samDays)), asDays),
			values("Verdict", ofThose(least(perApplication, samVerdicts)), asVerdict),
			date("support"), date("extended_support"), date("life")),
		rows(about{"Shortfalls", "Applications by metric, the largest shortfalls first: bought, usable and required licenses, and the surplus, which is negative if licenses are missing.",
			"No compliance report. The collector snow_compliance may be off."}, 24, 11, "Surplus",
			[]column{label("product_name", "Application"), label("metric_name", "Metric"), ownerColumn},
			shortfalls()...),
		softwareNeeds(byProduct, samColumns, organizationName),
	}
}

// softwareNeeds is a table of the seats that organizations have and need of applications.
func softwareNeeds(s scope, columns []column, more ...name) *panelBuilder {
	seats, difference := s.each(perMetric, "snow_licenses_seats"), s.each(perMetric, "snow_allocation_compliance")
	first := most("bottomk", difference) + " or " + most("topk", seats)
	of := func(metric string) string { return among(perMetric, s.each(perMetric, metric), "("+first+")") }
	return rows(about{"Seats and needs of organizations", fmt.Sprintf("The usable seats of an application that an organization bought. If snow_compliance_allocation is on, also the seats that it requires, how many of them are covered, and the difference. The %d rows with the largest shortfalls or most seats. Organizations may use the seats of others.", mostRows),
		"No organization has usable seats"}, 24, 9, "Difference",
		withColumns(columns, label("metric_name", "Metric")),
		names(named(group(perMetric, first), append(more, productName, metricName)...)),
		values("Bought", of("snow_licenses_seats"), asCount),
		values("Required", of("snow_allocation_requirement"), asCount),
		values("Covered", of("snow_allocation_coverage"), asCount),
		values("Difference", of("snow_allocation_compliance"), asFree))
}

// shortfalls returns the columns of the compliance report.
func shortfalls() []query {
	first := most("bottomk", samSurplus)
	of := func(metric string) string {
		return among(perMetric, byProduct.each(perMetric, metric), first)
	}
	return []query{
		names(named(group(perMetric, first), productName, metricName, accountPolicy)),
		values("Surplus", first, asFree),
		values("Bought", of("snow_compliance_purchased_licenses"), asCount),
		values("Usable", of("snow_compliance_available_licenses"), asCount),
		values("Required", of("license_seats_required"), asCount),
		values("Covered", of("snow_compliance_coverage"), asCount),
		values("Subscription ended", of("snow_compliance_expired_subscription_licenses"), looks(asCount, width(150))),
		values("Incomplete", of("snow_compliance_incomplete_licenses"), asCount),
		values("Invalid", of("snow_compliance_invalid_assignments"), asCount),
		values("Not assigned", of("snow_compliance_unassigned_licenses"), asCount),
	}
}

func softwareEnds() []*panelBuilder {
	first := most("bottomk", "("+samDays+" >= 0)")
	ends := byProduct.each(perProduct, "license_next_expiration_timestamp_seconds", `product!=""`)
	within := func(metric, days string) string {
		return byProduct.each(perProduct, metric, `product!=""`, `within_days="`+days+`"`)
	}
	noneMaintained := " or 0 * " + samMaintained
	return []*panelBuilder{
		bars(about{"Ends by month", "How many applications of organizations end in each calendar month, by account, from now on.", "No software license has a future end"},
			12, months("account", ends), "month", "account"),
		bars(about{"Maintenance ends by month", "For how many applications of organizations maintenance ends in each calendar month, by account, from now on.", "No license has maintenance that ends"},
			12, months("account", byProduct.each(perProduct, "snow_maintenance_next_end_timestamp_seconds")), "month", "account"),
		rows(about{"Applications by end", fmt.Sprintf("When the licenses of each application of an organization end, and how many end, from now on: the %d that end first. The dashboard License overview shows what has ended.", mostRows),
			"No software license has a future end"}, 24, 9, "Days left", withColumns(samColumns, ownerColumn),
			samNames(perProduct, first, productPolicy),
			values("Days left", first, asDays),
			values("In 30 days", among(perProduct, within("license_licenses_expiring", "30"), first)+" or 0 * "+first, asCount),
			values("In 90 days", among(perProduct, within("license_licenses_expiring", "90"), first)+" or 0 * "+first, asCount)),
		rows(about{"Maintenance", "Licenses with maintenance, licenses whose maintenance has ended, and the next end of maintenance.", "No license has maintenance"}, 24, 9, "Days left", samColumns,
			samNames(perProduct, samMaintained),
			values("Days left", daysUntil(byProduct.each(perProduct, "snow_maintenance_next_end_timestamp_seconds")), asDays),
			values("In force", samMaintained, asCount),
			values("Ended", byProduct.each(perProduct, "snow_maintenance_ended_licenses")+noneMaintained, asCount),
			values("In 30 days", within("snow_maintenance_licenses_expiring", "30")+noneMaintained, asCount),
			values("In 90 days", within("snow_maintenance_licenses_expiring", "90")+noneMaintained, asCount)),
	}
}

func softwareAgreements() []*panelBuilder {
	const perAgreement = perOrganization + ", license_id"
	end := chosenAgreements.each(perAgreement, "license_expiration_timestamp_seconds", `product=""`)
	info := group(perAgreement+", agreement_type, manufacturer, subscription", chosenAgreements.of("snow_agreement_info"))
	limit := func(which string) string {
		return chosenAgreements.each(perAgreement, "snow_agreement_"+which+"_limit_seconds")
	}
	state := fmt.Sprintf("(%[1]s - time() < bool %[2]s) + (%[1]s - time() < bool %[3]s) + (%[1]s < bool time())",
		end, limit("warning"), limit("critical"))
	states := valueNames(map[string][2]string{
		"0": {"in time", "green"}, "1": {"warning", "orange"}, "2": {"critical", "red"}, "3": {"ended", "dark-red"},
	})
	return []*panelBuilder{
		rows(about{"Agreements", "Agreements with their end, the deadline (the last day to renew or cancel), the warning and critical limits that are set in Snow, the state by these limits, and whether alerts are on in Snow. An agreement that has not begun has no end here.",
			"No agreements, or the collector snow_agreements is off"}, 24, 9, "Days left",
			[]column{
				label("license_name", "Agreement"), label("agreement_type", "Type"),
				label("manufacturer", "Manufacturer", width(130)), label("subscription", "Subscription", width(110)), ownerColumn,
			},
			names(named(info, licenseName, licensePolicy)),
			values("Days left", daysUntil(end), asDays),
			values("Ends on", milliseconds(end), asDate),
			values("Deadline", milliseconds(among(perAgreement, chosenAgreements.each(perAgreement, "license_renewal_deadline_timestamp_seconds"), end)), asDate),
			values("By its limits", state, looks(width(110), worded(states))),
			values("Warning at", limit("warning")+" / 86400", asPeriod),
			values("Critical at", limit("critical")+" / 86400", asPeriod),
			values("Alerting", chosenAgreements.each(perAgreement, "snow_agreement_alerting"), looks(width(90), worded(yesNo)))),
	}
}
