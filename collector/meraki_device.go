package collector

import (
	"context"
	"math"
	"time"

	"license_exporter/client/meraki"
	"license_exporter/licensing"
)

// The states of a per-device license, in the vendor's spelling.
const (
	deviceActive         = "active"
	deviceExpired        = "expired"
	deviceExpiring       = "expiring"
	deviceRecentlyQueued = "recentlyQueued" // waits behind another license
	deviceUnused         = "unused"
	deviceUnusedActive   = "unusedActive" // burns without a device
)

// devicePhases tell what the states mean.
var devicePhases = map[string]licensing.Phase{
	deviceActive:         licensing.InForce,
	deviceExpired:        licensing.Ended,
	deviceExpiring:       licensing.InForce,
	deviceRecentlyQueued: licensing.Dormant,
	deviceUnused:         licensing.Dormant,
	deviceUnusedActive:   licensing.InForce,
}

// perDeviceStates are the states with the assignment that goes with them.
var perDeviceStates = []licensing.State{
	{Name: deviceActive, Assigned: licensing.Assigned},
	{Name: deviceExpired, Assigned: licensing.Assigned},
	{Name: deviceExpiring, Assigned: licensing.Assigned},
	{Name: deviceRecentlyQueued, Assigned: licensing.Assigned},
	{Name: deviceUnused, Assigned: licensing.Unassigned},
	{Name: deviceUnusedActive, Assigned: licensing.Unassigned},
}

// maxCoverDays is how many days a time.Duration can hold. A greater number would
// wrap around.
const maxCoverDays = math.MaxInt64 / int64(licensing.Day)

// merakiDevice reads the licenses of per-device organizations.
type merakiDevice struct{ client MerakiClient }

func (merakiDevice) Applies(o licensing.Organization) bool { return o.Model == meraki.ModelPerDevice }

func (c merakiDevice) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	fold := r.Fold(o.ID, perDeviceStates...)
	f := r.Organization(o.ID)
	for record, err := range c.client.Licenses(ctx, o.ID) {
		if err != nil {
			return merakiError(err)
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

func deviceLicense(l meraki.License, r *Report) licensing.License {
	phase, isKnown := devicePhases[l.State]
	if !isKnown {
		r.ParseError(fieldState)
	}
	readable(r, fieldExpirationDate, l.ExpirationDate)
	readable(r, fieldActivationDate, l.ActivationDate)
	return licensing.License{
		ID:      l.ID,
		Product: l.LicenseType,
		// Systems Manager licenses are bound to a network, all others to a
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

// deviceSeats returns the seats that a license gives: those of Systems Manager
// or the one of a device. A license that has ended gives none, and one that
// waits behind another gives none yet.
func deviceSeats(record meraki.License, l licensing.License) (licensing.Seats, bool) {
	if record.State == deviceExpired || record.State == deviceRecentlyQueued {
		return licensing.Seats{}, false
	}
	n := int64(1)
	if record.SeatCount != nil {
		n = *record.SeatCount
	}
	used := int64(0)
	if l.State.Assigned == licensing.Assigned {
		used = n
	}
	return licensing.Seats{
		Limit: licensing.Seat(n), Assigned: licensing.Seat(used), Available: licensing.Seat(n - used),
	}, true
}
