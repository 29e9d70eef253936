package meraki

import (
	"time"

	"license_exporter/internal/simulator"
)

// deviceBatch is a number of equal per-device licenses. The first ends in left days, and each one after it step days later.
type deviceBatch struct {
	licenses    int
	licenseType string
	model       string // of the license's device, which is not in use if the license is unused; empty if there is no device
	state       string
	duration    int // without that of a queued license
	left, step  int // days to the end, including the queued license
	queued      int // duration of the license that is queued behind each for good, if any
	recent      int // duration of the license that was queued behind each recently and is not in the total yet, if any
	seats       int // of Systems Manager, whose licenses are bound to networks
	unbound     bool
}

// binds reports whether the batch's licenses are bound to devices.
func (b deviceBatch) binds() bool { return b.state != "unused" && b.state != "unusedActive" }

var (
	northAmericaLicenses = []deviceBatch{
		{licenses: 36, licenseType: "ENT", model: "MR46", state: "active", duration: 1095, left: 180, step: 11},
		{licenses: 12, licenseType: "MS225-48FP", model: "MS225-48FP", state: "active", duration: 1825, left: 400, step: 30},
		{licenses: 6, licenseType: "MX67-SEC", model: "MX67", state: "active", duration: 1095, left: 210, step: 40},
		{licenses: 3, licenseType: "MX67-SEC", model: "MX67", state: "active", duration: 365, left: 400, step: 9, queued: 365},
		{licenses: 4, licenseType: "MV", model: "MV12", state: "active", duration: 1095, left: 530, step: 3},
		{licenses: 5, licenseType: "ENT", model: "MR46", state: "expiring", duration: 1095, left: 65, step: 5},
		{licenses: 2, licenseType: "MS120-8LP", model: "MS120-8LP", state: "expired", duration: 1095, left: -31, step: 9},
		{licenses: 8, licenseType: "ENT", model: "MR46", state: "unused", duration: 1095},
		{licenses: 3, licenseType: "MX67-SEC", state: "unused", duration: 365},
		{licenses: 2, licenseType: "MV", state: "unusedActive", duration: 365, left: 260, step: 20},
		{licenses: 2, licenseType: "SME", state: "active", duration: 1095, left: 300, step: 90, seats: 100},
		{licenses: 1, licenseType: "SME", state: "unused", duration: 1095, seats: 50, unbound: true},
		{licenses: 2, licenseType: "MG21-ENT", model: "MG21", state: "expiring", duration: 365, left: 12, step: 9, recent: 365},
	}
	apacLicenses = []deviceBatch{
		{licenses: 14, licenseType: "ENT", model: "MR36", state: "expiring", duration: 1095, left: 12, step: 3},
		{licenses: 4, licenseType: "MS120-8LP", model: "MS120-8LP", state: "active", duration: 1095, left: 122, step: 2},
		{licenses: 2, licenseType: "MX68-SEC", model: "MX68", state: "active", duration: 1095, left: 160, step: 14},
		{licenses: 20, licenseType: "ENT", model: "MR36", state: "active", duration: 1095, left: 240, step: 6},
		{licenses: 3, licenseType: "MX68-SEC", model: "MX68", state: "active", duration: 365, left: 200, step: 5},
	}
)

// holdPerDevice makes what a per-device organization has. enrolled is the number of devices in Systems Manager.
func holdPerDevice(enrolled int, batches []deviceBatch) content {
	return func(o organization, today time.Time) holdings {
		var licenses []deviceLicense
		var devices []device
		for _, b := range batches {
			for range b.licenses {
				l := newDeviceLicense(today, o.number, len(licenses)+1, b)
				if b.model != "" {
					d := newDevice(today, o.number, len(devices)+1, b.model, !b.binds())
					if b.binds() {
						l.bind(&d)
					}
					devices = append(devices, d)
				} else if b.seats > 0 && !b.unbound {
					l.NetworkID = some(fakeNetwork(o.number, len(licenses)%networksPerOrganization))
				}
				licenses = append(licenses, l)
				switch head, n := &licenses[len(licenses)-1], len(licenses)+1; {
				case b.queued > 0:
					licenses = append(licenses, queueBehind(today, head, o.number, n))
				case b.recent > 0:
					licenses = append(licenses, queueRecently(today, *head, o.number, n, b.recent))
				}
				b.left += b.step
			}
		}
		all := listOf(licenses)
		return holdings{
			overview:       func() any { return newDeviceOverview(today, enrolled, all) },
			deviceLicenses: all,
			devices:        listOf(devices),
		}
	}
}

// newDeviceLicense makes the n-th license of organization number o. It is not bound to a device yet. The term of an unused license has
// not begun.
func newDeviceLicense(today time.Time, o, n int, b deviceBatch) deviceLicense {
	total := b.duration + b.queued
	l := deviceLicense{
		ID:                        fakeLicense(o, n),
		LicenseType:               b.licenseType,
		LicenseKey:                fakeKey(o, n),
		OrderNumber:               fakeOrder(o),
		State:                     b.state,
		SeatCount:                 some(b.seats),
		TotalDurationInDays:       total,
		DurationInDays:            b.duration,
		PermanentlyQueuedLicenses: []simulator.Object{},
		ClaimDate:                 simulator.Moment(today, -20-n%30, n%86_400),
	}
	if b.state == "unused" || b.state == "recentlyQueued" {
		return l
	}
	ends := simulator.Moment(today, b.left, n*97%86_400)
	began := ends.AddDate(0, 0, -total)
	l.ActivationDate, l.ExpirationDate = some(began), some(ends)
	l.ClaimDate = began.AddDate(0, 0, -3)
	return l
}

// bind assigns a license to a device, whose cover ends with the license.
func (l *deviceLicense) bind(d *device) {
	l.DeviceSerial, l.NetworkID = some(d.Serial), d.NetworkID
	d.LicenseExpirationDate = l.ExpirationDate
}

// queueRecently makes the n-th license of organization number o. It is queued behind head, for the same device.
func queueRecently(today time.Time, head deviceLicense, o, n, duration int) deviceLicense {
	next := newDeviceLicense(today, o, n, deviceBatch{licenseType: head.LicenseType, state: "recentlyQueued", duration: duration})
	next.ClaimDate = simulator.Moment(today, -2, n%86_400)
	next.DeviceSerial, next.NetworkID = head.DeviceSerial, head.NetworkID
	next.HeadLicenseID = some(head.ID)
	return next
}

// queueBehind is like queueRecently, but the queue is for good: its duration is in the total of head.
func queueBehind(today time.Time, head *deviceLicense, o, n int) deviceLicense {
	next := queueRecently(today, *head, o, n, head.TotalDurationInDays-head.DurationInDays)
	head.PermanentlyQueuedLicenses = []simulator.Object{{
		"id": next.ID, "licenseType": next.LicenseType, "licenseKey": next.LicenseKey, "orderNumber": next.OrderNumber,
		"durationInDays": next.DurationInDays,
	}}
	return next
}
