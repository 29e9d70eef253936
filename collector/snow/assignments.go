package snow

import (
	"context"
	"iter"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// What a license is assigned to: the values of the label to.
const (
	toComputer     = "computer"
	toDatacenter   = "datacenter"
	toOrganization = "organization"
	toSite         = "site"
	toUser         = "user"
)

// assignmentsCollector reads what licenses are assigned to. It leaves archived
// licenses out, whose seats do not count as bought either.
type assignmentsCollector struct{ *tenant }

func (c assignmentsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	licenses, err := c.licensesByID(ctx, c, r.Now)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	return collector.FanOut(ctx, unarchived(licenses), concurrency, c.read, func(id api.ID, assignments map[string][]api.Assignment) {
		addAssignments(licenses[id], assignments, r)
	})
}

// read returns the assignments of a license by what it is assigned to. The
// summary saves the requests for types without assignments. It does not mention
// datacenters, so those are read unless the license has only assignments to
// something other than machines.
func (c assignmentsCollector) read(ctx context.Context, license api.ID) (map[string][]api.Assignment, error) {
	has, err := c.client.AssignmentsSummary(ctx, license)
	if err != nil {
		return nil, err
	}
	hasOthers := has.HasOrganizationAssignment.Value || has.HasUserAssignment.Value || has.HasSiteAssignment.Value
	assignments := map[string][]api.Assignment{}
	for _, target := range []struct {
		to   string
		none bool
		list func(context.Context, api.ID) iter.Seq2[api.Assignment, error]
	}{
		{toComputer, isFalse(has.HasComputerAssignment), c.client.ComputerAssignments},
		{toDatacenter, isFalse(has.HasComputerAssignment) && hasOthers, c.client.DatacenterAssignments},
		{toOrganization, isFalse(has.HasOrganizationAssignment), c.client.OrganizationAssignments},
		{toSite, isFalse(has.HasSiteAssignment), c.site},
		{toUser, isFalse(has.HasUserAssignment), c.client.UserAssignments},
	} {
		if target.none {
			continue
		}
		all, err := collector.ReadAllIfPresent(api.Distinct(target.list(ctx, license), func(a api.Assignment) api.ID { return a.ID }))
		if err != nil {
			return nil, err
		}
		assignments[target.to] = all
	}
	return assignments, nil
}

// site returns the assignment to a site as a list. A license has at most one.
func (c assignmentsCollector) site(ctx context.Context, license api.ID) iter.Seq2[api.Assignment, error] {
	return func(yield func(api.Assignment, error) bool) { yield(c.client.SiteAssignment(ctx, license)) }
}

func addAssignments(l api.License, assignments map[string][]api.Assignment, r *collector.Report) {
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
