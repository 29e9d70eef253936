package snow

import (
	"context"
	"iter"
)

// LicenseTransfers is a record of GET /licenses/transfers/{applicationId}: the kinds
// of transfers that a license has.
type LicenseTransfers struct {
	LicenseID                     ID
	HasComputerTransfer           Bool
	HasUserTransfer               Bool
	HasCustomCompareValueTransfer Bool
}

// Transfers lists the licenses that were transferred to or from an application:
// GET {licenses}/licenses/transfers/{applicationId}.
func (c *Client) Transfers(ctx context.Context, application ID) iter.Seq2[LicenseTransfers, error] {
	return list[LicenseTransfers](ctx, c, c.transfers(opTransfers, application, ""))
}

// Transfer is a record of GET /licenses/transfers/{applicationId}/computers,
// /users and /custom-values: a license of one application is used for another one.
type Transfer struct {
	LicenseID            ID
	OrganizationID       ID
	Computer             Opaque `json:"computerId"`
	User                 Opaque `json:"userId"`
	CustomCompareValueID ID
	FromApplicationID    ID
	ToApplicationID      ID
}

// ComputerTransfers lists an application's transfers for computers: GET
// {licenses}/licenses/transfers/{applicationId}/computers.
func (c *Client) ComputerTransfers(ctx context.Context, application ID) iter.Seq2[Transfer, error] {
	return list[Transfer](ctx, c, c.transfers(opComputerTransfers, application, "/computers"))
}

// UserTransfers lists an application's transfers for users: GET
// {licenses}/licenses/transfers/{applicationId}/users.
func (c *Client) UserTransfers(ctx context.Context, application ID) iter.Seq2[Transfer, error] {
	return list[Transfer](ctx, c, c.transfers(opUserTransfers, application, "/users"))
}

// CustomValueTransfers lists an application's transfers for custom values: GET
// {licenses}/licenses/transfers/{applicationId}/custom-values.
func (c *Client) CustomValueTransfers(ctx context.Context, application ID) iter.Seq2[Transfer, error] {
	return list[Transfer](ctx, c, c.transfers(opCustomValueTransfers, application, "/custom-values"))
}

func (c *Client) transfers(operation string, application ID, of string) listing {
	return listing{operation: operation, path: below(c.prefixes.Licenses, "/licenses/transfers/", application, of)}
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

// ComputerTracking lists the coverage of an application on computers: GET
// {licenses}/licenses/tracking/{applicationId}/computers.
func (c *Client) ComputerTracking(ctx context.Context, application ID) iter.Seq2[Track, error] {
	return list[Track](ctx, c, c.tracking(opComputerTracking, application, "/computers"))
}

// UserTracking lists the coverage of an application for users: GET
// {licenses}/licenses/tracking/{applicationId}/users.
func (c *Client) UserTracking(ctx context.Context, application ID) iter.Seq2[Track, error] {
	return list[Track](ctx, c, c.tracking(opUserTracking, application, "/users"))
}

func (c *Client) tracking(operation string, application ID, of string) listing {
	return listing{operation: operation, path: below(c.prefixes.Licenses, "/licenses/tracking/", application, of)}
}
