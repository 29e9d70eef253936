package meraki

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// Licensing models, in the vendor's spelling.
const (
	coTerm         = "co-term"
	perDevice      = "per-device"
	bySubscription = "subscription"
)

// Days before the end of a per-device license at which it counts as expiring.
const (
	criticalDays = 30
	warningDays  = 90
)

// autoActivationDays is how many days after its claim the term of an unused per-device license begins.
const autoActivationDays = 90

// networksPerOrganization is the number of networks of an organization that has devices.
const networksPerOrganization = 8

// Estate is a set of organizations and what they have. DemoEstate and Generate return one. The zero value has no organizations. An
// estate never changes, so several simulated APIs may share it.
type Estate struct {
	organizations simulator.List[organization]
}

// organization is an organization of an estate.
type organization struct {
	identifier          string
	number              int // in the identifiers of what it has
	name, model, region string
	content             content // nil if its API is switched off
}

// content makes what an organization has on a day.
type content func(o organization, today time.Time) holdings

func (o organization) id() string { return o.identifier }

// MarshalJSON writes the organization as the API lists it.
func (o organization) MarshalJSON() ([]byte, error) {
	return json.Marshal(simulator.Object{
		"id": o.identifier, "name": o.name, "url": "https://dashboard.meraki.com/o/" + o.identifier + "/manage/organization/overview",
		"api": simulator.Object{"enabled": o.content != nil}, "licensing": simulator.Object{"model": o.model},
		"cloud":      simulator.Object{"region": simulator.Object{"name": o.region}},
		"management": simulator.Object{"details": []string{}},
	})
}

// holdings are the licenses and devices of an organization on a day. Only the fields of its model are filled.
type holdings struct {
	overview       func() any // nil if the model has none; it may read all licenses
	cotermLicenses simulator.List[cotermLicense]
	deviceLicenses simulator.List[deviceLicense]
	subscriptions  simulator.List[subscription]
	devices        simulator.List[device]
}

// cotermOverview is the answer of the overview of a co-term organization.
type cotermOverview struct {
	Status               string         `json:"status"`
	ExpirationDate       string         `json:"expirationDate"`
	LicensedDeviceCounts map[string]int `json:"licensedDeviceCounts"`
}

// newCotermOverview returns the overview of co-term licenses, which end in endsIn days. Licenses count after their end, too.
func newCotermOverview(today time.Time, endsIn int, licenses simulator.List[cotermLicense]) cotermOverview {
	o := cotermOverview{
		Status:               "OK",
		ExpirationDate:       today.AddDate(0, 0, endsIn).Format("Jan 2, 2006 UTC"),
		LicensedDeviceCounts: map[string]int{},
	}
	if endsIn < 0 {
		o.Status = "License Required"
	}
	for i := range licenses.Length {
		l := licenses.At(i)
		if l.Invalidated || l.Expired && endsIn >= 0 {
			continue
		}
		for _, c := range l.Counts {
			o.LicensedDeviceCounts[licensedModel(c.Model)] += c.Count
		}
	}
	return o
}

// licensedModel returns the name that the overview has for a model of co-term licenses.
func licensedModel(model string) string {
	name, _, _ := strings.Cut(model, " ")
	if name == "MR" {
		return "wireless"
	}
	return name
}

