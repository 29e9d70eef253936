package main

func softwareCosts() []*panelBuilder {
	const (
		perCost = perProduct + ", component, currency"
		none    = "No license tells its cost"
		off     = "No cost report: switch on snow_costs"
	)
	paid, report := samProduct.each(perCost, "license_cost"), samProduct.each(perCost, "snow_cost")
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
		byCurrency(about{"Licenses by currency", "What the licenses cost by themselves: their purchase, and the maintenance and support that is paid now. Currencies are not added up.", none},
			paid),
		byApplication(about{"Applications by cost", "What the licenses of each application cost an organization by themselves: the hundred that cost most in their currency.", none},
			sum(perProduct+", currency", paid)),
		byCurrency(about{"Report by currency", "What the vendor's cost report sums up by component. Accumulated ones include what was paid in former periods.", off},
			report),
		byApplication(about{"Applications in the report", "What each application costs an organization in total by the cost report: the hundred that cost most in their currency.", off},
			samProduct.each(perProduct+", currency", "snow_cost", `component="total"`)),
	}
}

func softwareIncomplete() []*panelBuilder {
	const perReason = perProduct + ", reason"
	incomplete := samProduct.each(perReason, "snow_licenses_incomplete") + " > 0"
	return []*panelBuilder{
		rows(about{"Incomplete licenses", "Licenses that the vendor leaves out because they lack something, by reason.", "No license is incomplete"},
			16, 9, "-Licenses", withColumns(samColumns, label("reason", "Reason", width(200))),
			samNames(perReason, incomplete), values("Licenses", incomplete, asCount)),
		rows(about{"Kinds of licenses", "Licenses that are a subscription, upgrade, downgrade, cross-edition or cross-platform. One may be several.", "No licenses of software"},
			8, 9, "Kind", []column{label("kind", "Kind")},
			values("Licenses", sum("kind", samProduct.each(perProduct+", kind", "snow_licenses_by_kind")), asCount)),
	}
}

// mostly keeps the 25 applications with the highest values. More bars would not be readable.
func mostly(byName string) string {
	return among("product_name", byName, "topk(25, "+sum("product_name", byName)+")")
}

func softwareUse() []*panelBuilder {
	by := func(label, metric string) string {
		return mostly(sum("product_name, "+label, named(samProduct.each(perProduct+", unit, "+label, metric)+" > 0", productName)))
	}
	const perOther = perMetric + ", license_unit"
	other := samProduct.each(perOther, "snow_other_metric_coverage")
	return []*panelBuilder{
		bars(about{"Entitlements", "How much of each application may be used, by what the licenses are assigned to.", "No entitlements"},
			12, by("assignment_type", "snow_entitlement_quantity"), "product_name", "assignment_type"),
		bars(about{"Computers by entitlement", "Computers by the state of their entitlement to each application.", "No states of entitlement: switch on snow_entitlement_states"},
			12, by("state", "snow_entitled_computers"), "product_name", "state"),
		bars(about{"Users by entitlement", "Users by the state of their entitlement to each application.", "No states of entitlement: switch on snow_entitlement_states"},
			12, by("state", "snow_entitled_users"), "product_name", "state"),
		rows(about{"Coverage by another metric", "How much of what an application requires by one metric is covered by licenses of another.", "No coverage by another metric, or snow_compliance_usage is switched off"},
			12, 9, "Application", []column{label("product_name", "Application"), label("metric_name", "Metric"), label("license_unit", "Metric id of the licenses")},
			names(named(group(perOther, other), productName, metricName)),
			values("Covered", other, asCount)),
	}
}
