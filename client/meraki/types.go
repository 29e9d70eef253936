package meraki

import (
	"maps"
	"slices"

	"license_exporter/client/scalar"
)

// The licensing models, in the vendor's spelling.
const (
	ModelCoterm       = "co-term"
	ModelPerDevice    = "per-device"
	ModelSubscription = "subscription"
)

type (
	// Bool is a boolean, not valid if the vendor sends none.
	Bool = scalar.Bool
	// Int is a number, not valid if the vendor sends none.
	Int = scalar.Int
	// Opaque is the hash of a secret.
	Opaque = scalar.Opaque
	// Text is a text or an identifier.
	Text = scalar.Text
	// Time is a date: RFC 3339 in listings, "Feb 8, 2020 UTC" in the overview, and null, an
	// empty text or "N/A" if there is none. A date of the overview is the start of its day
	// in UTC.
	Time = scalar.Time
	// Word is one of a few words.
	Word = scalar.Word
)

// Organization is a record of getOrganizations and the answer of getOrganization, as far
// as it concerns licenses.
type Organization struct {
	ID   Text
	Name Text
	API  struct {
		Enabled Bool `field:"api.enabled"`
	}
	Licensing struct {
		Model Word `field:"licensing.model"`
	}
	Cloud struct {
		Region struct {
			Name Text
		}
	}
}

// Identity implements rest.Identified.
func (o *Organization) Identity() (hash uint64, required bool) { return hashOf(o.ID), true }

// Overview is the answer of getOrganizationLicensesOverview. Co-term organizations have
// the first group of fields, per-device organizations the second.
type Overview struct {
	// Status is "OK", "License Required" or another text. The vendor does not document
	// a list.
	Status Word
	// ExpirationDate is when all of the organization's licenses end.
	ExpirationDate Time
	// LicensedDeviceCounts is the number of licensed devices by model or product type.
	LicensedDeviceCounts map[string]Int

	LicenseCount   Int
	States         *OverviewStates
	LicenseTypes   []OverviewLicenseType
	SystemsManager struct{ Counts SystemsManagerCounts }
}

// Fits reports whether the overview has facts of a licensing model.
func (o *Overview) Fits(model string) bool {
	switch model {
	case ModelCoterm:
		return o.Status != "" || !o.ExpirationDate.IsZero() || o.ExpirationDate.Unreadable || o.LicensedDeviceCounts != nil
	case ModelPerDevice:
		return o.LicenseCount.Valid || o.States != nil || o.LicenseTypes != nil || o.SystemsManager.Counts != (SystemsManagerCounts{})
	}
	return false
}

// Empty reports whether the organization has no licenses, ended ones included.
func (o *Overview) Empty() bool {
	numbers := slices.AppendSeq([]Int{o.LicenseCount, o.SystemsManager.Counts.TotalSeats}, maps.Values(o.LicensedDeviceCounts))
	if s := o.States; s != nil {
		numbers = append(numbers, s.Active.Count, s.Expired.Count, s.RecentlyQueued.Count, s.Expiring.Count, s.Unused.Count, s.UnusedActive.Count)
	}
	return o.ExpirationDate.IsZero() && !o.ExpirationDate.Unreadable &&
		!slices.ContainsFunc(numbers, func(n Int) bool { return n.Value != 0 || n.Unreadable })
}

// Count is an object that contains a number.
type Count struct{ Count Int }

// OverviewStates counts per-device licenses by state.
type OverviewStates struct {
	Active         Count
	Expired        Count
	RecentlyQueued Count
	Expiring       struct {
		Count    Int
		Critical ExpiringThreshold
		Warning  ExpiringThreshold
	}
	Unused struct {
		Count Int
		// SoonestActivation is when the term of the first unused license begins.
		SoonestActivation ActivationBatch
	}
	UnusedActive struct {
		Count Int
		// OldestActivation is when the first term of a license without a device
		// began.
		OldestActivation ActivationBatch
	}
}

// ExpiringThreshold counts the licenses that end within so many days.
type ExpiringThreshold struct {
	ThresholdInDays Int
	ExpiringCount   Int
}

// ActivationBatch is a day on which terms of licenses begin.
type ActivationBatch struct {
	ActivationDate  Time
	ToActivateCount Int
	ActiveCount     Int
}

// OverviewLicenseType counts the licenses of one type that have no device.
type OverviewLicenseType struct {
	LicenseType Text
	Counts      struct{ Unassigned Int }
}

// SystemsManagerCounts are the seats of Systems Manager.
type SystemsManagerCounts struct {
	TotalSeats             Int
	ActiveSeats            Int
	UnassignedSeats        Int
	OrgwideEnrolledDevices Int
}

