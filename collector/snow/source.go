package snow

import (
	"context"

	"license_exporter/client/rest"
	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// The values of the label field of the parse error counter: the names of fields
// in the API.
const (
	fieldAssignmentType           = "assignmentType"
	fieldCost                     = "cost"
	fieldEndOfSupport             = "endOfSupportDate"
	fieldIncompleteReasons        = "incompleteReasons"
	fieldInvalidAssignmentReasons = "invalidAssignmentReasons"
	fieldIsRequired               = "isRequired"
	fieldQuantity                 = "quantity"
	fieldReason                   = "reason"
	fieldStatus                   = "status"
	fieldSubscriptionValidFrom    = "subscriptionValidFrom"
	fieldSubscriptionValidTo      = "subscriptionValidTo"
	fieldTracking                 = "tracking"
	fieldUpgradedQuantity         = "upgradedQuantity"
	fieldValidFrom                = "validFrom"
	fieldValidTo                  = "validTo"
)

// fields lists all fields above.
var fields = []string{
	fieldAssignmentType, fieldCost, fieldEndOfSupport, fieldIncompleteReasons, fieldInvalidAssignmentReasons, fieldIsRequired,
	fieldQuantity, fieldReason, fieldStatus, fieldSubscriptionValidFrom, fieldSubscriptionValidTo, fieldTracking,
	fieldUpgradedQuantity, fieldValidFrom, fieldValidTo,
}

// source lists the organizations of a Snow tenant. All collectors read the
// account as a whole. The other organizations are listed only for their names.
type source struct {
	client *api.Client
	// account is the name of the account as a whole if the vendor does not
	// report the name of the tenant.
	account string
	region  string
	nodes   cache.Entry[[]api.Organization]
	// memory knows whether the organizations could be read before.
	memory *collector.Memory
}

// Discover implements collector.Source. Missing names must not prevent the
// collection of licenses: if the vendor withholds the organizations or the first
// request for them fails, Discover still returns the account as a whole. Once they
// could be read, it only returns the error of a failure, and the engine keeps the
// organizations.
func (s *source) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	const operation = "organizations"
	account := licensing.Organization{Name: s.account, Region: s.region}
	nodes, err := s.nodes.Get(ctx, fetchIfOlder(r.Now, namesMaxAge, func() ([]api.Organization, error) { return s.client.Organizations(ctx) }))
	switch s.memory.Classify(operation, err) {
	case collector.Good:
	case collector.Failed:
		if s.memory.Has(operation) || rest.ReasonOf(err) == rest.ReasonAuth { // collectors cannot succeed with a bad credential
			return collector.Discovery{}, err
		}
		return collector.Discovery{Organizations: []licensing.Organization{account}}, err
	default:
		r.Withhold("the names of the organizations", err)
	}
	d := collector.Discovery{}
	for _, node := range nodes {
		switch {
		case node.ID != "":
			o := account
			o.ID, o.Name = string(node.ID), string(node.Name)
			d.Organizations = append(d.Organizations, o)
		case node.Name != "":
			account.Name = string(node.Name)
		}
	}
	d.Organizations = append(d.Organizations, account)
	return d, nil
}
