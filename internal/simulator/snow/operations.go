package snow

import (
	"strings"

	"license_exporter/internal/simulator"
)

// operation is a read operation. It returns a list or a single record. If it has both, it returns the record in version 1.0.0. The
// vendor's ids of operations differ between versions and are not unique, so these are invented.
type operation struct {
	id   string
	path string // below that of its API, with at most one placeholder
	is   trait
	list func(*call) list
	show func(*call) simulator.Object // nil if there is no such record
	old  string                       // the fields in version 1.0.0, see call.inVersion; empty if it has all
}

// trait is a property of an operation.
type trait int

const (
	added     trait = 1 << iota // not in version 1.0.0
	uncounted                   // total_pages and total_items are null
	short                       // there is no total_items
	whole                       // all records are on one page, whatever page is requested
)

// group is one of the vendor's APIs, with the permission that it requires.
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
		// The vendor's answer has license keys, so the exporter must not use this operation. It is here since version 1.0.0 takes the path
		// of the maintenance periods for that of a license.
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

// route finds the operation of a path. If several match, it is the first: maintenance-periods is not the id of a license, except in
// version 1.0.0, which does not have that operation.
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

// match reports whether a path matches that of the operation, and returns the value of the placeholder.
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
