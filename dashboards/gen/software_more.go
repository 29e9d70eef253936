package main

func softwareCosts() []*panelBuilder {
	const (
		perCost = perProduct + ", component, currency"
		none    = "No license has a cost"
		off     = "No cost report. The collector snow_costs may be off."
	)
	paid, report := byProduct.each(perCost, "license_cost"), byProduct.each(perCost, "snow_cost")
	byCurrency := func(a about, costs string) *panelBuilder {
		return rows(a, 8, 9, "-Cost", []column{label("component", "For"), label("currency", "Currency")},
			values("Cost", sum("component, currency", costs), asMoney))
	}
	byApplication := func(a about, costs string) *panelBuilder {
		dearest := "topk by (currency) (100, " + costs + ")"
		return rows(a, 16, 9, "-Cost", withColumns(samColumns, label("currency", "Currency", width(90))),
			samNames(perProduct+", currency", dearest), values("Cost", dearest, asMoney))
	}
	return []*panelBuilder{
		byCurrency(about{"Licenses by currency", "The cost recorded on the licenses: purchase, and current maintenance and support.", none},
			paid),
		byApplication(about{"Applications by cost", "The cost recorded on the licenses of each application of an organization: the 100 applications with the highest cost in each currency.", none},
			sum(perProduct+", currency", paid)),
		byCurrency(about{"Report by currency", "The totals of the vendor's cost report, by component. Accumulated components include earlier periods.", off},
			report),
		byApplication(about{"Applications in the report", "The total cost of each application of an organization in the cost report: the 100 applications with the highest cost in each currency.", off},
			byProduct.each(perProduct+", currency", "snow_cost", `component="total"`)),
	}
}

func softwareIncomplete() []*panelBuilder {
	const perReason = perProduct + ", reason"
	incomplete := byProduct.each(perReason, "snow_licenses_incomplete") + " > 0"
	return []*panelBuilder{
		rows(about{"Incomplete licenses", "Licenses that the vendor ignores because data is missing, by reason.", "No license is incomplete"},
			16, 9, "-Licenses", withColumns(samColumns, label("reason", "Reason", width(200))),
			samNames(perReason, incomplete), values("Licenses", incomplete, asCount)),
		rows(about{"Kinds of licenses", "Licenses that are a subscription, upgrade, downgrade, cross-edition or cross-platform license. A license may be of several kinds.", "No licenses of software"},
			8, 9, "Kind", []column{label("kind", "Kind")},
			values("Licenses", sum("kind", byProduct.each(perProduct+", kind", "snow_licenses_by_kind")), asCount)),
	}
}

// mostly keeps the 25 applications with the highest values. More bars would not be readable.
func mostly(byName string) string {
	return among("product_name", byName, "topk(25, "+sum("product_name", byName)+")")
}

func softwareUse() []*panelBuilder {
	by := func(label, metric string) string {
		return mostly(sum("product_name, "+label, named(byProduct.each(perProduct+", unit, "+label, metric)+" > 0", productName)))
	}
	const perOther = perMetric + ", license_unit"
	other := byProduct.each(perOther, "snow_other_metric_coverage")
	return []*panelBuilder{
		bars(about{"Entitlements", "How many seats of each application may be used, by what the licenses are assigned to.", "No entitlements"},
			12, by("assignment_type", "snow_entitlement_quantity"), "product_name", "assignment_type"),
		bars(about{"Computers by entitlement", "Computers by the state of their entitlement to each application.", "No entitlement states. The collector snow_entitlement_states may be off."},
			12, by("state", "snow_entitled_computers"), "product_name", "state"),
		bars(about{"Users by entitlement", "Users by the state of their entitlement to each application.", "No entitlement states. The collector snow_entitlement_states may be off."},
			12, by("state", "snow_entitled_users"), "product_name", "state"),
		rows(about{"Coverage by another metric", "How much of the requirement of an application by one metric is covered by licenses of another metric.", "No coverage by another metric, or the collector snow_compliance_usage is off"},
			12, 9, "Application", []column{label("product_name", "Application"), label("metric_name", "Metric"), label("license_unit", "Metric id of the licenses")},
			names(named(group(perOther, other), productName, metricName)),
			values("Covered", other, asCount)),
	}
}
