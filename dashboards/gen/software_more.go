package main

import "fmt"

func softwareCosts() []*panelBuilder {
	const perCost = perProduct + ", component, currency"
	paid := each(perCost, samProduct.of("license_cost"))
	dearest := "topk by (currency) (100, " + sum(perProduct+", currency", paid) + ")"
	costColumns := []column{label("component", "For"), label("currency", "Currency")}
	return []*panelBuilder{
		descending(rows(about{"Licenses by currency", "What the licenses cost by themselves: their purchase, and the maintenance and support that is paid now. Currencies are not added up.",
			"No license tells its cost"}, 8, 9, "Cost", costColumns, values("Cost", sum("component, currency", paid), asMoney...)), "Cost"),
		descending(rows(about{"Applications by cost", "What the licenses of each application cost an organization by themselves: the hundred that cost most in their currency.",
			"No license tells its cost"},
			16, 9, "Cost", append(samColumns[:len(samColumns):len(samColumns)], label("currency", "Currency", width(90))),
			samNames(perProduct+", currency", dearest), values("Cost", dearest, asMoney...)), "Cost"),
	}
}

func softwareIncomplete() []*panelBuilder {
	const perReason = perProduct + ", reason"
	incomplete := each(perReason, samProduct.of("snow_licenses_incomplete")) + " > 0"
	return []*panelBuilder{
		descending(rows(about{"Incomplete licenses", "Licenses that do not count since they lack something, by reason.", "No license is incomplete"},
			16, 9, "Licenses", append(samColumns[:len(samColumns):len(samColumns)], label("reason", "Reason", width(200))),
			samNames(perReason, incomplete), values("Licenses", incomplete, asCount...)), "Licenses"),
		rows(about{"Kinds of licenses", "Licenses that are a subscription, upgrade, downgrade, cross-edition or cross-platform. One may be several.", "No licenses of software"},
			8, 9, "Kind", []column{label("kind", "Kind")},
			values("Licenses", sum("kind", each(perProduct+", kind", samProduct.of("snow_licenses_by_kind"))), asCount...)),
	}
}

// mostly keeps the applications with the most, as many as bars can be told apart.
func mostly(byName string) string {
	return fmt.Sprintf("%s and on (product_name) topk(25, %s)", byName, sum("product_name", byName))
}

func softwareUse() []*panelBuilder {
	by := func(label, metric string) string {
		return mostly(sum("product_name, "+label, named(each(perProduct+", unit, "+label, samProduct.of(metric))+" > 0", productName)))
	}
	const perOther = perMetric + ", license_unit"
	other := each(perOther, samProduct.of("snow_other_metric_coverage"))
	return []*panelBuilder{
		bars(about{"Entitlements", "How much of each application may be used, by what the licenses are assigned to.", "No entitlements"},
			12, by("assignment_type", "snow_entitlement_quantity"), "product_name", "assignment_type"),
		bars(about{"Computers by entitlement", "Computers by the state of their entitlement to each application.", "No states of entitlement: switch on snow_entitlement_states"},
			12, by("state", "snow_entitled_computers"), "product_name", "state"),
		bars(about{"Users by entitlement", "Users by the state of their entitlement to each application.", "No states of entitlement: switch on snow_entitlement_states"},
			12, by("state", "snow_entitled_users"), "product_name", "state"),
		rows(about{"Coverage by another metric", "How much of what an application requires by one metric is covered by licenses of another.", "No coverage by another metric, or snow_compliance is switched off"},
			12, 9, "Application", []column{label("product_name", "Application"), label("metric_name", "Metric"), label("license_unit", "Metric id of the licenses")},
			names(named(group(perOther, other), productName, metricName)),
			values("Covered", other, asCount...)),
	}
}
