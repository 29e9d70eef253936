package main

// The panels of collectors that are off by default.

func softwareAssignments() []*panelBuilder {
	const perInvalid = perProduct + ", to, reason"
	const perTracked = perMetric + ", subject"
	invalid := byProduct.each(perInvalid, "snow_assignments_invalid") + " > 0"
	tracked := byProduct.each(perTracked, "snow_tracked")
	return []*panelBuilder{
		bars(about{"Assigned licenses", "Seats by what they are assigned to, for the 25 applications with most assigned seats.", "No licenses are assigned, or the collector snow_assignments is off"},
			24, mostly(sum("product_name, to", named(byProduct.each(perProduct+", to", "snow_assigned_quantity")+" > 0", productName))),
			"product_name", "to"),
		rows(about{"Tracking", "Computers and users that need an application, covered or not, their requirement by metric, and how much of it licenses cover.", "Nothing is tracked. The collector snow_tracking may be off."},
			24, 9, "Application",
			[]column{label("product_name", "Application"), label("metric_name", "Metric"), label("subject", "Of")},
			names(named(group(perTracked, tracked), productName, metricName)),
			values("Tracked", tracked, asCount),
			values("Required", byProduct.each(perTracked, "snow_tracking_requirement"), asCount),
			values("Covered", byProduct.each(perTracked, "snow_tracking_received_coverage"), asCount)),
		rows(about{"Invalid assignments", "Assignments that the vendor ignores, counted once for each reason.", "No assignment is invalid, or the collector snow_assignments is off"},
			24, 8, "-Assignments", withColumns(samColumns, label("to", "To", width(140)), label("reason", "Reason", width(220))),
			samNames(perInvalid, invalid), values("Assignments", invalid, asCount)),
	}
}

func softwareMoves() []*panelBuilder {
	const (
		perCoverage = perProduct + ", covered_product, reason"
		perTransfer = perProduct + ", to_product, subject"
		perUpgrade  = perProduct + ", upgraded_product"
		perPolicy   = perAccount + ", policy, required"
	)
	coverages := byProduct.each(perCoverage, "snow_extended_coverages")
	transfers := byProduct.each(perTransfer, "snow_transfers")
	upgrades := byProduct.each(perUpgrade, "snow_upgrade_quantity")
	application := label("product_name", "Application")
	return []*panelBuilder{
		rows(about{"Extended coverage", "Computers that are covered by the license of another computer, by the covered application and the reason.", "No license covers further computers"},
			12, 8, "Application", []column{application, label("covered_name", "Covers"), label("reason", "Reason")},
			names(named(group(perCoverage, coverages), productName, otherProduct("covered_product", "covered_name"))),
			values("Computers", coverages, asCount)),
		rows(about{"Transfers", "Transfers of licenses from an application to another, for a computer, a user or a custom value.", "No licenses were transferred, or the collector snow_transfers is off"},
			12, 8, "Application", []column{application, label("to_name", "To"), label("subject", "For")},
			names(named(group(perTransfer, transfers), productName, otherProduct("to_product", "to_name"))),
			values("Transfers", transfers, asCount)),
		rows(about{"Upgrades", "Seats that upgrade seats of another application, and the seats that are upgraded.", "No licenses upgrade others, or the collector snow_upgrades is off"},
			12, 8, "Application", []column{application, label("upgraded_name", "Upgrades")},
			names(named(group(perUpgrade, upgrades), productName, otherProduct("upgraded_product", "upgraded_name"))),
			values("Upgrading", upgrades, asCount),
			values("Upgraded", byProduct.each(perUpgrade, "snow_upgraded_quantity"), asCount)),
		rows(about{"Fields of policies", "Fields in the tenant's license policies, and whether a license is incomplete without them.", "No policies"},
			12, 8, "Policy", []column{label("policy", "Policy"), label("required", "Required")},
			values("Fields", chosenAll.each(perPolicy, "snow_policy_fields"), asCount)),
	}
}
