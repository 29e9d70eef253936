package main

import (
	"fmt"
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func organization() board {
	organization := organizationVariable(single("organization", "Organization", ""), chosenAll)
	return board{
		uid:   uidOrganization,
		title: "License organization",
		description: "One organization in detail: when its products end, its seats, its compliance, and the facts of its licensing model. " +
			"Generated from dashboards/gen.",
		from:      "30d",
		variables: variables(vendorVariable(), organization, chosenFacts),
		rows: []row{
			{title: "At a glance", panels: organizationFigures()},
			{title: "What ends", panels: organizationEnds()},
			{title: "Licenses and seats", panels: organizationSeats()},
			{title: "Compliance", panels: organizationCompliance()},
			{title: "Co-term (Meraki)", panels: cotermPanels(), closed: true},
			{title: "Per-device (Meraki)", panels: perDevicePanels(), closed: true},
			{title: "Subscriptions (Meraki)", panels: subscriptionPanels(), closed: true},
			{title: "Inventory (Meraki)", panels: inventoryPanels(), closed: true},
			{title: "Copilot and plans (GitHub)", panels: githubPanels(), closed: true},
			{title: "Users (GitLab)", panels: gitlabPanels(), closed: true},
			{title: "Subscriptions (Microsoft 365)", panels: microsoft365Panels(), closed: true},
			{title: "Software (Snow)", panels: []*panelBuilder{softwareNeeds(byProduct, []column{productColumn})}, closed: true},
		},
	}
}

// Columns that recur on the board of one organization.
var (
	productColumn = product()
	licenseColumn = label("license_name", "License")
)

func organizationFigures() []*panelBuilder {
	const none = "No license facts of the organization"
	return []*panelBuilder{
		rows(about{"Organization", "The organization by name, with its licensing model and region, and whether its API is switched on.", none}, 24, 4, "Organization",
			[]column{
				label("organization_name", "Organization"), label("organization_id", "Organization id"), label("licensing_model", "Model"),
				label("region", "Region"), label("api_enabled", "API"),
			},
			names(named(group(perOrganization+", licensing_model, region, api_enabled", chosenFacts.of("license_organization_info")), organizationName))),
		figure(about{"Days to the next end", "Days until the next product ends. What has already ended is left out.", "Nothing has a future end"},
			"min("+daysToEnd+" >= 0)", unitDays, daysLeft),
		endedInUse(), toRenew(), shortOfSeats(),
		figure(about{"Verdict", "The vendor's verdict: not compliant if any verdict on the organization, its subscriptions or its products is.", "The vendor reports no verdict"},
			"min("+compliant+")", unitCount, oneIsOK).Mappings(noValue(verdicts, "The vendor reports no verdict", "text")),
		figure(about{"Facts", "Whether all facts are from the latest fetch. If not, the last good facts are shown.", "Fetched with the account as a whole"},
			"min("+chosenFacts.each(perOrganization, "license_up")+")", unitCount, oneIsOK).Mappings(noValue(freshness, "Fetched with the account as a whole", "text")),
	}
}

func organizationEnds() []*panelBuilder {
	// The table by end leaves out products without an end. A count that is absent is 0 if the product's licenses are counted.
	dated := func(metric string, matchers ...string) string {
		return among(perProduct, "("+byProduct.each(perProduct, metric, matchers...)+
			" or 0 * ("+byProduct.each(perProduct, "license_licenses")+" > 0))", daysToEnd)
	}
	const expiring = "license_licenses_expiring"
	end := most("bottomk", byProduct.each(perLicense, "license_expiration_timestamp_seconds"))
	info := group(perLicense+", license_name, state, order_id, device_serial", byProduct.of("license_info"))
	return []*panelBuilder{
		bars(about{"Ends by month", "How many products end in each calendar month from now on.", "No license has a future end"},
			6, months("product_name", productsNamed(ends)), "month", "product_name"),
		rows(about{"Products by end", "When the licenses of each product end or have ended, and how many end within 7, 30 and 90 days. A row without a product is about the whole organization.",
			"No license has an end"}, 18, 9, "Days left", withColumns([]column{productColumn}, policyColumns...),
			names(productsNamed(group(perProduct, daysToEnd), productPolicy)),
			values("Days left", daysToEnd, asDays),
			values("Ends on", milliseconds(ends), asDate),
			values("In 7 days", dated(expiring, `within_days="7"`), asCount),
			values("In 30 days", dated(expiring, `within_days="30"`), asCount),
			values("In 90 days", dated(expiring, `within_days="90"`), asCount),
			values("Without end", dated("license_licenses_without_expiration"), asCount),
			values("Muted", among(perProduct, mutedProducts, daysToEnd), asMuted)),
		rows(about{"Licenses by end", fmt.Sprintf("Subscriptions and agreements by name, and individual licenses if individual_licenses is on: the %d that end first.", mostRows),
			"No subscription or agreement has an end, and individual_licenses is off"}, 24, 9, "Days left",
			[]column{
				licenseColumn, label("license_id", "License id", width(160)), label("product", "Product"),
				label("state", "State", width(110)), label("order_id", "Order", width(140)), label("device_serial", "Device", width(150)),
			},
			names(among(perLicense, info, end)),
			values("Days left", daysUntil(end), asDays),
			values("Ends on", milliseconds(end), asDate),
			values("Muted", among(perLicense, muted, end), asMuted)),
		mutedByPolicy([]column{productColumn, licenseColumn, policyColumns[0]}),
	}
}

// productsNamed adds the names of products, and more names. Facts about a whole organization get the name (all). Otherwise,
// a table of such facts alone would have no column for products.
func productsNamed(expr string, more ...name) string {
	return fmt.Sprintf(`label_replace(%s, "product_name", "(all)", "product_name", "")`, named(expr, append(more, productName)...))
}

func organizationSeats() []*panelBuilder {
	licenses := sum("product_name, state", named(byProduct.each(perProduct+", state, assigned", "license_licenses"), productName)) + " > 0"
	return []*panelBuilder{
		bars(about{"Licenses by state", "Licenses of each product by the vendor's state.", "No licenses"},
			12, licenses, "product_name", "state"),
		rows(about{"Seats", "Seats that are bought, in use, required (needed by devices) and free, by product. The seats of Snow are below, under Software.", "No seats, or the vendor reports seats only for the whole account"}, 12, 9, "-Used",
			[]column{productColumn, label("metric_name", "Unit", width(120))}, seats(seatsShare)...),
		lines(about{"Seats bought and in use over time", "Seats of all products. If the vendor does not report the seats in use, the required seats are shown.", "No seats"},
			unitCount, 12, expr{total(owned), "bought"}, expr{total(inUse), "in use"}),
		signedLines(about{"Days to the end over time", "Days until each product ends, negative after the end. A renewal raises the number.", "No license has an end"},
			unitDays, 12, expr{productsNamed(daysToEnd), "{{product_name}}"}).Decimals(0),
	}
}

func organizationCompliance() []*panelBuilder {
	const perStatus = perOrganization + ", license_id, status"
	return []*panelBuilder{
		rows(about{"Status", "The vendor's status of the organization and of its subscriptions.", "The vendor reports no status"}, 6, 8, "License",
			[]column{label("license_name", "License"), label("status", "Status", width(130))},
			names(named(chosenFacts.each(perStatus, "license_status")+" == 1", licenseName))),
		rows(about{"Verdicts", "The vendor's verdict on the organization, its subscriptions or its products.", "The vendor reports no verdict"}, 7, 8, "Verdict",
			[]column{label("license_name", "License"), product()},
			names(productsNamed(group(perLicense, compliant), licenseName)),
			values("Verdict", compliant, asVerdict)),
		rows(about{"Missing seats", "Seats that the vendor counts as missing, and until when the vendor tolerates it.", "The vendor counts no missing seats"}, 11, 8, "Product",
			[]column{productColumn, label("sku", "SKU", width(120)), label("metric_name", "Unit")}, missing()...),
	}
}

const perModel = perOrganization + ", model, product_type"

func inventoryPanels() []*panelBuilder {
	devices := sum("model, used", chosenFacts.each(perModel+", used", "meraki_inventory_devices"))
	for _, used := range [][2]string{{"true", "in a network"}, {"false", "in no network"}} {
		devices = fmt.Sprintf(`label_replace(%s, "used", "%s", "used", "%s")`, devices, used[1], used[0])
	}
	return []*panelBuilder{
		bars(about{"Devices by model", "Devices that the organization has claimed, by model, and whether they are in a network.", "The organization has no Meraki devices"},
			14, devices, "model", "used"),
		rows(about{"Models by end", "When the license of the first device of each model ends, by the inventory.", "The inventory has no license dates, as in co-term and subscription licensing"}, 10, 9, "Days left",
			[]column{label("model", "Model"), label("product_type", "Type")},
			values("Days left", daysUntil(chosenFacts.each(perModel, "meraki_inventory_next_license_expiration_timestamp_seconds")), asDays)),
		lifecycles([]column{label("model", "Model"), label("product_type", "Type")}),
	}
}

// lifecycles is a table of the models of devices that the vendor stops selling or supporting. The dates depend on the model
// alone, and not on the organization.
func lifecycles(columns []column, more ...query) *panelBuilder {
	const perAccountModel = perAccount + ", model, product_type"
	devices := sum(perAccountModel, chosenFacts.each(perModel+", used", "meraki_inventory_devices"))
	ends := func(of string) string {
		return among(perAccountModel, least(perAccountModel, chosenAll.of("meraki_inventory_end_of_"+of+"_timestamp_seconds")), devices)
	}
	first := most("bottomk", "("+ends("support")+" or "+ends("sale")+")")
	ofThose := func(expr string) string { return among(perAccountModel, expr, first) }
	queries := []query{
		names(group(perAccountModel, first)),
		values("Devices", ofThose(devices), asCount),
		values("End of sale", milliseconds(ofThose(ends("sale"))), asDate),
		values("End of support", milliseconds(ofThose(ends("support"))), looks(asDate, width(120))),
	}
	for _, q := range more {
		queries = append(queries, values(q.title, ofThose(q.expr), q.look))
	}
	return rows(about{"End of sale and of support", "When Meraki stops selling and supporting the claimed models, if it has announced this. Devices include those in stock. The models that lose support first are shown, at most " + strconv.Itoa(mostRows) + ".",
		"Meraki has announced no end of sale or support for the claimed devices"}, 24, 9, "End of support",
		columns, queries...)
}

// dateFigure is a date. It has one color, since no date is good or bad.
func dateFigure(a about, query string) *panelBuilder {
	return figure(a, milliseconds(query), unitDate, []dashboard.Threshold{base("text")})
}
