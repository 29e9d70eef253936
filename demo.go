package main

import (
	"license_exporter/collector"
	"license_exporter/config"
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
	return settings, stop, err
}
