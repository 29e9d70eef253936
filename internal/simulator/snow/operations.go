package snow

import "license_exporter/internal/simulator"

// Permissions of the client, as the vendor names them.
const (
	licensePermission      = "sam.license.r"
	applicationPermission  = "sam.application.r"
	agreementPermission    = "sam.agreements.agreement.r"
	organizationPermission = "sam.orgtree.r"
)

// operation is one operation: its name, its path in the vendor's specification, and what answers it. The names are made up: those
// of the vendor are not the same in all versions, and some are twice there.
type operation struct {
	id, path   string
	permission string
	added      bool // not in version 1.0.0
	serve      func(*call) simulator.Answer
}

const (
	always = false
	added  = true
)

// operations are all operations. Where the paths of two fit a request, the first one is meant. In version 1.0.0, which has no
// bulk list of maintenance periods, its path is that of a license.
var operations = []operation{
	{"getMaintenancePeriods", "/api/sam/v1/licenses/maintenance-periods", licensePermission, added, listMaintenance},
	{"getTransfers", "/api/sam/v1/licenses/transfers/{applicationId}", licensePermission, always, listTransferredLicenses},
	{"getComputerTransfers", "/api/sam/v1/licenses/transfers/{applicationId}/computers", licensePermission, always,
		listTransfers(forComputers)},
	{"getUserTransfers", "/api/sam/v1/licenses/transfers/{applicationId}/users", licensePermission, always, listTransfers(forUsers)},
	{"getCustomValueTransfers", "/api/sam/v1/licenses/transfers/{applicationId}/custom-values", licensePermission, always,
		listTransfers(forCustomValues)},
	{"getComputerTracking", "/api/sam/v1/licenses/tracking/{applicationId}/computers", licensePermission, always,
		listTracking(onComputers)},
	{"getUserTracking", "/api/sam/v1/licenses/tracking/{applicationId}/users", licensePermission, always, listTracking(byUsers)},
	{"getComputerEntitlements", "/api/sam/v1/licenses/entitlements/computers", licensePermission, always, listEntitledComputers},
	{"getUserEntitlements", "/api/sam/v1/licenses/entitlements/users", licensePermission, added, listEntitledUsers},
	{"getEntitlementStates", "/api/sam/v1/licenses/entitlements/entitlement-states", licensePermission, always, listEntitlementStates},
	{"getLicenses", "/api/sam/v1/licenses", licensePermission, always, listLicenses},
	{"getLicense", "/api/sam/v1/licenses/{id}", licensePermission, always, refuseLicense},
	{"getLicenseUpgrades", "/api/sam/v1/licenses/{id}/upgrades", licensePermission, always, listUpgrades},
	{"getCosts", "/api/sam/v1/licenses/{id}/costs", licensePermission, always, listCosts},
	{"getAssignmentsSummary", "/api/sam/v1/licenses/{id}/assignments-summary", licensePermission, always, showAssignments},
	{"getComputerAssignments", "/api/sam/v1/licenses/{id}/assignments/computers", licensePermission, always,
		listAssignments(license.computers)},
	{"getDatacenterAssignments", "/api/sam/v1/licenses/{id}/assignments/datacenters", licensePermission, always,
		listAssignments(license.datacenters)},
	{"getOrganizationAssignments", "/api/sam/v1/licenses/{id}/assignments/organizations", licensePermission, always,
		listAssignments(license.organizations)},
	{"getSiteAssignment", "/api/sam/v1/licenses/{id}/assignments/site", licensePermission, always, showSite},
	{"getUserAssignments", "/api/sam/v1/licenses/{id}/assignments/users", licensePermission, always, listAssignments(license.users)},
	{"getEntitlements", "/api/sam/v1/licenses-entitlements", licensePermission, always, listEntitlementSums},
	{"getPolicies", "/api/sam/v1/licenses-policies", licensePermission, always, listPolicies},
	{"getPolicyFields", "/api/sam/v1/licenses-policies/{policyId}/fields", licensePermission, always, listPolicyFields},
	{"getExtendedCoverageTypes", "/api/sam/v1/licenses-extended-coverage-types", licensePermission, always, listCoverageTypes},
	{"getExtendedCoverage", "/api/sam/v1/extended-coverage", licensePermission, always, listExtendedCoverage},
	{"getComplianceSummary", "/api/sam/v1/compliance/summary/{applicationId}", licensePermission, added, listComplianceSummary},
	{"getComplianceAllocation", "/api/sam/v1/compliance/summary/{applicationId}/allocation", licensePermission, added, listAllocation},
	{"getComplianceUsage", "/api/sam/v1/compliance/summary/{applicationId}/usage", licensePermission, added, listUsage},

	{"getAgreements", "/api/sam/v2/agreements", agreementPermission, always, listAgreements},
	{"getAgreement", "/api/sam/v2/agreements/{id}", agreementPermission, always, showAgreement},
	{"getAgreementPeriods", "/api/sam/v2/agreements/{id}/periods", agreementPermission, always, listAgreementPeriods},
	{"getAgreementTypes", "/api/sam/v2/agreement-types", agreementPermission, always, listAgreementTypes},
	{"getApplication", "/api/sam/software-registry/v1/applications/{id}", applicationPermission, always, showApplication},
	{"getCustomMetrics", "/api/custom-metrics/v1/custom-metrics", applicationPermission, always, listCustomMetrics},
	{"getOrganizationTree", "/api/organizations/v1/tree", organizationPermission, always, showTree},
}
