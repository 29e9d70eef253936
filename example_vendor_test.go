package main

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"time"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/internal/simulator"
	"license_exporter/licensing"
)

// exampleVendor would be the variable Vendor of collector/example.
var exampleVendor = &collector.Vendor{
	Name: "example", Title: "Example", Labels: "`product` is the plan. `unit` is `user`.", Listing: "one request",
	Defaults: collector.Defaults{RateLimit: collector.RateLimit{Organization: 5, Source: 20}, MaxAge: time.Hour},
	Settings: func() collector.Settings { return &exampleSettings{} },
	Environment: []collector.Variable{
		{Name: "EXAMPLE_TOKEN", Required: true, Set: func(a *collector.AccountConfig, token string) {
			a.HTTPClientConfig = collector.BearerToken(token)
		}},
		{Name: "EXAMPLE_BASE_URL", Set: func(a *collector.AccountConfig, url string) { a.BaseURL = url }},
	},
	Collectors: []collector.Registration{{
		Name: "example_licenses", Default: true, Help: "Licenses by plan, with their ends and seats.", Requests: "1 per organization",
		Reports: map[*collector.Metric]string{
			collector.MetricLicenses: "", collector.MetricExpiring: "", collector.MetricWithoutEnd: "", collector.MetricNextEnd: "",
			collector.MetricDays: "", collector.MetricSeatsLimit: "", collector.MetricSeatsAssigned: "", collector.MetricSeatsAvailable: "",
		},
	}},
	Metrics: &exampleMetrics, Operations: exampleOperations, Fields: scalar.Fields(exampleOrganization{}, exampleLicense{}),
	Connect: exampleConnect, Simulate: exampleSimulate,
}

var exampleMetrics collector.Metrics
var exampleTrials = exampleMetrics.New("example_trials", "example_licenses", "Licenses that are trials.", "product")

// exampleSettings are the configuration keys that only accounts of Example have. Site selects the base URL.
type exampleSettings struct {
	Site string `yaml:"site"`
}

func (s *exampleSettings) SetDefaults(a *collector.AccountConfig) {
	s.Site = cmp.Or(s.Site, "eu")
	a.BaseURL = cmp.Or(a.BaseURL, "https://"+s.Site+".example.com/api")
}

func (s *exampleSettings) Check(*collector.AccountConfig) []error {
	if s.Site != "eu" && s.Site != "us" {
		return []error{errors.New("site is not known; use eu or us")}
	}
	return nil
}

func (*exampleSettings) CheckCredential(a *collector.AccountConfig) error {
	if !a.HTTPClientConfig.HasCredential() {
		return errors.New("http_client_config has no credential; set authorization.credentials_file to a file that contains the token")
	}
	return nil
}

func (*exampleSettings) FactsKey(*collector.AccountConfig) string { return "" } // the base URL says it all
func exampleConnect(d collector.Deps) (collector.Connection, error) {
	c, err := rest.New(d.HTTP)
	if err != nil {
		return collector.Connection{}, err
	}
	collectors := []collector.Named{{Name: "example_licenses", Collector: exampleLicenses{exampleClient{c}}}}
	return collector.Connection{Source: exampleSource{exampleClient{c}, d.Account.Organizations}, Collectors: collectors, Close: c.Close}, nil
}

type exampleSource struct {
	client exampleClient
	filter collector.OrganizationFilter
}

func (s exampleSource) Discover(ctx context.Context, _ *collector.Report) (d collector.Discovery, err error) {
	all, err := collector.ReadAll(s.client.organizations(ctx))
	selector := s.filter.Selector()
	for _, o := range all {
		if selector.Selects(string(o.ID), string(o.Name)) {
			d.Organizations = append(d.Organizations, licensing.Organization{ID: string(o.ID), Name: string(o.Name)})
		}
	}
	if d.Problem = selector.Problem(); err == nil && len(d.Organizations) == 0 {
		err = collector.NoOrganization(len(all))
	}
	return d, err
}

type exampleLicenses struct{ client exampleClient }

func (exampleLicenses) Applies(licensing.Organization) bool { return true }

func (c exampleLicenses) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	facts, fold := r.Organization(o.ID), r.Fold(o.ID, licensing.State{Name: "active"}, licensing.State{Name: "expired"})
	for l, err := range c.client.licenses(ctx, o.ID) {
		if err != nil {
			return err // the report is discarded: an incomplete list must not be shown
		}
		fold.Add(licensing.License{Product: string(l.Plan), State: licensing.State{Name: string(l.State)}, End: l.End.Time, EndUnknown: l.End.Unreadable})
		facts.SeatsOf(licensing.SeatsKey{Product: string(l.Plan), Unit: "user"}, licensing.Seats{Limit: l.Seats.Pointer(), Assigned: l.Used.Pointer()})
		facts.Count(exampleTrials, collector.Bool(l.Trial.Value), string(l.Plan))
	}
	return nil
}

var exampleOperations = []rest.Operation{{Name: "getOrganizations", Path: "/organizations"}, {Name: "getLicenses", Path: "/organizations/{id}/licenses"}}

// exampleClient would be client/example. A value of a scalar type that cannot be read is absent, counted and logged.
type exampleClient struct{ rest *rest.Client }

type exampleOrganization struct{ ID, Name scalar.Text }

func (o exampleOrganization) Identity() (uint64, bool) { return scalar.Hash(string(o.ID)), true }

type exampleLicense struct {
	ID, Plan, State scalar.Text
	End             scalar.Time
	Trial           scalar.Bool
	Seats, Used     scalar.Number
}

func (l exampleLicense) Identity() (uint64, bool) { return scalar.Hash(string(l.ID)), true }
func (c exampleClient) organizations(ctx context.Context) iter.Seq2[exampleOrganization, error] {
	return rest.Pages[exampleOrganization](ctx, c.rest, exampleOperations[0].Call())
}

func (c exampleClient) licenses(ctx context.Context, organization string) iter.Seq2[exampleLicense, error] {
	return rest.Pages[exampleLicense](ctx, c.rest, exampleOperations[1].CallFor(organization))
}

// exampleSimulate starts what would be internal/simulator/example.
func exampleSimulate(int) (collector.AccountConfig, func(), error) {
	mux := http.NewServeMux()
	for path, records := range map[string][]simulator.Object{
		"/organizations":            {{"id": "7", "name": "Contoso"}},
		"/organizations/7/licenses": {{"id": "1", "plan": "team", "state": "active", "end": "2099-01-01T00:00:00Z", "seats": 50, "used": 12, "trial": true}},
	} {
		mux.HandleFunc("GET /api"+path, func(w http.ResponseWriter, _ *http.Request) { simulator.Found(records).Write(w) })
	}
	url, stop, err := simulator.Listen(mux)
	return collector.AccountConfig{BaseURL: url + "/api", HTTPClientConfig: collector.BearerToken("demo-token")}, stop, err
}
