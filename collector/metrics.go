package collector

import (
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

//go:generate go test -run ^TestDocument$ -update .

// Metric describes a metric: the one place where its name, its labels and its
// meaning stand. docs/metrics.md is made from it.
type Metric struct {
	Name string
	Help string
	Type prometheus.ValueType
	// Labels are those beyond the ones that every series of its kind bears:
	// vendor, account and organization_id for facts, vendor and account for
	// the exporter's own.
	Labels []string
	// Own tells that the metric is about the exporter itself.
	Own bool
	// Bare tells that the metric is about the process, so that it bears no
	// account's labels.
	Bare bool
	// Histogram tells that the metric is a histogram, whatever Type says.
	Histogram bool
	// From names the collectors that the metric comes from, and when.
	From string

	desc *prometheus.Desc
	text textFormat
}

// factLabels stand on each series of facts, ownLabels on the exporter's own.
var (
	factLabels = []string{"vendor", "account", "organization_id"}
	ownLabels  = []string{"vendor", "account"}
)

// table collects all metrics in the order of their declaration.
var table []*Metric

// Metrics returns the descriptions of all metrics, by name.
func Metrics() []*Metric { return sortedTable() }

var sortedTable = sync.OnceValue(func() []*Metric {
	return slices.SortedFunc(slices.Values(table), func(a, b *Metric) int { return strings.Compare(a.Name, b.Name) })
})

// AllLabels returns the names of all labels, in the order of the values.
func (m *Metric) AllLabels() []string {
	common := factLabels
	switch {
	case m.Bare:
		common = nil
	case m.Own:
		common = ownLabels
	}
	return append(slices.Clip(common), m.Labels...)
}

// fact declares a gauge about licenses.
func fact(name, from, help string, labels ...string) *Metric {
	return declare(&Metric{Name: name, Help: help, Type: prometheus.GaugeValue, Labels: labels, From: from})
}

// own declares a metric about the exporter itself.
func own(t prometheus.ValueType, name, help string, labels ...string) *Metric {
	return declare(&Metric{Name: name, Help: help, Type: t, Labels: labels, Own: true, From: "the exporter"})
}

func ownHistogram(name, help string, labels ...string) *Metric {
	m := own(prometheus.UntypedValue, name, help, labels...)
	m.Histogram = true
	return m
}

// process declares a gauge about the exporter's process.
func process(name, help string) *Metric {
	return declare(&Metric{Name: name, Help: help, Type: prometheus.GaugeValue, Own: true, Bare: true, From: "the exporter"})
}

func declare(m *Metric) *Metric {
	m.desc = prometheus.NewDesc(m.Name, m.Help, m.AllLabels(), nil)
	m.text = newTextFormat(m)
	table = append(table, m)
	return m
}

// What several metrics come from.
const (
	fromDiscovery = "every account"
	fromLists     = "meraki_coterm, meraki_device, meraki_subscription, snow_licenses"
	fromDated     = "meraki_device, meraki_subscription, snow_licenses"
	fromEnds      = "meraki_overview (co-term), meraki_device, meraki_subscription, snow_licenses"
	fromSingle    = "meraki_subscription, snow_agreements; meraki_device and snow_licenses with individual_licenses"
	fromLimit     = "meraki_overview (co-term), meraki_device, meraki_subscription, snow_licenses"
	fromAssigned  = "meraki_device, meraki_subscription, snow_assignments"
	fromAvailable = "meraki_device, meraki_subscription, snow_compliance"
	fromRequired  = "meraki_inventory, snow_compliance"
	fromVerdict   = "meraki_overview (co-term), meraki_compliance, snow_compliance"
	fromMissing   = "meraki_compliance, snow_compliance"
)

// Facts of all vendors.
var (
	metricOrganizationInfo = fact("license_organization_info", fromDiscovery,
		"An organization that the account sees, by name. Always 1.",
		"organization_name", "licensing_model", "region", "api_enabled")
	metricProductInfo = fact("license_product_info", "meraki_entitlements, snow_applications",
		"A product that is or can be licensed, by name. Always 1.",
		"product", "product_name", "manufacturer", "product_type", "product_class", "feature_tier")
	metricUp = fact("license_up", fromDiscovery,
		"1 if all facts of the organization are of the latest fetch, 0 if at least one collector failed. "+
			"The empty organization_id stands for the account as a whole.")
	metricLicenses = fact("license_licenses", fromLists,
		"Licenses by product, state in the vendor's spelling, and whether they are assigned.",
		"product", "state", "assigned")
	metricExpiring = fact("license_licenses_expiring", fromDated,
		"Licenses in force whose cover ends within so many days or has ended, counted when they were fetched. Cumulative.",
		"product", "within_days")
	metricWithoutEnd = fact("license_licenses_without_expiration", fromDated,
		"Licenses in force that have no end.", "product")
	metricNextEnd = fact("license_next_expiration_timestamp_seconds", fromEnds,
		"Earliest end of cover among the licenses in force, or if none is in force the latest that has passed, in Unix time. "+
			"The empty product stands for the whole organization.", "product")
	metricDays = fact("license_days_to_expiration", fromEnds,
		"Days from the scrape until license_next_expiration_timestamp_seconds, negative once it has passed.", "product")
	metricEnd = fact("license_expiration_timestamp_seconds", fromSingle,
		"End of the cover of one subscription, agreement or license, in Unix time.", "product", "license_id")
	metricInfo = fact("license_info", fromSingle,
		"One subscription, agreement or license. Always 1.",
		"product", "license_id", "license_name", "state", "order_id", "device_serial", "network_id")
	metricSeatsLimit = fact("license_seats_limit", fromLimit,
		"Seats that were bought.", "product", "unit", "license_id")
	metricSeatsAssigned = fact("license_seats_assigned", fromAssigned,
		"Seats that are in use.", "product", "unit", "license_id")
	metricSeatsAvailable = fact("license_seats_available", fromAvailable,
		"Seats that are free, negative if more are in use than were bought.", "product", "unit", "license_id")
	metricSeatsRequired = fact("license_seats_required", fromRequired,
		"Seats that the estate needs. For Meraki, devices that are in a network; for Snow, the requirement of the compliance report.", "product", "unit")
	metricCompliant = fact("license_compliant", fromVerdict,
		"The vendor's verdict: 1 if compliant, 0 if not. Without product and license_id it is about the whole organization.",
		"product", "license_id")
	metricStatus = fact("license_status", "meraki_overview (co-term), meraki_subscription",
		"1 for the current status of a subscription, 0 for the other known ones. "+
			"Without license_id it is the organization's.", "license_id", "status")
	metricMissing = fact("license_missing_seats", fromMissing,
		"Seats that are missing by the vendor's count.", "product", "sku", "license_id")
	metricGraceEnd = fact("license_grace_period_end_timestamp_seconds", "meraki_compliance",
		"When the vendor stops tolerating a violation, in Unix time.", "product", "license_id")
	metricCost = fact("license_cost", "snow_licenses",
		"What licenses cost, in the currency's main unit, by component: purchase, maintenance and support. "+
			"Of the latter two, what is paid now.", "product", "component", "currency")
)

// Facts that only Meraki has.
var (
	metricMerakiCotermLicenses = fact("meraki_coterm_licenses", "meraki_coterm",
		"Co-term licenses by edition. A license with several editions counts once for each.",
		"edition", "product_type", "mode", "state")
	metricMerakiCotermDevices = fact("meraki_coterm_licensed_devices", "meraki_coterm",
		"Devices that co-term licenses were bought for, by the model that is licensed.", "product", "state")
	metricMerakiCotermExpired = fact("meraki_coterm_expired_licenses", "meraki_coterm",
		"Co-term licenses that have expired, invalidated ones included.")
	metricMerakiCotermInvalidated = fact("meraki_coterm_invalidated_licenses", "meraki_coterm",
		"Co-term licenses that the vendor has declared invalid, expired ones included.")
	metricMerakiCotermLastInvalidation = fact("meraki_coterm_last_invalidation_timestamp_seconds", "meraki_coterm",
		"When a co-term license was invalidated last, in Unix time.")
	metricMerakiCotermLastClaim = fact("meraki_coterm_last_claim_timestamp_seconds", "meraki_coterm",
		"When a co-term license was claimed last, in Unix time.")

	metricMerakiLicenses = fact("meraki_licenses", "meraki_overview (per-device)",
		"Licenses of the organization by the vendor's count.")
	metricMerakiLicensesByState = fact("meraki_licenses_by_state", "meraki_overview (per-device)",
		"Licenses of the organization by state, by the vendor's count.", "state")
	metricMerakiExpiring = fact("meraki_licenses_expiring", "meraki_overview (per-device)",
		"Licenses that end within the vendor's own critical or warning threshold.", "threshold")
	metricMerakiExpiringThreshold = fact("meraki_licenses_expiring_threshold_seconds", "meraki_overview (per-device)",
		"The vendor's own thresholds for meraki_licenses_expiring.", "threshold")
	metricMerakiUnassigned = fact("meraki_licenses_unassigned", "meraki_overview (per-device)",
		"Licenses that are not assigned to a device.", "product")
	metricMerakiSoonestActivation = fact("meraki_unused_soonest_activation_timestamp_seconds", "meraki_overview (per-device)",
		"When the first of the unused licenses starts burning, in Unix time.")
	metricMerakiSoonestActivationLicenses = fact("meraki_unused_soonest_activation_licenses", "meraki_overview (per-device)",
		"Unused licenses that start burning then.")
	metricMerakiOldestActivation = fact("meraki_unused_active_oldest_activation_timestamp_seconds", "meraki_overview (per-device)",
		"When the first of the licenses that burn without a device started burning, in Unix time.")
	metricMerakiOldestActivationLicenses = fact("meraki_unused_active_oldest_activation_licenses", "meraki_overview (per-device)",
		"Licenses without a device that started burning then.")
	metricMerakiSMSeats = fact("meraki_systems_manager_seats", "meraki_overview (per-device)",
		"Seats of Systems Manager.")
	metricMerakiSMActive = fact("meraki_systems_manager_active_seats", "meraki_overview (per-device)",
		"Seats of Systems Manager in use.")
	metricMerakiSMUnassigned = fact("meraki_systems_manager_unassigned_seats", "meraki_overview (per-device)",
		"Seats of Systems Manager that are not assigned.")
	metricMerakiSMEnrolled = fact("meraki_systems_manager_enrolled_devices", "meraki_overview (per-device)",
		"Devices enrolled in Systems Manager, over the whole organization.")

	metricMerakiSubscriptionStart = fact("meraki_subscription_start_timestamp_seconds", "meraki_subscription",
		"When a subscription starts, in Unix time.", "license_id")
	metricMerakiSubscriptionNetworks = fact("meraki_subscription_networks", "meraki_subscription",
		"Networks bound to a subscription.", "license_id")
	metricMerakiSubscriptionOrganizations = fact("meraki_subscription_organizations", "meraki_subscription",
		"Organizations that share a subscription.", "license_id")
	metricMerakiSubscriptionRenewal = fact("meraki_subscription_renewal_requested", "meraki_subscription",
		"1 if the renewal of a subscription was requested, else 0.", "license_id")
	metricMerakiSubscriptionLimit = fact("meraki_subscription_seats_limit", "meraki_subscription",
		"Seats of a subscription over all its products.", "license_id")
	metricMerakiSubscriptionAssigned = fact("meraki_subscription_seats_assigned", "meraki_subscription",
		"Seats of a subscription in use, over all its products.", "license_id")
	metricMerakiSubscriptionAvailable = fact("meraki_subscription_seats_available", "meraki_subscription",
		"Seats of a subscription that are free, over all its products.", "license_id")
	metricMerakiComplianceStatus = fact("meraki_subscription_compliance_status", "meraki_compliance",
		"1 for the status of a subscription by the compliance report, 0 for the other known ones.", "license_id", "status")

	metricMerakiInventory = fact("meraki_inventory_devices", "meraki_inventory",
		"Devices that the organization has claimed, and whether they are in a network.", "model", "product_type", "used")
	metricMerakiInventoryNextEnd = fact("meraki_inventory_next_license_expiration_timestamp_seconds", "meraki_inventory",
		"Earliest license expiration date of the devices in a network, in Unix time.", "model", "product_type")
	metricMerakiEntitlement = fact("meraki_entitlement_info", "meraki_entitlements",
		"A SKU that can be bought. Always 1.", "product", "add_on", "free")
)

// The exporter's own metrics.
var (
	metricCollectorSuccess = own(prometheus.GaugeValue, "license_exporter_collector_success",
		"1 if the latest fetch of the collector succeeded, else 0.", "organization_id", "collector")
	metricCollectorLastSuccess = own(prometheus.GaugeValue, "license_exporter_collector_last_success_timestamp_seconds",
		"When the collector last fetched successfully, in Unix time. Kept through failures.", "organization_id", "collector")
	metricCollectorDuration = ownHistogram("license_exporter_collector_duration_seconds",
		"How long fetches took, failed ones included.", "collector")
	metricCollectorErrors = own(prometheus.CounterValue, "license_exporter_collector_errors_total",
		"Fetches that failed, by reason.", "collector", "reason")
	metricAPIRequests = own(prometheus.CounterValue, "license_exporter_api_requests_total",
		"Answers of the vendor's API.", "operation", "code")
	metricAPIDuration = ownHistogram("license_exporter_api_request_duration_seconds",
		"How long the vendor's API took to answer.", "operation", "code")
	metricAPIRetries = own(prometheus.CounterValue, "license_exporter_api_retries_total",
		"Requests that failed and may be sent again, by the status of the answer. Without code there was no answer.",
		"operation", "code")
	metricAPIThrottled = own(prometheus.CounterValue, "license_exporter_api_throttled_seconds_total",
		"Seconds that requests waited for the exporter's rate limit (without code) or were told to wait by the vendor (code 429).",
		"operation", "code")
	metricParseErrors = own(prometheus.CounterValue, "license_exporter_parse_errors_total",
		"Dates and enumerated values that could not be read and were left out or passed on unknown.", "field")
	metricSeriesDropped = own(prometheus.GaugeValue, "license_exporter_series_dropped",
		"Individual licenses that the limit on their number left out.", "collector")
	metricReloadSuccessful = process("license_exporter_config_last_reload_successful",
		"1 if the configuration was read and taken over when that was tried last, else 0: then the one before stays in force.")
	metricReloadTime = process("license_exporter_config_last_reload_success_timestamp_seconds",
		"When the configuration was last taken over, in Unix time.")
)
