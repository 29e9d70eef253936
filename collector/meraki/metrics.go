package meraki

import "license_exporter/collector"

// ownMetrics is the table of the vendor's own metrics.
var ownMetrics collector.Metrics

var (
	metricCotermLicenses = ownMetrics.New("meraki_coterm_licenses", "meraki_coterm",
		"Co-term licenses by edition. A license with several editions counts once for each.",
		"edition", "product_type", "mode", "state")
	metricCotermDevices = ownMetrics.New("meraki_coterm_licensed_devices", "meraki_coterm",
		"Devices that co-term licenses were bought for, by the model that is licensed.", "product", "state")
	metricCotermExpired = ownMetrics.New("meraki_coterm_expired_licenses", "meraki_coterm",
		"Co-term licenses that have expired, invalidated ones included. Absent if there are neither expired nor invalidated ones.")
	metricCotermInvalidated = ownMetrics.New("meraki_coterm_invalidated_licenses", "meraki_coterm",
		"Co-term licenses that the vendor has declared invalid, expired ones included. Absent if there are neither expired nor invalidated ones.")
	metricCotermLastInvalidation = ownMetrics.New("meraki_coterm_last_invalidation_timestamp_seconds", "meraki_coterm",
		"When a co-term license was invalidated last, in Unix time. Absent if none was invalidated.")
	metricCotermLastClaim = ownMetrics.New("meraki_coterm_last_claim_timestamp_seconds", "meraki_coterm",
		"When a co-term license was claimed last, in Unix time.")

	metricLicenses = ownMetrics.New("meraki_licenses", "meraki_overview (per-device)",
		"Licenses of the organization by the vendor's count. Absent if it equals the sum of meraki_licenses_by_state.")
	metricLicensesByState = ownMetrics.New("meraki_licenses_by_state", "meraki_overview (per-device)",
		"Licenses of the organization by state, by the vendor's count. States without licenses are absent, except active and expired.", "state")
	metricExpiring = ownMetrics.New("meraki_licenses_expiring", "meraki_overview (per-device)",
		"Licenses that end within the vendor's own critical or warning threshold. Absent if no license ends within either.", "threshold")
	metricExpiringThreshold = ownMetrics.New("meraki_licenses_expiring_threshold_seconds", "meraki_overview (per-device)",
		"The vendor's own thresholds for meraki_licenses_expiring.", "threshold")
	metricUnassigned = ownMetrics.New("meraki_licenses_unassigned", "meraki_overview (per-device)",
		"Licenses that are not assigned to a device. Absent if there are none.", "product")
	metricSoonestActivation = ownMetrics.New("meraki_unused_soonest_activation_timestamp_seconds", "meraki_overview (per-device)",
		"When the first of the unused licenses starts burning, in Unix time. Absent if there are none.")
	metricSoonestActivationLicenses = ownMetrics.New("meraki_unused_soonest_activation_licenses", "meraki_overview (per-device)",
		"Unused licenses that start burning then. Absent if there are none.")
	metricOldestActivation = ownMetrics.New("meraki_unused_active_oldest_activation_timestamp_seconds", "meraki_overview (per-device)",
		"When the first of the licenses that burn without a device started burning, in Unix time. Absent if there are none.")
	metricOldestActivationLicenses = ownMetrics.New("meraki_unused_active_oldest_activation_licenses", "meraki_overview (per-device)",
		"Licenses without a device that started burning then. Absent if there are none.")
	metricSMSeats = ownMetrics.New("meraki_systems_manager_seats", "meraki_overview (per-device)",
		"Seats of Systems Manager. Absent, like the other numbers of Systems Manager, if all of them are 0.")
	metricSMActive = ownMetrics.New("meraki_systems_manager_active_seats", "meraki_overview (per-device)",
		"Seats of Systems Manager in use.")
	metricSMUnassigned = ownMetrics.New("meraki_systems_manager_unassigned_seats", "meraki_overview (per-device)",
		"Seats of Systems Manager that are not assigned.")
	metricSMEnrolled = ownMetrics.New("meraki_systems_manager_enrolled_devices", "meraki_overview (per-device)",
		"Devices enrolled in Systems Manager, over the whole organization.")

	metricSubscriptionInfo = ownMetrics.New("meraki_subscription_info", "meraki_subscription",
		"The type of a subscription (termed or enterpriseAgreement) and the status of its smart account. Always 1.",
		"license_id", "type", "smart_account_status")
	metricSubscriptionProductType = ownMetrics.New("meraki_subscription_product_type_info", "meraki_subscription",
		"A type of products that a subscription is for. Always 1.", "license_id", "product_type")
	metricSubscriptionSuite = ownMetrics.New("meraki_subscription_suite_info", "meraki_subscription",
		"A suite of the enterprise agreement that a subscription is. Always 1.", "license_id", "suite")
	metricSubscriptionStart = ownMetrics.New("meraki_subscription_start_timestamp_seconds", "meraki_subscription",
		"When a subscription starts, in Unix time.", "license_id")
	metricSubscriptionNetworks = ownMetrics.New("meraki_subscription_networks", "meraki_subscription",
		"Networks bound to a subscription.", "license_id")
	metricSubscriptionOrganizations = ownMetrics.New("meraki_subscription_organizations", "meraki_subscription",
		"Organizations that share a subscription. Absent if only one has it.", "license_id")
	metricSubscriptionRenewal = ownMetrics.New("meraki_subscription_renewal_requested", "meraki_subscription",
		"1 if the renewal of a subscription was requested, else absent.", "license_id")
	metricSubscriptionLimit = ownMetrics.New("meraki_subscription_seats_limit", "meraki_subscription",
		"Seats of a subscription over all its products, by the vendor's total. Absent if it equals the sum of license_seats_limit.", "license_id")
	metricSubscriptionAssigned = ownMetrics.New("meraki_subscription_seats_assigned", "meraki_subscription",
		"Seats of a subscription in use, over all its products, by the vendor's total. Absent if it equals the sum of license_seats_assigned.", "license_id")
	metricSubscriptionAvailable = ownMetrics.New("meraki_subscription_seats_available", "meraki_subscription",
		"Seats of a subscription that are free, over all its products, by the vendor's total. Absent if it equals the sum of license_seats_available.", "license_id")
	metricComplianceStatus = ownMetrics.New("meraki_subscription_compliance_status", "meraki_compliance",
		"The status of a subscription by the compliance report. Always 1. Absent if the status is active and the subscription has a license_compliant.", "license_id", "status")

	metricInventory = ownMetrics.New("meraki_inventory_devices", "meraki_inventory",
		"Devices that the organization has claimed, and whether they are in a network.", "model", "product_type", "used")
	metricInventoryNextEnd = ownMetrics.New("meraki_inventory_next_license_expiration_timestamp_seconds", "meraki_inventory",
		"Earliest license expiration date of the devices in a network, in Unix time. Only where the vendor gives it, as in per-device licensing.", "model", "product_type")
	metricEndOfSale = ownMetrics.NewShared("meraki_inventory_end_of_sale_timestamp_seconds", "meraki_inventory",
		"Earliest end of sale of the claimed devices, in Unix time. Absent if none is announced.", "model", "product_type")
	metricEndOfSupport = ownMetrics.NewShared("meraki_inventory_end_of_support_timestamp_seconds", "meraki_inventory",
		"Earliest end of support of the claimed devices, in Unix time. Absent if none is announced.", "model", "product_type")
	metricEntitlement = ownMetrics.New("meraki_entitlement_info", "meraki_entitlements",
		"A SKU that can be bought. Always 1.", "product", "add_on", "free")
)
