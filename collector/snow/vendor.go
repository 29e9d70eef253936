// Package snow collects the licenses of Snow Atlas tenants: licenses,
// agreements, entitlements, compliance, assignments and costs.
package snow

import (
	"time"

	commonconfig "github.com/prometheus/common/config"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	simulator "license_exporter/internal/simulator/snow"
)

// fetchTimeout is long because some collectors send a request for each license
// or application. At the default rate limit, collectors can send 216,000
// requests in this time. The client has a timeout for each request.
const fetchTimeout = 12 * time.Hour

// Vendor is Snow Atlas.
var Vendor = &collector.Vendor{
	Name:     "snow",
	Title:    "Snow Atlas",
	Document: "vendors/snow.md",
	Labels: "`organization_id` is the organization to which a license belongs, and empty for the tenant as a whole. " +
		"The root organization is `" + rootOrganization + "`. " +
		"`product` is the id of the application. `unit` is the id of what Snow Atlas calls a metric, such as Installations.",
	Listing: "1 request per day",
	// The vendor does not publish its rate limits, and licenses change rarely, so
	// there is no need to fetch at each scrape.
	Defaults: collector.Defaults{
		RateLimit: collector.RateLimit{Organization: api.OrganizationRateLimit, Source: api.SourceRateLimit},
		MaxAge:    time.Hour, FetchTimeout: fetchTimeout,
	},
	Settings: func() collector.Settings { return &settings{} },
	Environment: []collector.Variable{
		{Name: "SNOW_CLIENT_ID", Required: true, Set: func(a *collector.AccountConfig, id string) {
			a.HTTPClientConfig.EnsureOAuth2().ClientID = id
		}},
		{Name: "SNOW_CLIENT_SECRET", Required: true, Set: func(a *collector.AccountConfig, secret string) {
			a.HTTPClientConfig.EnsureOAuth2().ClientSecret = commonconfig.Secret(secret)
		}},
		{Name: "SNOW_BASE_URL", Key: "base_url", Set: func(a *collector.AccountConfig, url string) { a.BaseURL = url }},
		{Name: "SNOW_REGION", Key: "region", Set: func(a *collector.AccountConfig, region string) { own(a).Region = region }},
		{Name: "SNOW_TOKEN_URL", Key: "token_url", Set: func(a *collector.AccountConfig, url string) { own(a).TokenURL = url }},
	},
	Collectors: registrations,
	Metrics:    &ownMetrics,
	Operations: api.Operations(),
	Fields:     fields,
	Connect:    connect,
	Simulate:   simulate,
}

func connect(d collector.Deps) (collector.Connection, error) {
	s := own(d.Account)
	c, err := api.New(api.Options{
		Options: d.HTTP, Prefixes: api.Prefixes(s.Prefixes), PageSize: s.PageSize, Memory: collector.Remembered[api.Memory](d.Memory, "client"),
	})
	if err != nil {
		return collector.Connection{}, err
	}
	return collector.Connection{
		Source:     &source{client: c, account: d.Account.Name, region: s.Region, memory: d.Memory},
		Collectors: collectors(&tenant{client: c, memory: d.Memory, withAgreements: d.Enabled(agreementsName)}),
		Close:      c.Close,
	}, nil
}

// Names of collectors that are used elsewhere, too. The collector of agreements also
// affects the ends of licenses.
const (
	agreementsName = "snow_agreements"
	allocationName = "snow_compliance_allocation"
	usageName      = "snow_compliance_usage"
)

func collectors(t *tenant) []collector.Named {
	return []collector.Named{
		{Name: agreementsName, Collector: agreementsCollector{t}},
		{Name: "snow_applications", Collector: applicationsCollector{t}},
		{Name: "snow_assignments", Collector: assignmentsCollector{t}},
		{Name: "snow_compliance", Collector: complianceCollector{t}},
		{Name: allocationName, Collector: allocationCollector{t}},
		{Name: usageName, Collector: usageCollector{t}},
		{Name: "snow_costs", Collector: costsCollector{t}},
		{Name: "snow_coverage", Collector: coverageCollector{t}},
		{Name: "snow_entitlement_states", Collector: entitlementStatesCollector{t}},
		{Name: "snow_entitlements", Collector: entitlementsCollector{t}},
		{Name: "snow_licenses", Collector: licensesCollector{t}},
		{Name: "snow_maintenance", Collector: maintenanceCollector{t}},
		{Name: "snow_policies", Collector: policiesCollector{t}},
		{Name: "snow_tracking", Collector: trackingCollector{t}},
		{Name: "snow_transfers", Collector: transfersCollector{t}},
		{Name: "snow_upgrades", Collector: upgradesCollector{t}},
	}
}

// demoRate is the rate limit in requests per second. The simulator has no limit,
// and the demo must be complete within seconds.
const demoRate = 2000

func simulate(organizations int) (collector.AccountConfig, func(), error) {
	start := simulator.StartDemo
	if organizations > 0 { // the number of a tenant's organizations is fixed
		start = func() (string, func(), error) { return simulator.StartSmall(organizations == 1) }
	}
	url, stop, err := start()
	a := collector.AccountConfig{BaseURL: url, RateLimit: collector.RateLimit{Organization: demoRate, Source: demoRate}}
	*a.HTTPClientConfig.EnsureOAuth2() = commonconfig.OAuth2{
		ClientID: simulator.DemoClientID, ClientSecret: simulator.DemoClientSecret,
	}
	return a, stop, err
}
