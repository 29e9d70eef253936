package snow

import (
	"context"
	"fmt"
	"iter"

	"license_exporter/client/scalar"
)

// The operations of this file.
var (
	opComplianceSummary    = newOperation(ofLicenses, "getComplianceSummary", "/compliance/summary/{id}", added, unpaged)
	opComplianceAllocation = newOperation(ofLicenses, "getComplianceAllocation", "/compliance/summary/{id}/allocation", added, unpaged)
	opComplianceUsage      = newOperation(ofLicenses, "getComplianceUsage", "/compliance/summary/{id}/usage", added, unpaged)
)

// ComplianceSummary is a record of GET /compliance/summary/{applicationId}: the
// compliance of an application by one metric.
type ComplianceSummary struct {
	MetricID ID
	// Compliance is the coverage less the requirement. Below 0, licenses are missing.
	Compliance                  Int
	AvailableLicenses           Int
	LicensesPurchased           Int
	LicenseRequirement          Int
	TotalCoverage               Int
	ExpiredSubscriptionLicenses Int
	IncompleteLicenses          Int
	InvalidAssignments          Int
	Unassigned                  Int
}

// Identity implements rest.Identified. Records that contradict each other are different.
func (s ComplianceSummary) Identity() (hash uint64, required bool) {
	if s.MetricID == "" {
		return 0, false
	}
	return scalar.Hash(fmt.Sprint(s.MetricID, s.Compliance)), false
}

// ComplianceSummary lists the compliance of an application, one record for each of
// its metrics, since 1.6. Before, it fails with rest.ErrNotApplicable.
func (c *Client) ComplianceSummary(ctx context.Context, application ID) iter.Seq2[ComplianceSummary, error] {
	return list[ComplianceSummary](ctx, c, opComplianceSummary.of(application))
}

// ComplianceAllocation is a record of GET
// /compliance/summary/{applicationId}/allocation.
type ComplianceAllocation struct {
	MetricID       ID
	OrganizationID OrganizationID
	Requirement    Int
	Coverage       Int
	Compliance     Int
}

// ComplianceAllocation lists the compliance of an application by organization and
// metric, since 1.6. Before, it fails with rest.ErrNotApplicable.
func (c *Client) ComplianceAllocation(ctx context.Context, application ID) iter.Seq2[ComplianceAllocation, error] {
	return list[ComplianceAllocation](ctx, c, opComplianceAllocation.of(application))
}

// ComplianceUsage is a record of GET
// /compliance/summary/{applicationId}/usage: how much of the requirement by one metric
// is covered by licenses of another metric.
type ComplianceUsage struct {
	MetricID            ID
	LicenseMetricID     ID
	OtherMetricCoverage Int
}

// ComplianceUsage lists the coverage of an application across metrics, since 1.6. Before,
// it fails with rest.ErrNotApplicable.
func (c *Client) ComplianceUsage(ctx context.Context, application ID) iter.Seq2[ComplianceUsage, error] {
	return list[ComplianceUsage](ctx, c, opComplianceUsage.of(application))
}
