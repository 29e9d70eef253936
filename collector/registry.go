package collector

import "slices"

// Registration says what there is to know of a collector before it is made.
type Registration struct {
	// Name switches the collector, as --collector.NAME, and labels its
	// metrics.
	Name string
	// Vendor is whose accounts the collector works for.
	Vendor string
	// Help is one sentence for --help and the docs.
	Help string
	// Calls is the number of requests of one refresh, for the docs.
	Calls string
	// Default tells whether the collector is on if nobody says otherwise.
	Default bool
	// New returns the collector, which reads through one of the clients.
	New func(Clients) Collector
}

// Clients are what collectors read through. An account has the one of its
// vendor.
type Clients struct {
	Meraki MerakiClient
	Snow   SnowClient

	// agreements are those of the account, which two collectors read. nil:
	// the collector that they are the facts of is off.
	agreements *snowAgreementBook
}

// VendorMeraki is the value of the label vendor for Cisco Meraki.
const VendorMeraki = "meraki"

// Registry lists all collectors by name. To add one: a file with its type, its
// test and fixture, and an entry here; docs/metrics.md is made from both.
func Registry() []Registration {
	return []Registration{
		{
			Name: "meraki_compliance", Vendor: VendorMeraki, Default: true,
			Help:  "What subscription organizations miss to be compliant, and until when that is tolerated.",
			Calls: "1 per subscription organization",
			New:   func(c Clients) Collector { return merakiCompliance{c.Meraki} },
		},
		{
			Name: "meraki_coterm", Vendor: VendorMeraki, Default: true,
			Help:  "Co-term licenses by model, edition, mode and state.",
			Calls: "1 per co-term organization and 1,000 licenses",
			New:   func(c Clients) Collector { return merakiCoterm{c.Meraki} },
		},
		{
			Name: "meraki_device", Vendor: VendorMeraki, Default: true,
			Help:  "Per-device licenses by type and state, with the end of their cover.",
			Calls: "1 per per-device organization and 1,000 licenses",
			New:   func(c Clients) Collector { return merakiDevice{c.Meraki} },
		},
		{
			Name: "meraki_entitlements", Vendor: VendorMeraki, Default: true,
			Help:  "Names, classes and tiers of the SKUs of subscriptions.",
			Calls: "1 per account that has subscription organizations",
			New:   func(c Clients) Collector { return merakiEntitlements{c.Meraki} },
		},
		{
			Name: "meraki_inventory", Vendor: VendorMeraki, Default: true,
			Help:  "Devices by model, and the seats that they need.",
			Calls: "1 per organization and 1,000 devices",
			New:   func(c Clients) Collector { return merakiInventory{c.Meraki} },
		},
		{
			Name: "meraki_overview", Vendor: VendorMeraki, Default: true,
			Help:  "End and status of co-term organizations; states, thresholds and Systems Manager seats of per-device ones.",
			Calls: "1 per co-term or per-device organization",
			New:   func(c Clients) Collector { return merakiOverview{c.Meraki} },
		},
		{
			Name: "meraki_subscription", Vendor: VendorMeraki, Default: true,
			Help:  "Subscriptions with their end, status and seats by SKU.",
			Calls: "1 per subscription organization and 1,000 subscriptions",
			New:   func(c Clients) Collector { return merakiSubscription{c.Meraki} },
		},
		{
			Name: "snow_agreements", Vendor: VendorSnow, Default: true,
			Help:  "Agreements with the end of their cover and the tenant's own limits for warnings.",
			Calls: "2 and 2 per agreement, shared with snow_licenses",
			New:   func(c Clients) Collector { return snowAgreements{snowTenant{c.Snow}, c.agreements} },
		},
		{
			Name: "snow_applications", Vendor: VendorSnow, Default: true,
			Help:  "Names and ends of support of the licensed applications, and names of what a seat is.",
			Calls: "1 per 1,000 licenses; once a day 1 and 1 per application",
			New:   func(c Clients) Collector { return newSnowApplications(c.Snow) },
		},
		{
			Name: "snow_assignments", Vendor: VendorSnow,
			Help:  "What licenses are assigned to, and which assignments do not count.",
			Calls: "1 per 1,000 licenses and 2 or 3 per license",
			New:   func(c Clients) Collector { return snowAssignments{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_compliance", Vendor: VendorSnow,
			Help:  "What each application needs and has, and the vendor's verdict on it.",
			Calls: "1 per 1,000 licenses and 3 per application",
			New:   func(c Clients) Collector { return snowCompliance{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_costs", Vendor: VendorSnow,
			Help:  "What licenses cost each organization, by component.",
			Calls: "1 per 1,000 licenses and 1 per license",
			New:   func(c Clients) Collector { return snowCosts{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_coverage", Vendor: VendorSnow, Default: true,
			Help:  "Where a license of one computer covers another, and why.",
			Calls: "1 and 1 per 1,000 extended coverages",
			New:   func(c Clients) Collector { return snowCoverage{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_entitlement_states", Vendor: VendorSnow,
			Help:  "Computers and users by the state of their entitlements.",
			Calls: "1 and 1 per 1,000 of computers and users times applications",
			New:   func(c Clients) Collector { return snowEntitlementStates{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_entitlements", Vendor: VendorSnow, Default: true,
			Help:  "How much of each application the organizations may use.",
			Calls: "1 per 1,000 combinations of application, organization, metric and assignment type",
			New:   func(c Clients) Collector { return snowEntitlements{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_licenses", Vendor: VendorSnow, Default: true,
			Help:  "Licenses by application and state, with their ends, seats and costs, and what is wrong with them.",
			Calls: "1 per 1,000 licenses",
			New:   func(c Clients) Collector { return snowLicenses{snowTenant{c.Snow}, c.agreements} },
		},
		{
			Name: "snow_maintenance", Vendor: VendorSnow, Default: true,
			Help:  "Licenses by whether they are maintained, and when that ends.",
			Calls: "1 per 1,000 licenses and 1 per 1,000 maintenance periods",
			New:   func(c Clients) Collector { return snowMaintenance{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_policies", Vendor: VendorSnow, Default: true,
			Help:  "Policies on what must be told of a license, and their fields.",
			Calls: "1 and 1 per policy",
			New:   func(c Clients) Collector { return snowPolicies{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_tracking", Vendor: VendorSnow,
			Help:  "What computers and users need of each application, and what licenses give them.",
			Calls: "1 per 1,000 licenses, 2 per application, and 1 per further 1,000 computers or users of one",
			New:   func(c Clients) Collector { return snowTracking{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_transfers", Vendor: VendorSnow,
			Help:  "Licenses of one application that serve another.",
			Calls: "1 per 1,000 licenses, 1 per application, and 1 per application and kind of transfer that it has",
			New:   func(c Clients) Collector { return snowTransfers{snowTenant{c.Snow}} },
		},
		{
			Name: "snow_upgrades", Vendor: VendorSnow,
			Help:  "Which licenses upgrade which.",
			Calls: "1 per 1,000 licenses and 1 per upgrade; before version 1.6, 1 per license",
			New:   func(c Clients) Collector { return snowUpgrades{snowTenant{c.Snow}} },
		},
	}
}

// Collectors makes those collectors of a vendor whose names are in enabled.
func Collectors(vendor string, enabled []string, c Clients) []Named {
	if slices.Contains(enabled, "snow_agreements") {
		c.agreements = &snowAgreementBook{client: c.Snow}
	}
	var named []Named
	for _, r := range Registry() {
		if r.Vendor == vendor && slices.Contains(enabled, r.Name) {
			named = append(named, Named{r.Name, r.New(c)})
		}
	}
	return named
}
