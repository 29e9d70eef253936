// Package github collects the licenses of GitHub: the seats of enterprises, Advanced Security
// and Copilot of GitHub Enterprise Cloud, and the license of an Enterprise Server.
package github

import (
	"context"
	"slices"
	"time"

	api "license_exporter/client/github"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	simulator "license_exporter/internal/simulator/github"
	"license_exporter/licensing"
)

// The rate limits in requests a second. They are far below GitHub's secondary limit of 900
// points a minute, where a request is a point.
const (
	organizationRate = 2
	sourceRate       = 10
)

// Vendor is GitHub.
var Vendor = &collector.Vendor{
	Name:     "github",
	Title:    "GitHub",
	Document: "vendors/github.md",
	Labels: "`organization_id` is the slug of an enterprise, the login of an organization, or the host of an Enterprise Server. `product` is " +
		"`enterprise`, `copilot`, `advanced_security`, `code_security`, `secret_protection`, `enterprise_server`, or the plan of an organization, such as " +
		"`team`. `unit` is `user`, and `committer` for the security products.",
	Listing: "no request, because the configuration names the enterprises and organizations",
	Defaults: collector.Defaults{
		BaseURL:   api.DefaultBaseURL,
		RateLimit: collector.RateLimit{Organization: organizationRate, Source: sourceRate},
		MaxAge:    time.Hour,
	},
	Settings: func() collector.Settings { return &settings{} },
	Environment: []collector.Variable{
		{Name: "GITHUB_ENTERPRISE", Required: true, Key: "enterprises[0]", Set: func(a *collector.AccountConfig, slug string) {
			own(a).Enterprises = []string{slug}
		}},
		{Name: "GITHUB_TOKEN", Required: true, Common: true, Set: func(a *collector.AccountConfig, token string) {
			a.HTTPClientConfig = collector.BearerToken(token)
		}},
		{Name: "GITHUB_BASE_URL", Key: "base_url", Set: func(a *collector.AccountConfig, url string) { a.BaseURL = url }},
	},
	Collectors: registrations,
	Metrics:    &ownMetrics,
	Operations: api.Operations(),
	Fields:     scalar.Fields(api.ConsumedLicenses{}, api.AdvancedSecurity{}, api.CopilotSeats{}, api.CopilotBilling{}, api.Organization{}, api.License{}),
	Connect:    connect,
	Simulate:   simulate,
}

func connect(d collector.Deps) (collector.Connection, error) {
	c, err := api.New(d.HTTP)
	if err != nil {
		return collector.Connection{}, err
	}
	s := source(d.Account)
	return collector.Connection{
		Source: s, Collectors: collectors(&account{client: c, memory: d.Memory}), Also: s.also(), Close: c.Close,
	}, nil
}

// account is what the collectors of an account share.
type account struct {
	client *api.Client
	// memory knows which operations have succeeded.
	memory *collector.Memory
}

func collectors(a *account) []collector.Named {
	return []collector.Named{
		{Name: "github_advanced_security", Collector: securityCollector{a}},
		{Name: "github_copilot", Collector: copilotCollector{a}},
		{Name: "github_enterprise", Collector: enterpriseCollector{a}},
		{Name: "github_plan", Collector: planCollector{a}},
		{Name: "github_server", Collector: serverCollector{a}},
	}
}

// The values of licensing.Organization.Model: what an organization of the exporter is at
// GitHub.
const (
	modelEnterprise   = "enterprise"
	modelOrganization = "organization"
	modelServer       = "enterprise_server"
)

// configured is the Source: the configuration names everything.
type configured struct{ collector.Discovery }

// Discover implements collector.Source.
func (c configured) Discover(context.Context, *collector.Report) (collector.Discovery, error) {
	return c.Discovery, nil
}

// also returns the ids of what organizations.include does not name.
func (c configured) also() []string {
	var ids []string
	for _, o := range c.Organizations {
		if o.Model != modelOrganization {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

func source(a *collector.AccountConfig) configured {
	var c configured
	add := func(model string, ids ...string) {
		for _, id := range ids {
			c.Organizations = append(c.Organizations, licensing.Organization{ID: id, Name: id, Model: model})
		}
	}
	if host := serverOf(a.BaseURL); host != "" {
		add(modelServer, host)
	}
	add(modelEnterprise, own(a).Enterprises...)
	add(modelOrganization, slices.Clone(a.Organizations.Include)...)
	return c
}

// smallRate is the rate limit in requests per second for a simulator without one.
const smallRate = 2000

func simulate(organizations int) (collector.AccountConfig, func(), error) {
	a := collector.AccountConfig{RateLimit: collector.RateLimit{Organization: smallRate, Source: smallRate}}
	estate, stop, err := simulator.Start(organizations)
	a.BaseURL, a.HTTPClientConfig = estate.BaseURL, collector.BearerToken(estate.Token)
	a.Settings, a.Organizations.Include = &settings{Enterprises: estate.Enterprises}, estate.Organizations
	return a, stop, err
}
