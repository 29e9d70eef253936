// Package gitlab collects the license of a GitLab instance, or the plans of groups on GitLab.com.
package gitlab

import (
	"net/url"
	"sync"
	"time"

	api "license_exporter/client/gitlab"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	simulator "license_exporter/internal/simulator/gitlab"
	"license_exporter/licensing"
)

// The rate limits in requests per second. They are far below those that GitLab has by default.
const (
	organizationRate = 2
	sourceRate       = 10
)

// Vendor is GitLab.
var Vendor = &collector.Vendor{
	Name:     "gitlab",
	Title:    "GitLab",
	Document: "vendors/gitlab.md",
	Labels: "`organization_id` is the host name of the instance, or the entry of `groups`. `product` is the plan, such as `premium`, or an " +
		"add-on. `unit` is `user`, and `add_on` for add-ons.",
	Listing: "no request, since the configuration names the instance or the groups",
	Defaults: collector.Defaults{
		RateLimit: collector.RateLimit{Organization: organizationRate, Source: sourceRate}, MaxAge: time.Hour,
	},
	Settings: func() collector.Settings { return &settings{} },
	Environment: []collector.Variable{
		{Name: "GITLAB_URL", Required: true, Key: "base_url", Set: func(a *collector.AccountConfig, url string) { a.BaseURL = url }},
		{Name: "GITLAB_TOKEN", Required: true, Set: func(a *collector.AccountConfig, token string) {
			a.HTTPClientConfig = collector.BearerToken(token)
		}},
	},
	Collectors: registrations,
	Metrics:    &ownMetrics,
	Operations: api.Operations(),
	Fields:     scalar.Fields(api.License{}, api.Namespace{}),
	Connect:    connect,
	Simulate:   simulate,
}

const (
	licenseName   = "gitlab_license"
	namespaceName = "gitlab_namespaces"
)

// registrations lists the collectors in alphabetical order.
var registrations = []collector.Registration{
	{
		Name: licenseName, Default: true,
		Help:     "The license of an instance, with its end, users and add-ons.",
		Headline: "the license of an instance",
		Requests: "1 per instance",
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "", collector.MetricNextEnd: "",
			collector.MetricDays: "", collector.MetricEndedInUse: "", collector.MetricEnd: "", collector.MetricInfo: "",
			collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "", collector.MetricMissing: "",
		},
	},
	{
		Name: namespaceName, Default: true,
		Help:     "The plans of groups on GitLab.com, with their ends and the seats in use.",
		Headline: "the plans of groups",
		Requests: "1 per group in groups",
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "", collector.MetricNextEnd: "",
			collector.MetricDays: "", collector.MetricEndedInUse: "", collector.MetricSeatsAssigned: "",
		},
	},
}

var (
	ownMetrics   collector.Metrics
	maximumUsers = ownMetrics.New("gitlab_maximum_users", licenseName+", "+namespaceName+" (if a plan was bought)",
		"Maximum number of billable users since the license or the subscription started. GitLab charges for those above the limit.", "product")
)

// unitUser is the unit of seats, and unitAddOn that of add-ons: the number of an add-on counts users in some licenses
// and is 1 in others.
const (
	unitUser  = "user"
	unitAddOn = "add_on"
)

func connect(d collector.Deps) (collector.Connection, error) {
	c, err := api.New(d.HTTP)
	if err != nil {
		return collector.Connection{}, err
	}
	names := collector.Remembered[sync.Map](d.Memory, "names")
	groups := own(d.Account).Groups
	var days *time.Location
	if len(groups) > 0 { // a group's plan ends with a day, a license at its start
		days = time.UTC
	}
	return collector.Connection{
		Days:   days,
		Source: source{instance: hostOf(d.Account.BaseURL), groups: groups, names: names},
		Collectors: []collector.Named{
			{Name: licenseName, Collector: licenseCollector{client: c, groups: len(groups) > 0}},
			{Name: namespaceName, Collector: namespaceCollector{client: c, groups: len(groups) > 0, names: names}},
		},
		Close: c.Close,
	}, nil
}

// hostOf returns the host name of an address, without the port: an account has one instance, so that the port
// would tell nothing apart.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "" // Check has refused it
	}
	return u.Hostname()
}

// simulate starts an instance for the demo, one with an old license, or GitLab.com with groups.
func simulate(organizations int) (collector.AccountConfig, func(), error) {
	a := collector.AccountConfig{
		HTTPClientConfig: collector.BearerToken(simulator.DemoKey),
		RateLimit:        collector.RateLimit{Organization: simulatedRate, Source: simulatedRate},
	}
	var stop func()
	var err error
	switch organizations {
	case 0:
		a.BaseURL, stop, err = simulator.StartDemo()
	case 1:
		a.BaseURL, stop, err = simulator.StartOld()
	default:
		s := &settings{}
		a.BaseURL, s.Groups, stop, err = simulator.StartGroups(organizations)
		a.Settings = s
	}
	return a, stop, err
}

// simulatedRate is the rate limit in requests per second for a simulator without one.
const simulatedRate = 2000

// stateActive and stateExpired are the states of licenses, after the member expired of the API.
const (
	stateActive  = "active"
	stateExpired = "expired"
)

// states are shown even if nothing has them.
var states = []licensing.State{{Name: stateActive}, {Name: stateExpired}}
