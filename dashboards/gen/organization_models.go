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
		figure(about{"Expired licenses", "Co-term licenses that have expired, invalidated ones included. Renewed organizations keep them, so they are no harm by themselves.", noCoterm},
			orNone(one("meraki_coterm_expired_licenses"), licensed), unitCount, plain).Span(6),
		figure(about{"Invalidated licenses", "Co-term licenses that the vendor has declared invalid, expired ones included.", noCoterm},
			orNone(one("meraki_coterm_invalidated_licenses"), licensed), unitCount, fewIsOK).Span(6),
		dateFigure(about{"Last claim", "When a co-term license was claimed last.", noCoterm},
			one("meraki_coterm_last_claim_timestamp_seconds")).Span(6),
		dateFigure(about{"Last invalidation", "When a co-term license was invalidated last.", "No co-term license was invalidated"},
			one("meraki_coterm_last_invalidation_timestamp_seconds")).Span(6),
		bars(about{"Licensed devices by model", "Devices that co-term licenses were bought for, by the model that is licensed, and the state of the licenses.", noCoterm},
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
		figures(about{"Licenses by the vendor's count", "Licenses of the organization, as the vendor's overview counts them, by state.", noPerDevice},
			unitCount, plain, 12, expr{sum("state", states), "{{state}}"}, expr{total(fact("meraki_licenses") + " or " + sum(perOrganization, states)), "all"}),
		figures(about{"Ending by the vendor's thresholds", "Licenses that end within the thresholds that are set in the vendor's dashboard.", noPerDevice},
			unitCount, fewIsOK, 12, expr{ending + " or 0 * " + thresholds, "{{threshold}}"}),
		figures(about{"The vendor's thresholds", "How long before the end the vendor warns, as it is set in its dashboard.", noPerDevice},
			unitDays, plain, 8, expr{thresholds + " / 86400", "{{threshold}}"}),
		figures(about{"Unused licenses", "Licenses without a device that burn already, and those that start burning soonest, by the vendor's overview.", noPerDevice},
			unitCount, fewIsOK, 8,
			expr{orNone(total(fact("meraki_unused_active_oldest_activation_licenses")), states), "burning"},
			expr{orNone(total(fact("meraki_unused_soonest_activation_licenses")), states), "soon"}),
		figures(about{"Unused licenses since and from", "Since when the first of the licenses without a device has been burning, and when the next one starts.", "No license is unused"},
			unitDate, plain, 8,
			expr{"1000 * min(" + fact("meraki_unused_active_oldest_activation_timestamp_seconds") + ")", "burning since"},
			expr{"1000 * min(" + fact("meraki_unused_soonest_activation_timestamp_seconds") + ")", "next from"}),
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
		rows(about{"Subscriptions", "Each subscription with its seats over all products, the networks that it serves, how many organizations share it if several do, when it began, and whether its renewal was requested.",
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
		rows(about{"Other statuses in the compliance report", "Subscriptions whose status by the report on compliance is not active, or that are active and have no verdict.", "No other status"}, 8, 9, "License",
			[]column{licenseColumn, label("status", "Status")},
			names(named(chosenFacts.each(perSubscription+", status", "meraki_subscription_compliance_status"), licenseName))),
		rows(about{"Types of subscriptions", "Whether a subscription has a term or is an enterprise agreement, which may be exceeded, and the status of its smart account.", noSubscription}, 12, 9, "License",
			[]column{licenseColumn, label("type", "Type"), label("smart_account_status", "Smart account")},
			names(named(chosenFacts.each(perSubscription+", type, smart_account_status", "meraki_subscription_info"), licenseName))),
		rows(about{"What subscriptions are for", "The types of products of each subscription, and the suites of enterprise agreements.", noSubscription}, 12, 9, "License",
			[]column{licenseColumn, label("product_type", "Products"), label("suite", "Suite")},
			names(named(chosenFacts.each(perSubscription+", product_type", "meraki_subscription_product_type_info")+
				" or "+chosenFacts.each(perSubscription+", suite", "meraki_subscription_suite_info"), licenseName))),
	}
}
