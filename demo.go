package main

import (
	"license_exporter/config"
	"license_exporter/internal/simulator"
)

// demoKey is the credential that the simulated vendor accepts.
const demoKey = "demo-api-key"

// startDemo starts the simulated vendors and returns a configuration that reads
// from them. From there on, all is as with real ones.
func startDemo() (*config.Config, func(), error) {
	baseURL, stop, err := simulator.Listen(simulator.NewMeraki(simulator.MerakiOptions{
		Estate: simulator.DemoMeraki(),
		Key:    demoKey,
	}))
	if err != nil {
		return nil, nil, err
	}
	settings, err := config.New(config.Account{
		Name:               "demo-meraki",
		Vendor:             config.VendorMeraki,
		BaseURL:            baseURL + "/api/v1",
		IndividualLicenses: true,
		HTTPClientConfig:   config.BearerToken(demoKey),
	})
	return settings, stop, err
}
