package main

// The texts of empty panels, for organizations with another licensing model.
const (
	noCoterm       = "The organization has no co-term licensing"
	noPerDevice    = "The organization has no per-device licensing"
	noSubscription = "The organization has no subscriptions"
	noManager      = "The organization has no seats of Systems Manager"
)

func cotermPanels() []*panelBuilder {
	const perEdition = perOrganization + ", edition, product_type, mode, state"
	const perDevices = perProduct + ", state"
	editions := chosenFacts.each(perEdition, "meraki_coterm_licenses")
	devices := byProduct.each(perDevices, "meraki_coterm_licensed_devices")
	one := func(metric string) string { return "max(" + chosenFacts.of(metric) + ")" }
	// These show that co-term licenses are counted.
	licensed := chosenFacts.of("meraki_coterm_licenses") + " or " + chosenFacts.of("license_licenses", `state="invalidated"`)
	return []*panelBuilder{
		figure(about{"Expired licenses", "Co-term licenses that have expired, including invalidated ones. Renewed organizations keep them, so they are not a problem.", noCoterm},
			orNone(one("meraki_coterm_expired_licenses"), licensed), unitCount, plain).Span(6),
		figure(about{"Invalidated licenses", "Co-term licenses that the vendor has declared invalid, including expired ones.", noCoterm},
			orNone(one("meraki_coterm_invalidated_licenses"), licensed), unitCount, fewIsOK).Span(6),
		dateFigure(about{"Last claim", "When the last co-term license was claimed.", noCoterm},
			one("meraki_coterm_last_claim_timestamp_seconds")).Span(6),
		dateFigure(about{"Last invalidation", "When the last co-term license was invalidated.", "No co-term license was invalidated"},
			one("meraki_coterm_last_invalidation_timestamp_seconds")).Span(6),
		bars(about{"Licensed devices by model", "Devices that co-term licenses were bought for, by licensed model and state of the licenses.", noCoterm},
			12, sum("product_name, state", named(devices, productName))+" > 0", "product_name", "state"),
		rows(about{"Licenses by edition", "Co-term licenses by edition, mode and state. A license with several editions counts once for each.", noCoterm}, 12, 9, "Edition",
			[]column{label("edition", "Edition"), label("product_type", "Type"), label("mode", "Mode"), label("state", "State")},
			values("Licenses", editions+" > 0", asCount)),
	}
}

func perDevicePanels() []*panelBuilder {
	fact := func(metric string) string { return chosenFacts.each(perOrganization, metric) }
	ending := sum("threshold", chosenFacts.each(perOrganization+", threshold", "meraki_licenses_expiring"))
	const perState = perOrganization + ", state"
	states := chosenFacts.each(perState, "meraki_licenses_by_state")
	thresholds := chosenFacts.each("threshold", "meraki_licenses_expiring_threshold_seconds")
	systemsManager := about{"Systems Manager seats", "Seats of Systems Manager: bought, in use and not assigned, and the devices enrolled.", noManager}
	return []*panelBuilder{
		figures(about{"Licenses by the vendor's count", "Licenses of the organization by state, as counted in the vendor's overview.", noPerDevice},
			unitCount, plain, 12, expr{sum("state", states), "{{state}}"}, expr{total(fact("meraki_licenses") + " or " + sum(perOrganization, states)), "all"}),
		figures(about{"Ending by the vendor's thresholds", "Licenses that end within the thresholds that are set in the Meraki dashboard.", noPerDevice},
			unitCount, fewIsOK, 12, expr{ending + " or 0 * " + thresholds, "{{threshold}}"}),
		figures(about{"The vendor's thresholds", "How long before the end the vendor warns, as set in the Meraki dashboard.", noPerDevice},
			unitDays, plain, 8, expr{thresholds + " / 86400", "{{threshold}}"}),
		figures(about{"Unused licenses", "Licenses without a device whose term is running, and those whose term starts next, by the vendor's overview.", noPerDevice},
			unitCount, fewIsOK, 8,
			expr{orNone(total(fact("meraki_unused_active_oldest_activation_licenses")), states), "running"},
			expr{orNone(total(fact("meraki_unused_soonest_activation_licenses")), states), "soon"}),
		figures(about{"Terms of unused licenses", "Since when the term of the first license without a device has been running, and when the next term starts.", "No license is unused"},
			unitDate, plain, 8,
			expr{"1000 * min(" + fact("meraki_unused_active_oldest_activation_timestamp_seconds") + ")", "running since"},
			expr{"1000 * min(" + fact("meraki_unused_soonest_activation_timestamp_seconds") + ")", "next starts"}),
		figures(systemsManager, unitCount, plain, 12,
			expr{total(fact("meraki_systems_manager_seats")), "bought"},
			expr{total(fact("meraki_systems_manager_active_seats")), "in use"},
			expr{total(fact("meraki_systems_manager_unassigned_seats")), "not assigned"},
			expr{total(fact("meraki_systems_manager_enrolled_devices")), "devices"}),
		gauges(about{"Licenses without a device", "Licenses that are not assigned to a device, by type.", "No license is without a device, or the organization has no per-device licensing"},
			unitCount, plain, 12, 4, expr{sum("product_name", named(byProduct.each(perProduct, "meraki_licenses_unassigned"), productName)), "{{product_name}}"}),
	}
}

