package snow

import (
	"context"
	"iter"
)

// AgreementItem is a record of GET /agreements. It has no dates.
type AgreementItem struct {
	ID ID
	// AssignedID is the number that the tenant gave it.
	AssignedID Text
}

// Agreements lists the agreements: GET {agreements}/agreements.
func (c *Client) Agreements(ctx context.Context) iter.Seq2[AgreementItem, error] {
	return list[AgreementItem](ctx, c, listing{
		operation: opAgreements, path: c.prefixes.Agreements + "/agreements",
	})
}

// Agreement is the answer of GET /agreements/{id}, less its contacts.
type Agreement struct {
	ID     ID
	Name   Text
	TypeID ID
	// IsSubscription means that the agreement's periods are those of its
	// licenses.
	IsSubscription         Bool
	RenewalDays            Int
	IsAlertingOnExpiration Bool
	// WarningDayLimit and CriticalDayLimit are how many days before the end the
	// vendor warns the tenant.
	WarningDayLimit  Int
	CriticalDayLimit Int
	ManufacturerName Text
}

func (a Agreement) about() ID { return a.ID }

// Agreement returns an agreement: GET {agreements}/agreements/{id}.
func (c *Client) Agreement(ctx context.Context, id ID) (Agreement, error) {
	return get[Agreement](ctx, c, opAgreement, below(c.prefixes.Agreements, "/agreements/", id, ""))
}

// AgreementPeriod is a record of GET /agreements/{id}/periods.
type AgreementPeriod struct {
	ID        ID
	ValidFrom Time
	ValidTo   Time
}

// AgreementPeriods lists the periods in which an agreement is in force: GET
// {agreements}/agreements/{id}/periods.
func (c *Client) AgreementPeriods(ctx context.Context, agreement ID) iter.Seq2[AgreementPeriod, error] {
	return list[AgreementPeriod](ctx, c, listing{
		operation: opAgreementPeriods, path: below(c.prefixes.Agreements, "/agreements/", agreement, "/periods"),
	})
}

// AgreementType is a record of GET /agreement-types.
type AgreementType struct {
	ID   ID
	Name Text
}

// AgreementTypes lists the types of agreements: GET
// {agreements}/agreement-types.
func (c *Client) AgreementTypes(ctx context.Context) iter.Seq2[AgreementType, error] {
	return list[AgreementType](ctx, c, listing{
		operation: opAgreementTypes, path: c.prefixes.Agreements + "/agreement-types",
	})
}
