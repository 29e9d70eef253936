package snow

import (
	"context"
	"iter"
)

// The operations of this file.
var (
	opAgreements       = newOperation(ofAgreements, "getAgreements", "/agreements")
	opAgreement        = newOperation(ofAgreements, "getAgreement", "/agreements/{id}")
	opAgreementPeriods = newOperation(ofAgreements, "getAgreementPeriods", "/agreements/{id}/periods")
	opAgreementTypes   = newOperation(ofAgreements, "getAgreementTypes", "/agreement-types")
)

// AgreementItem is a record of GET /agreements. It has no dates.
type AgreementItem struct {
	ID ID
	// AssignedID is the number that the tenant gave it.
	AssignedID Text
}

// Identity implements rest.Identified.
func (a AgreementItem) Identity() (hash uint64, required bool) { return a.ID.Hash(), true }

// Agreements lists the agreements.
func (c *Client) Agreements(ctx context.Context) iter.Seq2[AgreementItem, error] {
	return list[AgreementItem](ctx, c, opAgreements)
}

// Agreement is the answer of GET /agreements/{id}, less its contacts.
type Agreement struct {
	ID     ID
	Name   Text
	TypeID ID
	// IsSubscription means that the agreement's periods are those of its
	// licenses.
	IsSubscription Bool
	// RenewalDays is how many days before the end the agreement must be renewed or is
	// renewed automatically.
	RenewalDays            Int
	IsAlertingOnExpiration Bool
	// WarningDayLimit and CriticalDayLimit are how many days before the end the
	// vendor warns the tenant.
	WarningDayLimit  Int
	CriticalDayLimit Int
	ManufacturerName Text
}

func (a Agreement) about() ID { return a.ID }

// Agreement returns an agreement.
func (c *Client) Agreement(ctx context.Context, id ID) (Agreement, error) {
	return get[Agreement](ctx, c, opAgreement.of(id), id)
}

// AgreementPeriod is a record of GET /agreements/{id}/periods. It has no Identity: according
// to the documentation, ID may be that of the agreement, so that several periods have it.
type AgreementPeriod struct {
	ID        ID
	ValidFrom Time
	ValidTo   Time
}

// AgreementPeriods lists the periods in which an agreement is in force.
func (c *Client) AgreementPeriods(ctx context.Context, agreement ID) iter.Seq2[AgreementPeriod, error] {
	return list[AgreementPeriod](ctx, c, opAgreementPeriods.of(agreement))
}

// AgreementType is a record of GET /agreement-types.
type AgreementType struct {
	ID   ID
	Name Text
}

// Identity implements rest.Identified.
func (t AgreementType) Identity() (hash uint64, required bool) { return identity(t.ID) }

// AgreementTypes lists the types of agreements.
func (c *Client) AgreementTypes(ctx context.Context) iter.Seq2[AgreementType, error] {
	return list[AgreementType](ctx, c, opAgreementTypes)
}
