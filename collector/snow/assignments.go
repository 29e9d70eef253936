package snow

import (
	"context"
	"iter"

	api "license_exporter/client/snow"
	"license_exporter/collector"
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

// assignmentsCollector reads what the licenses are assigned to. Archived ones are
// left out, as they are from the seats that were bought.
type assignmentsCollector struct{ *tenant }

func (c assignmentsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	licenses, err := c.licensesByID(ctx, r.Now)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	return collector.FanOut(ctx, current(licenses), atOnce, c.read, func(id api.ID, assignments map[string][]api.Assignment) {
		snowAssigned(licenses[id], assignments, r)
	})
}

// read returns the assignments of a license by what they are to. The summary
// spares the kinds that it has none of; datacenters have no word in it, and can
// be where there is no other kind than computers.
func (c assignmentsCollector) read(ctx context.Context, license api.ID) (map[string][]api.Assignment, error) {
	has, err := c.client.AssignmentsSummary(ctx, license)
	if err != nil {
		return nil, err
	}
	othersAlone := has.HasOrganizationAssignment.Value || has.HasUserAssignment.Value || has.HasSiteAssignment.Value
	assignments := map[string][]api.Assignment{}
	for _, kind := range []struct {
		to   string
		none bool
		list func(context.Context, api.ID) iter.Seq2[api.Assignment, error]
	}{
		{toComputer, saysNo(has.HasComputerAssignment), c.client.ComputerAssignments},
		{toDatacenter, saysNo(has.HasComputerAssignment) && othersAlone, c.client.DatacenterAssignments},
		{toOrganization, saysNo(has.HasOrganizationAssignment), c.client.OrganizationAssignments},
		{toSite, saysNo(has.HasSiteAssignment), c.site},
		{toUser, saysNo(has.HasUserAssignment), c.client.UserAssignments},
	} {
		if kind.none {
			continue
		}
		all, err := collector.ReadAllIfPresent(api.Distinct(kind.list(ctx, license), func(a api.Assignment) api.ID { return a.ID }))
		if err != nil {
			return nil, err
		}
		assignments[kind.to] = all
	}
	return assignments, nil
}

// site lists the assignment to a site, of which there is one at most.
func (c assignmentsCollector) site(ctx context.Context, license api.ID) iter.Seq2[api.Assignment, error] {
	return func(yield func(api.Assignment, error) bool) { yield(c.client.SiteAssignment(ctx, license)) }
}

func snowAssigned(l api.License, assignments map[string][]api.Assignment, r *collector.Report) {
	f, product := r.Organization(string(l.OrganizationID)), string(l.ApplicationID)
	var total int64
	for to, all := range assignments {
		for _, a := range all {
			r.ParseErrorIf(fieldQuantity, a.Quantity.Unreadable)
			total += a.Quantity.Value
			f.Count(metricAssigned, float64(a.Quantity.Value), product, to)
			reasons := a.InvalidAssignmentReasons
			r.ParseErrorIf(fieldInvalidAssignmentReasons, reasons.Unreadable || len(reasons.Unknown) > 0)
			for _, reason := range reasons.Names {
				f.Count(metricAssignmentsInvalid, 1, product, to, reason)
			}
		}
	}
	f.SeatsOf(licensing.SeatsKey{Product: product, Unit: string(l.MetricID)}, licensing.Seats{Assigned: licensing.Seat(total)})
}
