package meraki

import (
	"time"

	"license_exporter/internal/simulator"
)

type organizationRecord struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	URL        string           `json:"url"`
	API        apiRecord        `json:"api"`
	Licensing  licensingRecord  `json:"licensing"`
	Cloud      cloudRecord      `json:"cloud"`
	Management managementRecord `json:"management"`
}

func (o organizationRecord) id() string { return o.ID }

type apiRecord struct {
	Enabled bool `json:"enabled"`
}

type licensingRecord struct {
	Model string `json:"model"`
}

type cloudRecord struct {
	Region regionRecord `json:"region"`
}

type regionRecord struct {
	Name string `json:"name"`
}

type managementRecord struct {
	Details []detail `json:"details"`
}

type detail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// cotermLicense is a license of a co-term organization. It has no end of its own.
type cotermLicense struct {
	Key            string                        `json:"key"`
	OrganizationID string                        `json:"organizationId"`
	Duration       int                           `json:"duration"`
	Mode           string                        `json:"mode"`
	StartedAt      time.Time                     `json:"startedAt"`
	ClaimedAt      time.Time                     `json:"claimedAt"`
	Invalidated    bool                          `json:"invalidated"`
	InvalidatedAt  simulator.Optional[time.Time] `json:"invalidatedAt"`
	Expired        bool                          `json:"expired"`
	Editions       []edition                     `json:"editions"`
	Counts         []modelCount                  `json:"counts"`
}

func (l cotermLicense) id() string { return l.Key }

type edition struct {
	Edition     string `json:"edition"`
	ProductType string `json:"productType"`
}

type modelCount struct {
	Model string `json:"model"`
	Count int    `json:"count"`
}

// deviceLicense is a license of a per-device organization.
type deviceLicense struct {
	ID                        string                        `json:"id"`
	LicenseType               string                        `json:"licenseType"`
	LicenseKey                string                        `json:"licenseKey"`
	OrderNumber               string                        `json:"orderNumber"`
	DeviceSerial              simulator.Optional[string]    `json:"deviceSerial"`
	NetworkID                 simulator.Optional[string]    `json:"networkId"`
	State                     string                        `json:"state"`
	SeatCount                 simulator.Optional[int]       `json:"seatCount"`
	TotalDurationInDays       int                           `json:"totalDurationInDays"`
	DurationInDays            int                           `json:"durationInDays"`
	PermanentlyQueuedLicenses []queuedLicense               `json:"permanentlyQueuedLicenses"`
	ClaimDate                 time.Time                     `json:"claimDate"`
	ActivationDate            simulator.Optional[time.Time] `json:"activationDate"`
	ExpirationDate            simulator.Optional[time.Time] `json:"expirationDate"`
	HeadLicenseID             simulator.Optional[string]    `json:"headLicenseId"`
}

func (l deviceLicense) id() string { return l.ID }

type queuedLicense struct {
	ID             string `json:"id"`
	LicenseType    string `json:"licenseType"`
	LicenseKey     string `json:"licenseKey"`
	OrderNumber    string `json:"orderNumber"`
	DurationInDays int    `json:"durationInDays"`
}

// subscription is a subscription, and what is not compliant about it, which another operation tells.
type subscription struct {
	SubscriptionID      string                        `json:"subscriptionId"`
	Name                string                        `json:"name"`
	Description         string                        `json:"description"`
	Status              string                        `json:"status"`
	StartDate           simulator.Optional[time.Time] `json:"startDate"`
	EndDate             simulator.Optional[time.Time] `json:"endDate"`
	LastUpdatedAt       time.Time                     `json:"lastUpdatedAt"`
	WebOrderID          string                        `json:"webOrderId"`
	Type                string                        `json:"type"`
	SmartAccount        smartAccount                  `json:"smartAccount"`
	RenewalRequested    bool                          `json:"renewalRequested"`
	ProductTypes        []string                      `json:"productTypes"`
	Entitlements        []seatEntitlement             `json:"entitlements"`
	Counts              subscriptionCounts            `json:"counts"`
	EnterpriseAgreement enterpriseAgreement           `json:"enterpriseAgreement"`

	violations []violation
}

func (s subscription) id() string { return s.SubscriptionID }

type smartAccount struct {
	Status  string `json:"status"`
	Account struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Domain string `json:"domain"`
	} `json:"account"`
}

type seatEntitlement struct {
	SKU   string `json:"sku"`
	Seats seats  `json:"seats"`
}

type seats struct {
	Assigned  int `json:"assigned"`
	Available int `json:"available"`
	Limit     int `json:"limit"`
}

type subscriptionCounts struct {
	Seats         seats `json:"seats"`
	Networks      int   `json:"networks"`
	Organizations int   `json:"organizations"`
}

type enterpriseAgreement struct {
	Suites []string `json:"suites"`
}

// complianceStatus is what the compliance operation tells of a subscription.
type complianceStatus struct {
	Subscription struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Status string `json:"status"`
	} `json:"subscription"`
	Violations struct {
		ByProductClass []violation `json:"byProductClass"`
	} `json:"violations"`
}

type violation struct {
	ProductClass      string    `json:"productClass"`
	GracePeriodEndsAt time.Time `json:"gracePeriodEndsAt"`
	Missing           missing   `json:"missing"`
}

type missing struct {
	Entitlements []missingEntitlement `json:"entitlements"`
}

type missingEntitlement struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

// device is a device of the inventory.
type device struct {
	MAC                   string                        `json:"mac"`
	Serial                string                        `json:"serial"`
	Name                  string                        `json:"name"`
	Model                 string                        `json:"model"`
	NetworkID             simulator.Optional[string]    `json:"networkId"`
	OrderNumber           string                        `json:"orderNumber"`
	ClaimedAt             time.Time                     `json:"claimedAt"`
	LicenseExpirationDate simulator.Optional[time.Time] `json:"licenseExpirationDate"`
	Tags                  []string                      `json:"tags"`
	ProductType           string                        `json:"productType"`
	CountryCode           string                        `json:"countryCode"`
	Details               []detail                      `json:"details"`
}

func (d device) id() string { return d.Serial }
