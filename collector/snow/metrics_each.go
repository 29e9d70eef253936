package snow

// The vendor's own metrics from collectors that send a request for each license,
// application or policy, and those of extended coverage.
var (
	metricAssigned = ownMetrics.New("snow_assigned_quantity", "snow_assignments",
		"Seats that are assigned, by what to: computer, datacenter, organization, site or user. Archived licenses are left out.",
		"product", "to")
	metricAssignmentsInvalid = ownMetrics.New("snow_assignments_invalid", "snow_assignments",
		"Assignments that do not count, once for each reason. Archived licenses are left out.", "product", "to", "reason")

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
		"Policies on what must be told of a license.")
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
