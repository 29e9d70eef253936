package exposition

import (
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/policy"
)

// policies makes the series of the operator's policies for what is in the reports about an
// organization.
func (r *renderer) policies(o *engine.Organization) {
	for g := range r.Governed(o) {
		r.governed(g)
	}
}

// accountPolicy makes the series of the operator's policies for an account as a whole that
// no collector reads.
func (r *renderer) accountPolicy() {
	if g := r.GovernedAccount(); g != nil && r.Health() != engine.Untried {
		r.governed(g)
	}
}

func (r *renderer) governed(g *engine.Governed) {
	id, product, license := g.Organization, g.Product, g.LicenseID
	if g.EndByPolicy && license == "" {
		r.nextEnd(id, product, g.End)
		r.ended.AddEnd(id, product, g.End)
	} else if g.EndByPolicy {
		r.fact(collector.MetricEnd, id, collector.Seconds(g.End), product, license)
	}
	if g.Owner != "" || g.Renewal != "" {
		r.fact(collector.MetricPolicyInfo, id, 1, product, license, g.Owner, string(g.Renewal))
	}
	if g.Notice != nil {
		r.fact(collector.MetricPolicyNotice, id, time.Duration(*g.Notice).Seconds(), product, license)
	}
	if g.MinimumAvailableSeats != nil {
		r.fact(collector.MetricPolicyMinimumSeats, id, float64(*g.MinimumAvailableSeats), product, license)
	}
	if g.IsMuted() {
		r.fact(collector.MetricPolicyMuted, id, 1, product, license)
	}
	if g.Renewal == policy.Automatic && !g.End.IsZero() {
		r.fact(collector.MetricNextRenewal, id, collector.Seconds(g.End), product, license)
	}
}
