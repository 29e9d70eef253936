package snow

import (
	"context"
	"strconv"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The states of a license's maintenance, which a fold counts. They are not
// label values.
var (
	maintenanceInForce = licensing.State{Name: "in force"}
	maintenanceEnded   = licensing.State{Name: "ended"}
	maintenanceFuture  = licensing.State{Name: "future"}
)

// maintenanceCollector reads when the maintenance of licenses ends.
type maintenanceCollector struct{ *tenant }

func (c maintenanceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	r.Organization(o.ID)
	periods := map[api.ID][]licensing.Period{}
	unclear := map[api.ID]bool{} // has a period that could not be parsed, which may be the renewal
	for p, err := range api.Distinct(c.client.MaintenancePeriods(ctx), func(p api.MaintenancePeriod) api.ID { return p.ID }) {
		if err != nil {
			return err
		}
		r.ParseErrorIf(fieldValidFrom, p.ValidFrom.Unreadable)
		r.ParseErrorIf(fieldValidTo, p.ValidTo.Unreadable)
		periods[p.LicenseID] = append(periods[p.LicenseID], licensing.Period{From: p.ValidFrom.Time, To: p.ValidTo.Time})
		if p.ValidFrom.Unreadable || p.ValidTo.Unreadable {
			unclear[p.LicenseID] = true
		}
	}
	folds := map[api.OrganizationID]*licensing.Fold{}
	licenses, err := c.listLicenses(ctx, c, r.Now)
	if err != nil {
		return err
	}
	for _, l := range licenses {
		if l.Status == api.StatusArchived || len(periods[l.ID]) == 0 || unclear[l.ID] {
			continue
		}
		if folds[l.OrganizationID] == nil {
			folds[l.OrganizationID] = licensing.NewFold(r.Now, maintenanceInForce, maintenanceEnded)
		}
		cover := licensing.CoverAt(periods[l.ID], r.Now)
		folds[l.OrganizationID].Add(licensing.License{
			Product: string(l.ApplicationID), State: maintenanceState(cover.Phase), Phase: cover.Phase, End: cover.To,
		})
	}
	for organization, fold := range folds {
		addMaintenance(r.Organization(string(organization)), fold)
	}
	return nil
}

func maintenanceState(p licensing.Phase) licensing.State {
	switch p {
	case licensing.InForce:
		return maintenanceInForce
	case licensing.Ended:
		return maintenanceEnded
	default:
		return maintenanceFuture
	}
}

func addMaintenance(f *collector.OrganizationReport, fold *licensing.Fold) {
	for _, s := range fold.Summaries() {
		f.Sample(metricMaintained, float64(s.Licenses[maintenanceInForce]), s.Product)
		f.Sample(metricMaintenanceEnded, float64(s.Licenses[maintenanceEnded]), s.Product)
		for i, days := range licensing.Horizons {
			f.Sample(metricMaintenanceExpiring, float64(s.Expiring[i]), s.Product, strconv.Itoa(days))
		}
		f.Time(metricMaintenanceNextEnd, s.NextEnd(), s.Product)
	}
}
