package snow

import "license_exporter/collector"

// individual is the condition under which licenses have their own series.
const individual = "with individual_licenses"

// shared describes the requests for the list of licenses, which several
// collectors share.
const shared = "shared: 1 per 1,000 licenses"

// sharedWithEntitlements describes those for the lists of licenses and of entitlements.
const sharedWithEntitlements = shared + " and 1 per 1,000 entitlements"

// registrations lists the collectors in alphabetical order.
var registrations = []collector.Registration{
	{
		Name: agreementsName, Default: true,
		Help:     "Agreements with their ends and the tenant's own warning limits.",
		Headline: "agreements",
		Requests: "2, and 2 per agreement, shared with snow_licenses",
		Reports: map[*collector.Metric]string{
			collector.MetricEnd: "", collector.MetricInfo: "", collector.MetricRenewalDeadline: "",
		},
	},
	{
		Name: "snow_applications", Default: true,
		Help:     "Names of applications with their end of support, and names of metrics.",
		Requests: sharedWithEntitlements + "; once a day 1, and 1 per application",
		Reports:  map[*collector.Metric]string{collector.MetricProductInfo: ""},
	},
	{
		Name:     "snow_assignments",
		Help:     "What licenses are assigned to, and which assignments are not valid.",
		Requests: shared + "; 2 or 3 per license",
		Reports:  map[*collector.Metric]string{collector.MetricSeatsAssigned: ""},
	},
	{
		Name: "snow_compliance", Default: true,
		Help:     "Licenses that each application needs and has in the whole tenant, and the vendor's verdict.",
		Headline: "compliance and required licenses",
		Requests: sharedWithEntitlements + "; once a day 1 per application",
		Reports: map[*collector.Metric]string{
			collector.MetricSeatsAvailable: "", collector.MetricSeatsRequired: "", collector.MetricCompliant: "", collector.MetricMissing: "",
		},
	},
	{
		Name:     allocationName,
		Help:     "Licenses that each organization needs and has for each application, and the vendor's verdict.",
		Requests: sharedWithEntitlements + "; once a day 1 per application",
		Reports:  map[*collector.Metric]string{collector.MetricCompliant: "by organization"},
	},
	{
		Name:     usageName,
		Help:     "How much of what an application needs by one metric is covered by licenses with another metric.",
		Requests: sharedWithEntitlements + "; once a day 1 per application",
	},
	{
		Name:     "snow_costs",
		Help:     "Costs of licenses by organization and component.",
		Requests: shared + "; before version 1.6, 1 per license",
	},
	{
		Name: "snow_coverage", Default: true,
		Help:     "Computers that are covered by the license of another computer, and why.",
		Requests: "1, and 1 per 1,000 extended coverages",
	},
	{
		Name:     "snow_entitlement_states",
		Help:     "Computers and users by the state of their entitlements.",
		Requests: "1, and 1 per 1,000 of computers and users times applications",
	},
	{
		Name: "snow_entitlements", Default: true,
		Help:     "How much of each application each organization may use.",
		Requests: "1 per 1,000 combinations of application, organization, metric and assignment type",
	},
	{
		Name: "snow_licenses", Default: true,
		Help:     "Licenses by application and state, with their ends, seats and costs, and what they lack.",
		Headline: "licenses",
		Requests: shared,
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "",
			collector.MetricNextEnd: "", collector.MetricDays: "",
			collector.MetricEnd: individual, collector.MetricInfo: individual,
			collector.MetricSeatsLimit: "", collector.MetricCost: "",
			collector.MetricEndedInUse: "with snow_compliance or snow_assignments",
		},
	},
	{
		Name: "snow_maintenance", Default: true,
		Help:     "Maintenance of licenses and its ends.",
		Requests: shared + "; 1 per 1,000 maintenance periods",
	},
	{
		Name: "snow_policies", Default: true,
		Help:     "Policies about the fields that licenses must have.",
		Requests: "1, and 1 per policy",
	},
	{
		Name:     "snow_tracking",
		Help:     "How much of each application computers and users need, and how much licenses cover.",
		Requests: shared + "; 2 per application, and 1 per further 1,000 computers or users of one",
	},
	{
		Name:     "snow_transfers",
		Help:     "Licenses of one application that are used for another.",
		Requests: shared + "; 1 per application, and 1 per application and kind of transfer that it has",
	},
	{
		Name:     "snow_upgrades",
		Help:     "Licenses that upgrade other licenses.",
		Requests: shared + "; before version 1.6, 1 per license",
	},
}
