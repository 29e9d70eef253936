package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Metric describes a metric. docs/metrics.md is generated from it.
type Metric struct {
	Name string
	Help string
	Type prometheus.ValueType
	// Labels lists the labels besides the common ones. The common labels are
	// vendor, account and organization_id for facts, and vendor and account for
	// the exporter's own metrics.
	Labels []string
	// Shared is set for facts about things that organizations have in common, such as models of
	// devices. Series of several organizations of an account that have the same labels are shown
	// once, with an empty organization_id and the smallest value.
	Shared bool
	// Own is set for metrics about the exporter itself.
	Own bool
	// Process is set for metrics about the process, which have no common
	// labels.
	Process bool
	// Histogram is set for histograms. Type is then not used.
	Histogram bool
	// From names the collectors that provide the metric, for the docs. If it
	// is empty, the registrations of collectors name the metric.
	From string
}

var (
	factLabels = []string{"vendor", "account", "organization_id"}
	ownLabels  = []string{"vendor", "account"}
)

// AllLabels returns the names of all labels, in the order of their values.
func (m *Metric) AllLabels() []string {
	common := factLabels
	switch {
	case m.Process:
		common = nil
	case m.Own:
		common = ownLabels
	}
	return append(slices.Clip(common), m.Labels...)
}

// Metrics is a table of metrics.
type Metrics []*Metric

// New adds a gauge about licenses to the table and returns it. from names the
// collectors that provide it and the condition under which they do.
func (t *Metrics) New(name, from, help string, labels ...string) *Metric {
	m := &Metric{Name: name, Help: help, Type: prometheus.GaugeValue, Labels: labels, From: from}
	*t = append(*t, m)
	return m
}

// NewShared is like New, for facts about things that organizations have in common.
func (t *Metrics) NewShared(name, from, help string, labels ...string) *Metric {
	m := t.New(name, from, help+" Shown once for an account, with an empty organization_id.", labels...)
	m.Shared = true
	return m
}

// shared is the table of the metrics below.
var shared Metrics

// own adds a metric about the exporter itself.
func own(t prometheus.ValueType, name, help string, labels ...string) *Metric {
	m := shared.New(name, "the exporter", help, labels...)
	m.Type, m.Own = t, true
	return m
}

func ownHistogram(name, help string, labels ...string) *Metric {
	m := own(prometheus.UntypedValue, name, help, labels...)
	m.Histogram = true
	return m
}

// process adds a gauge about the process.
func process(name, help string) *Metric {
	m := own(prometheus.GaugeValue, name, help)
	m.Process = true
	return m
}

const (
	fromDiscovery = "every account"
	fromPolicies  = "policies"
)

