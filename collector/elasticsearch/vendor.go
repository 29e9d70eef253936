// Package elasticsearch collects the license of an Elasticsearch cluster.
package elasticsearch

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"

	api "license_exporter/client/elasticsearch"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	simulator "license_exporter/internal/simulator/elasticsearch"
)

// rateLimit is the limit in requests per second for a cluster. Elasticsearch has none.
const rateLimit = 5

// Vendor is Elasticsearch.
var Vendor = &collector.Vendor{
	Name:     "elasticsearch",
	Title:    "Elasticsearch",
	Document: "vendors/elasticsearch.md",
	Labels: "`organization_id` is the UUID of the cluster. `product` is the type of the license, such as `platinum`. `unit` is `node`, or " +
		"`resource_unit` for enterprise licenses.",
	Listing: "1 request",
	Defaults: collector.Defaults{
		RateLimit: collector.RateLimit{Organization: rateLimit, Source: rateLimit}, MaxAge: time.Hour,
	},
	Settings: func() collector.Settings { return &settings{} },
	Environment: []collector.Variable{
		{Name: "ELASTICSEARCH_URL", Required: true, Key: "base_url", Set: func(a *collector.AccountConfig, url string) { a.BaseURL = url }},
		{Name: "ELASTICSEARCH_API_KEY", Required: true, Key: authorizationPath, Set: func(a *collector.AccountConfig, key string) { a.HTTPClientConfig = apiKey(key) }},
	},
	Collectors: []collector.Registration{{
		Name: collectorName, Default: true,
		Help:     "The license of a cluster, with its end, limit and nodes.",
		Headline: "the license of a cluster",
		Requests: "2 per cluster",
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "", collector.MetricNextEnd: "",
			collector.MetricDays: "", collector.MetricEndedInUse: "", collector.MetricEnd: "", collector.MetricInfo: "",
			collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "for nodes",
		},
	}},
	Operations: api.Operations(),
	Fields:     append(scalar.Fields(api.Info{}, api.License{}, api.Health{}), fieldStatus, fieldType),
	Connect:    connect,
	Simulate:   simulate,
}

// authorizationPath is the path of the configuration key with the API key, for errors.
const authorizationPath = "http_client_config.authorization.credentials"

const collectorName = "elasticsearch_license"

// apiKey returns a configuration that sends an API key in the form that Elasticsearch calls encoded.
func apiKey(key string) collector.HTTPClientConfig {
	h := collector.BearerToken(key)
	h.Authorization.Type = "ApiKey"
	return h
}

func connect(d collector.Deps) (collector.Connection, error) {
	c, err := api.New(d.HTTP)
	if err != nil {
		return collector.Connection{}, err
	}
	s := &cluster{client: c, info: collector.Remembered[atomic.Pointer[api.Info]](d.Memory, "info"), health: collector.ChildrenOf[string, health](d.Memory, "health")}
	return collector.Connection{
		Source: s, Collectors: []collector.Named{{Name: collectorName, Collector: licenseCollector{s}}}, Close: c.Close,
	}, nil
}

func simulate(organizations int) (collector.AccountConfig, func(), error) {
	a := collector.AccountConfig{HTTPClientConfig: apiKey(simulator.DemoKey), RateLimit: collector.RateLimit{Organization: simulatedRate, Source: simulatedRate}}
	start := simulator.StartDemo
	if organizations > 0 { // an account has one cluster
		start = func() (string, func(), error) { return simulator.StartSmall(organizations == 1) }
	}
	var stop func()
	var err error
	a.BaseURL, stop, err = start()
	return a, stop, err
}

// simulatedRate is the rate limit in requests per second for a simulator without one.
const simulatedRate = 2000

// settings is empty: Elasticsearch has only the common configuration keys.
type settings struct{}

// SetDefaults implements collector.Settings.
func (*settings) SetDefaults(a *collector.AccountConfig) {
	a.BaseURL = strings.TrimRight(a.BaseURL, "/")
}

// Check implements collector.Settings.
func (*settings) Check(a *collector.AccountConfig) []error {
	var problems []error
	if a.BaseURL == "" {
		problems = append(problems, errors.New("base_url is missing; set it to the address of the cluster, like https://search.example.com:9200"))
	}
	if len(a.Organizations.Include)+len(a.Organizations.Exclude) > 0 {
		problems = append(problems, errors.New("organizations cannot be set for vendor elasticsearch, because base_url selects the cluster; leave it out"))
	}
	if h := a.HTTPClientConfig.Authorization; h != nil && h.Credentials != "" && strings.Contains(string(h.Credentials), ":") && strings.EqualFold(h.Type, "ApiKey") {
		problems = append(problems, errors.New(authorizationPath+" is an id and a key with a colon; use the value that Elasticsearch calls encoded"))
	}
	return problems
}

// CheckCredential implements collector.Settings. A cluster without security needs no credential, and one with security
// refuses requests without one, which the log and the pages show.
func (*settings) CheckCredential(*collector.AccountConfig) error { return nil }

// FactsKey implements collector.Settings. The base URL says it all.
func (*settings) FactsKey(*collector.AccountConfig) string { return "" }
