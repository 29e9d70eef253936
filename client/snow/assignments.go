package snow

import (
	"context"
	"iter"
)

// AssignmentsSummary is the answer of GET /licenses/{id}/assignments-summary:
// of which kinds a license has assignments.
type AssignmentsSummary struct {
	LicenseID                 ID
	HasOrganizationAssignment Bool
	HasComputerAssignment     Bool
	HasUserAssignment         Bool
	HasSiteAssignment         Bool
}

func (s AssignmentsSummary) about() ID { return s.LicenseID }

// AssignmentsSummary returns the kinds of assignments that a license has: GET
// {licenses}/licenses/{id}/assignments-summary.
func (c *Client) AssignmentsSummary(ctx context.Context, license ID) (AssignmentsSummary, error) {
	return get[AssignmentsSummary](ctx, c, opAssignmentsSummary,
		below(c.prefixes.Licenses, "/licenses/", license, "/assignments-summary"))
}

// Assignment is a record of GET /licenses/{id}/assignments/computers,
// /datacenters, /organizations and /users, and the answer of /site. Which
// computer, datacenter or user has the license is not decoded.
type Assignment struct {
	ID        ID
	LicenseID ID
	Quantity  Int
	// InvalidAssignmentReasons are those of computers, datacenters and users,
	// since 1.6.
	InvalidAssignmentReasons InvalidAssignmentReasons
}

func (a Assignment) about() ID { return a.LicenseID }

// ComputerAssignments lists the assignments of a license to computers: GET
// {licenses}/licenses/{id}/assignments/computers.
func (c *Client) ComputerAssignments(ctx context.Context, license ID) iter.Seq2[Assignment, error] {
	return c.assignments(ctx, opComputerAssignments, license, "computers")
}

// DatacenterAssignments lists the assignments of a license to datacenters: GET
// {licenses}/licenses/{id}/assignments/datacenters.
func (c *Client) DatacenterAssignments(ctx context.Context, license ID) iter.Seq2[Assignment, error] {
	return c.assignments(ctx, opDatacenterAssignments, license, "datacenters")
}

// OrganizationAssignments lists the assignments of a license to organizations:
// GET {licenses}/licenses/{id}/assignments/organizations.
func (c *Client) OrganizationAssignments(ctx context.Context, license ID) iter.Seq2[Assignment, error] {
	return c.assignments(ctx, opOrganizationAssignments, license, "organizations")
}

// UserAssignments lists the assignments of a license to users: GET
// {licenses}/licenses/{id}/assignments/users.
func (c *Client) UserAssignments(ctx context.Context, license ID) iter.Seq2[Assignment, error] {
	return c.assignments(ctx, opUserAssignments, license, "users")
}

// SiteAssignment returns the assignment of a license to a site: GET
// {licenses}/licenses/{id}/assignments/site. The answer for a license without one is
// probably 404. AssignmentsSummary reports beforehand whether there is one.
func (c *Client) SiteAssignment(ctx context.Context, license ID) (Assignment, error) {
	return get[Assignment](ctx, c, opSiteAssignment, below(c.prefixes.Licenses, "/licenses/", license, "/assignments/site"))
}

func (c *Client) assignments(ctx context.Context, operation string, license ID, to string) iter.Seq2[Assignment, error] {
	return list[Assignment](ctx, c, listing{
		operation: operation, path: below(c.prefixes.Licenses, "/licenses/", license, "/assignments/"+to),
	})
}
