package snow

import (
	"context"
	"iter"
)

// The operations of this file.
var (
	opTransfers            = newOperation(ofLicenses, "getTransfers", "/licenses/transfers/{id}")
	opComputerTransfers    = newOperation(ofLicenses, "getComputerTransfers", "/licenses/transfers/{id}/computers")
	opUserTransfers        = newOperation(ofLicenses, "getUserTransfers", "/licenses/transfers/{id}/users")
	opCustomValueTransfers = newOperation(ofLicenses, "getCustomValueTransfers", "/licenses/transfers/{id}/custom-values")
	opComputerTracking     = newOperation(ofLicenses, "getComputerTracking", "/licenses/tracking/{id}/computers")
	opUserTracking         = newOperation(ofLicenses, "getUserTracking", "/licenses/tracking/{id}/users")
)

// LicenseTransfers is a record of GET /licenses/transfers/{applicationId}: the kinds
// of transfers that a license has.
type LicenseTransfers struct {
	LicenseID                     ID
	HasComputerTransfer           Bool
	HasUserTransfer               Bool
	HasCustomCompareValueTransfer Bool
}

// Transfers lists the licenses that were transferred to or from an application.
func (c *Client) Transfers(ctx context.Context, application ID) iter.Seq2[LicenseTransfers, error] {
	return list[LicenseTransfers](ctx, c, opTransfers.of(application))
}

// Transfer is a record of GET /licenses/transfers/{applicationId}/computers,
// /users and /custom-values: a license of one application is used for another one.
type Transfer struct {
	LicenseID            ID
	OrganizationID       OrganizationID
	Computer             Opaque `json:"computerId"`
	User                 Opaque `json:"userId"`
	CustomCompareValueID ID
	FromApplicationID    ID
	ToApplicationID      ID
}

// Identity implements rest.Identified. Without what they are for, transfers cannot be told
// apart.
func (t Transfer) Identity() (hash uint64, required bool) {
	if t.Computer == 0 && t.User == 0 && t.CustomCompareValueID == "" {
		return 0, false
	}
	return identityOfAll(t)
}

// ComputerTransfers lists an application's transfers for computers.
func (c *Client) ComputerTransfers(ctx context.Context, application ID) iter.Seq2[Transfer, error] {
	return list[Transfer](ctx, c, opComputerTransfers.of(application))
}

// UserTransfers lists an application's transfers for users.
func (c *Client) UserTransfers(ctx context.Context, application ID) iter.Seq2[Transfer, error] {
	return list[Transfer](ctx, c, opUserTransfers.of(application))
}

// CustomValueTransfers lists an application's transfers for custom values.
func (c *Client) CustomValueTransfers(ctx context.Context, application ID) iter.Seq2[Transfer, error] {
	return list[Transfer](ctx, c, opCustomValueTransfers.of(application))
}

// Track is a record of GET /licenses/tracking/{applicationId}/computers and
// /users: what a computer or user needs of an application, and what a license
// gives it. Version 1.0.0 has none of the fields after the blank line.
type Track struct {
	LicenseID ID
	Computer  Opaque `json:"computerId"`
	User      Opaque `json:"userId"`

	ID                 ID
	MetricID           ID
	InitialRequirement Int
	// Requirement is set for computers.
	Requirement      Int
	ReceivedCoverage Int
}

// Identity implements rest.Identified.
func (t Track) Identity() (hash uint64, required bool) { return identity(t.ID) }

// ComputerTracking lists the coverage of an application on computers.
func (c *Client) ComputerTracking(ctx context.Context, application ID) iter.Seq2[Track, error] {
	return list[Track](ctx, c, opComputerTracking.of(application))
}

// UserTracking lists the coverage of an application for users.
func (c *Client) UserTracking(ctx context.Context, application ID) iter.Seq2[Track, error] {
	return list[Track](ctx, c, opUserTracking.of(application))
}
