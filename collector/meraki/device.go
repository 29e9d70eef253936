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

// perDeviceStates lists the states that are shown even if no license has them.
var perDeviceStates = []licensing.State{
	{Name: deviceActive, Assigned: licensing.Assigned},
	{Name: deviceExpired, Assigned: licensing.Assigned},
}

// maxCoverDays is the maximum number of days in a time.Duration. A greater
// number would overflow.
const maxCoverDays = math.MaxInt64 / int64(licensing.Day)

// deviceCollector reads the licenses of per-device organizations.
type deviceCollector struct{ *account }

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
	phase, isKnown := devicePhases[string(l.State)]
	if !isKnown {
		r.ParseError(fieldState)
	}
	return licensing.License{
		ID:      string(l.ID),
		Product: string(l.LicenseType),
		// Systems Manager licenses are assigned to a network, all others to a
		// device.
		State:        licensing.State{Name: string(l.State), Assigned: licensing.AssignedIf(l.DeviceSerial != "" || l.NetworkID != "")},
		Phase:        phase,
		Start:        l.ActivationDate.Time,
		End:          l.ExpirationDate.Time,
		EndUnknown:   l.ExpirationDate.Unreadable,
		Cover:        time.Duration(min(l.TotalDurationInDays.Value, maxCoverDays)) * licensing.Day,
		OrderID:      string(l.OrderNumber),
		DeviceSerial: string(l.DeviceSerial),
		NetworkID:    string(l.NetworkID),
	}
}

// deviceSeats returns the seats of a license: the seat count of a Systems
// Manager license, or one seat for a device. Expired and queued licenses have no
// seats.
func deviceSeats(record api.License, l licensing.License) (licensing.Seats, bool) {
	if record.State == deviceExpired || record.State == deviceRecentlyQueued {
		return licensing.Seats{}, false
	}
	n, kind := record.SeatCount.Or(1), licensing.PerDevice
	if record.SeatCount.Valid {
		kind = ""
	}
	used := int64(0)
	if l.State.Assigned == licensing.Assigned {
		used = n
	}
	return licensing.Seats{
		Limit: licensing.Seat(n), Assigned: licensing.Seat(used), Available: licensing.Seat(n - used), Kind: kind,
	}, true
}
