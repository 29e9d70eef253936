package meraki

import "license_exporter/collector"

// Conditions under which collectors report metrics.
const (
	ofCoterm   = "co-term"
	individual = "with individual_licenses"
	// outOfCompliance: no other status in the list of subscriptions is a verdict.
	outOfCompliance = "0 if out_of_compliance"
)

// registrations lists the collectors in alphabetical order.
var registrations = []collector.Registration{
	{
		Name: "meraki_compliance", Default: true,
		Help:     "What subscriptions lack to be compliant, and how long the vendor tolerates that.",
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
		Requests: "1 per co-term organization, and 1 per further 1,000 licenses",
		Reports:  map[*collector.Metric]string{collector.MetricLicenses: ""},
	},
	{
		Name: "meraki_device", Default: true,
		Help:     "Per-device licenses by type and state, with their ends and seats.",
		Headline: "per-device licenses",
		Requests: "1 per per-device organization, and 1 per further 1,000 licenses",
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "",
			collector.MetricNextEnd: "", collector.MetricDays: "", collector.MetricEndedInUse: "",
			collector.MetricEnd: individual, collector.MetricInfo: individual,
			collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "", collector.MetricSeatsInfo: "for devices",
		},
	},
	{
		Name: "meraki_entitlements", Default: true,
		Help:     "Names, classes and tiers of SKUs for subscriptions.",
		Requests: "once a day 1 per account with subscription organizations",
		Reports:  map[*collector.Metric]string{collector.MetricProductInfo: ""},
	},
	{
		Name: "meraki_inventory", Default: true,
		Help:     "Devices by model, with their end of sale and end of support, and the seats that they need.",
		Requests: "1 per organization, and 1 per further 1,000 devices",
		Reports:  map[*collector.Metric]string{collector.MetricSeatsRequired: ""},
	},
	{
		Name: "meraki_overview", Default: true,
		Help:     "End and status of co-term organizations. States, thresholds and Systems Manager seats of per-device organizations.",
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
		Help:     "Subscriptions with their end, status and type, and seats by SKU.",
		Headline: "subscriptions",
		Requests: "1 per subscription organization, and 1 per further 1,000 subscriptions",
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "",
			collector.MetricNextEnd: "", collector.MetricDays: "", collector.MetricEndedInUse: "", collector.MetricEnd: "", collector.MetricInfo: "",
			collector.MetricStatus: "", collector.MetricCompliant: outOfCompliance,
			collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "",
			collector.MetricSeatsInfo: "for enterprise agreements",
		},
	},
}
