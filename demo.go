package main

import (
	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// startDemo starts the simulators of all vendors and returns a configuration
// that reads from them, and a function that stops them. Everything else is as
// with real vendors.
func startDemo(vendors collector.Vendors) (*config.Config, func(), error) {
	var (
		accounts []collector.AccountConfig
		stops    []func()
	)
	stop := func() {
		for _, s := range stops {
			s()
		}
	}
	for _, v := range vendors {
		a, stopOne, err := v.Simulate(0)
		if err != nil {
			stop()
			return nil, nil, err
		}
		stops = append(stops, stopOne)
		a.Name, a.Vendor = "demo-"+v.Name, v.Name
		accounts = append(accounts, a)
	}
	settings, err := config.New(vendors, accounts...)
	if err == nil {
		settings.Policies = policy.NewSet(demoPolicies)
	}
	return settings, stop, err
}

// demoPolicies show what policies do. What the simulators of all vendors have has names in
// common.
var demoPolicies = []policy.Policy{
	{
		Match: policy.Match{OrganizationName: "*Stores*"},
		Rules: policy.Rules{Owner: "stores", Notice: new(model.Duration(60 * licensing.Day)), MinimumAvailableSeats: new(policy.Count(2))},
		Place: "demo:1",
	},
	{
		Match: policy.Match{OrganizationName: "*Shared Services"},
		Rules: policy.Rules{Renewal: policy.Automatic},
		Place: "demo:2",
	},
	{
		Match: policy.Match{OrganizationName: "*Franchise"}, // franchisees renew what they use
		Rules: policy.Rules{Muted: new(policy.Flag(true))},
		Place: "demo:3",
	},
	{Rules: policy.Rules{Owner: "licensing"}, Place: "demo:4"},
}
