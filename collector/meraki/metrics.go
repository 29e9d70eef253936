package meraki

import "license_exporter/collector"

// ownMetrics is the table of the vendor's own metrics.
var ownMetrics collector.Metrics

var (
	metricCotermLicenses = ownMetrics.New("meraki_coterm_licenses", "meraki_coterm",
		"Number of co-term licenses by edition. A license with several editions is counted once for each.",
		"edition", "product_type", "mode", "state")
	metricCotermDevices = ownMetrics.New("meraki_coterm_licensed_devices", "meraki_coterm",
		"Number of devices that co-term licenses were bought for, by licensed model.", "product", "state")
	metricCotermExpired = ownMetrics.New("meraki_coterm_expired_licenses", "meraki_coterm",
		"Number of co-term licenses that have expired, including those that are also invalidated. Absent if no license is expired or invalidated.")
	metricCotermInvalidated = ownMetrics.New("meraki_coterm_invalidated_licenses", "meraki_coterm",
		"Number of co-term licenses that the vendor has invalidated, including those that have also expired. Absent if no license is expired or invalidated.")
	metricCotermLastInvalidation = ownMetrics.New("meraki_coterm_last_invalidation_timestamp_seconds", "meraki_coterm",
		"Time at which a co-term license was last invalidated, as Unix time. Absent if none was invalidated.")
	metricCotermLastClaim = ownMetrics.New("meraki_coterm_last_claim_timestamp_seconds", "meraki_coterm",
		"Time at which a co-term license was last claimed, as Unix time.")

	metricLicenses = ownMetrics.New("meraki_licenses", "meraki_overview (per-device)",
		"Number of licenses of the organization according to the vendor. Absent if it equals the sum of meraki_licenses_by_state.")
	metricLicensesByState = ownMetrics.New("meraki_licenses_by_state", "meraki_overview (per-device)",
		"Number of licenses of the organization by state, according to the vendor. States without licenses are absent, except active and expired.", "state")
	metricExpiring = ownMetrics.New("meraki_licenses_expiring", "meraki_overview (per-device)",
		"Number of licenses that end within the vendor's own critical or warning threshold. Absent if no license ends within either.", "threshold")
	metricExpiringThreshold = ownMetrics.New("meraki_licenses_expiring_threshold_seconds", "meraki_overview (per-device)",
		"The vendor's own thresholds for meraki_licenses_expiring.", "threshold")
	metricUnassigned = ownMetrics.New("meraki_licenses_unassigned", "meraki_overview (per-device)",
		"Number of licenses that are not assigned to a device. Absent if there are none.", "product")
	metricSoonestActivation = ownMetrics.New("meraki_unused_soonest_activation_timestamp_seconds", "meraki_overview (per-device)",
		"Time at which the term of the first unused license will start, as Unix time. Absent if there is none.")
	metricSoonestActivationLicenses = ownMetrics.New("meraki_unused_soonest_activation_licenses", "meraki_overview (per-device)",
		"Number of unused licenses whose term will start at meraki_unused_soonest_activation_timestamp_seconds. Absent if there are none.")
	metricOldestActivation = ownMetrics.New("meraki_unused_active_oldest_activation_timestamp_seconds", "meraki_overview (per-device)",
		"Time at which the first term started among the licenses whose term runs without a device, as Unix time. Absent if there is none.")
	metricOldestActivationLicenses = ownMetrics.New("meraki_unused_active_oldest_activation_licenses", "meraki_overview (per-device)",
		"Number of licenses without a device whose term started at meraki_unused_active_oldest_activation_timestamp_seconds. Absent if there are none.")
	metricSMSeats = ownMetrics.New("meraki_systems_manager_seats", "meraki_overview (per-device)",
		"Systems Manager seats. Absent, like the other numbers of Systems Manager, if all of them are 0.")
	metricSMActive = ownMetrics.New("meraki_systems_manager_active_seats", "meraki_overview (per-device)",
		"Systems Manager seats in use.")
	metricSMUnassigned = ownMetrics.New("meraki_systems_manager_unassigned_seats", "meraki_overview (per-device)",
		"Systems Manager seats that are not assigned.")
	metricSMEnrolled = ownMetrics.New("meraki_systems_manager_enrolled_devices", "meraki_overview (per-device)",
		"Number of devices enrolled in Systems Manager in the whole organization.")

	metricSubscriptionInfo = ownMetrics.New("meraki_subscription_info", "meraki_subscription",
		"The type of a subscription (termed or enterpriseAgreement) and the status of its smart account. Always 1.",
		"license_id", "type", "smart_account_status")
	metricSubscriptionProductType = ownMetrics.New("meraki_subscription_product_type_info", "meraki_subscription",
		"A product type that a subscription covers. Always 1.", "license_id", "product_type")
	metricSubscriptionSuite = ownMetrics.New("meraki_subscription_suite_info", "meraki_subscription",
		"A suite of a subscription that is an enterprise agreement. Always 1.", "license_id", "suite")
	metricSubscriptionStart = ownMetrics.New("meraki_subscription_start_timestamp_seconds", "meraki_subscription",
		"Start of a subscription, as Unix time.", "license_id")
	metricSubscriptionNetworks = ownMetrics.New("meraki_subscription_networks", "meraki_subscription",
		"Number of networks that are bound to a subscription.", "license_id")
	metricSubscriptionOrganizations = ownMetrics.New("meraki_subscription_organizations", "meraki_subscription",
		"Number of organizations that share a subscription. Absent if only one uses it.", "license_id")
	metricSubscriptionRenewal = ownMetrics.New("meraki_subscription_renewal_requested", "meraki_subscription",
		"1 if the renewal of a subscription was requested. Absent otherwise.", "license_id")
	metricSubscriptionLimit = ownMetrics.New("meraki_subscription_seats_limit", "meraki_subscription",
		"Total seats of a subscription for all its products, according to the vendor. Absent if it equals the sum of license_seats_limit.", "license_id")
	metricSubscriptionAssigned = ownMetrics.New("meraki_subscription_seats_assigned", "meraki_subscription",
		"Total seats in use of a subscription for all its products, according to the vendor. Absent if it equals the sum of license_seats_assigned.", "license_id")
	metricSubscriptionAvailable = ownMetrics.New("meraki_subscription_seats_available", "meraki_subscription",
		"Total available seats of a subscription for all its products, according to the vendor. Absent if it equals the sum of license_seats_available.", "license_id")
	metricComplianceStatus = ownMetrics.New("meraki_subscription_compliance_status", "meraki_compliance",
		"The status of a subscription according to the compliance report. Always 1. Absent if the status is active and the subscription has a license_compliant.", "license_id", "status")

	metricInventory = ownMetrics.New("meraki_inventory_devices", "meraki_inventory",
		"Number of devices that the organization has claimed, by whether they are in a network (used).", "model", "product_type", "used")
	metricInventoryNextEnd = ownMetrics.New("meraki_inventory_next_license_expiration_timestamp_seconds", "meraki_inventory",
		"Earliest license expiration date of the devices in networks, as Unix time. Only if the vendor gives it, as for per-device licensing.", "model", "product_type")
	metricEndOfSale = ownMetrics.NewShared("meraki_inventory_end_of_sale_timestamp_seconds", "meraki_inventory",
		"Earliest end of sale of the claimed devices, as Unix time. Absent if none is announced.", "model", "product_type")
	metricEndOfSupport = ownMetrics.NewShared("meraki_inventory_end_of_support_timestamp_seconds", "meraki_inventory",
		"Earliest end of support of the claimed devices, as Unix time. Absent if none is announced.", "model", "product_type")
	metricEntitlement = ownMetrics.New("meraki_entitlement_info", "meraki_entitlements",
		"A SKU that can be bought. Always 1.", "product", "add_on", "free")
)
