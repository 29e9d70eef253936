package snow

import (
	"context"
	"iter"
)

// Cost is a record of GET /licenses/{id}/costs: what a license costs an
// organization.
type Cost struct {
	OrganizationID             ID
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
