package snow

import (
	"context"
	"iter"
)

// The operations of this file.
var (
	opPolicies              = newOperation(ofLicenses, "getPolicies", "/licenses-policies")
	opPolicyFields          = newOperation(ofLicenses, "getPolicyFields", "/licenses-policies/{id}/fields")
	opExtendedCoverage      = newOperation(ofLicenses, "getExtendedCoverage", "/extended-coverage")
	opExtendedCoverageTypes = newOperation(ofLicenses, "getExtendedCoverageTypes", "/licenses-extended-coverage-types")
)

// Policy is a record of GET /licenses-policies.
type Policy struct{ ID ID }

// Identity implements rest.Identified.
func (p Policy) Identity() (hash uint64, required bool) { return p.ID.Hash(), true }

// Policies lists the license policies.
func (c *Client) Policies(ctx context.Context) iter.Seq2[Policy, error] {
	return list[Policy](ctx, c, opPolicies)
}

// PolicyField is a record of GET /licenses-policies/{policyId}/fields.
type PolicyField struct {
	ID ID
	// IsRequired means that a license is incomplete without it.
	IsRequired Bool
}

// Identity implements rest.Identified.
func (f PolicyField) Identity() (hash uint64, required bool) { return identity(f.ID) }

// PolicyFields lists the fields of a policy.
func (c *Client) PolicyFields(ctx context.Context, policy ID) iter.Seq2[PolicyField, error] {
	return list[PolicyField](ctx, c, opPolicyFields.of(policy))
}

// ExtendedCoverage is a record of GET /extended-coverage without the computers and
// the description of the reason: a license of one computer covers another computer.
type ExtendedCoverage struct {
	ID            ID
	ApplicationID ID
	// CoveredApplicationID is empty if the same application is covered.
	CoveredApplicationID ID
	Reason               CoverageReason
}

// Identity implements rest.Identified.
func (e ExtendedCoverage) Identity() (hash uint64, required bool) { return identity(e.ID) }

// ExtendedCoverage lists the extended coverages.
func (c *Client) ExtendedCoverage(ctx context.Context) iter.Seq2[ExtendedCoverage, error] {
	return list[ExtendedCoverage](ctx, c, opExtendedCoverage)
}

// ExtendedCoverageType is a record of GET /licenses-extended-coverage-types.
type ExtendedCoverageType struct{ Name Text }

// ExtendedCoverageTypes lists the types of extended coverage.
func (c *Client) ExtendedCoverageTypes(ctx context.Context) iter.Seq2[ExtendedCoverageType, error] {
	return list[ExtendedCoverageType](ctx, c, opExtendedCoverageTypes)
}
