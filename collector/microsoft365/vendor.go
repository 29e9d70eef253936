// Package microsoft365 collects the subscriptions and seats of Microsoft 365 tenants.
package microsoft365

import (
	"strings"
	"time"

	commonconfig "github.com/prometheus/common/config"

	api "license_exporter/client/microsoft365"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	simulator "license_exporter/internal/simulator/microsoft365"
)

// Vendor is Microsoft 365.
var Vendor = &collector.Vendor{
	Name:     "microsoft365",
	Title:    "Microsoft 365",
	Document: "vendors/microsoft365.md",
	Labels: "`organization_id` is the id of the tenant. `product` is the part number of the SKU, such as ENTERPRISEPACK. " +
		"`license_id` is the id of a subscription. `unit` is `user`.",
	Listing: "no request; the names take 1 per tenant and day",
	Defaults: collector.Defaults{
		RateLimit: collector.RateLimit{Organization: api.OrganizationRateLimit, Source: api.SourceRateLimit}, MaxAge: time.Hour,
	},
	Settings: func() collector.Settings { return &settings{} },
	Environment: []collector.Variable{
		{Name: "MICROSOFT365_TENANT_ID", Required: true, Key: "tenant", Set: func(a *collector.AccountConfig, id string) { own(a).Tenant = id }},
		{Name: "MICROSOFT365_CLIENT_ID", Required: true, Set: func(a *collector.AccountConfig, id string) {
			a.HTTPClientConfig.EnsureOAuth2().ClientID = id
		}},
		{Name: "MICROSOFT365_CLIENT_SECRET", Required: true, Set: func(a *collector.AccountConfig, secret string) {
			a.HTTPClientConfig.EnsureOAuth2().ClientSecret = commonconfig.Secret(secret)
		}},
		{Name: "MICROSOFT365_CLOUD", Key: "cloud", Set: func(a *collector.AccountConfig, cloud string) { own(a).Cloud = cloud }},
	},
	Collectors: registrations,
	Metrics:    &ownMetrics,
	Operations: api.Operations(),
	Fields:     scalar.Fields(api.Organization{}, api.SKU{}, api.Subscription{}),
	Connect:    connect,
	Simulate:   simulate,
}

const licensesName = "microsoft365_licenses"

var registrations = []collector.Registration{{
	Name: licensesName, Default: true,
	Help:     "Subscriptions with their ends and status, and seats by SKU.",
	Headline: "subscriptions and seats",
	Requests: "2 per tenant",
	Reports: map[*collector.Metric]string{
		collector.MetricProductInfo: "", collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "",
		collector.MetricNextEnd: "", collector.MetricDays: "", collector.MetricEndedInUse: "", collector.MetricEnd: "", collector.MetricInfo: "",
		collector.MetricStatus: "", collector.MetricGraceEnd: "while the status is Warning",
		collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "",
	},
}}

// connect makes a client for each tenant, since each has a token of its own.
func connect(d collector.Deps) (collector.Connection, error) {
	var tenants []*tenant
	closeAll := func() {
		for _, t := range tenants {
			t.client.Close()
		}
	}
	for _, key := range own(d.Account).all() {
		client, err := api.New(d.HTTP, key)
		if err != nil {
			closeAll()
			return collector.Connection{}, err
		}
		tenants = append(tenants, newTenant(key, client, d.Memory))
	}
	return collector.Connection{
		Source:     source{tenants},
		Collectors: []collector.Named{{Name: licensesName, Collector: licensesCollector{tenants, d.Memory}}},
		Close:      closeAll,
	}, nil
}

// demoRate is the rate limit in requests per second. The demo must be complete within seconds.
const demoRate = 2000

func simulate(organizations int) (collector.AccountConfig, func(), error) {
	start := simulator.StartDemo
	if organizations > 0 {
		start = func() (string, []string, func(), error) { return simulator.StartSmall(organizations) }
	}
	url, tenants, stop, err := start()
	a := collector.AccountConfig{
		BaseURL: url, RateLimit: collector.RateLimit{Organization: demoRate, Source: demoRate},
		Settings: &settings{Tenants: tenants, TokenURL: url + strings.TrimPrefix(api.TokenURL(api.DefaultCloud), "https://login.microsoftonline.com")},
	}
	*a.HTTPClientConfig.EnsureOAuth2() = commonconfig.OAuth2{ClientID: simulator.DemoClientID, ClientSecret: simulator.DemoClientSecret}
	return a, stop, err
}
