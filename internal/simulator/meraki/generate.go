package meraki

import (
	"fmt"
	"strconv"
	"time"

	"license_exporter/internal/simulator"
)

// generatedBase is added to the number of a generated organization to get its id.
const generatedBase = 5_000_000

// entitlementsPerSubscription is the number of entitlements of a generated subscription, each of which counts as a license.
const entitlementsPerSubscription = 10

// generator makes an estate on demand. Everything depends on the seed, the organization's number and the index in the organization.
type generator struct {
	simulator.Dice
	licenses int // per organization
}

// Generate returns an estate of any size. The same arguments give the same estate. Per-device, co-term and subscription organizations
// take turns. In a subscription organization an entitlement counts as a license. There are as many devices as licenses. Pages are made
// when they are requested, so the size of an estate costs no memory.
func Generate(seed uint64, organizations, licensesPerOrganization int) Estate {
	g := generator{Dice: simulator.Dice(seed), licenses: max(0, licensesPerOrganization)}
	return Estate{organizations: simulator.ListFunc(max(0, organizations), g.organization)}
}

// organization returns the organization with an index.
func (g generator) organization(i int) organization {
	o := [...]organization{
		{model: perDevice, region: "Europe", content: g.perDevice},
		{model: coTerm, region: "North America", content: g.coterm},
		{model: bySubscription, region: "Asia Pacific", content: g.bySubscription},
	}[i%3]
	o.number, o.identifier, o.name = i+1, strconv.Itoa(generatedBase+i+1), fmt.Sprintf("Generated %d", i+1)
	return o
}

// Every queueEvery-th license of a generated per-device organization is queued behind the one before it.
const queueEvery = 50

// generatedTypes has the types of generated per-device licenses and the models of their devices.
var generatedTypes = [...]struct{ licenseType, model string }{
	{"ENT", "MR46"}, {"ENT", "MR57"}, {"MS225-48FP", "MS225-48FP"}, {"MS120-8LP", "MS120-8LP"},
	{"MX67-SEC", "MX67"}, {"MX85-SEC", "MX85"}, {"MV", "MV12"}, {"MT", "MT10"}, {"MG21-ENT", "MG21"},
}

func (g generator) perDevice(o organization, today time.Time) holdings {
	licenses := simulator.ListFunc(g.licenses, func(i int) deviceLicense {
		l, _ := g.deviceLicense(today, o.number, i)
		return l
	})
	return holdings{
		overview:       func() any { return newDeviceOverview(today, 0, licenses) },
		deviceLicenses: licenses,
		devices: simulator.ListFunc(g.licenses, func(i int) device {
			_, d := g.deviceLicense(today, o.number, i)
			return d
		}),
	}
}

// deviceLicense returns the license and the device with an index. The device has the license, or is a spare.
func (g generator) deviceLicense(today time.Time, o, i int) (deviceLicense, device) {
	if i%queueEvery == queueEvery-1 {
		head, _ := g.deviceLicense(today, o, i-1)
		return queueBehind(today, &head, o, i+1), newDevice(today, o, i+1, "MR46", true)
	}
	roll := g.Roll(o, i)
	kind := generatedTypes[simulator.Pick(roll, 0, len(generatedTypes))]
	t := generatedTerm(roll)
	t.licenseType = kind.licenseType
	if i%queueEvery == queueEvery-2 && i+1 < g.licenses {
		t.state, t.duration, t.queued, t.left = "active", 365, 365, 366+simulator.Pick(roll, 32, 300)
	}
	l := newDeviceLicense(today, o, i+1, t)
	d := newDevice(today, o, i+1, kind.model, !t.binds())
	if t.binds() {
		l.bind(&d)
	}
	if t.queued > 0 {
		queueBehind(today, &l, o, i+2)
	}
	return l, d
}

// generatedTerm returns the state and the term of a license. Most are active.
func generatedTerm(roll uint64) deviceBatch {
	t := deviceBatch{duration: 1095, left: warningDays + 1 + simulator.Pick(roll, 32, 1000)}
	switch chance := simulator.Pick(roll, 16, 100); {
	case chance < 80:
		t.state = "active"
	case chance < 86:
		t.state, t.left = "expiring", 1+simulator.Pick(roll, 32, warningDays-1)
	case chance < 89:
		t.state, t.left = "expired", -1-simulator.Pick(roll, 32, 300)
	case chance < 96:
		t.state = "unused"
	default:
		t.state = "unusedActive"
	}
	return t
}

