package meraki

import (
	"encoding/json"
	"time"

	"license_exporter/internal/simulator"
)

// optional is a field that is null if it is zero.
type optional[T comparable] struct{ value T }

func some[T comparable](value T) optional[T] { return optional[T]{value} }

// MarshalJSON writes the value or null.
func (o optional[T]) MarshalJSON() ([]byte, error) {
	var none T
	if o.value == none {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// cotermLicense is a license of a co-term organization. It has no end of its own.
type cotermLicense struct {
	Key            string              `json:"key"`
	OrganizationID string              `json:"organizationId"`
	Duration       int                 `json:"duration"`
	Mode           string              `json:"mode"`
	StartedAt      time.Time           `json:"startedAt"`
	ClaimedAt      time.Time           `json:"claimedAt"`
	Invalidated    bool                `json:"invalidated"`
	InvalidatedAt  optional[time.Time] `json:"invalidatedAt"`
	Expired        bool                `json:"expired"`
	Editions       []simulator.Object  `json:"editions"`
	Counts         []modelCount        `json:"counts"`
}

func (l cotermLicense) id() string { return l.Key }

type modelCount struct {
	Model string `json:"model"`
	Count int    `json:"count"`
}

// deviceLicense is a license of a per-device organization.
type deviceLicense struct {
	ID                        string              `json:"id"`
	LicenseType               string              `json:"licenseType"`
	LicenseKey                string              `json:"licenseKey"`
	OrderNumber               string              `json:"orderNumber"`
	DeviceSerial              optional[string]    `json:"deviceSerial"`
	NetworkID                 optional[string]    `json:"networkId"`
	State                     string              `json:"state"`
	SeatCount                 optional[int]       `json:"seatCount"`
	TotalDurationInDays       int                 `json:"totalDurationInDays"`
	DurationInDays            int                 `json:"durationInDays"`
	PermanentlyQueuedLicenses []simulator.Object  `json:"permanentlyQueuedLicenses"`
	ClaimDate                 time.Time           `json:"claimDate"`
	ActivationDate            optional[time.Time] `json:"activationDate"`
	ExpirationDate            optional[time.Time] `json:"expirationDate"`
	HeadLicenseID             optional[string]    `json:"headLicenseId"`
}

func (l deviceLicense) id() string { return l.ID }

// subscription is a subscription, and what is not compliant about it, which another operation returns.
type subscription struct {
	SubscriptionID      string              `json:"subscriptionId"`
	Name                string              `json:"name"`
	Description         string              `json:"description"`
	Status              string              `json:"status"`
	StartDate           any                 `json:"startDate"` // a date, or an empty string for none
	EndDate             optional[time.Time] `json:"endDate"`
	LastUpdatedAt       time.Time           `json:"lastUpdatedAt"`
	WebOrderID          string              `json:"webOrderId"`
	Type                string              `json:"type"`
	SmartAccount        simulator.Object    `json:"smartAccount"`
	RenewalRequested    bool                `json:"renewalRequested"`
	ProductTypes        []string            `json:"productTypes"`
	Entitlements        []simulator.Object  `json:"entitlements"`
	Counts              simulator.Object    `json:"counts"`
	EnterpriseAgreement simulator.Object    `json:"enterpriseAgreement"`

	violations []simulator.Object
}

func (s subscription) id() string { return s.SubscriptionID }

// compliance is the vendor's verdict: a subscription with violations is out of compliance, however active its list says it is.
func (s subscription) compliance() simulator.Object {
	status := s.Status
	if len(s.violations) > 0 {
		status = "out_of_compliance"
	}
	return simulator.Object{
		"subscription": simulator.Object{"id": s.SubscriptionID, "name": s.Name, "status": status},
		"violations":   simulator.Object{"byProductClass": s.violations},
	}
}

// device is a device of the inventory.
type device struct {
	MAC                   string              `json:"mac"`
	Serial                string              `json:"serial"`
	Name                  string              `json:"name"`
	Model                 string              `json:"model"`
	NetworkID             optional[string]    `json:"networkId"`
	OrderNumber           string              `json:"orderNumber"`
	ClaimedAt             time.Time           `json:"claimedAt"`
	LicenseExpirationDate optional[time.Time] `json:"licenseExpirationDate"`
	Tags                  []string            `json:"tags"`
	ProductType           string              `json:"productType"`
	CountryCode           string              `json:"countryCode"`
	Details               []string            `json:"details"`
}

func (d device) id() string { return d.Serial }
