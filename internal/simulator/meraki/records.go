package meraki

import (
	"time"

	"license_exporter/internal/simulator"
)

// some returns a pointer to a value. For the zero value it returns nil, which is null in JSON.
func some[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// cotermLicense is a license of a co-term organization. It has no end, since all licenses of the organization end together.
type cotermLicense struct {
	Key            string             `json:"key"`
	OrganizationID string             `json:"organizationId"`
	Duration       int                `json:"duration"`
	Mode           string             `json:"mode"`
	StartedAt      time.Time          `json:"startedAt"`
	ClaimedAt      time.Time          `json:"claimedAt"`
	Invalidated    bool               `json:"invalidated"`
	InvalidatedAt  *time.Time         `json:"invalidatedAt"`
	Expired        bool               `json:"expired"`
	Editions       []simulator.Object `json:"editions"`
	Counts         []modelCount       `json:"counts"`
}

func (l cotermLicense) id() string { return l.Key }

type modelCount struct {
	Model string `json:"model"`
	Count int    `json:"count"`
}

// deviceLicense is a license of a per-device organization.
type deviceLicense struct {
	ID                        string             `json:"id"`
	LicenseType               string             `json:"licenseType"`
	LicenseKey                string             `json:"licenseKey"`
	OrderNumber               string             `json:"orderNumber"`
	DeviceSerial              *string            `json:"deviceSerial"`
	NetworkID                 *string            `json:"networkId"`
	State                     string             `json:"state"`
	SeatCount                 *int               `json:"seatCount"`
	TotalDurationInDays       int                `json:"totalDurationInDays"`
	DurationInDays            int                `json:"durationInDays"`
	PermanentlyQueuedLicenses []simulator.Object `json:"permanentlyQueuedLicenses"`
	ClaimDate                 time.Time          `json:"claimDate"`
	ActivationDate            *time.Time         `json:"activationDate"`
	ExpirationDate            *time.Time         `json:"expirationDate"`
	HeadLicenseID             *string            `json:"headLicenseId"`
}

func (l deviceLicense) id() string { return l.ID }

// subscription is a subscription. Another operation returns its violations.
type subscription struct {
	SubscriptionID      string             `json:"subscriptionId"`
	Name                string             `json:"name"`
	Description         string             `json:"description"`
	Status              string             `json:"status"`
	StartDate           any                `json:"startDate"` // a date, or an empty string for none
	EndDate             *time.Time         `json:"endDate"`
	LastUpdatedAt       time.Time          `json:"lastUpdatedAt"`
	WebOrderID          string             `json:"webOrderId"`
	Type                string             `json:"type"`
	SmartAccount        simulator.Object   `json:"smartAccount"`
	RenewalRequested    bool               `json:"renewalRequested"`
	ProductTypes        []string           `json:"productTypes"`
	Entitlements        []simulator.Object `json:"entitlements"`
	Counts              simulator.Object   `json:"counts"`
	EnterpriseAgreement simulator.Object   `json:"enterpriseAgreement"`

	violations []simulator.Object
}

func (s subscription) id() string { return s.SubscriptionID }

// compliance returns the compliance status. A subscription with violations is out of compliance, although its own status is active.
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
	MAC                   string     `json:"mac"`
	Serial                string     `json:"serial"`
	Name                  string     `json:"name"`
	Model                 string     `json:"model"`
	NetworkID             *string    `json:"networkId"`
	OrderNumber           string     `json:"orderNumber"`
	ClaimedAt             time.Time  `json:"claimedAt"`
	LicenseExpirationDate *time.Time `json:"licenseExpirationDate"`
	Tags                  []string   `json:"tags"`
	ProductType           string     `json:"productType"`
	CountryCode           string     `json:"countryCode"`
	Details               []string   `json:"details"`
	EOX                   eox        `json:"eox"`
}

// eox is when the vendor stops selling and supporting a model.
type eox struct {
	Status         string     `json:"status"`
	EndOfSaleAt    *time.Time `json:"endOfSaleAt"`
	EndOfSupportAt *time.Time `json:"endOfSupportAt"`
}

func (d device) id() string { return d.Serial }
