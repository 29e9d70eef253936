package snow

import (
	"context"
	"iter"
)

// The operations of this file.
var (
	opLicenses                = newOperation(ofLicenses, "getLicenses", "/licenses", large)
	opLicenseUpgrades         = newOperation(ofLicenses, "getLicenseUpgrades", "/licenses/{id}/upgrades")
	opMaintenancePeriods      = newOperation(ofLicenses, "getMaintenancePeriods", "/licenses/maintenance-periods", added)
	opCosts                   = newOperation(ofLicenses, "getCosts", "/licenses/{id}/costs")
	opAssignmentsSummary      = newOperation(ofLicenses, "getAssignmentsSummary", "/licenses/{id}/assignments-summary")
	opComputerAssignments     = newOperation(ofLicenses, "getComputerAssignments", "/licenses/{id}/assignments/computers")
	opDatacenterAssignments   = newOperation(ofLicenses, "getDatacenterAssignments", "/licenses/{id}/assignments/datacenters")
	opOrganizationAssignments = newOperation(ofLicenses, "getOrganizationAssignments", "/licenses/{id}/assignments/organizations")
	opUserAssignments         = newOperation(ofLicenses, "getUserAssignments", "/licenses/{id}/assignments/users")
	opSiteAssignment          = newOperation(ofLicenses, "getSiteAssignment", "/licenses/{id}/assignments/site")
)

// License is a record of GET /licenses without its key, notes, invoice, proof and
// supplier. Version 1.0.0 has none of the fields after the blank line, so it does not
// say when a license ends.
type License struct {
	ID             ID
	OrganizationID OrganizationID
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
	// Status is Active or Archived. Compliance leaves archived licenses out.
	Status Status
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

// Identity implements rest.Identified.
func (l License) Identity() (hash uint64, required bool) { return identity(l.ID) }

// Agreement returns the agreement that the license belongs to, if any.
func (l License) Agreement() ID {
	if l.AgreementID != "" {
		return l.AgreementID
	}
	return l.ContractID
}

// Licenses lists the licenses. The operation that returns one license is not used,
// since its answer has the license key.
func (c *Client) Licenses(ctx context.Context) iter.Seq2[License, error] {
	return c.learning(list[License](ctx, c, opLicenses))
}

// Upgrade is a record of GET /licenses/{id}/upgrades: a quantity of one license
// upgrades a quantity of another.
type Upgrade struct {
	Quantity          Int
	UpgradedLicenseID ID
	UpgradedQuantity  Int
}

// Identity implements rest.Identified.
func (u Upgrade) Identity() (hash uint64, required bool) { return identity(u.UpgradedLicenseID) }

// Upgrades lists the upgrades that a license provides.
func (c *Client) Upgrades(ctx context.Context, license ID) iter.Seq2[Upgrade, error] {
	return list[Upgrade](ctx, c, opLicenseUpgrades.of(license))
}

// MaintenancePeriod is a record of GET /licenses/maintenance-periods without its notes
// and invoice.
type MaintenancePeriod struct {
	ID        ID
	LicenseID ID
	// AgreementPeriodID names a period of the license's agreement. Without dates of its
	// own, the maintenance period has the dates of that one.
	AgreementPeriodID ID
	ValidFrom         Time
	ValidTo           Time
}

// Identity implements rest.Identified.
func (p MaintenancePeriod) Identity() (hash uint64, required bool) { return identity(p.ID) }

// MaintenancePeriods lists the maintenance periods of all licenses, since 1.6. Before, it
// fails with rest.ErrNotApplicable.
func (c *Client) MaintenancePeriods(ctx context.Context) iter.Seq2[MaintenancePeriod, error] {
	return list[MaintenancePeriod](ctx, c, opMaintenancePeriods)
}

// Cost is a record of GET /licenses/{id}/costs: what a license costs an
// organization.
type Cost struct {
	OrganizationID             OrganizationID
	LicensePurchaseCost        Number
	CurrentMaintenanceCost     Number
	AccumulatedMaintenanceCost Number
	CurrentSupportCost         Number
	AccumulatedSupportCost     Number
	TotalCost                  Number
	Currency                   Text
}

// Identity implements rest.Identified.
func (c Cost) Identity() (hash uint64, required bool) { return identityOfAll(c) }

// Costs lists the costs of a license by organization.
func (c *Client) Costs(ctx context.Context, license ID) iter.Seq2[Cost, error] {
	return list[Cost](ctx, c, opCosts.of(license))
}

// AssignmentsSummary is the answer of GET /licenses/{id}/assignments-summary:
// of which kinds a license has assignments.
type AssignmentsSummary struct {
	LicenseID                 ID
	HasOrganizationAssignment Bool
	HasComputerAssignment     Bool
	HasUserAssignment         Bool
	HasSiteAssignment         Bool
}

func (s AssignmentsSummary) about() ID { return s.LicenseID }

// AssignmentsSummary returns the kinds of assignments that a license has.
func (c *Client) AssignmentsSummary(ctx context.Context, license ID) (AssignmentsSummary, error) {
	return get[AssignmentsSummary](ctx, c, opAssignmentsSummary.of(license), license)
}

// Assignment is a record of GET /licenses/{id}/assignments/computers,
// /datacenters, /organizations and /users, and the answer of /site. Which
// computer, datacenter or user has the license is not decoded.
type Assignment struct {
	ID        ID
	LicenseID ID
	Quantity  Int
	// InvalidAssignmentReasons are those of computers, datacenters and users,
	// since 1.6.
	InvalidAssignmentReasons InvalidAssignmentReasons
}

func (a Assignment) about() ID { return a.LicenseID }

// Identity implements rest.Identified.
func (a Assignment) Identity() (hash uint64, required bool) { return identity(a.ID) }

// ComputerAssignments lists the assignments of a license to computers.
func (c *Client) ComputerAssignments(ctx context.Context, license ID) iter.Seq2[Assignment, error] {
	return list[Assignment](ctx, c, opComputerAssignments.of(license))
}

// DatacenterAssignments lists the assignments of a license to datacenters.
func (c *Client) DatacenterAssignments(ctx context.Context, license ID) iter.Seq2[Assignment, error] {
	return list[Assignment](ctx, c, opDatacenterAssignments.of(license))
}

// OrganizationAssignments lists the assignments of a license to organizations.
func (c *Client) OrganizationAssignments(ctx context.Context, license ID) iter.Seq2[Assignment, error] {
	return list[Assignment](ctx, c, opOrganizationAssignments.of(license))
}

// UserAssignments lists the assignments of a license to users.
func (c *Client) UserAssignments(ctx context.Context, license ID) iter.Seq2[Assignment, error] {
	return list[Assignment](ctx, c, opUserAssignments.of(license))
}

// SiteAssignment returns the assignment of a license to a site. The answer for a license
// without one is probably 404. AssignmentsSummary reports beforehand whether there is one.
func (c *Client) SiteAssignment(ctx context.Context, license ID) (Assignment, error) {
	return get[Assignment](ctx, c, opSiteAssignment.of(license), license)
}
