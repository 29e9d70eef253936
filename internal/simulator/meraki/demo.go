package meraki

import (
	"fmt"
	"slices"
	"time"

	"license_exporter/internal/simulator"
)

// DemoKey is the API key of the demo.
const DemoKey = "demo-api-key"

// StartDemo serves the demo's estate on the loopback interface. It returns the base URL of the API and a function that stops it.
func StartDemo() (baseURL string, stop func(), err error) {
	return serve(Options{Estate: DemoEstate()})
}

// StartSmall is like StartDemo, but the estate has so many small organizations, and there are no rate limits.
func StartSmall(organizations int) (baseURL string, stop func(), err error) {
	return serve(Options{Estate: Generate(1, organizations, smallLicenses), Limits: Limits{Off: true}})
}

// smallLicenses is the number of licenses of each organization of StartSmall.
const smallLicenses = 12

func serve(o Options) (baseURL string, stop func(), err error) {
	o.Key = DemoKey
	baseURL, stop, err = simulator.Listen(New(o))
	return baseURL + "/api/v1", stop, err
}

// Numbers of the demo's organizations, from which their identifiers are made.
const (
	demoEMEA = iota + 1
	demoIberia
	demoNordics
	demoLogistics
	demoNorthAmerica
	demoAPAC
	demoDigital
	demoFranchise
	demoLabs
	demoShared
	demoArchive
	demoOpenings
)

// demoID returns the id of the demo's organization with number o.
func demoID(o int) string { return fmt.Sprintf("29301%02d", o) }

// demoOrganizations are the demo's organizations.
var demoOrganizations = []organization{
	{demoID(demoEMEA), demoEMEA, "Northwind Retail – EMEA", coTerm, "Europe", holdCoterm(287, emeaLicenses, emeaDevices)},
	{demoID(demoIberia), demoIberia, "Northwind Retail – Iberia", coTerm, "Europe", holdCoterm(5, iberiaLicenses, iberiaDevices)},
	{demoID(demoNordics), demoNordics, "Northwind Retail – Nordics", coTerm, "Europe", holdCoterm(-12, nordicsLicenses, nordicsDevices)},
	{demoID(demoLogistics), demoLogistics, "Northwind Logistics", coTerm, "North America", withWarmSpare("MX85", holdCoterm(142, logisticsLicenses, logisticsDevices))},
	{demoID(demoNorthAmerica), demoNorthAmerica, "Northwind Stores – North America", perDevice, "North America", holdPerDevice(212, northAmericaLicenses)},
	{demoID(demoAPAC), demoAPAC, "Northwind Stores – APAC", perDevice, "Asia Pacific", holdPerDevice(0, apacLicenses)},
	{demoID(demoDigital), demoDigital, "Northwind Digital", bySubscription, "North America",
		holdSubscriptions(digitalDevices, digitalSubscription, sharedSubscription, agreementSubscription, endingSubscription, renewalSubscription)},
	{demoID(demoFranchise), demoFranchise, "Northwind Franchise", bySubscription, "Europe", holdSubscriptions(franchiseDevices, graceSubscription)},
	{demoID(demoLabs), demoLabs, "Northwind Labs", bySubscription, "North America", holdSubscriptions(labsDevices, scarceSubscription)},
	{demoID(demoShared), demoShared, "Northwind Shared Services", bySubscription, "North America",
		holdSubscriptions(sharedDevices, sharedSubscription, canceledSubscription, expiredSubscription, inactiveSubscription)},
	{demoID(demoArchive), demoArchive, "Northwind Archive", coTerm, "Europe", nil},
	{demoID(demoOpenings), demoOpenings, "Northwind Openings", coTerm, "Europe", holdNothing},
}

// DemoEstate returns the estate of an invented retail group: twelve organizations of all three licensing models, about 160 licenses
// and their devices. It has at least one example of each situation that the exporter reports, and few of those that raise alerts.
func DemoEstate() Estate { return Estate{listOf(slices.Clone(demoOrganizations))} }

// holdNothing returns what a new co-term organization has.
func holdNothing(organization, time.Time) holdings {
	return holdings{overview: func() any {
		return cotermOverview{Status: "OK", ExpirationDate: "N/A", LicensedDeviceCounts: map[string]int{}}
	}}
}

// withWarmSpare adds a device to what an organization has: the warm spare of the first of its model. It needs no license.
func withWarmSpare(model string, c content) content {
	return func(o organization, today time.Time) holdings {
		h := c(o, today)
		all := h.devices.Slice(0, h.devices.Length)
		spare := newDevice(today, o.number, len(all)+1, model, false)
		spare.NetworkID = all[slices.IndexFunc(all, func(d device) bool { return d.Model == model })].NetworkID
		h.devices = listOf(append(all, spare))
		return h
	}
}

// stock is a number of devices of one model. Those in use are in networks.
type stock struct {
	model       string
	used, spare int
}

// unpack makes the devices of organization number o from its stock.
func unpack(today time.Time, o int, stocks []stock) []device {
	var devices []device
	for _, s := range stocks {
		for i := range s.used + s.spare {
			devices = append(devices, newDevice(today, o, len(devices)+1, s.model, i >= s.used))
		}
	}
	return devices
}
