package meraki

import (
	"fmt"
	"time"
)

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

// demoID is the id of organization number o of the demo.
func demoID(o int) string { return fmt.Sprintf("29301%02d", o) }

// DemoEstate is the estate of an invented retail group: twelve organizations of all three licensing models, some 160 licenses and
// their devices, and one specimen of each situation that an operator wants to see coming.
func DemoEstate() Estate {
	archive := newOrganization(demoID(demoArchive), "Northwind Archive", coTerm, "Europe", holdCoterm(demoArchive, 90, archiveLicenses, nil))
	archive.API.Enabled = false
	return Estate{organizations: listOf([]organization{
		newOrganization(demoID(demoEMEA), "Northwind Retail – EMEA", coTerm, "Europe",
			holdCoterm(demoEMEA, 287, emeaLicenses, emeaDevices)),
		newOrganization(demoID(demoIberia), "Northwind Retail – Iberia", coTerm, "Europe",
			holdCoterm(demoIberia, 5, iberiaLicenses, iberiaDevices)),
		newOrganization(demoID(demoNordics), "Northwind Retail – Nordics", coTerm, "Europe",
			holdCoterm(demoNordics, -12, nordicsLicenses, nordicsDevices)),
		newOrganization(demoID(demoLogistics), "Northwind Logistics", coTerm, "North America",
			holdCoterm(demoLogistics, 142, logisticsLicenses, logisticsDevices)),
		newOrganization(demoID(demoNorthAmerica), "Northwind Stores – North America", perDevice, "North America",
			holdPerDevice(demoNorthAmerica, 212, northAmericaLicenses)),
		newOrganization(demoID(demoAPAC), "Northwind Stores – APAC", perDevice, "Asia Pacific",
			holdPerDevice(demoAPAC, 0, apacLicenses)),
		newOrganization(demoID(demoDigital), "Northwind Digital", bySubscription, "North America",
			holdSubscriptions(demoDigital, digitalDevices, digitalSubscription, sharedSubscription)),
		newOrganization(demoID(demoFranchise), "Northwind Franchise", bySubscription, "Europe",
			holdSubscriptions(demoFranchise, franchiseDevices, graceSubscription)),
		newOrganization(demoID(demoLabs), "Northwind Labs", bySubscription, "North America",
			holdSubscriptions(demoLabs, labsDevices, scarceSubscription)),
		newOrganization(demoID(demoShared), "Northwind Shared Services", bySubscription, "North America",
			holdSubscriptions(demoShared, sharedDevices, sharedSubscription, canceledSubscription, expiredSubscription,
				inactiveSubscription)),
		archive,
		newOrganization(demoID(demoOpenings), "Northwind Openings", coTerm, "Europe", holdNothing),
	})}
}

// holdNothing is a co-term organization on its first day.
func holdNothing(time.Time) holdings {
	return holdings{overview: func() any {
		return cotermOverview{Status: "OK", ExpirationDate: "N/A", LicensedDeviceCounts: map[string]int{}}
	}}
}

// stock is a number of devices of one model, in networks and on the shelf.
type stock struct {
	model       string
	used, spare int
}

// unpack makes the devices of organization number o out of its stock.
func unpack(today time.Time, o int, stocks []stock) []device {
	var devices []device
	for _, s := range stocks {
		for i := range s.used + s.spare {
			devices = append(devices, newDevice(today, o, len(devices)+1, s.model, i >= s.used))
		}
	}
	return devices
}
