package snow

import (
	"context"
	"slices"
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
	// The licenses come first: they show the version of the API, and thereby what a refusal
	// of the periods means.
	licenses, err := c.listLicenses(ctx, c, r)
	if err != nil {
		return err
	}
	records, err := collector.ReadAll(c.client.MaintenancePeriods(ctx))
	if err != nil {
		return err
	}
	inherited, err := c.agreementPeriods(ctx, records, r)
	if err != nil {
		return err
	}
	periods := map[api.ID][]licensing.Period{}
	unclear := map[api.ID]bool{} // has a period that is not known, which may be the renewal
	for _, p := range records {
		dates, known := maintenancePeriod(p, inherited)
		periods[p.LicenseID] = append(periods[p.LicenseID], dates)
		if !known {
			unclear[p.LicenseID] = true
		}
	}
	folds := map[string]*licensing.Fold{}
	for _, l := range licenses {
		if statusOf(l) == api.StatusArchived || len(periods[l.ID]) == 0 || unclear[l.ID] {
			continue
		}
		organization := organizationOf(l.OrganizationID)
		if folds[organization] == nil {
			folds[organization] = licensing.NewFold(r.Now)
		}
		cover := licensing.CoverAt(periods[l.ID], r.Now)
		folds[organization].Add(licensing.License{
			Product: productOf(l.ApplicationID), State: maintenanceState(cover.Phase), Phase: cover.Phase, End: cover.To,
		})
	}
	for organization, fold := range folds {
		addMaintenance(r.Organization(organization), fold)
	}
	return nil
}

// agreementPeriods returns the periods of agreements by id, if any of the records inherits
// its dates from one.
func (c maintenanceCollector) agreementPeriods(ctx context.Context, records []api.MaintenancePeriod, r *collector.Report) (map[api.ID][]licensing.Period, error) {
	if !slices.ContainsFunc(records, func(p api.MaintenancePeriod) bool { return p.AgreementPeriodID != "" && isDateless(p) }) {
		return nil, nil
	}
	covers, err := c.covers(ctx, c, r)
	return covers.periodsByID(), err
}

// isDateless reports whether a maintenance period lacks a date.
func isDateless(p api.MaintenancePeriod) bool { return p.ValidFrom.IsZero() || p.ValidTo.IsZero() }

// maintenancePeriod returns the dates of a maintenance period. Those that it lacks are those
// of the agreement period that it names. Several agreement periods may have the same id. known
// is false if a date cannot be determined.
func maintenancePeriod(p api.MaintenancePeriod, inherited map[api.ID][]licensing.Period) (dates licensing.Period, known bool) {
	dates = licensing.Period{From: p.ValidFrom.Time, To: p.ValidTo.Time}
	switch named := inherited[p.AgreementPeriodID]; {
	case p.ValidTo.Unreadable:
		return dates, false
	case p.ValidFrom.Unreadable && !dates.To.IsZero(): // the end is what matters
		return dates, true
	case !isDateless(p):
		return dates, true
	case p.AgreementPeriodID == "":
		return dates, !dates.From.IsZero() || !dates.To.IsZero()
	case len(named) != 1:
		return dates, false
	default:
		if dates.From.IsZero() {
			dates.From = named[0].From
		}
		if dates.To.IsZero() {
			dates.To = named[0].To
		}
		return dates, true
	}
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
		inForce, _ := s.Licenses.Get(maintenanceInForce)
		f.Sample(metricMaintained, float64(inForce), s.Product)
		if n, _ := s.Licenses.Get(maintenanceEnded); n > 0 {
			f.Sample(metricMaintenanceEnded, float64(n), s.Product)
		}
		if s.CountsEnds() {
			for i, days := range licensing.Horizons {
				f.Sample(metricMaintenanceExpiring, float64(s.Expiring[i]), s.Product, strconv.Itoa(days))
			}
		}
		f.Time(metricMaintenanceNextEnd, s.NextEnd(), s.Product)
	}
}
