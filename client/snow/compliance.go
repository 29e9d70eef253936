package snow

import (
	"context"
	"encoding/json"
	"iter"
)

// ComplianceSummary is a record of GET /compliance/summary/{applicationId}: an
// application by one metric.
type ComplianceSummary struct {
	MetricID ID
	// Figures are those of complianceFigures that the vendor gives, by name.
	Figures map[string]Int
}

// The figures of a ComplianceSummary that are read, in the vendor's spelling.
const (
	FigureCompliance                  = "compliance" // coverage less requirement: below 0, licenses are missing
	FigureAvailableLicenses           = "availableLicenses"
	FigureLicensesPurchased           = "licensesPurchased"
	FigureLicenseRequirement          = "licenseRequirement"
	FigureTotalCoverage               = "totalCoverage"
	FigureExpiredSubscriptionLicenses = "expiredSubscriptionLicenses"
	FigureIncompleteLicenses          = "incompleteLicenses"
	FigureInvalidAssignments          = "invalidAssignments"
	FigureUnassigned                  = "unassigned"
)

var complianceFigures = []string{
	FigureCompliance, FigureAvailableLicenses, FigureLicensesPurchased, FigureLicenseRequirement, FigureTotalCoverage,
	FigureExpiredSubscriptionLicenses, FigureIncompleteLicenses, FigureInvalidAssignments, FigureUnassigned,
}

// UnmarshalJSON reads the figures, which stand beside the identifiers.
func (s *ComplianceSummary) UnmarshalJSON(b []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	*s = ComplianceSummary{Figures: map[string]Int{}}
	_ = s.MetricID.UnmarshalJSON(members["metricId"])
	for _, name := range complianceFigures {
		if value, ok := members[name]; ok {
			var figure Int
			_ = figure.UnmarshalJSON(value)
			s.Figures[name] = figure
		}
	}
	return nil
}

// ComplianceSummary lists the compliance of an application, one record for each
// of its metrics, or fails with ErrUnsupported: GET
// {licenses}/compliance/summary/{applicationId}, since 1.6.
func (c *Client) ComplianceSummary(ctx context.Context, application ID) iter.Seq2[ComplianceSummary, error] {
	return list[ComplianceSummary](ctx, c, c.compliance(opComplianceSummary, application, ""))
}

// ComplianceAllocation is a record of GET
// /compliance/summary/{applicationId}/allocation.
type ComplianceAllocation struct {
	MetricID       ID
	OrganizationID ID
	Requirement    Int
	Coverage       Int
	Compliance     Int
}

// ComplianceAllocation lists the compliance of an application by organization
// and metric, or fails with ErrUnsupported: GET
// {licenses}/compliance/summary/{applicationId}/allocation, since 1.6.
func (c *Client) ComplianceAllocation(ctx context.Context, application ID) iter.Seq2[ComplianceAllocation, error] {
	return list[ComplianceAllocation](ctx, c, c.compliance(opComplianceAllocation, application, "/allocation"))
}

// ComplianceUsage is a record of GET
// /compliance/summary/{applicationId}/usage: what licenses of one metric cover
// of another one's requirement.
type ComplianceUsage struct {
	MetricID            ID
	LicenseMetricID     ID
	OtherMetricCoverage Int
}

// ComplianceUsage lists the coverage across metrics of an application, or fails
// with ErrUnsupported: GET {licenses}/compliance/summary/{applicationId}/usage,
// since 1.6.
func (c *Client) ComplianceUsage(ctx context.Context, application ID) iter.Seq2[ComplianceUsage, error] {
	return list[ComplianceUsage](ctx, c, c.compliance(opComplianceUsage, application, "/usage"))
}

func (c *Client) compliance(operation string, application ID, of string) listing {
	return listing{
		operation: operation, path: below(c.prefixes.Licenses, "/compliance/summary/", application, of),
		added: true, whole: true,
	}
}
