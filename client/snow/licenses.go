package snow

import (
	"context"
	"iter"
)

// The statuses of a license, in the vendor's spelling.
const (
	StatusActive   = "Active"
	StatusArchived = "Archived"
)

// License is a record of GET /licenses, less its key, notes, invoice, proof and
// supplier. Version 1.0.0 has none of the fields after the blank line: there,
// nothing says when a license ends.
type License struct {
	ID             ID
	OrganizationID ID
	ApplicationID  ID
	MetricID       ID
	// ContractID and AgreementID both name the agreement; 1.0.0 has the first
	// alone.
	ContractID       ID
	PurchaseValue    Number
	PurchaseCurrency Text
	Quantity         Int

	AgreementID       ID
	IsSubscription    Bool
	IsUpgrade         Bool
	IsDowngrade       Bool
	IsCrossEdition    Bool
	IsCrossPlatform   Bool
	IsIncomplete      Bool
	IncompleteReasons IncompleteReasons
	// Status is Active or Archived. What is archived is left out of compliance.
	Status Text
	// SubscriptionValidFrom and SubscriptionValidTo give way to the periods of
	// the agreement if there is one.
	SubscriptionValidFrom Time
	SubscriptionValidTo   Time
	ActiveMaintenanceCost Number
	TotalMaintenanceCost  Number
	ActiveSupportCost     Number
	TotalSupportCost      Number
	TotalLicenseCost      Number
	UpgradedLicenseCount  Int
	Upgrades              []Upgrade
}

// Agreement returns the agreement that the license belongs to, if any.
func (l License) Agreement() ID {
	if l.AgreementID != "" {
		return l.AgreementID
	}
	return l.ContractID
}

// Licenses lists the licenses: GET {licenses}/licenses. The operation that
// returns one license is not used, since it tells the license's key.
func (c *Client) Licenses(ctx context.Context) iter.Seq2[License, error] {
	return list[License](ctx, c, listing{
		operation: opLicenses, path: c.prefixes.Licenses + "/licenses",
	})
}

// Upgrade is a record of GET /licenses/{id}/upgrades: the license upgrades so
// many of another one's.
type Upgrade struct {
	Quantity          Int
	UpgradedLicenseID ID
	UpgradedQuantity  Int
}

// Upgrades lists what a license upgrades: GET
// {licenses}/licenses/{id}/upgrades.
func (c *Client) Upgrades(ctx context.Context, license ID) iter.Seq2[Upgrade, error] {
	return list[Upgrade](ctx, c, listing{
		operation: opUpgrades, path: below(c.prefixes.Licenses, "/licenses/", license, "/upgrades"),
	})
}

// MaintenancePeriod is a record of GET /licenses/maintenance-periods.
type MaintenancePeriod struct {
	ID        ID
	LicenseID ID
	ValidFrom Time
	ValidTo   Time
}

// MaintenancePeriods lists the maintenance periods of all licenses, or fails
// with ErrUnsupported: GET {licenses}/licenses/maintenance-periods, since 1.6.
func (c *Client) MaintenancePeriods(ctx context.Context) iter.Seq2[MaintenancePeriod, error] {
	return list[MaintenancePeriod](ctx, c, listing{
		operation: opMaintenancePeriods, path: c.prefixes.Licenses + "/licenses/maintenance-periods",
		added: true,
	})
}
