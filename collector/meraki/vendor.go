// Package meraki collects the licenses of Cisco Meraki organizations with the
// licensing models co-term, per-device and subscription.
package meraki

import (
	"errors"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	simulator "license_exporter/internal/simulator/meraki"
)

// rateShare is the share of the vendor's rate limit that an account uses by
// default. The rest is for the other clients of the API.
const rateShare = 0.8

// Vendor is Cisco Meraki.
var Vendor = &collector.Vendor{
	Name:     "meraki",
	Title:    "Cisco Meraki",
	Document: "vendors/meraki.md",
	Labels: "`product` is the model or the product line (co-term), the license type (per-device) or the SKU (subscription). In what compliance says " +
		"of a subscription, it is the class of products. `unit` is `device`.",
	Listing: "1 request per 9,000 organizations, or 1 per organization if `organizations.include` contains only ids",
	Defaults: collector.Defaults{
		BaseURL:   api.DefaultBaseURL,
		RateLimit: collector.RateLimit{Organization: rateShare * api.OrganizationRateLimit, Source: rateShare * api.SourceRateLimit},
	},
	Settings: func() collector.Settings { return &settings{} },
	Environment: []collector.Variable{
		{Name: "MERAKI_DASHBOARD_API_KEY", Required: true, Set: func(a *collector.AccountConfig, key string) {
			a.HTTPClientConfig = collector.BearerToken(key)
		}},
		{Name: "MERAKI_BASE_URL", Key: "base_url", Set: func(a *collector.AccountConfig, url string) { a.BaseURL = url }},
	},
	Collectors: registrations,
	Metrics:    &ownMetrics,
	Operations: api.Operations(),
	Fields:     fields,
	Connect:    connect,
	Simulate:   simulate,
}

func connect(d collector.Deps) (collector.Connection, error) {
	c, err := api.New(d.HTTP)
	if err != nil {
		return collector.Connection{}, err
	}
	a := &account{client: c, memory: d.Memory, withOverview: d.Enabled(overviewName)}
	return collector.Connection{
		Source: newSource(c, d.Account.Organizations, d.Memory), Collectors: collectors(a), Close: c.Close,
	}, nil
}

func collectors(a *account) []collector.Named {
	all := []collector.Named{
		{Name: "meraki_compliance", Collector: complianceCollector{a}},
		{Name: "meraki_coterm", Collector: cotermCollector{a}},
		{Name: "meraki_device", Collector: deviceCollector{a}},
		{Name: "meraki_entitlements", Collector: entitlementsCollector{a}},
		{Name: inventoryName, Collector: inventoryCollector{a}},
		{Name: overviewName, Collector: overviewCollector{a}},
		{Name: "meraki_subscription", Collector: subscriptionCollector{a}},
	}
	for i, c := range all {
		all[i].Collector = lasting{c.Collector, c.Name, a.memory}
	}
	return all
}

// settings is empty: Meraki has only the common configuration keys.
type settings struct{}

// SetDefaults implements collector.Settings.
func (*settings) SetDefaults(*collector.AccountConfig) {}

// Check implements collector.Settings.
func (*settings) Check(*collector.AccountConfig) []error { return nil }

// CheckCredential implements collector.Settings.
func (*settings) CheckCredential(a *collector.AccountConfig) error {
	if !a.HTTPClientConfig.HasCredential() {
		return errors.New("http_client_config has no credential; set authorization.credentials_file to a file with the API key")
	}
	return nil
}

// FactsKey implements collector.Settings. Ids of organizations are unique at the
// vendor, so that another API key reads the same facts.
func (*settings) FactsKey(*collector.AccountConfig) string { return "" }

func simulate(organizations int) (collector.AccountConfig, func(), error) {
	a := collector.AccountConfig{IndividualLicenses: true, HTTPClientConfig: collector.BearerToken(simulator.DemoKey)}
	var stop func()
	var err error
	if organizations == 0 {
		a.BaseURL, stop, err = simulator.StartDemo()
	} else {
		a.RateLimit = collector.RateLimit{Organization: smallRate, Source: smallRate}
		a.BaseURL, stop, err = simulator.StartSmall(organizations)
	}
	return a, stop, err
}

// smallRate is the rate limit in requests per second for a simulator without one.
const smallRate = 2000
