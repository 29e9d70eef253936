package snow

import "license_exporter/internal/simulator"

// Permissions of the client, as the vendor names them.
const (
	licensePermission      = "sam.license.r"
	applicationPermission  = "sam.application.r"
	agreementPermission    = "sam.agreements.agreement.r"
	contractPermission     = "sam.contracts.contract.r"
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
	{"getComputerTransfer", "/api/sam/v1/licenses/transfers/{applicationId}/computers/{computerId}", licensePermission, always,
		showTransfers(forComputers, "computerId")},
	{"getUserTransfers", "/api/sam/v1/licenses/transfers/{applicationId}/users", licensePermission, always, listTransfers(forUsers)},
	{"getUserTransfer", "/api/sam/v1/licenses/transfers/{applicationId}/users/{userId}", licensePermission, always,
		showTransfers(forUsers, "userId")},
	{"getCustomValueTransfers", "/api/sam/v1/licenses/transfers/{applicationId}/custom-values", licensePermission, always,
		listTransfers(forCustomValues)},
	{"getCustomValueTransfer", "/api/sam/v1/licenses/transfers/{applicationId}/custom-values/{customId}", licensePermission, always,
		showTransfers(forCustomValues, "customId")},
	{"getTracking", "/api/sam/v1/licenses/tracking/{applicationId}", licensePermission, always, listTrackedLicenses},
	{"getComputerTracking", "/api/sam/v1/licenses/tracking/{applicationId}/computers", licensePermission, always,
		listTracking(onComputers)},
	{"getComputerTrackingDetails", "/api/sam/v1/licenses/tracking/{applicationId}/computers/{computerId}", licensePermission, always,
		showTracking(onComputers, "computerId")},
	{"getUserTracking", "/api/sam/v1/licenses/tracking/{applicationId}/users", licensePermission, always, listTracking(byUsers)},
	{"getUserTrackingDetails", "/api/sam/v1/licenses/tracking/{applicationId}/users/{userId}", licensePermission, always,
		showTracking(byUsers, "userId")},
	{"getTrackingOfComputer", "/api/sam/v1/licenses/tracking-computers/{computerId}", licensePermission, added, listTracksOfComputer},
	{"getComputerEntitlements", "/api/sam/v1/licenses/entitlements/computers", licensePermission, always, listEntitledComputers},
	{"getUserEntitlements", "/api/sam/v1/licenses/entitlements/users", licensePermission, added, listEntitledUsers},
	{"getEntitlementStates", "/api/sam/v1/licenses/entitlements/entitlement-states", licensePermission, always, listEntitlementStates},
	{"getLicenses", "/api/sam/v1/licenses", licensePermission, always, listLicenses},
	{"getLicense", "/api/sam/v1/licenses/{id}", licensePermission, always, showLicense},
	{"getLicenseUpgrades", "/api/sam/v1/licenses/{id}/upgrades", licensePermission, always, listUpgrades},
	{"getLicenseUpgrade", "/api/sam/v1/licenses/{id}/upgrades/{upgradedLicenseId}", licensePermission, always, showUpgrade},
	{"getLicenseMaintenancePeriods", "/api/sam/v1/licenses/{id}/maintenance-periods", licensePermission, added, listLicenseMaintenance},
	{"getCosts", "/api/sam/v1/licenses/{id}/costs", licensePermission, always, listCosts},
	{"getOrganizationCosts", "/api/sam/v1/licenses/{id}/costs/{organizationId}", licensePermission, always, showCosts},
	{"getCostsSummary", "/api/sam/v1/licenses/{id}/costs-summary", licensePermission, always, showCostSummary},
	{"getAssignmentsSummary", "/api/sam/v1/licenses/{id}/assignments-summary", licensePermission, always, showAssignments},
	{"getComputerAssignments", "/api/sam/v1/licenses/{id}/assignments/computers", licensePermission, always,
		listAssignments(license.computers)},
	{"getComputerAssignment", "/api/sam/v1/licenses/{id}/assignments/computers/{assignmentId}", licensePermission, always,
		showAssignment(license.computers, assignmentItem.id)},
	{"getDatacenterAssignments", "/api/sam/v1/licenses/{id}/assignments/datacenters", licensePermission, always,
		listAssignments(license.datacenters)},
	{"getDatacenterAssignment", "/api/sam/v1/licenses/{id}/assignments/datacenters/{assignmentId}", licensePermission, always,
		showAssignment(license.datacenters, assignmentItem.id)},
	{"getOrganizationAssignments", "/api/sam/v1/licenses/{id}/assignments/organizations", licensePermission, always,
		listAssignments(license.organizations)},
	{"getOrganizationAssignment", "/api/sam/v1/licenses/{id}/assignments/organizations/{assignmentId}", licensePermission, always,
		showAssignment(license.organizations, organizationAssignment.id)},
	{"getSiteAssignment", "/api/sam/v1/licenses/{id}/assignments/site", licensePermission, always, showSite},
	{"getUserAssignments", "/api/sam/v1/licenses/{id}/assignments/users", licensePermission, always, listAssignments(license.users)},
	{"getUserAssignment", "/api/sam/v1/licenses/{id}/assignments/users/{assignmentId}", licensePermission, always,
		showAssignment(license.users, userAssignment.id)},
	{"getEntitlements", "/api/sam/v1/licenses-entitlements", licensePermission, always, listEntitlementSums},
	{"getPolicies", "/api/sam/v1/licenses-policies", licensePermission, always, listPolicies},
	{"getPolicy", "/api/sam/v1/licenses-policies/{policyId}", licensePermission, always, showPolicy},
	{"getPolicyFields", "/api/sam/v1/licenses-policies/{policyId}/fields", licensePermission, always, listPolicyFields},
	{"getPolicyField", "/api/sam/v1/licenses-policies/{policyId}/fields/{fieldId}", licensePermission, always, showPolicyField},
	{"getExtendedCoverageTypes", "/api/sam/v1/licenses-extended-coverage-types", licensePermission, always, listCoverageTypes},
	{"getExtendedCoverage", "/api/sam/v1/extended-coverage", licensePermission, always, listExtendedCoverage},
	{"getExtendedCoverageDetails", "/api/sam/v1/extended-coverage/{coverageId}", licensePermission, always, showExtendedCoverage},
	{"getComplianceSummary", "/api/sam/v1/compliance/summary/{applicationId}", licensePermission, added, listComplianceSummary},
	{"getComplianceAllocation", "/api/sam/v1/compliance/summary/{applicationId}/allocation", licensePermission, added, listAllocation},
	{"getComplianceUsage", "/api/sam/v1/compliance/summary/{applicationId}/usage", licensePermission, added, listUsage},
	{"getAssignmentTypes", "/api/sam/v1/assignment-types", licensePermission, added, listAssignmentTypes},

	{"getAgreements", "/api/sam/v2/agreements", agreementPermission, always, listAgreements},
	{"getAgreement", "/api/sam/v2/agreements/{id}", agreementPermission, always, showAgreement},
	{"getAgreementPeriods", "/api/sam/v2/agreements/{id}/periods", agreementPermission, always, listAgreementPeriods},
	{"getAgreementTypes", "/api/sam/v2/agreement-types", agreementPermission, always, listAgreementTypes},
	{"getAgreementType", "/api/sam/v2/agreement-types/{id}", agreementPermission, always, showAgreementType},
	{"getContracts", "/api/sam/v2/contracts", contractPermission, always, listAgreements},
	{"getContract", "/api/sam/v2/contracts/{id}", contractPermission, always, showAgreement},
	{"getContractPeriods", "/api/sam/v2/contracts/{id}/periods", contractPermission, always, listAgreementPeriods},
	{"getContractTypes", "/api/sam/v2/contract-types", contractPermission, always, listAgreementTypes},
	{"getContractType", "/api/sam/v2/contract-types/{id}", contractPermission, always, showAgreementType},
	{"getApplications", "/api/sam/software-registry/v1/applications", applicationPermission, always, listApplications},
	{"getApplication", "/api/sam/software-registry/v1/applications/{id}", applicationPermission, always, showApplication},
	{"getApplicationMetrics", "/api/sam/software-registry/v1/applications/{id}/metrics", applicationPermission, always,
		listApplicationMetrics},
	{"getApplicationMetric", "/api/sam/software-registry/v1/applications/{id}/metrics/{metricId}", applicationPermission, always,
		showApplicationMetric},
	{"getCustomMetrics", "/api/custom-metrics/v1/custom-metrics", applicationPermission, always, listCustomMetrics},
	{"getOrganizationTree", "/api/organizations/v1/tree", organizationPermission, always, showTree},
	{"getOrganizationNode", "/api/organizations/v1/node/{nodeId}", organizationPermission, always, showNode},
}