// generatedModels has the models of generated co-term licenses and of the devices that need them.
var generatedModels = [...]struct{ licensed, model string }{
	{"MR Enterprise", "MR46"}, {"MS225-48FP", "MS225-48FP"}, {"MS120-8LP", "MS120-8LP"}, {"MX67 Advanced Security", "MX67"},
	{"MX85 Enterprise", "MX85"}, {"MV Enterprise", "MV12"}, {"MT Enterprise", "MT10"}, {"MG21 Enterprise", "MG21"},
}

func (g generator) coterm(o organization, today time.Time) holdings {
	licenses := simulator.ListFunc(g.licenses, func(i int) cotermLicense {
		return g.cotermBatch(o.number, i).license(today, o, i+1)
	})
	h := holdings{cotermLicenses: licenses, devices: g.inventory(o.number, today, func(roll uint64) string {
		return generatedModels[simulator.Pick(roll, 0, len(generatedModels))].model
	})}
	if g.licenses == 0 {
		h.overview = holdNothing(o, today).overview
		return h
	}
	h.overview = func() any { return newCotermOverview(today, 1+simulator.Pick(g.Roll(o.number, -1), 0, 700), licenses) }
	return h
}

// cotermBatch returns a batch for the license with an index only.
func (g generator) cotermBatch(o, i int) cotermBatch {
	roll := g.Roll(o, i)
	first := simulator.Pick(roll, 0, len(generatedModels))
	b := cotermBatch{
		mode: "addDevices", claimed: 100 + simulator.Pick(roll, 32, 200), duration: 365,
		counts: []modelCount{{generatedModels[first].licensed, 1 + simulator.Pick(roll, 24, 9)}},
	}
	if simulator.Pick(roll, 40, 3) == 0 {
		second := generatedModels[(first+1)%len(generatedModels)]
		b.mode, b.counts = "renew", append(b.counts, modelCount{second.licensed, 1})
	}
	switch chance := simulator.Pick(roll, 16, 100); {
	case chance < 4:
		b.invalidated = 1 + simulator.Pick(roll, 32, 90)
	case chance < 10:
		b.expired, b.claimed = true, 400+simulator.Pick(roll, 32, 300)
	}
	return b
}

func (g generator) bySubscription(o organization, today time.Time) holdings {
	count := (g.licenses + entitlementsPerSubscription - 1) / entitlementsPerSubscription
	return holdings{
		subscriptions: simulator.ListFunc(count, func(i int) subscription { return g.plan(o.number, i).subscription(today) }),
		devices: g.inventory(o.number, today, func(roll uint64) string {
			return generatedTypes[simulator.Pick(roll, 0, len(generatedTypes))].model
		}),
	}
}

// inventory returns devices whose models depend on rolls. Some are spares.
func (g generator) inventory(o int, today time.Time, model func(roll uint64) string) simulator.List[device] {
	return simulator.ListFunc(g.licenses, func(i int) device {
		roll := g.Roll(o, i)
		return newDevice(today, o, i+1, model(roll), simulator.Pick(roll, 48, 20) == 0)
	})
}

// plan returns the plan of the subscription with an index. The last subscription has the remaining entitlements.
func (g generator) plan(o, i int) plan {
	roll := g.Roll(o, i)
	p := plan{
		number: o*1_000_000 + i, name: fmt.Sprintf("Subscription %d", i+1), status: "active",
		ends: 1 + simulator.Pick(roll, 0, 1000), length: 1096, networks: 1 + simulator.Pick(roll, 16, 20), organizations: 1,
	}
	held := min(entitlementsPerSubscription, g.licenses-i*entitlementsPerSubscription)
	for j := range held {
		e := catalogue[(simulator.Pick(roll, 32, len(catalogue))+j)%len(catalogue)]
		limit := 10 + simulator.Pick(g.Roll(o, i+j), 8, 90)
		p.seats = append(p.seats, skuSeats{e.SKU, limit - simulator.Pick(roll, 40, 10), limit})
	}
	if simulator.Pick(roll, 24, 20) == 0 {
		e := catalogue[simulator.Pick(roll, 32, len(catalogue))]
		p.ends, p.grace = -10, 20
		p.missing = []classMissing{{e.ProductClass, e.SKU, 1 + simulator.Pick(roll, 16, 9)}}
	}
	return p
}
