package microsoft365

import "license_exporter/collector"

// ownMetrics is the table of the vendor's own metrics.
var ownMetrics collector.Metrics

var (
	metricPrepaid = ownMetrics.New("microsoft365_prepaid_units", licensesName,
		"Units of a SKU that were bought, by the status of their subscriptions: enabled, warning, suspended or locked_out. States without units are absent, except enabled.", "product", "state")
	metricDeletion = ownMetrics.New("microsoft365_deletion_timestamp_seconds", licensesName,
		"Time at which a subscription that is suspended or locked out is deleted with its data, as Unix time.", "product", "license_id")
	metricTrials = ownMetrics.New("microsoft365_trials", licensesName,
		"Number of subscriptions that are free trials and have not been suspended or deleted. Absent if there are none.", "product")
)
