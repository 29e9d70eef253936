package collector

import (
	"context"
	"iter"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// What licenses are assigned to.
const (
	toComputer     = "computer"
	toDatacenter   = "datacenter"
	toOrganization = "organization"
	toSite         = "site"
	toUser         = "user"
)

// snowAssignments reads what the licenses are assigned to. Archived ones are
// left out, as they are from the seats that were bought.
type snowAssignments struct{ snowTenant }

func (c snowAssignments) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	licenses, err := licensedByID(ctx, c.client)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	return fanOut(ctx, current(licenses), c.read, func(id snow.ID, assignments map[string][]snow.Assignment) {
		snowAssigned(licenses[id], assignments, r)
	})
}

// read returns the assignments of a license by what they are to. The summary
// spares the kinds that it has none of; datacenters have no word in it, and can
// be where there is no other kind than computers.
func (c snowAssignments) read(ctx context.Context, license snow.ID) (map[string][]snow.Assignment, error) {
	has, err := c.client.AssignmentsSummary(ctx, license)
	if err != nil {
		return nil, err
	}
	othersAlone := has.HasOrganizationAssignment.Value || has.HasUserAssignment.Value || has.HasSiteAssignment.Value
	assignments := map[string][]snow.Assignment{}
	for _, kind := range []struct {
		to   string
		none bool
		list func(context.Context, snow.ID) iter.Seq2[snow.Assignment, error]
	}{
		{toComputer, denied(has.HasComputerAssignment), c.client.ComputerAssignments},
		{toDatacenter, denied(has.HasComputerAssignment) && othersAlone, c.client.DatacenterAssignments},
		{toOrganization, denied(has.HasOrganizationAssignment), c.client.OrganizationAssignments},
		{toSite, denied(has.HasSiteAssignment), c.site},
		{toUser, denied(has.HasUserAssignment), c.client.UserAssignments},
	} {
		if kind.none {
			continue
		}
		all, err := orNone(snow.Distinct(kind.list(ctx, license), func(a snow.Assignment) snow.ID { return a.ID }))
		if err != nil {
			return nil, err
		}
		assignments[kind.to] = all
	}
	return assignments, nil
}

// site lists the assignment to a site, of which there is one at most.
func (c snowAssignments) site(ctx context.Context, license snow.ID) iter.Seq2[snow.Assignment, error] {
	return func(yield func(snow.Assignment, error) bool) { yield(c.client.SiteAssignment(ctx, license)) }
}

// denied tells whether the vendor says no, rather than nothing.
func denied(b snow.Bool) bool { return b.Valid && !b.Value }

func snowAssigned(l licensed, assignments map[string][]snow.Assignment, r *Report) {
	f, product := r.Organization(string(l.organization)), string(l.application)
	var total int64
	for to, all := range assignments {
		for _, a := range all {
			legible(r, fieldQuantity, a.Quantity.Unreadable)
			total += a.Quantity.Value
			f.Count(metricSnowAssigned, float64(a.Quantity.Value), product, to)
			reasons := a.InvalidAssignmentReasons
			legible(r, fieldInvalidAssignmentReasons, reasons.Unreadable || len(reasons.Unknown) > 0)
			for _, reason := range reasons.Names {
				f.Count(metricSnowAssignmentsInvalid, 1, product, to, reason)
			}
		}
	}
	f.SeatsOf(licensing.SeatsKey{Product: product, Unit: string(l.metric)}, licensing.Seats{Assigned: licensing.Seat(total)})
}
