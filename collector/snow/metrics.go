package snow

import "license_exporter/collector"

// ownMetrics is the table of the vendor's own metrics.
var ownMetrics collector.Metrics

var (
	metricAgreementInfo = ownMetrics.New("snow_agreement_info", "snow_agreements",
		"An agreement with its type and manufacturer, and whether it is a subscription agreement, whose periods apply to its licenses. Always 1.",
		"license_id", "agreement_type", "manufacturer", "subscription")
	metricAgreementWarning = ownMetrics.New("snow_agreement_warning_limit_seconds", "snow_agreements",
		"Time before the end of an agreement at which the tenant wants a warning.", "license_id")
	metricAgreementCritical = ownMetrics.New("snow_agreement_critical_limit_seconds", "snow_agreements",
		"Time before the end of an agreement at which the tenant considers it critical.", "license_id")
	metricAgreementAlerting = ownMetrics.New("snow_agreement_alerting", "snow_agreements",
		"1 if the tenant wants alerts about the end of an agreement, 0 if not.", "license_id")

	metricMetricInfo = ownMetrics.New("snow_metric_info", "snow_applications",
		"The name of a metric, which is the unit of seats. Always 1.", "unit", "metric_name")
	metricEndOfSupport = ownMetrics.New("snow_application_end_of_support_timestamp_seconds", "snow_applications",
		"End of the manufacturer's support of an application, as Unix time.", "product")
	metricEndOfExtendedSupport = ownMetrics.New("snow_application_end_of_extended_support_timestamp_seconds", "snow_applications",
		"End of the manufacturer's extended support of an application, as Unix time.", "product")
	metricEndOfLife = ownMetrics.New("snow_application_end_of_life_timestamp_seconds", "snow_applications",
		"End of life of an application, as Unix time.", "product")

	metricPurchased = ownMetrics.New("snow_compliance_purchased_licenses", "snow_compliance",
		"Number of licenses that were bought, according to the compliance report.", "product", "unit")
	metricAvailable = ownMetrics.New("snow_compliance_available_licenses", "snow_compliance",
		"Number of licenses that can be used, according to the compliance report: those bought, without incomplete and expired ones, and with upgrades and downgrades.",
		"product", "unit")
	metricCoverage = ownMetrics.New("snow_compliance_coverage", "snow_compliance",
		"How much of the requirement is covered, according to the compliance report.", "product", "unit")
	metricExpired = ownMetrics.New("snow_compliance_expired_subscription_licenses", "snow_compliance",
		"Number of licenses of ended subscriptions, according to the compliance report.", "product", "unit")
	metricIncompleteLicenses = ownMetrics.New("snow_compliance_incomplete_licenses", "snow_compliance",
		"Number of licenses that the compliance report ignores because they are incomplete.", "product", "unit")
	metricInvalidAssignments = ownMetrics.New("snow_compliance_invalid_assignments", "snow_compliance",
		"Number of licenses that the compliance report ignores because their assignments are invalid.", "product", "unit")
	metricUnassigned = ownMetrics.New("snow_compliance_unassigned_licenses", "snow_compliance",
		"Number of licenses that are not assigned, according to the compliance report.", "product", "unit")
	metricAllocationRequirement = ownMetrics.New("snow_allocation_requirement", allocationName,
		"How much of an application an organization needs.", "product", "unit")
	metricAllocationCoverage = ownMetrics.New("snow_allocation_coverage", allocationName,
		"How much of what an organization needs of an application is covered.", "product", "unit")
	metricAllocationCompliance = ownMetrics.New("snow_allocation_compliance", allocationName,
		"Coverage minus requirement of an application in an organization. Negative if licenses are missing.", "product", "unit")
	metricOtherMetricCoverage = ownMetrics.New("snow_other_metric_coverage", usageName,
		"How much of the requirement by one metric (unit) is covered by licenses with another metric (license_unit).", "product", "unit", "license_unit")

	metricEntitledComputers = ownMetrics.New("snow_entitled_computers", "snow_entitlement_states",
		"Number of computers by the state of their entitlement to an application.", "product", "unit", "state")
	metricEntitledUsers = ownMetrics.New("snow_entitled_users", "snow_entitlement_states",
		"Number of users by the state of their entitlement to an application.", "product", "unit", "state")
	metricEntitlement = ownMetrics.New("snow_entitlement_quantity", "snow_entitlements",
		"How much of an application an organization may use, by assignment type.", "product", "unit", "assignment_type")

	metricIncomplete = ownMetrics.New("snow_licenses_incomplete", "snow_licenses",
		"Number of incomplete licenses, which the vendor ignores, counted once for each reason. Archived licenses are not counted. Absent if there are none.", "product", "reason")
	metricKinds = ownMetrics.New("snow_licenses_by_kind", "snow_licenses",
		"Number of licenses that are a subscription, upgrade, downgrade, cross_edition or cross_platform. A license can be of several kinds. "+
			"Archived licenses are counted. Kinds without licenses in the organization are 0 with an empty product, unless a license could not be read.",
		"product", "kind")
	metricExpiredSubscriptions = ownMetrics.New("snow_expired_subscription_licenses", "snow_licenses",
		"Number of subscription licenses that have ended, by their own period or that of their agreement. Archived and incomplete licenses are not "+
			"counted. Absent if there are none.",
		"product")

	metricSeats = ownMetrics.New("snow_licenses_seats", "snow_licenses",
		"Seats of an organization's licenses that can be used. The sum over all organizations is license_seats_limit.", "product", "unit")

	metricMaintained = ownMetrics.New("snow_maintained_licenses", "snow_maintenance",
		"Number of licenses with maintenance in force. Present for every product that has or had maintenance.", "product")
	metricMaintenanceEnded = ownMetrics.New("snow_maintenance_ended_licenses", "snow_maintenance",
		"Number of licenses whose maintenance has ended and was not renewed. Absent if there are none.", "product")
	metricMaintenanceExpiring = ownMetrics.New("snow_maintenance_licenses_expiring", "snow_maintenance",
		"Number of licenses whose maintenance is in force and ends within a number of days, renewals included. Cumulative. Absent if none ends "+
			"within 90 days, provided that the product has snow_maintenance_next_end_timestamp_seconds.", "product", "within_days")
	metricMaintenanceNextEnd = ownMetrics.New("snow_maintenance_next_end_timestamp_seconds", "snow_maintenance",
		"Earliest end of the maintenance that is in force, as Unix time. If none is in force, the latest end in the past.", "product")

	metricAssigned = ownMetrics.New("snow_assigned_quantity", "snow_assignments",
		"Assigned seats, by what they are assigned to: computer, datacenter, organization, site or user. Archived licenses are not counted.",
		"product", "to")
	metricAssignmentsInvalid = ownMetrics.New("snow_assignments_invalid", "snow_assignments",
		"Number of assignments that are not valid, counted once for each reason. Archived licenses are not counted, and neither are the reasons "+
			"SubscriptionExpired, Unassigned and Incomplete, for which the vendor has other figures.", "product", "to", "reason")

	metricCost = ownMetrics.New("snow_cost", "snow_costs",
		"Cost of an organization's licenses in the main unit of the currency, by component: purchase, current_maintenance, accumulated_maintenance, "+
			"current_support, accumulated_support or total. Archived licenses are not counted.",
		"product", "component", "currency")

	metricExtendedCoverages = ownMetrics.New("snow_extended_coverages", "snow_coverage",
		"Number of computers that are covered by the license of another computer, by the product that the license is for, the covered product and the reason.",
		"product", "covered_product", "reason")
	metricExtendedCoverageType = ownMetrics.New("snow_extended_coverage_type_info", "snow_coverage",
		"A reason for extended coverage that the tenant knows. Always 1.", "coverage_type")

	metricPolicies = ownMetrics.New("snow_policies", "snow_policies",
		"Number of policies about the fields that licenses must have.")
	metricPolicyFields = ownMetrics.New("snow_policy_fields", "snow_policies",
		"Number of fields of a policy, by whether a license is incomplete without them (required).", "policy", "required")

	metricTracked = ownMetrics.New("snow_tracked", "snow_tracking",
		"Number of computers or users (subject) that need an application, covered or not. One can be counted for several licenses.",
		"product", "unit", "subject")
	metricTrackingRequirement = ownMetrics.New("snow_tracking_requirement", "snow_tracking",
		"How much of an application computers or users need. For users, it is the initial requirement.", "product", "unit", "subject")
	metricTrackingReceived = ownMetrics.New("snow_tracking_received_coverage", "snow_tracking",
		"How much of what computers or users need of an application is covered by licenses.", "product", "unit", "subject")

	metricTransfers = ownMetrics.New("snow_transfers", "snow_transfers",
		"Number of transfers of licenses of an application to another one (to_product), for a computer, user or custom_value (subject).",
		"product", "to_product", "subject")

	metricUpgradeQuantity = ownMetrics.New("snow_upgrade_quantity", "snow_upgrades",
		"Seats that upgrade those of another application (upgraded_product), in the organization of the upgrade. Archived licenses are not counted.",
		"product", "upgraded_product")
	metricUpgradedQuantity = ownMetrics.New("snow_upgraded_quantity", "snow_upgrades",
		"Seats of another application (upgraded_product) that are upgraded, in the organization of the upgrade. Archived licenses are not counted.",
		"product", "upgraded_product")
)
