package snow

import "net/url"

// The operations, for the label operation. The vendor documents paths only, so the
// names are the exporter's own.
const (
	opLicenses                = "getLicenses"
	opUpgrades                = "getLicenseUpgrades"
	opMaintenancePeriods      = "getMaintenancePeriods"
	opEntitlements            = "getEntitlements"
	opComputerEntitlements    = "getComputerEntitlements"
	opUserEntitlements        = "getUserEntitlements"
	opEntitlementStates       = "getEntitlementStates"
	opAgreements              = "getAgreements"
	opAgreement               = "getAgreement"
	opAgreementPeriods        = "getAgreementPeriods"
	opAgreementTypes          = "getAgreementTypes"
	opComplianceSummary       = "getComplianceSummary"
	opComplianceAllocation    = "getComplianceAllocation"
	opComplianceUsage         = "getComplianceUsage"
	opPolicies                = "getPolicies"
	opPolicyFields            = "getPolicyFields"
	opExtendedCoverage        = "getExtendedCoverage"
	opExtendedCoverageTypes   = "getExtendedCoverageTypes"
	opTransfers               = "getTransfers"
	opComputerTransfers       = "getComputerTransfers"
	opUserTransfers           = "getUserTransfers"
	opCustomValueTransfers    = "getCustomValueTransfers"
	opComputerTracking        = "getComputerTracking"
	opUserTracking            = "getUserTracking"
	opCosts                   = "getCosts"
	opAssignmentsSummary      = "getAssignmentsSummary"
	opComputerAssignments     = "getComputerAssignments"
	opDatacenterAssignments   = "getDatacenterAssignments"
	opOrganizationAssignments = "getOrganizationAssignments"
	opSiteAssignment          = "getSiteAssignment"
	opUserAssignments         = "getUserAssignments"
	opApplication             = "getApplication"
	opCustomMetrics           = "getCustomMetrics"
	opOrganizations           = "getOrganizationTree"
)

// below returns a path with an escaped identifier in it.
func below(prefix, before string, id ID, after string) string {
	return prefix + before + url.PathEscape(string(id)) + after
}
