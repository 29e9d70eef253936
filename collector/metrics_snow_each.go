package collector

// Facts of Snow that are read license by license, application by application or
// policy by policy, and those of extended coverage.
var (
	metricSnowAssigned = fact("snow_assigned_quantity", "snow_assignments",
		"Seats that are assigned, by what to: computer, datacenter, organization, site or user. Archived licenses are left out.",
		"product", "to")
	metricSnowAssignmentsInvalid = fact("snow_assignments_invalid", "snow_assignments",
		"Assignments that do not count, once for each reason. Archived licenses are left out.", "product", "to", "reason")

	metricSnowCost = fact("snow_cost", "snow_costs",
		"What licenses cost an organization, in the currency's main unit, by component: purchase, current_maintenance, "+
			"accumulated_maintenance, current_support, accumulated_support and total. Archived licenses are left out.",
		"product", "component", "currency")

	metricSnowExtendedCoverages = fact("snow_extended_coverages", "snow_coverage",
		"Computers that another one's license of the product covers, by what it covers there and why.",
		"product", "covered_product", "reason")
	metricSnowExtendedCoverageType = fact("snow_extended_coverage_type_info", "snow_coverage",
		"A reason that the tenant knows for extended coverage. Always 1.", "coverage_type")

	metricSnowPolicies = fact("snow_policies", "snow_policies",
		"Policies on what must be told of a license.")
	metricSnowPolicyFields = fact("snow_policy_fields", "snow_policies",
		"Fields of a policy, by whether a license is incomplete without them.", "policy", "required")

	metricSnowTracked = fact("snow_tracked", "snow_tracking",
		"Computers or users (subject) that need an application, covered or not. One may count for several licenses.",
		"product", "unit", "subject")
	metricSnowTrackingRequirement = fact("snow_tracking_requirement", "snow_tracking",
		"What computers or users need of an application; for users, before what reduces it.", "product", "unit", "subject")
	metricSnowTrackingReceived = fact("snow_tracking_received_coverage", "snow_tracking",
		"How much of what computers or users need of an application licenses cover.", "product", "unit", "subject")

	metricSnowTransfers = fact("snow_transfers", "snow_transfers",
		"Transfers of licenses of an application to another one (to_product), for a computer, user or custom_value (subject).",
		"product", "to_product", "subject")

	metricSnowUpgradeQuantity = fact("snow_upgrade_quantity", "snow_upgrades",
		"Seats that upgrade those of another application (upgraded_product), by the organization of the upgrade. Archived ones are left out.",
		"product", "upgraded_product")
	metricSnowUpgradedQuantity = fact("snow_upgraded_quantity", "snow_upgrades",
		"Seats of another application (upgraded_product) that are upgraded, by the organization of the upgrade. Archived ones are left out.",
		"product", "upgraded_product")
)
