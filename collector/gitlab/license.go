package gitlab

import (
	"cmp"
	"context"
	"strconv"
	"time"

	api "license_exporter/client/gitlab"
	"license_exporter/client/scalar"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// licenseCollector reads the license of an instance.
type licenseCollector struct {
	client *api.Client
	groups bool // the account reads groups instead
}

// Applies implements collector.Collector.
func (c licenseCollector) Applies(o licensing.Organization) bool { return o.ID != "" && !c.groups }

// Update implements collector.Collector.
func (c licenseCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	l, err := c.client.License(ctx, o.ID)
	if err != nil {
		return err
	}
	facts := r.Organization(o.ID)
	license := licenseOf(&l, r)
	r.Fold(o.ID, states...).Add(license)
	if license.ID != "" {
		facts.License(license)
	}
	maximum := l.MaximumUserCount
	if !maximum.Valid {
		maximum = l.HistoricalMax
	}
	facts.Number(maximumUsers, maximum.Int, license.Product)
	if license.Phase != licensing.InForce { // nobody may use its seats
		return nil
	}
	addSeats(&l, license.Product, &facts.Facts)
	return nil
}

// licenseOf returns what the API says of the license. Whether it has expired is the vendor's word, even if the date
// says otherwise: the zone of the instance decides, and the API does not tell it.
func licenseOf(l *api.License, r *collector.Report) licensing.License {
	license := licensing.License{
		Product: productOf(l.Plan), Phase: licensing.InForce, State: licensing.State{Name: stateActive},
		Start: l.StartsAt.Time, End: l.ExpiresAt.Time, EndUnknown: l.ExpiresAt.Unreadable, InUse: l.ActiveUsers.Pointer(),
	}
	if l.ID.Valid {
		license.ID = strconv.FormatInt(l.ID.Value, 10)
	}
	expired := l.Expired.Value
	if !l.Expired.Valid { // an old version; this is how all versions find it out
		expired = !license.End.IsZero() && !license.End.After(r.Now)
	}
	switch {
	case expired:
		license.State.Name, license.Phase = stateExpired, licensing.Ended
	case license.Start.After(r.Now.Add(licensing.Day)): // a day, since zones differ
		license.Phase, license.Start = licensing.Dormant, time.Time{}
	}
	return license
}

func addSeats(l *api.License, product string, facts *licensing.Facts) {
	seats := licensing.Seats{Assigned: l.ActiveUsers.Pointer()}
	if l.UserLimit.Value > 0 { // 0 means no limit
		seats.Limit = l.UserLimit.Pointer()
	}
	if seats != (licensing.Seats{}) {
		facts.SeatsOf(licensing.SeatsKey{Product: product, Unit: unitUser}, seats)
	}
	if l.Overage.Value > 0 {
		facts.MissingSeats(licensing.MissingKey{Product: product, Unit: unitUser}, float64(l.Overage.Value))
	}
	for name, n := range l.AddOns {
		if n.Value > 0 { // GitLab counts an add-on with 0 as not bought
			facts.SeatsOf(licensing.SeatsKey{Product: string(scalar.WordOf(name)), Unit: unitAddOn}, licensing.Seats{Limit: n.Pointer()})
		}
	}
}

func productOf(plan scalar.Word) string { return cmp.Or(string(plan), licensing.UnknownProduct) }
