package meraki

import "license_exporter/client/scalar"

// The licensing models, in the vendor's spelling.
const (
	ModelCoterm       = "co-term"
	ModelPerDevice    = "per-device"
	ModelSubscription = "subscription"
)

// Organization is a record of getOrganizations and the answer of getOrganization, as far
// as it concerns licenses.
type Organization struct {
	ID        string
	Name      string
	API       struct{ Enabled *bool }
	Licensing struct{ Model string }
	Cloud     struct{ Region struct{ Name string } }
}

// Overview is the answer of getOrganizationLicensesOverview. Co-term organizations have
// the first group of fields, per-device organizations the second.
type Overview struct {
	// Status is "OK", "License Required" or another text. The vendor does not document
	// a list.
	Status string
	// ExpirationDate is when all of the organization's licenses end.
	ExpirationDate Time
	// LicensedDeviceCounts is the number of licensed devices by model or product type.
	LicensedDeviceCounts map[string]*int64

	LicenseCount   *int64
	States         *OverviewStates
	LicenseTypes   []OverviewLicenseType
	SystemsManager *struct{ Counts SystemsManagerCounts }
}

// Count is an object that holds a number.
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
		// SoonestActivation is when the term of the first unused license begins.
		SoonestActivation *ActivationBatch
	}
	UnusedActive struct {
		Count int64
		// OldestActivation is when the first term of a license without a device
		// began.
		OldestActivation *ActivationBatch
	}
}

// ExpiringThreshold counts the licenses that end within so many days.
type ExpiringThreshold struct {
	ThresholdInDays int64
	ExpiringCount   int64
}

// ActivationBatch is a day on which terms of licenses begin.
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

// CotermLicense is a record of getOrganizationLicensingCotermLicenses without its key.
// It has no expiration date, since all licenses of the organization end together.
type CotermLicense struct {
	// Mode is addDevices or renew.
	Mode          string
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

// License is a record of getOrganizationLicenses without its key.
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
	// TotalDurationInDays is the term plus the terms of the licenses that are queued
	// behind this one.
	TotalDurationInDays int64
	ActivationDate      Time
	ExpirationDate      Time
}

// SeatCounts are the seats of a subscription or of one of its entitlements.
type SeatCounts struct {
	Assigned  *int64
	Available *int64
	Limit     *int64
}

// Subscription is a record of
// getAdministeredLicensingSubscriptionSubscriptions without descriptions and accounts.
type Subscription struct {
	SubscriptionID string
	Name           string
	// Status is active, canceled, expired or inactive, and for some tenants
	// out_of_compliance.
	Status    string
	StartDate Time
	// EndDate may have passed during the grace period.
	EndDate          Time
	WebOrderID       string
	RenewalRequested *bool
	Entitlements     []struct {
		SKU   string
		Seats SeatCounts
	}
	Counts struct {
		Seats SeatCounts
		// Networks is the number of networks that are bound to the subscription.
		Networks *int64
		// Organizations is above 1 for a shared subscription.
		Organizations *int64
	}
}

// ComplianceStatus is a record of
// getAdministeredLicensingSubscriptionSubscriptionsComplianceStatuses.
type ComplianceStatus struct {
	Subscription struct{ ID, Status string }
	Violations   struct{ ByProductClass []Violation }
}

// Violation is what is missing for one product class.
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

// InventoryDevice is a record of getOrganizationInventoryDevices without the fields that
// identify the device.
type InventoryDevice struct {
	Model string
	// NetworkID is empty for a device that is in stock.
	NetworkID             string
	LicenseExpirationDate Time
	ProductType           string
}

// Time is a date. The vendor sends RFC 3339 in listings, "Feb 8, 2020 UTC" in the
// overview, and null, an empty text or "N/A" if there is no date. A date of the overview
// is the start of its day in UTC.
type Time = scalar.Time
