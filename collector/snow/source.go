package snow

import (
	"context"
	"sync/atomic"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// Fields whose values are compared with those that the vendor documents.
const (
	fieldAssignmentType = "assignmentType"
	fieldReason         = "reason"
	fieldStatus         = "status"
)

// fields lists the values of the label field of the parse error counter: the names of
// fields in the API.
var fields = scalar.Fields(
	api.Agreement{}, api.AgreementItem{}, api.AgreementPeriod{}, api.AgreementType{}, api.Application{}, api.Assignment{},
	api.AssignmentsSummary{}, api.ComplianceAllocation{}, api.ComplianceSummary{}, api.ComplianceUsage{}, api.Cost{}, api.CustomMetric{},
	api.Entitlement{}, api.EntitlementState{}, api.ExtendedCoverage{}, api.ExtendedCoverageType{}, api.License{}, api.LicenseTransfers{},
	api.MaintenancePeriod{}, api.Organization{}, api.Policy{}, api.PolicyField{}, api.SubjectEntitlement{}, api.Track{}, api.Transfer{},
)

// source lists the organizations of a Snow tenant. All collectors read the
// account as a whole. The other organizations are listed only for their names.
type source struct {
	client *api.Client
	// account is the name of the account as a whole, which is the tenant.
	account string
	region  string
	nodes   collector.Daily[[]api.Organization]
	// memory knows whether the organizations could be read before.
	memory *collector.Memory
}

// Discover implements collector.Source. Missing names must not prevent the
// collection of licenses: if the vendor withholds the organizations or the first
// request for them fails, Discover still returns the account as a whole. Once they
// could be read, it only returns the error of a failure, and the engine keeps the
// organizations. A list without any is such a failure after one that had some, and
// otherwise a problem.
func (s *source) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	const operation = "organizations"
	account := licensing.Organization{Name: s.account, Region: s.region}
	root := account
	root.ID, root.Name = rootOrganization, ""
	nodes, err := s.nodes.Get(ctx, r, func(ctx context.Context) ([]api.Organization, error) {
		nodes, err := s.client.Organizations(ctx)
		listed := collector.Remembered[atomic.Bool](s.memory, "organizations")
		if err == nil && len(nodes) == 0 && listed.Load() {
			return nil, collector.NoOrganization(0)
		}
		listed.Store(listed.Load() || len(nodes) > 0)
		return nodes, err
	})
	switch s.memory.Classify(operation, err) {
	case collector.Good:
		if len(nodes) == 0 {
			root.Problem = collector.NoOrganization(0).Error()
		}
	case collector.Failed:
		if s.memory.Has(operation) || rest.ReasonOf(err) == rest.ReasonAuth { // collectors cannot succeed with a bad credential
			return collector.Discovery{}, err
		}
		return collector.Discovery{Organizations: []licensing.Organization{account, root}}, err
	default:
		r.Withhold("the names of the organizations", err)
	}
	organizations := []licensing.Organization{account}
	for _, node := range nodes {
		o := account
		o.ID, o.Name = string(node.ID), string(node.Name)
		if node.ID == api.RootOrganization {
			root = o
		} else {
			organizations = append(organizations, o)
		}
	}
	return collector.Discovery{Organizations: append(organizations, root)}, nil
}
