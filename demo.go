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

// demoPolicies show what policies do. The owners are those of alerts/alertmanager.example.yml.
var demoPolicies = []policy.Policy{
	{
		Match: policy.Match{OrganizationName: "*Stores*"},
		Rules: policy.Rules{Owner: "network-team", Notice: new(model.Duration(60 * licensing.Day))},
		Place: "demo:1",
	},
	{
		Match: policy.Match{ProductName: "*Label Designer"},
		Rules: policy.Rules{Owner: "network-team", MinimumAvailableSeats: new(policy.Count(2))},
		Place: "demo:2",
	},
	{
		Match: policy.Match{ProductName: "*Video Suite"},
		Rules: policy.Rules{Renewal: policy.Automatic},
		Place: "demo:3",
	},
	{
		Match: policy.Match{ProductName: "*Middleware Suite"}, // as many as there are servers, so that none is free
		Rules: policy.Rules{Muted: new(policy.Flag(true))},
		Place: "demo:4",
	},
	{Rules: policy.Rules{Owner: "sam-team"}, Place: "demo:5"},
}
