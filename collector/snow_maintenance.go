package collector

import (
	"context"
	"strconv"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// The states of a license's maintenance, for the fold that counts them.
var (
	maintained      = licensing.State{Name: "maintained"}
	maintenanceOver = licensing.State{Name: "ended"}
	maintenanceToBe = licensing.State{Name: "to be"}
)

// snowMaintenance reads when the maintenance of licenses ends.
type snowMaintenance struct{ snowTenant }

func (c snowMaintenance) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	r.Organization(o.ID)
	periods := map[snow.ID][]period{}
	unclear := map[snow.ID]bool{} // what cannot be read may be the renewal
	for p, err := range snow.Distinct(c.client.MaintenancePeriods(ctx), func(p snow.MaintenancePeriod) snow.ID { return p.ID }) {
		if err != nil {
			return snowError(err)
		}
		legible(r, fieldValidFrom, p.ValidFrom.Unreadable)
		legible(r, fieldValidTo, p.ValidTo.Unreadable)
		periods[p.LicenseID] = append(periods[p.LicenseID], period{p.ValidFrom.Time, p.ValidTo.Time})
		if p.ValidFrom.Unreadable || p.ValidTo.Unreadable {
			unclear[p.LicenseID] = true
		}
	}
	folds := map[snow.ID]*licensing.Fold{}
	for l, err := range snow.Distinct(c.client.Licenses(ctx), func(l snow.License) snow.ID { return l.ID }) {
		if err != nil {
			return snowError(err)
		}
		if l.Status == snow.StatusArchived || len(periods[l.ID]) == 0 || unclear[l.ID] {
			continue
		}
		if folds[l.OrganizationID] == nil {
			folds[l.OrganizationID] = licensing.NewFold(r.now, maintained, maintenanceOver)
		}
		cover := coverOf(periods[l.ID], r.now)
		folds[l.OrganizationID].Add(licensing.License{
			Product: string(l.ApplicationID), State: maintenanceState(cover.phase), Phase: cover.phase, End: cover.to,
		})
	}
	for organization, fold := range folds {
		maintenance(r.Organization(string(organization)), fold)
	}
	return nil
}

func maintenanceState(p licensing.Phase) licensing.State {
	switch p {
	case licensing.InForce:
		return maintained
	case licensing.Ended:
		return maintenanceOver
	default:
		return maintenanceToBe
	}
}

func maintenance(f *Facts, fold *licensing.Fold) {
	for _, s := range fold.Summaries() {
		f.Sample(metricSnowMaintained, float64(s.Licenses[maintained]), s.Product)
		f.Sample(metricSnowMaintenanceEnded, float64(s.Licenses[maintenanceOver]), s.Product)
		for i, days := range licensing.Horizons {
			f.Sample(metricSnowMaintenanceExpiring, float64(s.Expiring[i]), s.Product, strconv.Itoa(days))
		}
		f.Time(metricSnowMaintenanceNextEnd, s.NextEnd(), s.Product)
	}
}
