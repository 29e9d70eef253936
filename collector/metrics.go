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
		"An organization that the account can read, with its name. Always 1. Labels that the vendor does not give are empty. The labels of accounts "+
			"in the configuration are added.",
		"organization_name", "licensing_model", "region", "api_enabled")
	MetricProductInfo = shared.New("license_product_info", "",
		"A product that is or can be licensed, with its name. Always 1.",
		"product", "product_name", "manufacturer", "product_type", "product_class", "feature_tier")
	MetricUp = shared.New("license_up", fromDiscovery,
		"1 if all facts of the organization are current, that is, from the latest fetch. 0 if a collector or one of the objects that it reads "+
			"failed, or if a request of the fetch under way has failed and is sent again. With an empty organization_id, it is for the account as a "+
			"whole.")
	MetricLicenses = shared.New("license_licenses", "",
		"Number of licenses by product, state in the vendor's spelling, and whether they are assigned. The usual states that no license of the "+
			"organization has, such as expired, are 0 with an empty product, unless a license could not be read.",
		"product", "state", "assigned")
	MetricExpiring = shared.New("license_licenses_expiring", "",
		"Number of licenses in force that end within a number of days or have ended, when they were fetched. Cumulative. Absent if no license of the "+
			"product ends within 90 days, provided that the product has license_next_expiration_timestamp_seconds or license_licenses_without_expiration.",
		"product", "within_days")
	MetricWithoutEnd = shared.New("license_licenses_without_expiration", "",
		"Number of licenses in force that have no end. Absent if there are none, provided that the product has license_next_expiration_timestamp_seconds.", "product")
	MetricNextEnd = shared.New("license_next_expiration_timestamp_seconds", "",
		"Earliest end of the licenses in force, renewals included, as Unix time. If none is in force, the latest end in the past. With an empty "+
			"product, it is for the organization as a whole.", "product")
	MetricDays = shared.New("license_days_to_expiration", "",
		"Days from the scrape until license_next_expiration_timestamp_seconds, in steps of 1/128 of a day. Positive before the end, negative from then on.", "product")
	MetricEndedInUse = shared.New("license_ended_in_use", "",
		"Number of assigned licenses, used seats or devices that depend on licenses that have ended, even if the vendor still tolerates this. 0 if "+
			"nothing has ended or nothing depends on it. Absent if the vendor does not say. With an empty product, it is for the organization as a whole.", "product")
	MetricEnd = shared.New("license_expiration_timestamp_seconds", "",
		"End of one subscription, agreement or license, as Unix time. Absent if it has no end.", "product", "license_id")
	MetricInfo = shared.New("license_info", "",
		"One subscription, agreement or license. Always 1.",
		"product", "license_id", "license_name", "state", "order_id", "device_serial", "network_id")
	MetricSeatsLimit = shared.New("license_seats_limit", "",
		"Seats that were bought.", "product", "unit", "license_id")
	MetricSeatsAssigned = shared.New("license_seats_assigned", "",
		"Seats in use.", "product", "unit", "license_id")
	MetricSeatsAvailable = shared.New("license_seats_available", "",
		"Seats that are available. Negative if more seats are in use than were bought.", "product", "unit", "license_id")
	MetricSeatsRequired = shared.New("license_seats_required", "",
		"Seats that are needed, for example by the devices in use or according to a compliance report.", "product", "unit")
	MetricSeatsInfo = shared.New("license_seats_info", "",
		"Seats with special rules. Always 1. The kind is per_device (each license is for one device) or overuse_allowed (more seats may be used than "+
			"were bought, as in an enterprise agreement).",
		"product", "unit", "license_id", "kind")
	MetricCompliant = shared.New("license_compliant", "",
		"The vendor's verdict: 1 if compliant, 0 if not. Without product and license_id, it is for the organization as a whole.",
		"product", "license_id")
	MetricStatus = shared.New("license_status", "",
		"1 for the current status of a subscription, in the vendor's spelling. The statuses active and expired are 0 if they are not the current "+
			"one. Without license_id, it is the current status of the organization, and there are no zeros.", "license_id", "status")
	MetricMissing = shared.New("license_missing_seats", "",
		"Seats that are missing according to the vendor. Absent if none are missing.", "product", "sku", "unit", "license_id")
	MetricGraceEnd = shared.New("license_grace_period_end_timestamp_seconds", "",
		"Time at which the vendor stops tolerating a violation, as Unix time. Absent if there is none.", "product", "license_id")
	MetricRenewalDeadline = shared.New("license_renewal_deadline_timestamp_seconds", "",
		"Time until which a subscription or agreement must be renewed or canceled, as Unix time. Absent if the vendor gives no deadline.",
		"product", "license_id")
	MetricNextRenewal = shared.New("license_next_renewal_timestamp_seconds", fromPolicies,
		"Time of the next automatic renewal, as Unix time. If a policy says that the license renews automatically and the vendor gives no date, it is the end.", "product", "license_id")
	MetricPolicyInfo = shared.New("license_policy_info", fromPolicies,
		"Owner and renewal according to the policies, of everything that has an end, seats or a verdict. Always 1. Labels that no policy sets are "+
			"empty. Without product and license_id, it is for the organization as a whole.", "product", "license_id", "owner", "renewal")
	MetricPolicyNotice = shared.New("license_policy_notice_seconds", fromPolicies,
		"Time before the end at which somebody must act, according to the policies.", "product", "license_id")
	MetricPolicyMinimumSeats = shared.New("license_policy_minimum_available_seats", fromPolicies,
		"Seats that should be available, according to the policies.", "product", "license_id")
	MetricPolicyMuted = shared.New("license_policy_muted", fromPolicies,
		"1 if a policy mutes alerts. Absent otherwise.", "product", "license_id")
	MetricCost = shared.New("license_cost", "",
		"Cost of licenses in the main unit of the currency, by component: purchase, maintenance or support. Maintenance and support are what is paid now.", "product", "component", "currency")
)

