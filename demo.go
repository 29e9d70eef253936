package main

import (
	"license_exporter/config"
	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/meraki"
	"license_exporter/internal/simulator/snow"
)

// The credentials that the simulated vendors accept.
const (
	demoKey          = "demo-api-key"
	demoClientID     = "demo-client"
	demoClientSecret = "demo-client-secret" //nolint:gosec // of a simulator within the process
)

// demoRate is in requests a second. The simulated Snow Atlas sets no limits, so
// that what takes a call per license is there within seconds, too.
const demoRate = 2000

// startDemo starts the simulated vendors and returns a configuration that reads
// from them. From there on, all is as with real ones.
func startDemo() (*config.Config, func(), error) {
	merakiURL, stopMeraki, err := simulator.Listen(meraki.New(meraki.Options{
		Estate: meraki.DemoEstate(),
		Key:    demoKey,
	}))
	if err != nil {
		return nil, nil, err
	}
	snowURL, stopSnow, err := simulator.Listen(snow.New(snow.Options{
		Estate:       snow.DemoEstate(),
		ClientID:     demoClientID,
		ClientSecret: demoClientSecret,
		Limits:       snow.Limits{Off: true},
	}))
	if err != nil {
		stopMeraki()
		return nil, nil, err
	}
	settings, err := config.New(
		config.Account{
			Name:               "demo-meraki",
			Vendor:             config.VendorMeraki,
			BaseURL:            merakiURL + "/api/v1",
			IndividualLicenses: true,
			HTTPClientConfig:   config.BearerToken(demoKey),
		},
		config.Account{
			Name:             "demo-snow",
			Vendor:           config.VendorSnow,
			BaseURL:          snowURL,
			RateLimit:        config.RateLimit{Organization: demoRate, Source: demoRate},
			HTTPClientConfig: config.ClientCredentials(demoClientID, demoClientSecret),
		},
	)
	return settings, func() { stopMeraki(); stopSnow() }, err
}
