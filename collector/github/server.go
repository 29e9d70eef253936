package github

import (
	"context"

	"license_exporter/collector"
	"license_exporter/licensing"
)

// serverCollector reads the license of an Enterprise Server.
type serverCollector struct{ *account }

// Applies implements collector.Collector.
func (serverCollector) Applies(o licensing.Organization) bool { return o.Model == modelServer }

// Update implements collector.Collector.
func (c serverCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	l, err := c.client.License(ctx, o.ID)
	if err != nil {
		return err
	}
	license := licensing.License{
		Product: productServer, State: licensing.State{Name: string(l.Kind)}, End: l.ExpireAt.Time.Time, EndUnknown: l.ExpireAt.IsZero(),
		Seats: l.Seats.Pointer(),
	}
	if !license.EndUnknown { // otherwise, it is not known whether seats depend on a license that has ended
		license.Phase, license.InUse = licensing.InForce, l.Used.Pointer()
		if !license.End.After(r.Now) {
			license.Phase = licensing.Ended
		}
	}
	addProduct(r, o.ID, productServer, "GitHub Enterprise Server", "")
	r.Fold(o.ID).Add(license)
	if license.Phase != licensing.Ended {
		r.Organization(o.ID).SeatsOf(licensing.SeatsKey{Product: productServer, Unit: unitUser},
			licensing.Seats{Limit: l.Seats.Pointer(), Assigned: l.Used.Pointer(), Available: l.Available.Pointer()})
	}
	return nil
}
