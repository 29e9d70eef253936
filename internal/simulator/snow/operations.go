package snow

import (
	"strings"

	"license_exporter/internal/simulator"
)

// operation is one read operation. It answers with a list or with a single record; one that has both answers with the record in
// version 1.0.0. The ids are made up, because the vendor's differ between versions and are not unique.
type operation struct {
	id   string
	path string // below that of its API, with at most one placeholder
	is   trait
	list func(*call) list
	show func(*call) simulator.Object // nil is not found
	old  string                       // the fields that version 1.0.0 has, see call.inVersion; empty is all
}

// trait is what sets an operation apart from others.
type trait int

const (
	added     trait = 1 << iota // not in version 1.0.0
	uncounted                   // total_pages and total_items are null
	short                       // there is no total_items
	whole                       // all records are on one page, whatever page is asked for
)

// group is one of the vendor's APIs, with the permission that a client needs for it.
type group struct {
	prefix, permission string
	operations         []operation
}

const samPath = "/api/sam/v1"

// Fields in version 1.0.0.
const (
	oldLicense = "id organizationId applicationId contractId metricId purchaseDate:us purchaseValue:quoted purchaseCurrency " +
		"quantity:quoted"
	oldAssignment     = "id licenseId applicationId organizationId computerId datacenterId quantity"
	oldUserAssignment = "id licenseId applicationId userId quantity:quoted"
	oldTrack          = "applicationId computerId userId licenseId organizationId"
	oldPolicyField    = "id name description isRequired"
)

var groups = []group{
	{samPath, "sam.license.r", []operation{
		{id: "getMaintenancePeriods", path: "/licenses/maintenance-periods", is: added | uncounted, list: (*call).maintenancePeriods},
		{id: "getTransfers", path: "/licenses/transfers/{applicationId}", is: uncounted, list: (*call).transferredLicenses},
		{id: "getComputerTransfers", path: "/licenses/transfers/{applicationId}/computers", is: uncounted, list: (*call).transfers},
		{id: "getUserTransfers", path: "/licenses/transfers/{applicationId}/users", is: uncounted, list: (*call).transfers},
		{id: "getCustomValueTransfers", path: "/licenses/transfers/{applicationId}/custom-values", is: uncounted, list: (*call).transfers},
		{id: "getComputerTracking", path: "/licenses/tracking/{applicationId}/computers", is: uncounted, list: (*call).tracks, old: oldTrack},
		{id: "getUserTracking", path: "/licenses/tracking/{applicationId}/users", is: uncounted, list: (*call).tracks, old: oldTrack},
		{id: "getComputerEntitlements", path: "/licenses/entitlements/computers", is: uncounted, list: (*call).entitled},
		{id: "getUserEntitlements", path: "/licenses/entitlements/users", is: added | uncounted, list: (*call).entitled},
		{id: "getEntitlementStates", path: "/licenses/entitlements/entitlement-states", list: (*call).entitlementStates, show: (*call).entitlementState},
		{id: "getLicenses", path: "/licenses", list: (*call).licenses, old: oldLicense},
		// The operation that returns a license's keys, which the exporter must not call. It only refuses: version 1.0.0 takes the path of
		// the maintenance periods for that of a license.
		{id: "getLicense", path: "/licenses/{licenseId}", show: func(*call) simulator.Object { return nil }},
		{id: "getLicenseUpgrades", path: "/licenses/{licenseId}/upgrades", list: (*call).upgrades},
		{id: "getCosts", path: "/licenses/{licenseId}/costs", list: (*call).costs},
		{id: "getAssignmentsSummary", path: "/licenses/{licenseId}/assignments-summary", show: (*call).assignmentsSummary},
		{id: "getComputerAssignments", path: "/licenses/{licenseId}/assignments/computers", is: uncounted, list: (*call).assignments, old: oldAssignment},
		{id: "getDatacenterAssignments", path: "/licenses/{licenseId}/assignments/datacenters", is: uncounted, list: (*call).assignments, old: oldAssignment},
		{id: "getOrganizationAssignments", path: "/licenses/{licenseId}/assignments/organizations", is: uncounted, list: (*call).assignments, old: oldAssignment},
		{id: "getSiteAssignment", path: "/licenses/{licenseId}/assignments/site", show: (*call).siteAssignment},
		{id: "getUserAssignments", path: "/licenses/{licenseId}/assignments/users", is: uncounted, list: (*call).assignments, old: oldUserAssignment},
		{id: "getEntitlements", path: "/licenses-entitlements", list: (*call).entitlements},
		{id: "getPolicies", path: "/licenses-policies", list: (*call).policies},
		{id: "getPolicyFields", path: "/licenses-policies/{policyId}/fields", list: (*call).policyFields, old: oldPolicyField},
		{id: "getExtendedCoverageTypes", path: "/licenses-extended-coverage-types", list: (*call).coverageTypes},
		{id: "getExtendedCoverage", path: "/extended-coverage", list: (*call).extendedCoverages},
		{id: "getComplianceSummary", path: "/compliance/summary/{applicationId}", is: added | whole, list: (*call).compliance},
		{id: "getComplianceAllocation", path: "/compliance/summary/{applicationId}/allocation", is: added | whole, list: (*call).allocation},
		{id: "getComplianceUsage", path: "/compliance/summary/{applicationId}/usage", is: added | whole, list: (*call).usage},
	}},
	{"/api/sam/v2", "sam.agreements.agreement.r", []operation{
		{id: "getAgreements", path: "/agreements", is: short, list: (*call).agreements},
		{id: "getAgreement", path: "/agreements/{agreementId}", show: (*call).agreement},
		{id: "getAgreementPeriods", path: "/agreements/{agreementId}/periods", is: short, list: (*call).agreementPeriods},
		{id: "getAgreementTypes", path: "/agreement-types", is: short, list: (*call).agreementTypes},
	}},
	{"/api/sam/software-registry/v1", "sam.application.r", []operation{
		{id: "getApplication", path: "/applications/{applicationId}", show: (*call).application},
	}},
	{"/api/custom-metrics/v1", "sam.application.r", []operation{
		{id: "getCustomMetrics", path: "/custom-metrics", is: short, list: (*call).customMetrics},
	}},
	{"/api/organizations/v1", "sam.orgtree.r", []operation{
		{id: "getOrganizationTree", path: "/tree", show: (*call).organizationTree},
	}},
}

// route finds the operation of a path. Where two fit, the first one is meant: maintenance-periods is no license, unless the version is
// 1.0.0, which does not have the operation.
func (s *API) route(path string) (*call, bool) {
	for _, g := range groups {
		below, ok := strings.CutPrefix(path, g.prefix)
		if !ok {
			continue
		}
		for _, op := range g.operations {
			legacy := s.options.Version == oldestVersion && g.prefix == samPath
			if legacy && op.is&added != 0 {
				continue
			}
			if id, ok := op.match(below); ok {
				return &call{op: op, permission: g.permission, legacy: legacy, id: id, book: s.options.Estate.book}, true
			}
		}
	}
	return nil, false
}

// match reports whether a path is that of the operation, and returns the id that takes the place of the placeholder.
func (op operation) match(path string) (id string, ok bool) {
	before, placeholder, open := strings.Cut(op.path, "{")
	if !open {
		return "", path == op.path
	}
	_, after, _ := strings.Cut(placeholder, "}")
	rest, ok := strings.CutPrefix(path, before)
	id, fits := strings.CutSuffix(rest, after)
	return id, ok && fits && id != "" && !strings.Contains(id, "/")
}