// The exporter's own metrics.
var (
	MetricCollectorSuccess = own(prometheus.GaugeValue, "license_exporter_collector_success",
		"1 if the latest fetch of the collector succeeded, 0 otherwise. It also succeeds if some objects, such as one agreement of many, could not "+
			"be read. Absent for an organization whose license_up is 1, except in responses of /probe. With an empty organization_id, it is for the "+
			"account as a whole.",
		"organization_id", "collector")
	MetricCollectorLastSuccess = own(prometheus.GaugeValue, "license_exporter_collector_last_success_timestamp_seconds",
		"Time at which the collector last fetched successfully, as Unix time. Absent for an organization whose license_up is 1, except in responses "+
			"of /probe. With an empty organization_id, it is for the account as a whole.",
		"organization_id", "collector")
	MetricCollectorOldestSuccess = own(prometheus.GaugeValue, "license_exporter_collector_oldest_success_timestamp_seconds",
		"Time at which the collector last fetched successfully, as Unix time, for the organization that was fetched longest ago. Absent in responses of /probe.",
		"collector")
	MetricCollectorDuration = ownHistogram("license_exporter_collector_duration_seconds",
		"Duration of fetches, including those that failed.", "collector")
	MetricCollectorErrors = own(prometheus.CounterValue, "license_exporter_collector_errors_total",
		"Number of fetches that failed, by reason.", "collector", "reason")
	MetricAPIRequests = own(prometheus.CounterValue, "license_exporter_api_requests_total",
		"Number of requests that the vendor's API answered.", "operation", "code")
	MetricAPIDuration = ownHistogram("license_exporter_api_request_duration_seconds",
		"Response time of the vendor's API.", "operation", "code")
	MetricAPIRetries = own(prometheus.CounterValue, "license_exporter_api_retries_total",
		"Number of requests that failed and are sent again, by the status of the answer. The code is empty if there was no answer.",
		"operation", "code")
	MetricAPIThrottled = own(prometheus.CounterValue, "license_exporter_api_throttled_seconds_total",
		"Seconds that requests waited for the exporter's own rate limit (empty code), or that the vendor asked to wait (code 429 or 503), even if "+
			"the request was then given up.",
		"operation", "code")
	MetricParseErrors = own(prometheus.CounterValue, "license_exporter_parse_errors_total",
		"Number of values that could not be read, by the field of the vendor's API. They were left out or, if they are unknown words, passed on "+
			"unchanged. The rest of the record is used.", "field")
	MetricRecordsSkipped = own(prometheus.GaugeValue, "license_exporter_records_skipped",
		"Number of list records and objects, such as one agreement of many, that the latest successful fetch could not read, by reason. Absent if there are none.", "collector", "reason")
	MetricSeriesDropped = own(prometheus.GaugeValue, "license_exporter_series_dropped",
		"Number of individual licenses without series, because individual_licenses_limit was reached.", "collector")
	MetricReloadSuccessful = process("license_exporter_config_last_reload_successful",
		"1 if the latest attempt to load the configuration succeeded, 0 otherwise. After a failure, the previous configuration remains in use.")
	MetricReloadTime = process("license_exporter_config_last_reload_success_timestamp_seconds",
		"Time at which the configuration was last loaded successfully, as Unix time.")
	MetricUnmatchedPolicies = process("license_exporter_unmatched_policies",
		"Number of policies that match no organization, product or license. Policies that may match something that has not been read yet are not counted.")
)