// newDeviceOverview returns the overview of per-device licenses. enrolled is the number of devices in Systems Manager.
func newDeviceOverview(today time.Time, enrolled int, licenses simulator.List[deviceLicense]) simulator.Object {
	states, unassigned := map[string]int{}, map[string]int{}
	critical, seats, activeSeats := 0, 0, 0
	var activation, activated earliest
	for i := range licenses.Length {
		l := licenses.At(i)
		states[l.State]++
		switch l.State {
		case "expiring":
			if l.ExpirationDate.Before(today.AddDate(0, 0, criticalDays)) {
				critical++
			}
		case "unused":
			activation.add(l.ClaimDate.AddDate(0, 0, autoActivationDays))
		case "unusedActive":
			activated.add(*l.ActivationDate)
		}
		if l.SeatCount != nil && l.State != "expired" && l.State != "recentlyQueued" {
			seats += *l.SeatCount
			if l.NetworkID != nil {
				activeSeats += *l.SeatCount
			}
		}
		if l.DeviceSerial == nil && l.NetworkID == nil {
			unassigned[l.LicenseType]++
		}
	}
	types := []simulator.Object{}
	for _, name := range slices.Sorted(maps.Keys(unassigned)) {
		types = append(types, simulator.Object{"licenseType": name, "counts": simulator.Object{"unassigned": unassigned[name]}})
	}
	return simulator.Object{
		"licenseCount": licenses.Length,
		"states": simulator.Object{
			"active":         simulator.Object{"count": states["active"]},
			"expired":        simulator.Object{"count": states["expired"]},
			"recentlyQueued": simulator.Object{"count": states["recentlyQueued"]},
			"expiring": simulator.Object{
				"count":    states["expiring"],
				"critical": simulator.Object{"thresholdInDays": criticalDays, "expiringCount": critical},
				"warning":  simulator.Object{"thresholdInDays": warningDays, "expiringCount": states["expiring"] - critical},
			},
			"unused": simulator.Object{
				"count":             states["unused"],
				"soonestActivation": simulator.Object{"activationDate": some(activation.day), "toActivateCount": activation.count},
			},
			"unusedActive": simulator.Object{
				"count":            states["unusedActive"],
				"oldestActivation": simulator.Object{"activationDate": some(activated.day), "activeCount": activated.count},
			},
		},
		"licenseTypes": types,
		"systemsManager": simulator.Object{"counts": simulator.Object{
			"totalSeats": seats, "activeSeats": activeSeats, "unassignedSeats": seats - activeSeats, "orgwideEnrolledDevices": enrolled,
		}},
	}
}

// earliest is the earliest of the days that were added, and how often it was added.
type earliest struct {
	day   time.Time
	count int
}

func (e *earliest) add(date time.Time) {
	switch day := simulator.Midnight(date); {
	case e.day.IsZero() || day.Before(e.day):
		*e = earliest{day, 1}
	case day.Equal(e.day):
		e.count++
	}
}

// productTypes has the product types by the first letters of device and license models.
var productTypes = map[string]string{
	"MR": "wireless", "CW": "wireless", "MS": "switch", "MX": "appliance", "MV": "camera", "MT": "sensor", "MG": "cellularGateway",
}

func productTypeOfModel(model string) string { return productTypes[model[:2]] }

// Identifiers of the n-th thing of organization number o. Those of one kind have the same length, so that they sort by number.

func fakeKey(o, n int) string { return fmt.Sprintf("%s-%05d-%07d", simulator.FakeKeyMarker, o, n) }
func fakeOrder(o int) string  { return fmt.Sprintf("4CFAKE%05d", o) }
func fakeSerial(o, n int) string {
	return fmt.Sprintf("QD%02X-%02X%02X-%04X", o>>8&0xff, o&0xff, n>>16&0xff, n&0xffff)
}
func fakeLicense(o, n int) string { return fmt.Sprintf("%d", (o+1)*100_000_000+n) }
func fakeNetwork(o, n int) string { return fmt.Sprintf("N_%d", (o+1)*100_000+n) }
func fakeMAC(o, n int) string {
	return fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", o&0xff, n>>16&0xff, n>>8&0xff, n&0xff)
}

// newDevice makes the n-th device of organization number o. A spare device is in no network.
func newDevice(today time.Time, o, n int, model string, spare bool) device {
	d := device{
		MAC:         fakeMAC(o, n),
		Serial:      fakeSerial(o, n),
		Model:       model,
		OrderNumber: fakeOrder(o),
		ClaimedAt:   simulator.Moment(today, -400-n%300, n%86_400).Add(90_210 * time.Microsecond),
		Tags:        []string{},
		ProductType: productTypeOfModel(model),
		CountryCode: "DE",
		Details:     []string{},
		EOX:         newEOX(today, model),
	}
	if !spare {
		d.Name = fmt.Sprintf("%s %d", model, n)
		d.NetworkID = some(fakeNetwork(o, n%networksPerOrganization))
	}
	return d
}

// lifecycles has the models that are no longer made, with the days to the end of their sale and of their support. The latter is 0 if
// it is not announced.
var lifecycles = map[string]struct {
	status        string
	sale, support int
}{
	"MG21":       {"endOfSale", -400, 1426},
	"MS225-48FP": {"endOfSale", -210, 0},
	"MV72":       {"nearEndOfSupport", -1769, 57},
	"MX67":       {"endOfSale", 95, 1921},
}

func newEOX(today time.Time, model string) eox {
	cycle, ok := lifecycles[model]
	if !ok {
		return eox{}
	}
	e := eox{Status: cycle.status, EndOfSaleAt: some(simulator.Moment(today, cycle.sale, 7_200))}
	if cycle.support != 0 {
		e.EndOfSupportAt = some(simulator.Moment(today, cycle.support, 7_200))
	}
	return e
}