// Metrics about licenses that vendors share. The Registration of a collector
// lists those that the collector provides.
var (
	MetricOrganizationInfo = shared.New("license_organization_info", fromDiscovery,
		"An organization that the account sees, by name. Always 1. What the vendor has not said is empty. The labels that the configuration gives to accounts are added.",
		"organization_name", "licensing_model", "region", "api_enabled")
	MetricProductInfo = shared.New("license_product_info", "",
		"A product that is or can be licensed, by name. Always 1.",
		"product", "product_name", "manufacturer", "product_type", "product_class", "feature_tier")
	MetricUp = shared.New("license_up", fromDiscovery,
		"1 if all facts of the organization are of the latest fetch, 0 if at least one collector, or a child of one, failed, or if a request of a fetch under way has failed and is sent again. "+
			"The empty organization_id stands for the account as a whole.")
	MetricLicenses = shared.New("license_licenses", "",
		"Licenses by product, state in the vendor's spelling, and whether they are assigned. The usual states that no license of the organization has, such as expired, "+
			"are 0 with an empty product, unless some license could not be read.",
		"product", "state", "assigned")
	MetricExpiring = shared.New("license_licenses_expiring", "",
		"Licenses in force whose cover ends within so many days or has ended, counted when they were fetched. Cumulative. "+
			"Absent if no license of the product ends within 90 days and the product has a license_next_expiration_timestamp_seconds or license_licenses_without_expiration.",
		"product", "within_days")
	MetricWithoutEnd = shared.New("license_licenses_without_expiration", "",
		"Licenses in force that have no end. Absent if there are none and the product has a license_next_expiration_timestamp_seconds.", "product")
	MetricNextEnd = shared.New("license_next_expiration_timestamp_seconds", "",
		"Earliest end of cover among the licenses in force, or if none is in force the latest that has passed, in Unix time. "+
			"The empty product stands for the whole organization.", "product")
	MetricDays = shared.New("license_days_to_expiration", "",
		"Days from the scrape until license_next_expiration_timestamp_seconds, in steps of 1/128 of a day: above 0 until then, and negative from then on.", "product")
	MetricEndedInUse = shared.New("license_ended_in_use", "",
		"How much depends on licenses whose cover has ended, even if the vendor still tolerates it: assigned licenses, used seats or devices. "+
			"0 if nothing has ended, or if the vendor shows that nothing depends on it. Absent if the vendor does not say. "+
			"The empty product stands for the whole organization.", "product")
	MetricEnd = shared.New("license_expiration_timestamp_seconds", "",
		"End of the cover of one subscription, agreement or license, in Unix time. Absent if it has no end.", "product", "license_id")
	MetricInfo = shared.New("license_info", "",
		"One subscription, agreement or license. Always 1.",
		"product", "license_id", "license_name", "state", "order_id", "device_serial", "network_id")
	MetricSeatsLimit = shared.New("license_seats_limit", "",
		"Seats that were bought.", "product", "unit", "license_id")
	MetricSeatsAssigned = shared.New("license_seats_assigned", "",
		"Seats that are in use.", "product", "unit", "license_id")
	MetricSeatsAvailable = shared.New("license_seats_available", "",
		"Seats that are free, negative if more are in use than were bought.", "product", "unit", "license_id")
	MetricSeatsRequired = shared.New("license_seats_required", "",
		"Seats that the estate needs, such as the devices in use or the requirement of a compliance report.", "product", "unit")
	MetricSeatsInfo = shared.New("license_seats_info", "",
		"Seats that are no ordinary pool. Always 1. The kind is per_device (each license is for one device) or "+
			"overuse_allowed (more may be used than were bought, as in an enterprise agreement).",
		"product", "unit", "license_id", "kind")
	MetricCompliant = shared.New("license_compliant", "",
		"The vendor's verdict: 1 if compliant, 0 if not. Without product and license_id it is about the whole organization.",
		"product", "license_id")
	MetricStatus = shared.New("license_status", "",
		"1 for the current status of a subscription, in the vendor's spelling. active and expired are 0 if they are not the current one. "+
			"Without license_id it is the organization's current status alone.", "license_id", "status")
	MetricMissing = shared.New("license_missing_seats", "",
		"Seats that are missing by the vendor's count. Absent where none are.", "product", "sku", "unit", "license_id")
	MetricGraceEnd = shared.New("license_grace_period_end_timestamp_seconds", "",
		"When the vendor stops tolerating a violation, in Unix time. Absent where there is none.", "product", "license_id")
	MetricRenewalDeadline = shared.New("license_renewal_deadline_timestamp_seconds", "",
		"Until when a subscription or agreement must be renewed or canceled, in Unix time. Only where the vendor gives a deadline.",
		"product", "license_id")
	MetricNextRenewal = shared.New("license_next_renewal_timestamp_seconds", fromPolicies,
		"When it renews by itself, in Unix time: its end, if a policy says that it renews automatically.", "product", "license_id")
	MetricPolicyInfo = shared.New("license_policy_info", fromPolicies,
		"Who owns what has an end, seats or a verdict, and whether it renews automatically, by the operator's policies. Always 1. What no policy sets is empty. "+
			"Without product and license_id it is about the whole organization.", "product", "license_id", "owner", "renewal")
	MetricPolicyNotice = shared.New("license_policy_notice_seconds", fromPolicies,
		"How long before the end somebody has to act, by the operator's policies.", "product", "license_id")
	MetricPolicyMinimumSeats = shared.New("license_policy_minimum_available_seats", fromPolicies,
		"How many seats should be free, by the operator's policies.", "product", "license_id")
	MetricPolicyMuted = shared.New("license_policy_muted", fromPolicies,
		"1 if a policy of the operator says that no alert is wanted, else absent.", "product", "license_id")
	MetricCost = shared.New("license_cost", "",
		"What licenses cost, in the currency's main unit, by component: purchase, maintenance and support. "+
			"Of the latter two, what is paid now.", "product", "component", "currency")
)

