package meraki

import (
	"context"
	"math"
	"regexp"
	"strings"
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

var deviceStates = []string{deviceActive, deviceExpired, deviceExpiring, deviceRecentlyQueued, deviceUnused, deviceUnusedActive}

// perDeviceStates lists the states that are shown even if no license has them.
var perDeviceStates = []licensing.State{
	{Name: deviceActive, Assigned: licensing.Assigned},
	{Name: deviceExpired, Assigned: licensing.Assigned},
}

// deviceCollector reads the licenses of per-device organizations.
type deviceCollector struct{ *account }

func (deviceCollector) Applies(o licensing.Organization) bool { return o.Model == api.ModelPerDevice }

func (c deviceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	fold := r.Fold(o.ID, perDeviceStates...)
	f := r.Organization(o.ID)
	q := newQueues()
	r.Empty = true
	for record, err := range c.client.Licenses(ctx, o.ID) {
		if err != nil {
			return err
		}
		r.Empty = false
		l := deviceLicense(record, r)
		if !q.hold(record, l) {
			l.InUse = notUsed // nothing has depended on it yet
			fold.Add(l)
		}
		r.Individual(o.ID, l)
		if seats, ok := deviceSeats(record, l); ok {
			f.SeatsOf(licensing.SeatsKey{Product: l.Product, Unit: unitDevice}, seats)
		}
	}
	q.fold(fold, f, r.Now)
	return nil
}

func deviceLicense(l api.License, r *collector.Report) licensing.License {
	state := known(r, fieldState, l.State, deviceStates)
	phase := devicePhases[state]
	return licensing.License{
		ID:      string(l.ID),
		Product: productOf(l.LicenseType),
		State:   licensing.State{Name: state, Assigned: licensing.AssignedIf(isAssigned(l, state))},
		Phase:   phase,
		Start:   l.ActivationDate.Time,
		End:     l.ExpirationDate.Time,
		// Every license ends. One that is not in force has no end yet.
		EndUnknown:   l.ExpirationDate.Unreadable || l.ExpirationDate.IsZero() && phase != licensing.Dormant,
		Cover:        days(l.TotalDurationInDays),
		OrderID:      string(l.OrderNumber),
		DeviceSerial: string(l.DeviceSerial),
		NetworkID:    string(l.NetworkID),
	}
}

// days returns a number of days, 0 if it is absent. A Duration has room for 292 years.
func days(n api.Int) time.Duration {
	return time.Duration(min(max(0, n.Value), math.MaxInt64/int64(licensing.Day))) * licensing.Day
}

// isAssigned reports whether a license is in use: for a device, or for a network as
// those of virtual appliances. The state of a Systems Manager license is enough, since
// it may be for all networks.
func isAssigned(l api.License, state string) bool {
	return l.DeviceSerial != "" || l.NetworkID != "" ||
		isSystemsManager(l) && (state == deviceActive || state == deviceExpiring)
}

// isSystemsManager reports whether a license is for Systems Manager, such as "SME". Only
// these have a number of seats.
func isSystemsManager(l api.License) bool {
	return isSystemsManagerType(string(l.LicenseType)) || l.SeatCount.Value > 0
}

func isSystemsManagerType(name string) bool {
	return strings.HasPrefix(strings.TrimPrefix(strings.ToUpper(name), "LIC-"), "SM")
}

// addOn matches the types of licenses that a device has beside the one that it needs to
// work, such as MV-CA30 (cloud archive), MV-SEN, MI-S (Insight), UMB and UPGR. None of them
// replaces a license of another kind.
var addOn = regexp.MustCompile(`(?:^|-)(CA|SEN|MI|UMB|UPGR)\d*(?:-|$)`)

// kindOf returns the kind of a type of licenses. A device, or a network, needs one license
// of each kind.
func kindOf(licenseType string, systemsManager bool) string {
	if systemsManager {
		return "SM"
	}
	if match := addOn.FindStringSubmatch(strings.ToUpper(licenseType)); match != nil {
		return match[1]
	}
	return ""
}

// deviceSeats returns the seats of a license that is in force or free to assign: the
// seat count of a Systems Manager license, or one seat for a device.
func deviceSeats(record api.License, l licensing.License) (licensing.Seats, bool) {
	n, kind := int64(1), licensing.PerDevice
	if isSystemsManager(record) {
		n, kind = record.SeatCount.Value, ""
	}
	isKnown := record.SeatCount.Valid || kind == licensing.PerDevice
	if !isKnown || record.SeatCount.Unreadable || n < 0 || l.Phase != licensing.InForce && l.State.Name != deviceUnused {
		return licensing.Seats{}, false
	}
	used := int64(0)
	if l.State.Assigned == licensing.Assigned {
		used = n
	}
	return licensing.Seats{Limit: licensing.Seat(n), Assigned: licensing.Seat(used), Kind: kind}, true
}
