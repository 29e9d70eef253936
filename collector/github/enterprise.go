package github

import (
	"context"

	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The units of seats.
const (
	unitUser      = "user"
	unitCommitter = "committer"
)

// The products other than those of Advanced Security and the plans of organizations.
const (
	productCopilot    = "copilot"
	productEnterprise = "enterprise"
	productServer     = "enterprise_server"
)

// enterpriseCollector reads the seats of enterprises.
type enterpriseCollector struct{ *account }

// Applies implements collector.Collector.
func (enterpriseCollector) Applies(o licensing.Organization) bool { return o.Model == modelEnterprise }

// Update implements collector.Collector.
func (c enterpriseCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	seats, err := c.client.ConsumedLicenses(ctx, o.ID)
	if good, err := c.optional(r, "the seats", o.ID, err); !good {
		return err
	}
	addProduct(r, o.ID, productEnterprise, "GitHub Enterprise", "")
	addSeats(r, o.ID, productEnterprise, unitUser, seats.Purchased, seats.Consumed)
	return nil
}

// optional reports whether an optional operation was answered. If it was refused and has not
// been answered for the organization before, what it reads is withheld, and failure is nil.
func (a *account) optional(r *collector.Report, what, organization string, err error) (good bool, failure error) {
	what += " of " + organization
	if a.memory.Classify(what, err) == collector.Withheld {
		r.Withhold(what, err)
		return false, nil
	}
	return err == nil, err
}

// addSeats adds the seats of a product. A limit of 0 is left out: with usage-based billing,
// no seats are bought in advance.
func addSeats(r *collector.Report, organization, product, unit string, bought, used scalar.Count) {
	seats := licensing.Seats{Assigned: used.Pointer()}
	if bought.Value > 0 {
		seats.Limit = bought.Pointer()
	}
	if seats != (licensing.Seats{}) {
		r.Organization(organization).SeatsOf(licensing.SeatsKey{Product: product, Unit: unit}, seats)
	}
}

func addProduct(r *collector.Report, organization, id, name, tier string) {
	r.Organization(organization).Product(licensing.Product{ID: id, Name: name, Manufacturer: "GitHub", FeatureTier: tier})
}
