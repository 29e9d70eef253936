package fortigate

import (
	"cmp"
	"context"
	"time"

	api "license_exporter/client/fortigate"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The units of seats, and the services that have them.
const (
	serviceVDOM = "vdom"
	unitVDOM    = "vdom"
	serviceVM   = "vm"
	unitCPU     = "vm_cpu"
)

// The usual states.
const (
	stateLicensed = "licensed"
	stateExpired  = "expired"
	unknownState  = "unknown" // the device says none, or it could not be read
)

// phases contains the states that were seen in answers of FortiOS 6.0 to 8.0, and those that are the opposite of registered. In the phase Dormant, nothing is covered that anybody has
// bought, so an end means nothing.
var phases = map[string]licensing.Phase{
	stateLicensed:      licensing.InForce,
	"expires_soon":     licensing.InForce,
	"vm_valid":         licensing.InForce,
	"vm_eval":          licensing.InForce,
	stateExpired:       licensing.Ended,
	"free_license":     licensing.Dormant,
	"no_license":       licensing.Dormant,
	"no_support":       licensing.Dormant,
	"unavailable":      licensing.Dormant,
	"pending":          licensing.Dormant,
	"registered":       licensing.Dormant,
	"unregistered":     licensing.Dormant,
	"unregistrable":    licensing.Dormant,
	"cloud_logged_in":  licensing.Dormant,
	"cloud_logged_out": licensing.Dormant,
	"cloud_na":         licensing.Dormant,
	"vm_invalid":       licensing.Dormant,
}

// licensesCollector reads the services, contracts and licenses of a device.
type licensesCollector struct{ estate *estate }

// Applies implements collector.Collector.
func (licensesCollector) Applies(o licensing.Organization) bool { return o.ID != "" }

// Update implements collector.Collector.
func (c licensesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	status, err := c.estate.status(ctx, o.ID, r)
	if err != nil {
		return err
	}
	for _, field := range status.Unreadable {
		r.Trace().Unreadable(rest.Unreadable{Operation: api.Operations()[0].Name, Organization: o.ID, Field: field})
	}
	facts, fold := r.Organization(o.ID), r.Fold(o.ID, licensing.State{Name: stateLicensed}, licensing.State{Name: stateExpired})
	for _, s := range status.Services {
		facts.Product(licensing.Product{
			ID: s.Name, Name: productNames[s.Name], Manufacturer: "Fortinet", Type: string(s.Type), FeatureTier: string(s.SupportLevel),
		})
		l := licenseOf(s, o.ID)
		if s.IsLicense() {
			if _, known := phases[l.State.Name]; !known {
				r.CheckKnown(fieldStatus, l.State.Name, stateLicensed)
			}
			fold.Add(l)
			r.Individual(o.ID, l)
		}
		addSeats(facts, s, l.Phase)
	}
	return nil
}

// licenseOf returns a service of the device with a serial number as a license.
func licenseOf(s api.Service, serial string) licensing.License {
	state := cmp.Or(string(s.Status), unknownState)
	l := licensing.License{
		ID: cmp.Or(string(s.Entitlement), s.Name), Name: string(s.Entitlement), Product: s.Name,
		State: licensing.State{Name: state}, Phase: phases[state], End: s.Expires.Time, EndUnknown: s.Expires.Unreadable,
		DeviceSerial: serial,
	}
	switch l.Phase {
	case licensing.Dormant:
		l.End, l.EndUnknown = time.Time{}, true
	case licensing.Ended:
		l.EndUnknown = l.End.IsZero()
	case licensing.InForce, licensing.Undetermined:
	}
	return l
}

// addSeats adds the seats of the services that have some. The CPUs of a virtual machine are no pool: its license is for one machine.
func addSeats(facts *collector.OrganizationReport, s api.Service, phase licensing.Phase) {
	switch {
	case s.Name == serviceVDOM:
		facts.SeatsOf(licensing.SeatsKey{Product: s.Name, Unit: unitVDOM}, licensing.Seats{Limit: s.Max.Pointer(), Assigned: s.Used.Pointer()})
	case s.Name == serviceVM && phase == licensing.InForce:
		facts.SeatsOf(licensing.SeatsKey{Product: s.Name, Unit: unitCPU},
			licensing.Seats{Limit: s.CPUMax.Pointer(), Assigned: s.CPUUsed.Pointer(), Kind: licensing.PerDevice})
	}
}
