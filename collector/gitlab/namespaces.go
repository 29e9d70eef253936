package gitlab

import (
	"context"
	"sync"
	"time"

	api "license_exporter/client/gitlab"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// stateTrial is the state of a group's plan while it is a trial.
const stateTrial = "trial"

// namespaceCollector reads the plan of a group.
type namespaceCollector struct {
	client *api.Client
	groups bool // the account reads groups
	names  *sync.Map
}

// Applies implements collector.Collector.
func (c namespaceCollector) Applies(o licensing.Organization) bool { return o.ID != "" && c.groups }

// Update implements collector.Collector.
func (c namespaceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	n, err := c.client.Namespace(ctx, o.ID)
	if err != nil {
		return err
	}
	if n.FullPath != "" {
		c.names.Store(o.ID, string(n.FullPath))
	}
	plan, facts := planOf(&n), r.Organization(o.ID)
	r.Fold(o.ID, states...).Add(plan)
	if plan.InUse != nil {
		facts.SeatsOf(licensing.SeatsKey{Product: plan.Product, Unit: unitUser}, licensing.Seats{Assigned: plan.InUse})
	}
	if !n.IsFree() {
		facts.Number(maximumUsers, n.MaxSeatsUsed.Int, plan.Product)
	}
	return nil
}

// planOf returns the plan of a group as a license. It is in force for as long as GitLab gives the group the plan, also
// in the days after its end in which GitLab tolerates that.
func planOf(n *api.Namespace) licensing.License {
	plan := licensing.License{Product: productOf(n.Plan), State: licensing.State{Name: stateActive}, Phase: licensing.InForce, InUse: n.BillableMembersCount.Pointer()}
	if n.IsFree() {
		return plan
	}
	if n.SeatsInUse.Valid {
		plan.InUse = n.SeatsInUse.Pointer()
	}
	end := n.EndDate
	if n.Trial.Value {
		plan.State.Name = stateTrial
		if end.IsZero() {
			end = n.TrialEndsOn
		}
	}
	plan.End, plan.EndUnknown = endOfDay(end.Time), end.Unreadable || n.EndDate.Unreadable
	return plan
}

// endOfDay returns the end of a day that begins at a time. It returns other times unchanged: they are ends already.
func endOfDay(start time.Time) time.Time {
	if start.IsZero() || !start.Equal(start.Truncate(licensing.Day)) {
		return start
	}
	return start.AddDate(0, 0, 1)
}
