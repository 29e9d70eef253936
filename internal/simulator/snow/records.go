package snow

import (
	"encoding/json"
	"strconv"
	"time"

	"license_exporter/internal/simulator"
)

// money is an amount in hundredths of its currency.
type money int

// MarshalJSON writes the amount as the number that it is.
func (m money) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(m)/100, 'f', -1, 64), nil
}

// flags are names out of a set, by bit: an array of names, or for version 1.0.0 the bits as a number.
type flags struct {
	bits  int
	names []string
}

// MarshalJSON writes the names; without any it is an empty array.
func (f flags) MarshalJSON() ([]byte, error) {
	names := []string{}
	for bit, name := range f.names {
		if f.bits>>bit&1 != 0 {
			names = append(names, name)
		}
	}
	return json.Marshal(names)
}

func (f flags) legacy() any { return f.bits }

// licenseItem is a license in the list.
type licenseItem struct {
	ID                     string                        `json:"id"`
	OrganizationID         string                        `json:"organizationId"`
	ApplicationID          simulator.Optional[string]    `json:"applicationId"`
	ContractID             simulator.Optional[string]    `json:"contractId"`
	AgreementID            simulator.Optional[string]    `json:"agreementId" since:"1.7"`
	MetricID               simulator.Optional[string]    `json:"metricId"`
	AssignmentTypeID       simulator.Optional[string]    `json:"assignmentTypeId" since:"1.7"`
	PurchaseDate           time.Time                     `json:"purchaseDate" legacy:"us"`
	PurchaseValue          money                         `json:"purchaseValue" legacy:"quoted"`
	PurchaseCurrency       string                        `json:"purchaseCurrency"`
	Quantity               simulator.Optional[int]       `json:"quantity" legacy:"quoted"`
	InitialQuantity        simulator.Optional[int]       `json:"initialQuantity" since:"1.7"`
	MediaStorage           string                        `json:"mediaStorage" since:"1.7"`
	LicenseProofLocation   string                        `json:"licenseProofLocation" since:"1.7"`
	InvoiceReference       string                        `json:"invoiceReference" since:"1.7"`
	Vendor                 string                        `json:"vendor" since:"1.7"`
	ExternalID             simulator.Optional[string]    `json:"externalId" since:"1.7"`
	ProductDescription     string                        `json:"productDescription" since:"1.7"`
	IsSubscription         bool                          `json:"isSubscription" since:"1.7"`
	IsCrossEdition         bool                          `json:"isCrossEdition" since:"1.7"`
	IsCrossPlatform        bool                          `json:"isCrossPlatform" since:"1.7"`
	IsUpgrade              bool                          `json:"isUpgrade" since:"1.7"`
	IsDowngrade            bool                          `json:"isDowngrade" since:"1.7"`
	IsIncomplete           bool                          `json:"isIncomplete" since:"1.7"`
	IncompleteReasons      flags                         `json:"incompleteReasons" since:"1.7"`
	UpdatedDate            time.Time                     `json:"updatedDate" since:"1.7"`
	CreatedDate            time.Time                     `json:"createdDate" since:"1.7"`
	SubscriptionValidFrom  simulator.Optional[time.Time] `json:"subscriptionValidFrom" since:"1.7"`
	SubscriptionValidTo    simulator.Optional[time.Time] `json:"subscriptionValidTo" since:"1.7"`
	ActiveMaintenanceCost  money                         `json:"activeMaintenanceCost" since:"1.7"`
	TotalMaintenanceCost   money                         `json:"totalMaintenanceCost" since:"1.7"`
	ActiveSupportCost      money                         `json:"activeSupportCost" since:"1.7"`
	TotalSupportCost       money                         `json:"totalSupportCost" since:"1.7"`
	TotalLicenseCost       money                         `json:"totalLicenseCost" since:"1.7"`
	UpgradedLicenseCount   simulator.Optional[int]       `json:"upgradedLicenseCount" since:"1.7"`
	AutoAllocateOnce       bool                          `json:"autoAllocateOnce" since:"1.7"`
	IsAutoAllocated        bool                          `json:"isAutoAllocated" since:"1.7"`
	MaintenanceByAgreement bool                          `json:"maintenanceAccordingToAgreement" since:"1.7"`
	SKUID                  string                        `json:"skuId" since:"1.7"`
	Upgrades               []licenseUpgrade              `json:"upgrades" since:"1.7"` // null if there are none
	Status                 string                        `json:"status" since:"1.7"`
	ArchivedDate           simulator.Optional[time.Time] `json:"archivedDate" since:"1.7"`
	Links                  links                         `json:"_links"`
}

// licenseUpgrade says that a license upgrades so many of another one's. In the list of licenses it has no links.
type licenseUpgrade struct {
	LicenseID         string `json:"licenseId"`
	Quantity          int    `json:"quantity"`
	UpgradedLicenseID string `json:"upgradedLicenseId"`
	UpgradedQuantity  int    `json:"upgradedQuantity"`
	Links             links  `json:"_links,omitempty"`
}

type maintenancePeriod struct {
	ID                string                        `json:"id"`
	AgreementPeriodID simulator.Optional[string]    `json:"agreementPeriodId"`
	LicenseID         string                        `json:"licenseId"`
	ValidFrom         simulator.Optional[time.Time] `json:"validFrom"`
	ValidTo           simulator.Optional[time.Time] `json:"validTo"`
	HasUpgradeRights  bool                          `json:"hasUpgradeRights"`
	InvoiceReference  string                        `json:"invoiceReference"`
	Notes             string                        `json:"notes"`
	MaintenanceCost   money                         `json:"maintenanceCost"`
	SupportCost       money                         `json:"supportCost"`
	PurchaseCurrency  string                        `json:"purchaseCurrency"`
	Links             links                         `json:"_links"`
}

type licenseCost struct {
	LicenseID              string `json:"licenseId"`
	OrganizationID         string `json:"organizationId"`
	LicenseQuantity        int    `json:"licenseQuantity"`
	LicensePurchaseCost    money  `json:"licensePurchaseCost"`
	CurrentMaintenanceCost money  `json:"currentMaintenanceCost"`
	TotalMaintenanceCost   money  `json:"accumulatedMaintenanceCost"`
	CurrentSupportCost     money  `json:"currentSupportCost"`
	TotalSupportCost       money  `json:"accumulatedSupportCost"`
	TotalCost              money  `json:"totalCost"`
	Currency               string `json:"currency"`
	Links                  links  `json:"_links"`
}

// licenseEntitlement is what all licenses of one application, organization, metric and assignment type add up to.
type licenseEntitlement struct {
	ApplicationID  string `json:"applicationId"`
	OrganizationID string `json:"organizationId"`
	MetricID       string `json:"metricId"`
	AssignmentType string `json:"assignmentType"`
	Quantity       int    `json:"quantity"`
	Links          links  `json:"_links"`
}
