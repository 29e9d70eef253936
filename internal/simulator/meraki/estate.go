package meraki

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// Licensing models, as organizations name them.
const (
	coTerm         = "co-term"
	perDevice      = "per-device"
	bySubscription = "subscription"
)

// Days before the end of a per-device license at which the overview calls it expiring.
const (
	criticalDays = 30
	warningDays  = 90
)

// autoActivationDays is how long a claimed per-device license may lie before its term begins all the same.
const autoActivationDays = 90

// networksPerOrganization is how many networks the devices of an organization are spread over.
const networksPerOrganization = 8

// Estate is a set of organizations and what they hold: DemoEstate or Generate makes one. The zero value has none. An
// estate never changes, so several simulated APIs may share it.
type Estate struct {
	organizations list[organization]
}

// organization is an organization as the API lists it, and the way to what it holds on a day.
type organization struct {
	organizationRecord
	hold func(today time.Time) holdings
}

func newOrganization(id, name, model, region string, hold func(time.Time) holdings) organization {
	return organization{
		organizationRecord: organizationRecord{
			ID:         id,
			Name:       name,
			URL:        "https://dashboard.meraki.com/o/" + id + "/manage/organization/overview",
			API:        apiRecord{Enabled: true},
			Licensing:  licensingRecord{Model: model},
			Cloud:      cloudRecord{Region: regionRecord{Name: region}},
			Management: managementRecord{Details: []detail{}},
		},
		hold: hold,
	}
}

// holdings are the licenses and devices of an organization on a day. Only the fields of its model are filled.
type holdings struct {
	overview       func() any // nil where the model has none; it may walk over all licenses
	cotermLicenses list[cotermLicense]
	deviceLicenses list[deviceLicense]
	subscriptions  list[subscription]
	devices        list[device]
}

// cotermOverview is the answer of the overview of a co-term organization.
type cotermOverview struct {
	Status               string         `json:"status"`
	ExpirationDate       string         `json:"expirationDate"`
	LicensedDeviceCounts map[string]int `json:"licensedDeviceCounts"`
}

// newCotermOverview sums up licenses that all end on one day, relative to today. Past it, the licenses still count.
func newCotermOverview(today time.Time, endsIn int, licenses list[cotermLicense]) cotermOverview {
	o := cotermOverview{
		Status:               "OK",
		ExpirationDate:       today.AddDate(0, 0, endsIn).Format("Jan 2, 2006 UTC"),
		LicensedDeviceCounts: map[string]int{},
	}
	if endsIn < 0 {
		o.Status = "License Required"
	}
	for l := range licenses.each {
		if l.Invalidated || l.Expired && endsIn >= 0 {
			continue
		}
		for _, c := range l.Counts {
			model, _, _ := strings.Cut(c.Model, " ")
			o.LicensedDeviceCounts[model] += c.Count
		}
	}
	return o
}

// deviceOverview is the answer of the overview of a per-device organization.
type deviceOverview struct {
	LicenseCount   int                    `json:"licenseCount"`
	States         deviceStates           `json:"states"`
	LicenseTypes   []licenseType          `json:"licenseTypes"`
	SystemsManager systemsManagerOverview `json:"systemsManager"`
}

type deviceStates struct {
	Active         stateCount    `json:"active"`
	Expired        stateCount    `json:"expired"`
	Expiring       expiringCount `json:"expiring"`
	RecentlyQueued stateCount    `json:"recentlyQueued"`
	Unused         struct {
		stateCount
		SoonestActivation struct {
			ActivationDate  simulator.Optional[time.Time] `json:"activationDate"`
			ToActivateCount int                           `json:"toActivateCount"`
		} `json:"soonestActivation"`
	} `json:"unused"`
	UnusedActive struct {
		stateCount
		OldestActivation struct {
			ActivationDate simulator.Optional[time.Time] `json:"activationDate"`
			ActiveCount    int                           `json:"activeCount"`
		} `json:"oldestActivation"`
	} `json:"unusedActive"`
}

type stateCount struct {
	Count int `json:"count"`
}

type expiringCount struct {
	stateCount
	Critical threshold `json:"critical"`
	Warning  threshold `json:"warning"`
}

type threshold struct {
	ThresholdInDays int `json:"thresholdInDays"`
	ExpiringCount   int `json:"expiringCount"`
}

type licenseType struct {
	LicenseType string `json:"licenseType"`
	Counts      struct {
		Unassigned int `json:"unassigned"`
	} `json:"counts"`
}

type systemsManagerOverview struct {
	Counts struct {
		TotalSeats             int `json:"totalSeats"`
		ActiveSeats            int `json:"activeSeats"`
		UnassignedSeats        int `json:"unassignedSeats"`
		OrgwideEnrolledDevices int `json:"orgwideEnrolledDevices"`
	} `json:"counts"`
}

