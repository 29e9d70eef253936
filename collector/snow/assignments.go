package snow

import (
	"context"
	"iter"
	"slices"

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

// notInvalid lists reasons that do not make an assignment invalid for the vendor. It has
// separate figures for licenses that have ended, are incomplete or are not assigned.
var notInvalid = []string{"SubscriptionExpired", "Unassigned", "Incomplete"}

// assignments contains the sums of a license's assignments to one kind of thing. The
// assignments themselves are not kept, because there may be one for each computer.
type assignments struct {
	quantity   int64
	unreadable bool           // some quantities could not be read
	invalid    map[string]int // assignments by reason
}

func (a *assignments) add(one api.Assignment) {
	a.quantity += one.Quantity.Value
	a.unreadable = a.unreadable || one.Quantity.Unreadable
	for _, reason := range one.InvalidAssignmentReasons.Names {
		if !slices.Contains(notInvalid, reason) {
			a.invalid[reason]++
		}
	}
}

// assignmentsCollector reads what licenses are assigned to. It leaves archived
// licenses out. Their seats are not counted as bought either.
type assignmentsCollector struct{ *tenant }

func (c assignmentsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	terms, err := c.terms(ctx, c, r)
	if err != nil {
		return err
	}
	byID, ids := map[api.ID]term{}, map[api.ID]bool{}
	for _, t := range terms {
		if t.license.State.Name != api.StatusArchived {
			byID[t.ID], ids[t.ID] = t, true
		}
	}
	f := r.Organization(o.ID)
	seats := seatSums{}
	err = c.children().Read(ctx, r, sortedIDs(ids), collector.Reading[api.ID, map[string]*assignments]{
		What: "assignments of license", Limit: concurrency, Read: c.read,
		Fold: func(id api.ID, assigned map[string]*assignments, _ bool) {
			n := addAssignments(byID[id].License, assigned, r)
			seats.add(o.ID, byID[id], n)
			assign(byID[id], n, r)
		},
		Lost: func(id api.ID) {
			seats.add(o.ID, byID[id], api.Int{Unreadable: true})
			assign(byID[id], api.Int{Unreadable: true}, r)
		},
	})
	for key, sum := range seats {
		if !sum.unknown {
			f.SeatsOf(licensing.SeatsKey{Product: key.product, Unit: key.unit}, licensing.Seats{Assigned: licensing.Seat(sum.seats)})
		}
	}
	return err
}

// assign reports how many seats of a license are assigned, for those that end.
func assign(t term, n api.Int, r *collector.Report) {
	if !n.Unreadable {
		t.license.InUse = n.Pointer()
	}
	r.Organization(organizationOf(t.OrganizationID)).Assign(t.license, r.Now)
}

// children returns the assignments of each license by what it is assigned to.
func (c assignmentsCollector) children() *collector.Children[api.ID, map[string]*assignments] {
	return collector.ChildrenOf[api.ID, map[string]*assignments](c.memory, "assignments")
}

// read returns the assignments of a license by what it is assigned to. The
// summary saves the requests for types without assignments. It does not mention
// datacenters, so those are read unless the license has only assignments to
// something other than machines.
func (c assignmentsCollector) read(ctx context.Context, license api.ID) (map[string]*assignments, error) {
	has, err := c.client.AssignmentsSummary(ctx, license)
	if err != nil {
		return nil, err
	}
	hasOthers := has.HasOrganizationAssignment.Value || has.HasUserAssignment.Value || has.HasSiteAssignment.Value
	sums := map[string]*assignments{}
	last, _ := c.children().Last(license)
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
		all, err := collector.ReadAllIfPresent(target.list(ctx, license), last[target.to] != nil)
		if err != nil {
			return nil, err
		}
		sum := &assignments{invalid: map[string]int{}}
		for _, a := range all {
			sum.add(a)
		}
		if len(all) > 0 {
			sums[target.to] = sum
		}
	}
	return sums, nil
}

// site returns the assignment to a site as a list. A license has at most one.
func (c assignmentsCollector) site(ctx context.Context, license api.ID) iter.Seq2[api.Assignment, error] {
	return func(yield func(api.Assignment, error) bool) { yield(c.client.SiteAssignment(ctx, license)) }
}

// addAssignments reports the assignments of a license, and returns how many of its seats
// are assigned.
func addAssignments(l api.License, sums map[string]*assignments, r *collector.Report) api.Int {
	f, product := r.Organization(organizationOf(l.OrganizationID)), productOf(l.ApplicationID)
	total := api.Int{Valid: true}
	for to, a := range sums {
		total.Value += a.quantity
		total.Unreadable = total.Unreadable || a.unreadable
		if a.quantity != 0 || !a.unreadable { // without a readable quantity, the sum is not 0 but unknown
			f.Count(metricAssigned, float64(a.quantity), product, to)
		}
		for reason, n := range a.invalid {
			f.Count(metricAssignmentsInvalid, float64(n), product, to, reason)
		}
	}
	return total
}
