package main

import (
	"license_exporter/config"
	"license_exporter/internal/simulator/meraki"
	"license_exporter/internal/simulator/snow"
)

// demoRate is in requests a second. The simulated Snow Atlas sets no limits, so
// that what takes a call per license is there within seconds, too.
const demoRate = 2000

// startDemo starts the simulated vendors and returns a configuration that reads
// from them. From there on, all is as with real ones.
func startDemo() (*config.Config, func(), error) {
	merakiURL, stopMeraki, err := meraki.StartDemo()
	if err != nil {
		return nil, nil, err
	}
	snowURL, stopSnow, err := snow.StartDemo()
	if err != nil {
		stopMeraki()
		return nil, nil, err
	}
	settings, err := config.New(
		config.Account{
			Name:               "demo-meraki",
			Vendor:             config.VendorMeraki,
			BaseURL:            merakiURL,
			IndividualLicenses: true,
			HTTPClientConfig:   config.BearerToken(meraki.DemoKey),
		},
		config.Account{
			Name:             "demo-snow",
			Vendor:           config.VendorSnow,
			BaseURL:          snowURL,
			RateLimit:        config.RateLimit{Organization: demoRate, Source: demoRate},
			HTTPClientConfig: config.ClientCredentials(snow.DemoClientID, snow.DemoClientSecret),
		},
	)
	return settings, func() { stopMeraki(); stopSnow() }, err
}