// newDeviceOverview sums up per-device licenses, beside so many devices enrolled in Systems Manager.
func newDeviceOverview(today time.Time, enrolled int, licenses list[deviceLicense]) deviceOverview {
	o := deviceOverview{LicenseCount: licenses.length}
	o.States.Expiring.Critical.ThresholdInDays = criticalDays
	o.States.Expiring.Warning.ThresholdInDays = warningDays
	o.SystemsManager.Counts.OrgwideEnrolledDevices = enrolled
	unassigned := map[string]int{}
	for l := range licenses.each {
		o.States.add(today, l)
		o.SystemsManager.add(l)
		if l.DeviceSerial.Value == "" && l.NetworkID.Value == "" {
			unassigned[l.LicenseType]++
		}
	}
	o.LicenseTypes = make([]licenseType, 0, len(unassigned))
	for _, name := range slices.Sorted(maps.Keys(unassigned)) {
		t := licenseType{LicenseType: name}
		t.Counts.Unassigned = unassigned[name]
		o.LicenseTypes = append(o.LicenseTypes, t)
	}
	return o
}

func (s *deviceStates) add(today time.Time, l deviceLicense) {
	switch l.State {
	case "active":
		s.Active.Count++
	case "expired":
		s.Expired.Count++
	case "recentlyQueued":
		s.RecentlyQueued.Count++
	case "expiring":
		s.Expiring.Count++
		if l.ExpirationDate.Value.Before(today.AddDate(0, 0, criticalDays)) {
			s.Expiring.Critical.ExpiringCount++
		} else {
			s.Expiring.Warning.ExpiringCount++
		}
	case "unused":
		s.Unused.Count++
		first := &s.Unused.SoonestActivation
		earliest(&first.ActivationDate, &first.ToActivateCount, l.ClaimDate.AddDate(0, 0, autoActivationDays))
	case "unusedActive":
		s.UnusedActive.Count++
		first := &s.UnusedActive.OldestActivation
		earliest(&first.ActivationDate, &first.ActiveCount, l.ActivationDate.Value)
	}
}

// earliest keeps the earliest of the dates that it is given, and how many licenses share its day.
func earliest(date *simulator.Optional[time.Time], count *int, candidate time.Time) {
	candidate = simulator.Midnight(candidate)
	switch {
	case date.Value.IsZero() || candidate.Before(date.Value):
		*date, *count = simulator.Some(candidate), 1
	case candidate.Equal(date.Value):
		*count++
	}
}

func (s *systemsManagerOverview) add(l deviceLicense) {
	if l.State == "expired" || l.State == "recentlyQueued" {
		return
	}
	s.Counts.TotalSeats += l.SeatCount.Value
	if l.NetworkID.Value == "" {
		s.Counts.UnassignedSeats += l.SeatCount.Value
	} else {
		s.Counts.ActiveSeats += l.SeatCount.Value
	}
}

// productTypeOfModel is the product type of a device or license model, told by its family.
func productTypeOfModel(model string) string {
	switch {
	case strings.HasPrefix(model, "MR"):
		return "wireless"
	case strings.HasPrefix(model, "MS"):
		return "switch"
	case strings.HasPrefix(model, "MX"), strings.HasPrefix(model, "Z"):
		return "appliance"
	case strings.HasPrefix(model, "MV"):
		return "camera"
	case strings.HasPrefix(model, "MT"):
		return "sensor"
	default:
		return "cellularGateway"
	}
}

// Identifiers of the n-th thing of organization number o. All are of one length per kind, so that they sort by number.

func fakeOrder(o int) string      { return fmt.Sprintf("4CFAKE%05d", o) }
func fakeSerial(o, n int) string  { return dashed(fmt.Sprintf("QD%04X%06X", o&0xffff, n&0xffffff)) }
func fakeLicense(o, n int) string { return fmt.Sprintf("%d", (o+1)*100_000_000+n) }
func fakeNetwork(o, n int) string { return fmt.Sprintf("N_%d", (o+1)*100_000+n) }
func dashed(serial string) string { return serial[:4] + "-" + serial[4:8] + "-" + serial[8:] }
func fakeMAC(o, n int) string {
	return fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", o&0xff, n>>16&0xff, n>>8&0xff, n&0xff)
}

// newDevice is the n-th device of organization number o; a spare stands in no network.
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
		Details:     []detail{},
	}
	if !spare {
		d.Name = fmt.Sprintf("%s %d", model, n)
		d.NetworkID = simulator.Some(fakeNetwork(o, n%networksPerOrganization))
	}
	return d
}
