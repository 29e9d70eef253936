package snow

import (
	"context"
	"iter"
)

// Cost is a record of GET /licenses/{id}/costs: what a license costs an
// organization.
type Cost struct {
	LicenseID                  ID
	OrganizationID             ID
	LicenseQuantity            Int
	LicensePurchaseCost        Number
	CurrentMaintenanceCost     Number
	AccumulatedMaintenanceCost Number
	CurrentSupportCost         Number
	AccumulatedSupportCost     Number
	TotalCost                  Number
	Currency                   Text
}

// Costs lists the costs of a license by organization: GET
// {licenses}/licenses/{id}/costs.
func (c *Client) Costs(ctx context.Context, license ID) iter.Seq2[Cost, error] {
	return list[Cost](ctx, c, listing{operation: opCosts, path: below(c.prefixes.Licenses, "/licenses/", license, "/costs")})
}

// CostsSummary is the answer of GET /licenses/{id}/costs-summary.
type CostsSummary struct {
	LicenseID                     ID
	Quantity                      Int
	PurchaseCost                  Number
	CurrentMaintenanceCost        Number
	AccumulatedMaintenanceCost    Number
	CurrentSupportCost            Number
	AccumulatedSupportCost        Number
	TotalCost                     Number
	AverageCostPerLicensePurchase Number
	Currency                      Text
}

func (s CostsSummary) about() ID { return s.LicenseID }

// CostsSummary returns the costs of a license: GET
// {licenses}/licenses/{id}/costs-summary.
func (c *Client) CostsSummary(ctx context.Context, license ID) (CostsSummary, error) {
	return get[CostsSummary](ctx, c, opCostsSummary, below(c.prefixes.Licenses, "/licenses/", license, "/costs-summary"))
}