// The exporter's own metrics.
var (
	MetricCollectorSuccess = own(prometheus.GaugeValue, "license_exporter_collector_success",
		"1 if the latest fetch of the collector succeeded, else 0. It succeeds even if some children, such as one agreement of many, could not be read. "+
			"Absent for an organization whose license_up is 1, except in answers of /probe. The empty organization_id stands for the account as a whole.",
		"organization_id", "collector")
	MetricCollectorLastSuccess = own(prometheus.GaugeValue, "license_exporter_collector_last_success_timestamp_seconds",
		"When the collector last fetched successfully, in Unix time. Kept through failures. "+
			"Absent for an organization whose license_up is 1, except in answers of /probe. The empty organization_id stands for the account as a whole.",
		"organization_id", "collector")
	MetricCollectorOldestSuccess = own(prometheus.GaugeValue, "license_exporter_collector_oldest_success_timestamp_seconds",
		"When the collector last fetched successfully, for the organization that was fetched longest ago, in Unix time. Absent in answers of /probe.",
		"collector")
	MetricCollectorDuration = ownHistogram("license_exporter_collector_duration_seconds",
		"How long fetches took, failed ones included.", "collector")
	MetricCollectorErrors = own(prometheus.CounterValue, "license_exporter_collector_errors_total",
		"Fetches that failed, by reason.", "collector", "reason")
	MetricAPIRequests = own(prometheus.CounterValue, "license_exporter_api_requests_total",
		"Answers of the vendor's API.", "operation", "code")
	MetricAPIDuration = ownHistogram("license_exporter_api_request_duration_seconds",
		"How long the vendor's API took to answer.", "operation", "code")
	MetricAPIRetries = own(prometheus.CounterValue, "license_exporter_api_retries_total",
		"Requests that failed and may be sent again, by the status of the answer. Without code there was no answer.",
		"operation", "code")
	MetricAPIThrottled = own(prometheus.CounterValue, "license_exporter_api_throttled_seconds_total",
		"Seconds that requests waited for the exporter's rate limit (without code) or that the vendor asked to wait (code 429 or 503), even if the request was then given up.",
		"operation", "code")
	MetricParseErrors = own(prometheus.CounterValue, "license_exporter_parse_errors_total",
		"Values that could not be read and were left out or passed on unknown, by the field of the vendor's API. The rest of the record counts.", "field")
	MetricRecordsSkipped = own(prometheus.GaugeValue, "license_exporter_records_skipped",
		"Records and child objects, such as one agreement of many, that the latest good fetch could not read while it read the rest, by reason. "+
			"Absent where there are none.", "collector", "reason")
	MetricSeriesDropped = own(prometheus.GaugeValue, "license_exporter_series_dropped",
		"Individual licenses that the limit on their number left out.", "collector")
	MetricReloadSuccessful = process("license_exporter_config_last_reload_successful",
		"1 if the latest attempt to load the configuration succeeded, else 0. The one before then stays in force.")
	MetricReloadTime = process("license_exporter_config_last_reload_success_timestamp_seconds",
		"When the configuration was last loaded successfully, in Unix time.")
	MetricUnmatchedPolicies = process("license_exporter_unmatched_policies",
		"Policies that match no organization, product or license. Those that may match what could not be read yet are left out.")
)
