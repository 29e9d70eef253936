package meraki

import (
	"encoding/json"
	"strings"
	"time"
)

// The licensing models, in the vendor's spelling.
const (
	ModelCoterm       = "co-term"
	ModelPerDevice    = "per-device"
	ModelSubscription = "subscription"
)

// Organization is an answer of getOrganizations and getOrganization. What the
// vendor says beyond that concerns neither licenses nor their names.
type Organization struct {
	ID        string
	Name      string
	API       struct{ Enabled *bool }
	Licensing struct{ Model string }
	Cloud     struct{ Region struct{ Name string } }
}

// Overview is the answer of getOrganizationLicensesOverview. The first group
// of fields is that of co-term organizations, the second that of per-device
// ones.
type Overview struct {
	// Status is "OK" or "License Required"; the vendor does not enumerate it.
	Status string
	// ExpirationDate is when all of the organization's licenses end.
	ExpirationDate Time
	// LicensedDeviceCounts are the devices that are licensed, by model or
	// product type.
	LicensedDeviceCounts map[string]*int64

	LicenseCount   *int64
	States         *OverviewStates
	LicenseTypes   []OverviewLicenseType
	SystemsManager *struct{ Counts SystemsManagerCounts }
}

// Count is a number in an object of its own.
type Count struct{ Count int64 }

// OverviewStates counts per-device licenses by state.
type OverviewStates struct {
	Active         Count
	Expired        Count
	RecentlyQueued Count
	Expiring       struct {
		Count    int64
		Critical *ExpiringThreshold
		Warning  *ExpiringThreshold
	}
	Unused struct {
		Count int64
		// SoonestActivation is when the first unused license starts burning.
		SoonestActivation *ActivationBatch
	}
	UnusedActive struct {
		Count int64
		// OldestActivation is when the first of the licenses that burn
		// without a device began to.
		OldestActivation *ActivationBatch
	}
}

// ExpiringThreshold counts the licenses that end within so many days.
type ExpiringThreshold struct {
	ThresholdInDays int64
	ExpiringCount   int64
}

// ActivationBatch is a day on which licenses began or begin to burn.
type ActivationBatch struct {
	ActivationDate  Time
	ToActivateCount *int64
	ActiveCount     *int64
}

// OverviewLicenseType counts the licenses of one type that have no device.
type OverviewLicenseType struct {
	LicenseType string
	Counts      struct{ Unassigned int64 }
}

// SystemsManagerCounts are the seats of Systems Manager.
type SystemsManagerCounts struct {
	TotalSeats             *int64
	ActiveSeats            *int64
	UnassignedSeats        *int64
	OrgwideEnrolledDevices *int64
}

// CotermLicense is a record of getOrganizationLicensingCotermLicenses, less
// its key. It has no expiration date: the organization has one.
type CotermLicense struct {
	// Duration is the term in days.
	Duration int64
	// Mode is addDevices or renew.
	Mode          string
	StartedAt     Time
	ClaimedAt     Time
	Invalidated   bool
	InvalidatedAt Time
	Expired       bool
	Editions      []struct{ Edition, ProductType string }
	Counts        []struct {
		Model string
		Count int64
	}
}

// License is a record of getOrganizationLicenses, less its key.
type License struct {
	ID           string
	LicenseType  string
	OrderNumber  string
	DeviceSerial string
	NetworkID    string
	// State is active, expired, expiring, recentlyQueued, unused or
	// unusedActive.
	State string
	// SeatCount is set for Systems Manager licenses only.
	SeatCount *int64
	// TotalDurationInDays is the term together with the terms of the licenses
	// queued behind this one.
	TotalDurationInDays int64
	DurationInDays      int64
	ClaimDate           Time
	ActivationDate      Time
	ExpirationDate      Time
	// HeadLicenseID names the license that this one waits behind.
	HeadLicenseID string
}

// SeatCounts are the seats of a subscription or of one of its entitlements.
type SeatCounts struct {
	Assigned  *int64
	Available *int64
	Limit     *int64
}

// Subscription is a record of
// getAdministeredLicensingSubscriptionSubscriptions, less descriptions and
// accounts.
type Subscription struct {
	SubscriptionID string
	Name           string
	// Status is active, canceled, expired or inactive; some tenants say
	// out_of_compliance too.
	Status    string
	StartDate Time
	// EndDate may have passed while the vendor still tolerates it.
	EndDate    Time
	WebOrderID string
	// Type is termed, for example.
	Type             string
	RenewalRequested *bool
	Entitlements     []struct {
		SKU   string
		Seats SeatCounts
	}
	Counts struct {
		Seats SeatCounts
		// Networks are those that are bound to the subscription.
		Networks *int64
		// Organizations above 1 means that the subscription is shared.
		Organizations *int64
	}
}

// ComplianceStatus is a record of
// getAdministeredLicensingSubscriptionSubscriptionsComplianceStatuses.
type ComplianceStatus struct {
	Subscription struct{ ID, Name, Status string }
	Violations   struct{ ByProductClass []Violation }
}

// Violation is what one class of products misses.
type Violation struct {
	ProductClass      string
	GracePeriodEndsAt Time
	Missing           struct {
		Entitlements []struct {
			SKU      string
			Quantity int64
		}
	}
}

// Entitlement is a record of
// getAdministeredLicensingSubscriptionEntitlements: a SKU that can be bought.
type Entitlement struct {
	SKU          string
	Name         string
	ProductType  string
	ProductClass string
	FeatureTier  string
	IsAddOn      bool
	IsFree       bool
}

// InventoryDevice is a record of getOrganizationInventoryDevices, less what
// identifies the device.
type InventoryDevice struct {
	Model string
	// NetworkID is empty for a device that is in stock.
	NetworkID             string
	LicenseExpirationDate Time
	ProductType           string
}

// Time is a date as the vendor spells it: RFC 3339 in the lists, "Feb 8, 2020
// UTC" in the overview, and null, empty or "N/A" where there is none.
type Time struct {
	// Time is zero if there is no date or it could not be read. It is in UTC.
	time.Time
	// Unreadable is set if there is a date, but not in a known form.
	Unreadable bool
}

// timeLayouts are the forms in which the vendor spells dates.
var timeLayouts = []string{time.RFC3339Nano, "Jan 2, 2006 MST", "Jan 2, 2006", time.DateOnly}

// UnmarshalJSON reads any value. It never fails: a date that cannot be read
// must not cost the record that it stands in.
func (t *Time) UnmarshalJSON(b []byte) error {
	*t = Time{}
	// Nearly all are like this; what is more takes a slower way.
	if n := len(b); n > 2 && b[0] == '"' {
		if parsed, err := time.Parse(time.RFC3339, string(b[1:n-1])); err == nil {
			t.Time = parsed.UTC()
			return nil
		}
	}
	var text *string
	t.Unreadable = json.Unmarshal(b, &text) != nil
	if t.Unreadable || text == nil {
		return nil
	}
	s := strings.TrimSpace(*text)
	if s == "" || strings.EqualFold(s, "N/A") {
		return nil
	}
	for _, layout := range timeLayouts {
		if parsed, err := time.Parse(layout, s); err == nil && !foreignZone(layout, s) {
			t.Time = parsed.UTC()
			return nil
		}
	}
	t.Unreadable = true
	return nil
}

// foreignZone tells whether a zone is given by an abbreviation that package
// time does not know the offset of, which it would take for UTC.
func foreignZone(layout, s string) bool {
	return strings.HasSuffix(layout, "MST") && !strings.HasSuffix(s, " UTC") && !strings.HasSuffix(s, " GMT")
}