func subscriptionPanels() []*panelBuilder {
	const perSubscription = perOrganization + ", license_id"
	fact := func(metric string) string { return chosenFacts.each(perSubscription, metric) }
	subscriptions := fact("meraki_subscription_info")
	// The vendor's total is only shown where it differs from the sum.
	seats := func(which string) string {
		return fact("meraki_subscription_seats_"+which) + " or " + among(perSubscription,
			sum(perSubscription, chosenFacts.each(perSeat, "license_seats_"+which, `license_id!=""`)), subscriptions)
	}
	return []*panelBuilder{
		rows(about{"Subscriptions", "Each subscription with its start, its seats over all products, the networks that it serves, the number of organizations that share it, and whether its renewal was requested.",
			noSubscription}, 16, 9, "License",
			[]column{licenseColumn},
			names(named(subscriptions, licenseName)),
			values("Began", milliseconds(fact("meraki_subscription_start_timestamp_seconds")), asDate),
			values("Bought", seats("limit"), asCount),
			values("In use", seats("assigned"), asCount),
			values("Free", seats("available"), asFree),
			values("Networks", fact("meraki_subscription_networks"), asCount),
			values("Shared by", fact("meraki_subscription_organizations"), asCount),
			values("Renewal", fact("meraki_subscription_renewal_requested")+" or 0 * "+subscriptions, looks(width(90), worded(yesNo)))),
		rows(about{"Other statuses in the compliance report", "Subscriptions whose status in the compliance report is not active, or that are active without a verdict.", "No other status"}, 8, 9, "License",
			[]column{licenseColumn, label("status", "Status")},
			names(named(chosenFacts.each(perSubscription+", status", "meraki_subscription_compliance_status"), licenseName))),
		rows(about{"Types of subscriptions", "Whether a subscription is a term subscription or an enterprise agreement, whose seats may be exceeded, and the status of its smart account.", noSubscription}, 12, 9, "License",
			[]column{licenseColumn, label("type", "Type"), label("smart_account_status", "Smart account")},
			names(named(chosenFacts.each(perSubscription+", type, smart_account_status", "meraki_subscription_info"), licenseName))),
		rows(about{"What subscriptions are for", "The product types of each subscription, and the suites of enterprise agreements.", noSubscription}, 12, 9, "License",
			[]column{licenseColumn, label("product_type", "Products"), label("suite", "Suite")},
			names(named(chosenFacts.each(perSubscription+", product_type", "meraki_subscription_product_type_info")+
				" or "+chosenFacts.each(perSubscription+", suite", "meraki_subscription_suite_info"), licenseName))),
	}
}
