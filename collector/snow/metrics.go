package snow

import "license_exporter/collector"

// ownMetrics is the table of the vendor's own metrics.
var ownMetrics collector.Metrics

var (
	metricAgreementInfo = ownMetrics.New("snow_agreement_info", "snow_agreements",
		"An agreement, its type, its manufacturer, and whether its periods are those of its licenses. Always 1.",
		"license_id", "agreement_type", "manufacturer", "subscription")
	metricAgreementWarning = ownMetrics.New("snow_agreement_warning_limit_seconds", "snow_agreements",
		"How long before the end of an agreement the tenant wants a warning.", "license_id")
	metricAgreementCritical = ownMetrics.New("snow_agreement_critical_limit_seconds", "snow_agreements",
		"How long before the end of an agreement the tenant considers it critical.", "license_id")
	metricAgreementAlerting = ownMetrics.New("snow_agreement_alerting", "snow_agreements",
		"1 if the tenant wants alerts on the end of an agreement, else 0.", "license_id")

	metricMetricInfo = ownMetrics.New("snow_metric_info", "snow_applications",
		"What a seat is, by name. Always 1.", "unit", "metric_name")
	metricEndOfSupport = ownMetrics.New("snow_application_end_of_support_timestamp_seconds", "snow_applications",
		"When the manufacturer's support of an application ends, in Unix time.", "product")
	metricEndOfExtendedSupport = ownMetrics.New("snow_application_end_of_extended_support_timestamp_seconds", "snow_applications",
		"When the manufacturer's extended support of an application ends, in Unix time.", "product")
	metricEndOfLife = ownMetrics.New("snow_application_end_of_life_timestamp_seconds", "snow_applications",
		"When the life of an application ends, in Unix time.", "product")

	metricPurchased = ownMetrics.New("snow_compliance_purchased_licenses", "snow_compliance",
		"Licenses that were bought, by the compliance report.", "product", "unit")
	metricAvailable = ownMetrics.New("snow_compliance_available_licenses", "snow_compliance",
		"Licenses that can be used, by the compliance report: those bought, less what is incomplete or has expired, with upgrades and downgrades.",
		"product", "unit")
	metricCoverage = ownMetrics.New("snow_compliance_coverage", "snow_compliance",
		"How much of the requirement is covered, by the compliance report.", "product", "unit")
	metricExpired = ownMetrics.New("snow_compliance_expired_subscription_licenses", "snow_compliance",
		"Licenses of subscriptions that have ended, by the compliance report.", "product", "unit")
	metricIncompleteLicenses = ownMetrics.New("snow_compliance_incomplete_licenses", "snow_compliance",
		"Licenses that the compliance report leaves out because they lack something.", "product", "unit")
	metricInvalidAssignments = ownMetrics.New("snow_compliance_invalid_assignments", "snow_compliance",
		"Licenses that the compliance report leaves out because of what they are assigned to.", "product", "unit")
	metricUnassigned = ownMetrics.New("snow_compliance_unassigned_licenses", "snow_compliance",
		"Licenses that are assigned to nothing, by the compliance report.", "product", "unit")
	metricAllocationRequirement = ownMetrics.New("snow_allocation_requirement", allocationName,
		"What an organization needs of an application.", "product", "unit")
	metricAllocationCoverage = ownMetrics.New("snow_allocation_coverage", allocationName,
		"How much of what an organization needs of an application is covered.", "product", "unit")
	metricAllocationCompliance = ownMetrics.New("snow_allocation_compliance", allocationName,
		"An organization's coverage of an application less its requirement: negative if licenses are missing.", "product", "unit")
	metricOtherMetricCoverage = ownMetrics.New("snow_other_metric_coverage", usageName,
		"How much of the requirement by one metric (unit) the licenses by another (license_unit) cover.", "product", "unit", "license_unit")

	metricEntitledComputers = ownMetrics.New("snow_entitled_computers", "snow_entitlement_states",
		"Computers by the state of their entitlement to an application.", "product", "unit", "state")
	metricEntitledUsers = ownMetrics.New("snow_entitled_users", "snow_entitlement_states",
		"Users by the state of their entitlement to an application.", "product", "unit", "state")
	metricEntitlement = ownMetrics.New("snow_entitlement_quantity", "snow_entitlements",
		"How much of an application an organization may use, by what it is assigned to.", "product", "unit", "assignment_type")

	metricIncomplete = ownMetrics.New("snow_licenses_incomplete", "snow_licenses",
		"Licenses that are left out because they lack something, once for each reason. Archived ones are left out. Absent if there are none.", "product", "reason")
	metricKinds = ownMetrics.New("snow_licenses_by_kind", "snow_licenses",
		"Licenses that are a subscription, upgrade, downgrade, cross_edition or cross_platform. One may be several. Archived ones count. "+
			"Kinds that no license of the organization belongs to are 0 with an empty product, unless some license could not be read.",
		"product", "kind")
	metricExpiredSubscriptions = ownMetrics.New("snow_expired_subscription_licenses", "snow_licenses",
		"Subscription licenses whose cover has ended, by their own period or that of their agreement. Archived and incomplete ones are left out. "+
			"Absent if there are none.",
		"product")

	metricSeats = ownMetrics.New("snow_licenses_seats", "snow_licenses",
		"Seats of an organization's licenses that can be used. Those of all organizations add up to license_seats_limit.", "product", "unit")

	metricMaintained = ownMetrics.New("snow_maintained_licenses", "snow_maintenance",
		"Licenses whose maintenance is in force. Present for every product that has or had maintenance.", "product")
	metricMaintenanceEnded = ownMetrics.New("snow_maintenance_ended_licenses", "snow_maintenance",
		"Licenses whose maintenance has ended and was not renewed. Absent if there are none.", "product")
	metricMaintenanceExpiring = ownMetrics.New("snow_maintenance_licenses_expiring", "snow_maintenance",
		"Licenses whose maintenance is in force and ends within so many days, renewals counted in. Cumulative. "+
			"Absent if none ends within 90 days and the product has a snow_maintenance_next_end_timestamp_seconds.", "product", "within_days")
	metricMaintenanceNextEnd = ownMetrics.New("snow_maintenance_next_end_timestamp_seconds", "snow_maintenance",
		"Earliest end of maintenance that is in force, or if none is in force the latest that has passed, in Unix time.", "product")

	metricAssigned = ownMetrics.New("snow_assigned_quantity", "snow_assignments",
		"Seats that are assigned, by what to: computer, datacenter, organization, site or user. Archived licenses are left out.",
		"product", "to")
	metricAssignmentsInvalid = ownMetrics.New("snow_assignments_invalid", "snow_assignments",
		"Assignments that are not valid, once for each reason. Archived licenses are left out. So are the reasons that the vendor "+
			"has other figures for: SubscriptionExpired, Unassigned and Incomplete.", "product", "to", "reason")

	metricCost = ownMetrics.New("snow_cost", "snow_costs",
		"What licenses cost an organization, in the currency's main unit, by component: purchase, current_maintenance, "+
			"accumulated_maintenance, current_support, accumulated_support and total. Archived licenses are left out.",
		"product", "component", "currency")

	metricExtendedCoverages = ownMetrics.New("snow_extended_coverages", "snow_coverage",
		"Computers that another one's license of the product covers, by what it covers there and why.",
		"product", "covered_product", "reason")
	metricExtendedCoverageType = ownMetrics.New("snow_extended_coverage_type_info", "snow_coverage",
		"A reason that the tenant knows for extended coverage. Always 1.", "coverage_type")

	metricPolicies = ownMetrics.New("snow_policies", "snow_policies",
		"Policies on the fields that licenses must have.")
	metricPolicyFields = ownMetrics.New("snow_policy_fields", "snow_policies",
		"Fields of a policy, by whether a license is incomplete without them.", "policy", "required")

	metricTracked = ownMetrics.New("snow_tracked", "snow_tracking",
		"Computers or users (subject) that need an application, covered or not. One may count for several licenses.",
		"product", "unit", "subject")
	metricTrackingRequirement = ownMetrics.New("snow_tracking_requirement", "snow_tracking",
		"What computers or users need of an application; for users, before what reduces it.", "product", "unit", "subject")
	metricTrackingReceived = ownMetrics.New("snow_tracking_received_coverage", "snow_tracking",
		"How much of what computers or users need of an application licenses cover.", "product", "unit", "subject")

	metricTransfers = ownMetrics.New("snow_transfers", "snow_transfers",
		"Transfers of licenses of an application to another one (to_product), for a computer, user or custom_value (subject).",
		"product", "to_product", "subject")

	metricUpgradeQuantity = ownMetrics.New("snow_upgrade_quantity", "snow_upgrades",
		"Seats that upgrade those of another application (upgraded_product), by the organization of the upgrade. Archived ones are left out.",
		"product", "upgraded_product")
	metricUpgradedQuantity = ownMetrics.New("snow_upgraded_quantity", "snow_upgrades",
		"Seats of another application (upgraded_product) that are upgraded, by the organization of the upgrade. Archived ones are left out.",
		"product", "upgraded_product")
)
