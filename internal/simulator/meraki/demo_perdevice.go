package meraki

import (
	"time"

	"license_exporter/internal/simulator"
)

// deviceBatch is a number of like per-device licenses. The first ends in left days, each further one step days later.
type deviceBatch struct {
	licenses    int
	licenseType string
	model       string // of the device that each license is bound to, or that lies unlicensed beside an unused one; empty for none
	state       string
	duration    int
	left, step  int
	queued      int // duration of a license queued behind each; 0 is none
	seats       int // Systems Manager: the license is bound to a network, not to a device
	unbound     bool
}

var (
	northAmericaLicenses = []deviceBatch{
		{licenses: 36, licenseType: "ENT", model: "MR46", state: "active", duration: 1095, left: 180, step: 11},
		{licenses: 12, licenseType: "MS225-48FP", model: "MS225-48FP", state: "active", duration: 1825, left: 400, step: 30},
		{licenses: 6, licenseType: "MX67-SEC", model: "MX67", state: "active", duration: 1095, left: 210, step: 40},
		{licenses: 3, licenseType: "MX67-SEC", model: "MX67", state: "active", duration: 365, left: 400, step: 9, queued: 365},
		{licenses: 4, licenseType: "MV", model: "MV12", state: "active", duration: 1095, left: 530, step: 3},
		{licenses: 5, licenseType: "ENT", model: "MR46", state: "expiring", duration: 1095, left: 14, step: 15},
		{licenses: 2, licenseType: "MS120-8LP", model: "MS120-8LP", state: "expired", duration: 1095, left: -31, step: 9},
		{licenses: 8, licenseType: "ENT", model: "MR46", state: "unused", duration: 1095},
		{licenses: 3, licenseType: "MX67-SEC", state: "unused", duration: 365},
		{licenses: 2, licenseType: "MV", state: "unusedActive", duration: 365, left: 260, step: 20},
		{licenses: 2, licenseType: "SME", state: "active", duration: 1095, left: 300, step: 90, seats: 100},
		{licenses: 1, licenseType: "SME", state: "unused", duration: 1095, seats: 50, unbound: true},
	}
	apacLicenses = []deviceBatch{
		{licenses: 14, licenseType: "ENT", model: "MR36", state: "expiring", duration: 1095, left: 3, step: 2},
		{licenses: 4, licenseType: "MS120-8LP", model: "MS120-8LP", state: "expiring", duration: 1095, left: 22, step: 2},
		{licenses: 2, licenseType: "MX68-SEC", model: "MX68", state: "expiring", duration: 1095, left: 60, step: 14},
		{licenses: 20, licenseType: "ENT", model: "MR36", state: "active", duration: 1095, left: 240, step: 6},
		{licenses: 3, licenseType: "MX68-SEC", model: "MX68", state: "expired", duration: 365, left: -20, step: 5},
	}
)

// holdPerDevice makes a per-device organization, with so many devices enrolled in Systems Manager.
func holdPerDevice(enrolled int, batches []deviceBatch) content {
	return func(o int, today time.Time) holdings {
		s := shelf{today: today, organization: o}
		for _, b := range batches {
			for i := range b.licenses {
				s.add(b, b.left+i*b.step)
			}
		}
		all := listOf(s.licenses)
		return holdings{
			overview:       func() any { return newDeviceOverview(today, enrolled, all) },
			deviceLicenses: all,
			devices:        listOf(s.devices),
		}
	}
}

// shelf is where the licenses and devices of a per-device organization are put as they are made.
type shelf struct {
	today        time.Time
	organization int
	licenses     []deviceLicense
	devices      []device
}

// add makes one license of a batch that ends in left days, its device, and what is queued behind it.
func (s *shelf) add(b deviceBatch, left int) {
	l := newDeviceLicense(s.today, s.organization, len(s.licenses)+1, term{
		licenseType: b.licenseType, state: b.state, duration: b.duration, left: left, queued: b.queued, seats: b.seats,
	})
	bound := b.state != "unused" && b.state != "unusedActive"
	if b.model != "" {
		d := newDevice(s.today, s.organization, len(s.devices)+1, b.model, !bound)
		if bound {
			l.bind(&d)
		}
		s.devices = append(s.devices, d)
	} else if b.seats > 0 && !b.unbound {
		l.NetworkID = some(fakeNetwork(s.organization, len(s.licenses)%networksPerOrganization))
	}
	if b.queued == 0 {
		s.licenses = append(s.licenses, l)
		return
	}
	next := queueBehind(s.today, &l, s.organization, len(s.licenses)+2)
	s.licenses = append(s.licenses, l, next)
}

// term is what sets one per-device license apart from another.
type term struct {
	licenseType, state string
	duration           int // of its own
	left               int // days to its end, which is past what is queued behind it
	queued             int // duration of what is queued behind it
	seats              int
}

// newDeviceLicense is the n-th license of organization number o, not bound to anything yet. An unused one has not begun.
func newDeviceLicense(today time.Time, o, n int, t term) deviceLicense {
	total := t.duration + t.queued
	l := deviceLicense{
		ID:                        fakeLicense(o, n),
		LicenseType:               t.licenseType,
		LicenseKey:                fakeKey(o, n),
		OrderNumber:               fakeOrder(o),
		State:                     t.state,
		SeatCount:                 some(t.seats),
		TotalDurationInDays:       total,
		DurationInDays:            t.duration,
		PermanentlyQueuedLicenses: []simulator.Object{},
		ClaimDate:                 simulator.Moment(today, -20-n%30, n%86_400),
	}
	if t.state == "unused" || t.state == "recentlyQueued" {
		return l
	}
	ends := simulator.Moment(today, t.left, n*97%86_400)
	began := ends.AddDate(0, 0, -total)
	l.ActivationDate, l.ExpirationDate = some(began), some(ends)
	l.ClaimDate = began.AddDate(0, 0, -3)
	return l
}

// bind assigns a license to a device, which is covered for as long as the license is.
func (l *deviceLicense) bind(d *device) {
	l.DeviceSerial, l.NetworkID = some(d.Serial), d.NetworkID
	d.LicenseExpirationDate = l.ExpirationDate
}

// queueBehind makes the n-th license of organization number o, which waits for the end of head's own term on the same device.
func queueBehind(today time.Time, head *deviceLicense, o, n int) deviceLicense {
	next := newDeviceLicense(today, o, n, term{
		licenseType: head.LicenseType, state: "recentlyQueued", duration: head.TotalDurationInDays - head.DurationInDays,
	})
	next.ClaimDate = simulator.Moment(today, -2, n%86_400)
	next.DeviceSerial, next.NetworkID = head.DeviceSerial, head.NetworkID
	next.HeadLicenseID = some(head.ID)
	head.PermanentlyQueuedLicenses = []simulator.Object{{
		"id": next.ID, "licenseType": next.LicenseType, "licenseKey": next.LicenseKey, "orderNumber": next.OrderNumber,
		"durationInDays": next.DurationInDays,
	}}
	return next
}
