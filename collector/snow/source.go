package snow

import (
	"context"

	"license_exporter/client/rest"
	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// The fields whose values may fail to be read, as they stand in the label field.
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

// fields lists them.
var fields = []string{
	fieldAssignmentType, fieldCost, fieldEndOfSupport, fieldIncompleteReasons, fieldInvalidAssignmentReasons, fieldIsRequired,
	fieldQuantity, fieldReason, fieldStatus, fieldSubscriptionValidFrom, fieldSubscriptionValidTo, fieldTracking,
	fieldUpgradedQuantity, fieldValidFrom, fieldValidTo,
}

// source discovers the organizations of a Snow tenant. All collectors read the
// tenant as a whole, which is the organization with the empty id. The other
// organizations are listed for their names.
type source struct {
	client client
	// account is the name of the tenant if the vendor names no root.
	account string
	region  string
	nodes   cache.Entry[[]api.Organization]
	// listed is set once the organizations have been returned.
	listed bool
}

// Discover implements collector.Source. Names must not keep licenses from being
// read: if the vendor withholds the organizations, or if they cannot be read for
// now, the tenant as a whole is returned all the same. Once they have been
// returned, a failure changes nothing.
func (s *source) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	whole := licensing.Organization{Name: s.account, Region: s.region, APIEnabled: true}
	nodes, err := s.nodes.Get(ctx, younger(r.Now, namesAge, func() ([]api.Organization, error) { return s.client.Organizations(ctx) }))
	switch collector.Classify(err, !s.nodes.State().Valid) {
	case collector.Good:
	case collector.Failed:
		if s.listed || rest.ReasonOf(err) == rest.ReasonAuth { // nothing can be read with a bad credential
			return collector.Discovery{}, err
		}
		return collector.Discovery{Organizations: []licensing.Organization{whole}}, err
	default:
		r.Withhold("the names of the organizations", err)
	}
	s.listed = true
	d := collector.Discovery{}
	for _, node := range nodes {
		switch {
		case node.ID != "":
			o := whole
			o.ID, o.Name = string(node.ID), string(node.Name)
			d.Organizations = append(d.Organizations, o)
		case node.Name != "":
			whole.Name = string(node.Name)
		}
	}
	d.Organizations = append(d.Organizations, whole)
	return d, nil
}
