package meraki

import (
	"context"
	"math"
	"time"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The states of a per-device license, in the vendor's spelling.
const (
	deviceActive         = "active"
	deviceExpired        = "expired"
	deviceExpiring       = "expiring"
	deviceRecentlyQueued = "recentlyQueued" // waits behind another license
	deviceUnused         = "unused"
	deviceUnusedActive   = "unusedActive" // its term runs, but no device uses it
)

// devicePhases maps states to what they mean for the customer.
var devicePhases = map[string]licensing.Phase{
	deviceActive:         licensing.InForce,
	deviceExpired:        licensing.Ended,
	deviceExpiring:       licensing.InForce,
	deviceRecentlyQueued: licensing.Dormant,
	deviceUnused:         licensing.Dormant,
	deviceUnusedActive:   licensing.InForce,
}

// perDeviceStates lists the states with their usual assignment.
var perDeviceStates = []licensing.State{
	{Name: deviceActive, Assigned: licensing.Assigned},
	{Name: deviceExpired, Assigned: licensing.Assigned},
	{Name: deviceExpiring, Assigned: licensing.Assigned},
	{Name: deviceRecentlyQueued, Assigned: licensing.Assigned},
	{Name: deviceUnused, Assigned: licensing.Unassigned},
	{Name: deviceUnusedActive, Assigned: licensing.Unassigned},
}

// maxCoverDays is the maximum number of days in a time.Duration. A greater
// number would overflow.
const maxCoverDays = math.MaxInt64 / int64(licensing.Day)

// deviceCollector reads the licenses of per-device organizations.
type deviceCollector struct{ client client }

func (deviceCollector) Applies(o licensing.Organization) bool { return o.Model == api.ModelPerDevice }

func (c deviceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	fold := r.Fold(o.ID, perDeviceStates...)
	f := r.Organization(o.ID)
	for record, err := range c.client.Licenses(ctx, o.ID) {
		if err != nil {
			return err
		}
		l := deviceLicense(record, r)
		fold.Add(l)
		r.Individual(o.ID, l)
		if seats, ok := deviceSeats(record, l); ok {
			f.SeatsOf(licensing.SeatsKey{Product: l.Product, Unit: unitDevice}, seats)
		}
	}
	return nil
}

func deviceLicense(l api.License, r *collector.Report) licensing.License {
	phase, isKnown := devicePhases[l.State]
	if !isKnown {
		r.ParseError(fieldState)
	}
	r.ParseErrorIf(fieldExpirationDate, l.ExpirationDate.Unreadable)
	r.ParseErrorIf(fieldActivationDate, l.ActivationDate.Unreadable)
	return licensing.License{
		ID:      l.ID,
		Product: l.LicenseType,
		// Systems Manager licenses are assigned to a network, all others to a
		// device.
		State:        licensing.State{Name: l.State, Assigned: licensing.AssignedIf(l.DeviceSerial != "" || l.NetworkID != "")},
		Phase:        phase,
		Start:        l.ActivationDate.Time,
		End:          l.ExpirationDate.Time,
		EndUnknown:   l.ExpirationDate.Unreadable,
		Cover:        time.Duration(min(l.TotalDurationInDays, maxCoverDays)) * licensing.Day,
		OrderID:      l.OrderNumber,
		DeviceSerial: l.DeviceSerial,
		NetworkID:    l.NetworkID,
	}
}

// deviceSeats returns the seats of a license: the seat count of a Systems
// Manager license, or one seat for a device. Expired and queued licenses have no
// seats.
func deviceSeats(record api.License, l licensing.License) (licensing.Seats, bool) {
	if record.State == deviceExpired || record.State == deviceRecentlyQueued {
		return licensing.Seats{}, false
	}
	n, kind := int64(1), licensing.PerDevice
	if record.SeatCount != nil {
		n, kind = *record.SeatCount, ""
	}
	used := int64(0)
	if l.State.Assigned == licensing.Assigned {
		used = n
	}
	return licensing.Seats{
		Limit: licensing.Seat(n), Assigned: licensing.Seat(used), Available: licensing.Seat(n - used), Kind: kind,
	}, true
}