// CotermLicense is a record of getOrganizationLicensingCotermLicenses. It has no
// expiration date, since all licenses of the organization end together.
type CotermLicense struct {
	// Key is a secret.
	Key Opaque
	// Mode is addDevices or renew.
	Mode          Word
	ClaimedAt     Time
	Invalidated   Bool
	InvalidatedAt Time
	Expired       Bool
	Editions      []struct{ Edition, ProductType Text }
	Counts        []struct {
		Model Text
		Count Int
	}
}

// Identity implements rest.Identified.
func (l *CotermLicense) Identity() (hash uint64, required bool) { return uint64(l.Key), false }

// License is a record of getOrganizationLicenses without its key.
type License struct {
	ID           Text
	LicenseType  Text
	OrderNumber  Text
	DeviceSerial Text
	NetworkID    Text
	// State is active, expired, expiring, recentlyQueued, unused or
	// unusedActive.
	State Word
	// SeatCount is set for Systems Manager licenses only.
	SeatCount Int
	// DurationInDays is the license's own term.
	DurationInDays Int
	// TotalDurationInDays is the term plus the terms of the licenses that are queued
	// behind this one for good. It may lack those in the state recentlyQueued.
	TotalDurationInDays Int
	ActivationDate      Time
	ExpirationDate      Time
	// HeadLicenseID is the license that this one is queued behind.
	HeadLicenseID Text
}

// Identity implements rest.Identified.
func (l *License) Identity() (hash uint64, required bool) { return hashOf(l.ID), false }

// SeatCounts are the seats of a subscription or of one of its entitlements.
type SeatCounts struct {
	Assigned  Int
	Available Int
	Limit     Int
}

// Subscription is a record of
// getAdministeredLicensingSubscriptionSubscriptions without descriptions and accounts.
type Subscription struct {
	SubscriptionID Text
	Name           Text
	// Status is active, canceled, expired or inactive, and for some tenants
	// out_of_compliance.
	Status    Word
	StartDate Time
	// EndDate may have passed during the grace period.
	EndDate    Time
	WebOrderID Text
	// Type is termed or enterpriseAgreement.
	Type             Word
	SmartAccount     struct{ Status Word }
	RenewalRequested Bool
	// Claimed may be missing. A subscription that is not claimed belongs to no organization yet.
	Claimed      Bool
	ProductTypes []Text
	Entitlements []struct {
		SKU   Text
		Seats SeatCounts
	}
	Counts struct {
		Seats SeatCounts
		// Networks is the number of networks that are bound to the subscription.
		Networks Int
		// Organizations is above 1 for a shared subscription.
		Organizations Int
	}
	EnterpriseAgreement struct{ Suites []Text }
}

// Identity implements rest.Identified. Without its id, a subscription would speak for
// the organization.
func (s *Subscription) Identity() (hash uint64, required bool) { return hashOf(s.SubscriptionID), true }

// ComplianceStatus is a record of
// getAdministeredLicensingSubscriptionSubscriptionsComplianceStatuses.
type ComplianceStatus struct {
	Subscription struct {
		ID     Text
		Status Word
	}
	Violations struct{ ByProductClass []Violation }
}

// Identity implements rest.Identified.
func (s *ComplianceStatus) Identity() (hash uint64, required bool) {
	return hashOf(s.Subscription.ID), true
}

// Violation is what is missing for one product class.
type Violation struct {
	ProductClass      Text
	GracePeriodEndsAt Time
	Missing           struct {
		Entitlements []struct {
			SKU      Text
			Quantity Int
		}
	}
}

// Entitlement is a record of
// getAdministeredLicensingSubscriptionEntitlements: a SKU that can be bought.
type Entitlement struct {
	SKU          Text
	Name         Text
	ProductType  Text
	ProductClass Text
	FeatureTier  Text
	IsAddOn      Bool
	IsFree       Bool
}

// Identity implements rest.Identified.
func (e *Entitlement) Identity() (hash uint64, required bool) { return hashOf(e.SKU), true }

// InventoryDevice is a record of getOrganizationInventoryDevices.
type InventoryDevice struct {
	// Serial identifies the device and is not shown.
	Serial Opaque
	Model  Text
	// NetworkID is empty for a device that is in stock.
	NetworkID             Text
	LicenseExpirationDate Time
	ProductType           Text
	// EOX is empty for most devices.
	EOX struct {
		EndOfSaleAt    Time
		EndOfSupportAt Time
	}
}

// Identity implements rest.Identified.
func (d *InventoryDevice) Identity() (hash uint64, required bool) { return uint64(d.Serial), false }

func hashOf(id Text) uint64 { return scalar.Hash(string(id)) }
