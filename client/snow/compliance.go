package snow

import (
	"context"
	"encoding/json"
	"iter"
)

// ComplianceSummary is a record of GET /compliance/summary/{applicationId}: the
// compliance of an application by one metric.
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

// complianceFigures lists the figures that are decoded, in the vendor's order and
// spelling. Others are ignored, so the set is closed.
var complianceFigures = []string{
	FigureCompliance, FigureAvailableLicenses, FigureLicensesPurchased, FigureLicenseRequirement, FigureTotalCoverage,
	FigureExpiredSubscriptionLicenses, FigureIncompleteLicenses, FigureInvalidAssignments, FigureUnassigned,
}

// UnmarshalJSON implements json.Unmarshaler. The figures are members of the record,
// like its identifiers.
func (s *ComplianceSummary) UnmarshalJSON(b []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	*s = ComplianceSummary{}
	_ = s.MetricID.UnmarshalJSON(members["metricId"])
	for _, name := range complianceFigures {
		if value, ok := members[name]; ok {
			var figure Int
			_ = figure.UnmarshalJSON(value)
			if s.Figures == nil { // an object without figures is no record
				s.Figures = map[string]Int{}
			}
			s.Figures[name] = figure
		}
	}
	return nil
}

// Identity implements rest.Identified.
func (s ComplianceSummary) Identity() (hash uint64, required bool) { return identity(s.MetricID) }

// ComplianceSummary lists the compliance of an application, one record for each of
// its metrics, since 1.6. Before, it fails with rest.ErrNotApplicable.
func (c *Client) ComplianceSummary(ctx context.Context, application ID) iter.Seq2[ComplianceSummary, error] {
	return list[ComplianceSummary](ctx, c, c.compliance("getComplianceSummary", "", application))
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
	return list[ComplianceAllocation](ctx, c, c.compliance("getComplianceAllocation", "/allocation", application))
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
	return list[ComplianceUsage](ctx, c, c.compliance("getComplianceUsage", "/usage", application))
}

func (c *Client) compliance(name, of string, application ID) operation {
	o := added(c.licenses(name, "/compliance/summary/{id}"+of, application))
	o.unpaged = true
	return o
}
