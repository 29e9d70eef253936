package elasticsearch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	api "license_exporter/client/elasticsearch"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The units of seats.
const (
	unitNode         = "node"
	unitResourceUnit = "resource_unit"
)

// The fields whose values are known words: values of the label field of the parse error counter.
const (
	fieldStatus = "status"
	fieldType   = "type"
)

// typeMissing is the type of no license.
const typeMissing = "missing"

var types = []string{typeMissing, "trial", "basic", "standard", "dev", "silver", "gold", "platinum", "enterprise"}

// The statuses of a license, in the vendor's spelling.
const (
	statusActive  = "active"
	statusValid   = "valid"
	statusInvalid = "invalid" // it has not begun
	statusExpired = "expired"
)

// unknownStatus is the state of a license whose status is missing.
const unknownStatus = "unknown"

// phases maps statuses to what they mean for the customer.
var phases = map[string]licensing.Phase{
	statusActive: licensing.InForce, statusValid: licensing.InForce, statusInvalid: licensing.Dormant, statusExpired: licensing.Ended,
}

// cluster is what the source and the collector of an account share.
type cluster struct {
	client *api.Client
	// info is the latest description of the cluster. It outlives the connection.
	info   *atomic.Pointer[api.Info]
	health *collector.Children[string, health]
}

// health is how many nodes there are, nil if Elasticsearch does not say it, and since when that is known.
type health struct {
	nodes *float64
	since time.Time
}

// Discover implements collector.Source.
func (c *cluster) Discover(ctx context.Context, _ *collector.Report) (collector.Discovery, error) {
	info, err := c.client.Info(ctx)
	if err != nil {
		return collector.Discovery{}, err
	}
	c.info.Store(&info)
	o := licensing.Organization{ID: string(info.ClusterUUID), Name: string(info.ClusterName)}
	if info.IsOpenSearch() {
		o.Problem = "it is OpenSearch, which has no licenses; take the account out"
	}
	return collector.Discovery{Organizations: []licensing.Organization{o}}, nil
}

// licenseCollector reads the license of a cluster.
type licenseCollector struct{ *cluster }

// Applies implements collector.Collector.
func (licenseCollector) Applies(o licensing.Organization) bool { return o.ID != "" }

// Update implements collector.Collector. The license is known even if the number of nodes is not, since Elasticsearch
// refuses to answer that once some licenses have ended.
func (c licenseCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	info := *c.info.Load() // the organization is known, so there is one
	switch {
	case string(info.ClusterUUID) != o.ID:
		return fmt.Errorf("base_url now leads to the cluster %s", info.ClusterUUID)
	case info.IsOpenSearch():
		return fmt.Errorf("%w: OpenSearch has no licenses", rest.ErrNotApplicable)
	}
	l, err := c.client.License(ctx, info)
	if err != nil {
		return err
	}
	nodes, err := c.nodes(ctx, info, r)
	if err != nil {
		return err
	}
	license := licenseOf(&l, r)
	license.InUse = nodes
	facts := r.Organization(o.ID)
	r.Fold(o.ID, licensing.State{Name: statusActive}, licensing.State{Name: statusExpired}).Add(license)
	if license.ID != "" {
		facts.License(license)
	}
	if license.Phase != licensing.InForce || license.Product == typeMissing { // nobody may use its seats
		return nil
	}
	seats := licensing.Seats{Assigned: nodes}
	if l.MaxNodes.Value > 0 {
		seats.Limit = l.MaxNodes.Pointer()
	}
	if seats != (licensing.Seats{}) {
		facts.SeatsOf(licensing.SeatsKey{Product: license.Product, Unit: unitNode}, seats)
	}
	if l.MaxResourceUnits.Value > 0 {
		facts.SeatsOf(licensing.SeatsKey{Product: license.Product, Unit: unitResourceUnit}, licensing.Seats{Limit: l.MaxResourceUnits.Pointer()})
	}
	return nil
}

// nodes returns how many nodes there are, or nil if that is not known. If Elasticsearch does not say it now, it is the
// number of before. An error means that nothing else can be read either.
func (c licenseCollector) nodes(ctx context.Context, info api.Info, r *collector.Report) (*float64, error) {
	if info.IsServerless() { // Elastic runs the nodes
		return nil, nil
	}
	var latest health
	err := c.health.Read(ctx, r, []string{string(info.ClusterUUID)}, collector.Reading[string, health]{
		What: "health of cluster", Limit: 1,
		Read: func(ctx context.Context, _ string) (health, error) {
			h, err := c.client.Health(ctx, info)
			return health{h.NumberOfNodes.Pointer(), r.Now}, err
		},
		Fold: func(_ string, h health, _ bool) { latest = h },
	})
	if err != nil && (ctx.Err() != nil || rest.ReasonOf(err) == rest.ReasonAuth) {
		return nil, err
	}
	if err != nil {
		r.ChildFailed(collector.ChildFailure{Child: "health of cluster " + string(info.ClusterUUID), Err: err, Kept: latest.since})
	}
	return latest.nodes, nil
}

// licenseOf returns what the API says of the license.
func licenseOf(l *api.License, r *collector.Report) licensing.License {
	r.CheckKnown(fieldType, string(l.Type), types...)
	r.CheckKnown(fieldStatus, string(l.Status), slices.Sorted(maps.Keys(phases))...)
	license := licensing.License{
		ID: string(l.UID), Product: cmp.Or(string(l.Type), licensing.UnknownProduct), State: licensing.State{Name: cmp.Or(string(l.Status), unknownStatus)},
		Phase: phases[string(l.Status)],
	}
	license.End, license.EndUnknown = l.End()
	if start := l.Start(); !start.After(r.Now) {
		license.Start = start
	}
	if l.Type == typeMissing {
		license.Phase = licensing.Dormant
	}
	return license
}
