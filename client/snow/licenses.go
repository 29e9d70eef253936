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

// License is a record of GET /licenses without its key, notes, invoice, proof and
// supplier. Version 1.0.0 has none of the fields after the blank line, so it does not
// say when a license ends.
type License struct {
	ID             ID
	OrganizationID ID
	ApplicationID  ID
	MetricID       ID
	// ContractID and AgreementID both name the agreement. Version 1.0.0 has
	// ContractID only.
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
	// Status is Active or Archived. Archived licenses do not count for compliance.
	Status Text
	// SubscriptionValidFrom and SubscriptionValidTo are overridden by the
	// periods of the agreement if there is one.
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
// returns one license is not used, since its answer has the license key.
func (c *Client) Licenses(ctx context.Context) iter.Seq2[License, error] {
	return list[License](ctx, c, listing{
		operation: opLicenses, path: c.prefixes.Licenses + "/licenses",
	})
}

// Upgrade is a record of GET /licenses/{id}/upgrades: a quantity of one license
// upgrades a quantity of another.
type Upgrade struct {
	Quantity          Int
	UpgradedLicenseID ID
	UpgradedQuantity  Int
}

// Upgrades lists the upgrades that a license provides: GET
// {licenses}/licenses/{id}/upgrades.
func (c *Client) Upgrades(ctx context.Context, license ID) iter.Seq2[Upgrade, error] {
	return list[Upgrade](ctx, c, listing{
		operation: opUpgrades, path: below(c.prefixes.Licenses, "/licenses/", license, "/upgrades"),
	})
}

// MaintenancePeriod is a record of GET /licenses/maintenance-periods without its notes
// and invoice.
type MaintenancePeriod struct {
	ID        ID
	LicenseID ID
	ValidFrom Time
	ValidTo   Time
}

// MaintenancePeriods lists the maintenance periods of all licenses: GET
// {licenses}/licenses/maintenance-periods, since 1.6. Before, it fails with
// rest.ErrNotApplicable.
func (c *Client) MaintenancePeriods(ctx context.Context) iter.Seq2[MaintenancePeriod, error] {
	return list[MaintenancePeriod](ctx, c, listing{
		operation: opMaintenancePeriods, path: c.prefixes.Licenses + "/licenses/maintenance-periods",
		added: true,
	})
}
