package snow

import (
	"context"
	"iter"

	api "license_exporter/client/snow"
)

// client contains the methods of api.Client that the collectors use.
type client interface {
	Licenses(context.Context) iter.Seq2[api.License, error]
	Upgrades(ctx context.Context, license api.ID) iter.Seq2[api.Upgrade, error]
	MaintenancePeriods(context.Context) iter.Seq2[api.MaintenancePeriod, error]
	Entitlements(context.Context) iter.Seq2[api.Entitlement, error]
	ComputerEntitlements(context.Context) iter.Seq2[api.SubjectEntitlement, error]
	UserEntitlements(context.Context) iter.Seq2[api.SubjectEntitlement, error]
	EntitlementStates(context.Context) iter.Seq2[api.EntitlementState, error]
	Agreements(context.Context) iter.Seq2[api.AgreementItem, error]
	Agreement(ctx context.Context, id api.ID) (api.Agreement, error)
	AgreementPeriods(ctx context.Context, agreement api.ID) iter.Seq2[api.AgreementPeriod, error]
	AgreementTypes(context.Context) iter.Seq2[api.AgreementType, error]
	ComplianceSummary(ctx context.Context, application api.ID) iter.Seq2[api.ComplianceSummary, error]
	ComplianceAllocation(ctx context.Context, application api.ID) iter.Seq2[api.ComplianceAllocation, error]
	ComplianceUsage(ctx context.Context, application api.ID) iter.Seq2[api.ComplianceUsage, error]
	Policies(context.Context) iter.Seq2[api.Policy, error]
	PolicyFields(ctx context.Context, policy api.ID) iter.Seq2[api.PolicyField, error]
	ExtendedCoverage(context.Context) iter.Seq2[api.ExtendedCoverage, error]
	ExtendedCoverageTypes(context.Context) iter.Seq2[api.ExtendedCoverageType, error]
	Transfers(ctx context.Context, application api.ID) iter.Seq2[api.LicenseTransfers, error]
	ComputerTransfers(ctx context.Context, application api.ID) iter.Seq2[api.Transfer, error]
	UserTransfers(ctx context.Context, application api.ID) iter.Seq2[api.Transfer, error]
	CustomValueTransfers(ctx context.Context, application api.ID) iter.Seq2[api.Transfer, error]
	ComputerTracking(ctx context.Context, application api.ID) iter.Seq2[api.Track, error]
	UserTracking(ctx context.Context, application api.ID) iter.Seq2[api.Track, error]
	Costs(ctx context.Context, license api.ID) iter.Seq2[api.Cost, error]
	AssignmentsSummary(ctx context.Context, license api.ID) (api.AssignmentsSummary, error)
	ComputerAssignments(ctx context.Context, license api.ID) iter.Seq2[api.Assignment, error]
	DatacenterAssignments(ctx context.Context, license api.ID) iter.Seq2[api.Assignment, error]
	OrganizationAssignments(ctx context.Context, license api.ID) iter.Seq2[api.Assignment, error]
	UserAssignments(ctx context.Context, license api.ID) iter.Seq2[api.Assignment, error]
	SiteAssignment(ctx context.Context, license api.ID) (api.Assignment, error)
	Application(ctx context.Context, id api.ID) (api.Application, error)
	CustomMetrics(context.Context) iter.Seq2[api.CustomMetric, error]
	Organizations(context.Context) ([]api.Organization, error)
}

var _ client = (*api.Client)(nil)
