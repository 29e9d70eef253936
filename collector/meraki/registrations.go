package meraki

import "license_exporter/collector"

// Conditions under which collectors report metrics.
const (
	ofCoterm   = "co-term"
	individual = "with individual_licenses"
	// outOfCompliance is the only status that is a verdict.
	outOfCompliance = "out_of_compliance"
)

// registrations lists the collectors in alphabetical order.
var registrations = []collector.Registration{
	{
		Name: "meraki_compliance", Default: true,
		Help:     "Licenses that subscription organizations lack to be compliant, and the end of the grace period.",
		Headline: "the compliance of subscriptions",
		Requests: "1 per subscription organization",
		Reports: map[*collector.Metric]string{
			collector.MetricCompliant: "", collector.MetricMissing: "", collector.MetricGraceEnd: "",
		},
	},
	{
		Name: "meraki_coterm", Default: true,
		Help:     "Co-term licenses by model, edition, mode and state.",
		Headline: "co-term licenses",
		Requests: "1 per co-term organization and 1,000 licenses",
		Reports:  map[*collector.Metric]string{collector.MetricLicenses: ""},
	},
	{
		Name: "meraki_device", Default: true,
		Help:     "Per-device licenses by type and state, with the end of their cover.",
		Headline: "per-device licenses",
		Requests: "1 per per-device organization and 1,000 licenses",
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "",
			collector.MetricNextEnd: "", collector.MetricDays: "", collector.MetricEndedInUse: "",
			collector.MetricEnd: individual, collector.MetricInfo: individual,
			collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "", collector.MetricSeatsInfo: "of devices",
		},
	},
	{
		Name: "meraki_entitlements", Default: true,
		Help:     "Names, classes and tiers of the SKUs of subscriptions.",
		Requests: "1 per account that has subscription organizations, once a day",
		Reports:  map[*collector.Metric]string{collector.MetricProductInfo: ""},
	},
	{
		Name: "meraki_inventory", Default: true,
		Help:     "Devices by model, with their end-of-sale and end-of-support dates and the seats that they need.",
		Requests: "1 per organization and 1,000 devices",
		Reports:  map[*collector.Metric]string{collector.MetricSeatsRequired: ""},
	},
	{
		Name: "meraki_overview", Default: true,
		Help:     "End and status of co-term organizations; states, thresholds and Systems Manager seats of per-device ones.",
		Headline: "the ends of co-term organizations",
		Requests: "1 per co-term or per-device organization",
		Reports: map[*collector.Metric]string{
			collector.MetricNextEnd: ofCoterm, collector.MetricDays: ofCoterm, collector.MetricStatus: ofCoterm,
			collector.MetricEndedInUse: ofCoterm + ", with meraki_inventory",
			collector.MetricCompliant:  ofCoterm, collector.MetricSeatsLimit: ofCoterm,
		},
	},
	{
		Name: "meraki_subscription", Default: true,
		Help:     "Subscriptions with their end, status, type and seats by SKU.",
		Headline: "subscriptions",
		Requests: "1 per subscription organization and 1,000 subscriptions",
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "",
			collector.MetricNextEnd: "", collector.MetricDays: "", collector.MetricEndedInUse: "", collector.MetricEnd: "", collector.MetricInfo: "",
			collector.MetricStatus: "", collector.MetricCompliant: outOfCompliance,
			collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "",
			collector.MetricSeatsInfo: "enterprise agreements",
		},
	},
}
