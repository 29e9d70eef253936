package snow

import (
	"context"
	"iter"
)

// The operations of this file.
var (
	opEntitlements         = newOperation(ofLicenses, "getEntitlements", "/licenses-entitlements")
	opComputerEntitlements = newOperation(ofLicenses, "getComputerEntitlements", "/licenses/entitlements/computers")
	opUserEntitlements     = newOperation(ofLicenses, "getUserEntitlements", "/licenses/entitlements/users", added)
	opEntitlementStates    = newOperation(ofLicenses, "getEntitlementStates", "/licenses/entitlements/entitlement-states", single)
)

// Entitlement is a record of GET /licenses-entitlements: how much of an
// application an organization may use. It has no identifier. All fields except the
// quantity identify it.
type Entitlement struct {
	ApplicationID  ID
	OrganizationID OrganizationID
	MetricID       ID
	AssignmentType AssignmentType
	Quantity       Int
}

// Entitlements lists the entitlements.
func (c *Client) Entitlements(ctx context.Context) iter.Seq2[Entitlement, error] {
	return list[Entitlement](ctx, c, opEntitlements)
}

// SubjectEntitlement is a record of GET /licenses/entitlements/computers and
// /users: the state of an application on a computer or for a user.
type SubjectEntitlement struct {
	Computer           Opaque `json:"computerId"`
	User               Opaque `json:"userId"`
	ApplicationID      ID
	MetricID           ID
	EntitlementStateID ID
}

// Identity implements rest.Identified. Without what they are for, states cannot be told
// apart.
func (e SubjectEntitlement) Identity() (hash uint64, required bool) {
	if e.Computer == 0 && e.User == 0 {
		return 0, false
	}
	return identityOfAll(e)
}

// ComputerEntitlements lists the states of applications on computers. There are as many
// as computers times applications.
func (c *Client) ComputerEntitlements(ctx context.Context) iter.Seq2[SubjectEntitlement, error] {
	return list[SubjectEntitlement](ctx, c, opComputerEntitlements)
}

// UserEntitlements lists the states of applications for users, since 1.6. Before, it
// fails with rest.ErrNotApplicable.
func (c *Client) UserEntitlements(ctx context.Context) iter.Seq2[SubjectEntitlement, error] {
	return list[SubjectEntitlement](ctx, c, opUserEntitlements)
}

// EntitlementState is a record of GET
// /licenses/entitlements/entitlement-states.
type EntitlementState struct {
	ID ID
	// Name is "Partially covered", for example.
	Name Text
}

// EntitlementStates lists the states that entitlements may have. According to its
// documentation, version 1.0.0 returns one state instead of a listing.
func (c *Client) EntitlementStates(ctx context.Context) iter.Seq2[EntitlementState, error] {
	return list[EntitlementState](ctx, c, opEntitlementStates)
}
