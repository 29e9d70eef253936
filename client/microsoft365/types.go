package microsoft365

import (
	"cmp"

	"license_exporter/client/scalar"
)

// Organization is a tenant. The name is that of the company.
type Organization struct {
	ID          scalar.ID
	DisplayName scalar.Text
}

// Identity implements rest.Identified.
func (o Organization) Identity() (hash uint64, required bool) { return o.ID.Hash(), true }

// SKU is a stock-keeping unit that the tenant has subscribed to, and what is assigned of it. The vendor calls it
// subscribedSku.
type SKU struct {
	// ID contains the ids of the account and the SKU.
	ID scalar.ID
	// SKUID is the GUID of the SKU, which is the same for all tenants.
	SKUID scalar.ID `json:"skuId"`
	// SKUPartNumber is a readable identifier such as ENTERPRISEPACK.
	SKUPartNumber scalar.Text `json:"skuPartNumber"`
	// AppliesTo is User, or Company for a SKU that is not assigned to people.
	AppliesTo scalar.Word
	// CapabilityStatus is one of Statuses.
	CapabilityStatus scalar.Word
	// ConsumedUnits is the number of units that are assigned.
	ConsumedUnits scalar.Count
	PrepaidUnits  PrepaidUnits
}

// AppliesToCompany is the value of SKU.AppliesTo for SKUs without seats for people.
const AppliesToCompany = "Company"

// Identity implements rest.Identified.
func (s SKU) Identity() (hash uint64, required bool) { return cmp.Or(s.ID, s.SKUID).Hash(), true }

// PrepaidUnits are the units of a SKU by the status of their subscriptions.
type PrepaidUnits struct {
	Enabled   scalar.Count
	Warning   scalar.Count
	Suspended scalar.Count
	LockedOut scalar.Count
}

// Subscription is a commercial subscription to one SKU. The vendor calls it companySubscription.
type Subscription struct {
	ID            scalar.ID
	SKUID         scalar.ID   `json:"skuId"`
	SKUPartNumber scalar.Text `json:"skuPartNumber"`
	// Status is one of Statuses.
	Status scalar.Word
	// TotalLicenses is the number of seats of the subscription.
	TotalLicenses scalar.Count
	// NextLifecycleDateTime is when the subscription moves to the next status unless it is renewed.
	NextLifecycleDateTime scalar.Time
	// IsTrial is set for a free trial.
	IsTrial scalar.Bool
}

// Identity implements rest.Identified.
func (s Subscription) Identity() (hash uint64, required bool) { return s.ID.Hash(), true }

// The statuses of subscriptions and SKUs.
const (
	StatusEnabled = "Enabled"
	// StatusWarning means that the term has ended, and that a grace period runs. Seats can be used.
	StatusWarning = "Warning"
	// StatusSuspended means that the grace period has ended, or that it was canceled. Seats cannot be used.
	StatusSuspended = "Suspended"
	StatusLockedOut = "LockedOut"
	StatusDeleted   = "Deleted"
)

// Statuses returns all statuses.
func Statuses() []string {
	return []string{StatusEnabled, StatusWarning, StatusSuspended, StatusLockedOut, StatusDeleted}
}
