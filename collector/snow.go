package collector

import (
	"context"
	"iter"

	"license_exporter/client/snow"
)

// VendorSnow is the value of the label vendor for Snow Atlas.
const VendorSnow = "snow"

// SnowClient is what the Snow collectors need of a client.
type SnowClient interface {
	Licenses(context.Context) iter.Seq2[snow.License, error]
	Upgrades(ctx context.Context, license snow.ID) iter.Seq2[snow.Upgrade, error]
	MaintenancePeriods(context.Context) iter.Seq2[snow.MaintenancePeriod, error]
	Entitlements(context.Context) iter.Seq2[snow.Entitlement, error]
	ComputerEntitlements(context.Context) iter.Seq2[snow.SubjectEntitlement, error]
	UserEntitlements(context.Context) iter.Seq2[snow.SubjectEntitlement, error]
	EntitlementStates(context.Context) iter.Seq2[snow.EntitlementState, error]
	Agreements(context.Context) iter.Seq2[snow.AgreementItem, error]
	Agreement(ctx context.Context, id snow.ID) (snow.Agreement, error)
	AgreementPeriods(ctx context.Context, agreement snow.ID) iter.Seq2[snow.AgreementPeriod, error]
	AgreementTypes(context.Context) iter.Seq2[snow.AgreementType, error]
	ComplianceSummary(ctx context.Context, application snow.ID) iter.Seq2[snow.ComplianceSummary, error]
	ComplianceAllocation(ctx context.Context, application snow.ID) iter.Seq2[snow.ComplianceAllocation, error]
	ComplianceUsage(ctx context.Context, application snow.ID) iter.Seq2[snow.ComplianceUsage, error]
	Policies(context.Context) iter.Seq2[snow.Policy, error]
	PolicyFields(ctx context.Context, policy snow.ID) iter.Seq2[snow.PolicyField, error]
	ExtendedCoverage(context.Context) iter.Seq2[snow.ExtendedCoverage, error]
	ExtendedCoverageTypes(context.Context) iter.Seq2[snow.ExtendedCoverageType, error]
	Transfers(ctx context.Context, application snow.ID) iter.Seq2[snow.LicenseTransfers, error]
	ComputerTransfers(ctx context.Context, application snow.ID) iter.Seq2[snow.Transfer, error]
	UserTransfers(ctx context.Context, application snow.ID) iter.Seq2[snow.Transfer, error]
	CustomValueTransfers(ctx context.Context, application snow.ID) iter.Seq2[snow.Transfer, error]
	ComputerTracking(ctx context.Context, application snow.ID) iter.Seq2[snow.Track, error]
	UserTracking(ctx context.Context, application snow.ID) iter.Seq2[snow.Track, error]
	Costs(ctx context.Context, license snow.ID) iter.Seq2[snow.Cost, error]
	AssignmentsSummary(ctx context.Context, license snow.ID) (snow.AssignmentsSummary, error)
	ComputerAssignments(ctx context.Context, license snow.ID) iter.Seq2[snow.Assignment, error]
	DatacenterAssignments(ctx context.Context, license snow.ID) iter.Seq2[snow.Assignment, error]
	OrganizationAssignments(ctx context.Context, license snow.ID) iter.Seq2[snow.Assignment, error]
	UserAssignments(ctx context.Context, license snow.ID) iter.Seq2[snow.Assignment, error]
	SiteAssignment(ctx context.Context, license snow.ID) (snow.Assignment, error)
	Application(ctx context.Context, id snow.ID) (snow.Application, error)
	CustomMetrics(context.Context) iter.Seq2[snow.CustomMetric, error]
	Organizations(context.Context) ([]snow.Organization, error)
}

var _ SnowClient = (*snow.Client)(nil)
