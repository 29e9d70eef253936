package main

// The texts of empty panels, for organizations with another licensing model.
const (
	noCoterm       = "The organization has no co-term licensing"
	noPerDevice    = "The organization has no per-device licensing"
	noSubscription = "The organization has no subscriptions"
)

func cotermPanels() []*panelBuilder {
	const perEdition = perOrganization + ", edition, product_type, mode, state"
	const perDevices = perProduct + ", state"
	editions := chosenFacts.each(perEdition, "meraki_coterm_licenses")
	devices := byProduct.each(perDevices, "meraki_coterm_licensed_devices")
	one := func(metric string) string { return "max(" + chosenFacts.of(metric) + ")" }
	return []*panelBuilder{
		figure(about{"Expired licenses", "Co-term licenses that have expired, invalidated ones included. Renewed organizations keep them, so they are no harm by themselves.", noCoterm},
			one("meraki_coterm_expired_licenses"), unitCount, plain).Span(6),
		figure(about{"Invalidated licenses", "Co-term licenses that the vendor has declared invalid, expired ones included.", noCoterm},
			one("meraki_coterm_invalidated_licenses"), unitCount, fewIsOK).Span(6),
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
	byLabel := func(label, metric string) string {
		return sum(label, chosenFacts.each(perOrganization+", "+label, metric))
	}
	systemsManager := about{"Systems Manager seats", "Seats of Systems Manager: bought, in use and not assigned, and the devices enrolled.", noPerDevice}
	return []*panelBuilder{
		figures(about{"Licenses by the vendor's count", "Licenses of the organization, as the vendor's overview counts them, by state.", noPerDevice},
			unitCount, plain, 12, expr{byLabel("state", "meraki_licenses_by_state"), "{{state}}"}, expr{total(fact("meraki_licenses")), "all"}),
		figures(about{"Ending by the vendor's thresholds", "Licenses that end within the thresholds that are set in the vendor's dashboard.", noPerDevice},
			unitCount, fewIsOK, 12, expr{byLabel("threshold", "meraki_licenses_expiring"), "{{threshold}}"}),
		figures(about{"The vendor's thresholds", "How long before the end the vendor warns, as it is set in its dashboard.", noPerDevice},
			unitDays, plain, 8, expr{chosenFacts.each("threshold", "meraki_licenses_expiring_threshold_seconds") + " / 86400", "{{threshold}}"}),
		figures(about{"Unused licenses", "Licenses without a device that burn already, and those that start burning soonest, by the vendor's overview.", noPerDevice},
			unitCount, fewIsOK, 8,
			expr{total(fact("meraki_unused_active_oldest_activation_licenses")), "burning"},
			expr{total(fact("meraki_unused_soonest_activation_licenses")), "soon"}),
		figures(about{"Unused licenses since and from", "Since when the first of the licenses without a device has been burning, and when the next one starts.", "No license is unused"},
			unitDate, plain, 8,
			expr{"1000 * min(" + fact("meraki_unused_active_oldest_activation_timestamp_seconds") + ")", "burning since"},
			expr{"1000 * min(" + fact("meraki_unused_soonest_activation_timestamp_seconds") + ")", "next from"}),
		figures(systemsManager, unitCount, plain, 12,
			expr{total(fact("meraki_systems_manager_seats")), "bought"},
			expr{total(fact("meraki_systems_manager_active_seats")), "in use"},
			expr{total(fact("meraki_systems_manager_unassigned_seats")), "not assigned"},
			expr{total(fact("meraki_systems_manager_enrolled_devices")), "devices"}),
		gauges(about{"Licenses without a device", "Licenses that are not assigned to a device, by type.", noPerDevice},
			unitCount, plain, 12, 4, expr{sum("product_name", named(byProduct.each(perProduct, "meraki_licenses_unassigned"), productName)), "{{product_name}}"}),
	}
}

func subscriptionPanels() []*panelBuilder {
	const perSubscription = perOrganization + ", license_id"
	fact := func(metric string) string { return chosenFacts.each(perSubscription, metric) }
	return []*panelBuilder{
		rows(about{"Subscriptions", "Each subscription with its seats over all products, the networks and organizations that it serves, when it began, and whether its renewal was requested.",
			noSubscription}, 16, 9, "License",
			[]column{licenseColumn},
			names(named(group(perSubscription, fact("meraki_subscription_seats_limit")), licenseName)),
			values("Began", milliseconds(fact("meraki_subscription_start_timestamp_seconds")), asDate),
			values("Bought", fact("meraki_subscription_seats_limit"), asCount),
			values("In use", fact("meraki_subscription_seats_assigned"), asCount),
			values("Free", fact("meraki_subscription_seats_available"), asFree),
			values("Networks", fact("meraki_subscription_networks"), asCount),
			values("Organizations", fact("meraki_subscription_organizations"), asCount),
			values("Renewal", fact("meraki_subscription_renewal_requested"), looks(width(90), worded(yesNo)))),
		rows(about{"Status in the compliance report", "The status of each subscription by the report on compliance.", noSubscription}, 8, 9, "License",
			[]column{licenseColumn, label("status", "Status")},
			names(named(chosenFacts.each(perSubscription+", status", "meraki_subscription_compliance_status")+" == 1", licenseName))),
		rows(about{"Types of subscriptions", "Whether a subscription has a term or is an enterprise agreement, which may be exceeded, and the status of its smart account.", noSubscription}, 12, 9, "License",
			[]column{licenseColumn, label("type", "Type"), label("smart_account_status", "Smart account")},
			names(named(chosenFacts.each(perSubscription+", type, smart_account_status", "meraki_subscription_info"), licenseName))),
		rows(about{"What subscriptions are for", "The types of products of each subscription, and the suites of enterprise agreements.", noSubscription}, 12, 9, "License",
			[]column{licenseColumn, label("product_type", "Products"), label("suite", "Suite")},
			names(named(chosenFacts.each(perSubscription+", product_type", "meraki_subscription_product_type_info")+
				" or "+chosenFacts.each(perSubscription+", suite", "meraki_subscription_suite_info"), licenseName))),
	}
}
