package snow

import (
	"context"
	"slices"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// agreement is an agreement with its periods.
type agreement struct {
	api.Agreement
	assignedID api.Text
	periods    []period
	unreadable int // periods whose dates could not be parsed
}

// listAgreements returns all agreements of the tenant. Two collectors need them
// and share the requests.
func (t *tenant) listAgreements(ctx context.Context, reader any, now time.Time) ([]agreement, error) {
	return t.agreements.get(ctx, reader, now, func() ([]agreement, error) { return t.fetchAgreements(ctx) })
}

// agreementsOutcome classifies an error of listAgreements. Agreements are
// optional: the vendor refuses them to credentials without that permission.
func (t *tenant) agreementsOutcome(err error) collector.Outcome {
	return t.memory.Classify("agreements", err)
}

// fetchAgreements reads the list of agreements, and then the details and periods
// of each.
func (t *tenant) fetchAgreements(ctx context.Context) ([]agreement, error) {
	items, err := collector.ReadAll(api.Distinct(t.client.Agreements(ctx), func(i api.AgreementItem) api.ID { return i.ID }))
	if err != nil {
		return nil, err
	}
	agreements := make([]agreement, len(items))
	err = collector.ForEach(ctx, len(items), concurrency, func(ctx context.Context, i int) (err error) {
		agreements[i], err = t.fetchAgreement(ctx, items[i])
		if collector.Absent(err) { // deleted after it was listed
			agreements[i], err = agreement{}, nil
		}
		return err
	})
	return slices.DeleteFunc(agreements, func(a agreement) bool { return a.ID == "" }), err
}

func (t *tenant) fetchAgreement(ctx context.Context, item api.AgreementItem) (a agreement, err error) {
	a.assignedID = item.AssignedID
	if a.Agreement, err = t.client.Agreement(ctx, item.ID); err != nil {
		return a, err
	}
	for p, err := range t.client.AgreementPeriods(ctx, item.ID) {
		if err != nil {
			return a, err
		}
		if p.ValidFrom.Unreadable || p.ValidTo.Unreadable {
			a.unreadable++
			continue
		}
		a.periods = append(a.periods, period{p.ValidFrom.Time, p.ValidTo.Time})
	}
	return a, nil
}

// agreementsCollector reads the agreements and their ends.
type agreementsCollector struct{ *tenant }

func (c agreementsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	agreements, err := c.listAgreements(ctx, c, r.Now)
	switch c.agreementsOutcome(err) {
	case collector.Good:
	case collector.Withheld:
		r.Withhold("the agreements", err)
		return nil
	default:
		return err
	}
	types, err := c.types(ctx)
	if err != nil {
		return err
	}
	f := r.Organization(o.ID)
	for _, a := range agreements {
		for range a.unreadable {
			r.ParseError(fieldValidTo)
		}
		c.addAgreement(a, types, f, r.Now)
	}
	return nil
}

func (c agreementsCollector) types(ctx context.Context) (map[api.ID]string, error) {
	types := map[api.ID]string{}
	for t, err := range c.client.AgreementTypes(ctx) {
		if err != nil {
			if collector.Absent(err) {
				break
			}
			return nil, err
		}
		types[t.ID] = string(t.Name)
	}
	return types, nil
}

func (agreementsCollector) addAgreement(a agreement, types map[api.ID]string, f *collector.OrganizationReport, now time.Time) {
	id := string(a.ID)
	cover := coverOf(a.periods, now)
	l := licensing.License{ID: id, Name: string(a.Name), OrderID: string(a.assignedID), Phase: cover.phase, End: cover.to}
	l.EndUnknown = a.unreadable > 0
	if cover.phase == licensing.Dormant { // it has not begun, so its end must not raise alerts
		l.End = time.Time{}
	}
	f.License(l)
	if end := l.CoverEnd(); !end.IsZero() && a.RenewalDays.Valid {
		f.RenewalDeadline(licensing.LicenseKey{LicenseID: id}, end.AddDate(0, 0, -int(a.RenewalDays.Value)))
	}
	f.Sample(metricAgreementInfo, 1, id, types[a.TypeID], string(a.ManufacturerName), boolLabel(a.IsSubscription))
	daysLimit(f, metricAgreementWarning, a.WarningDayLimit, id)
	daysLimit(f, metricAgreementCritical, a.CriticalDayLimit, id)
	flag(f, metricAgreementAlerting, a.IsAlertingOnExpiration, id)
}

func daysLimit(f *collector.OrganizationReport, m *collector.Metric, days api.Int, labels ...string) {
	if days.Valid {
		f.Sample(m, float64(days.Value)*licensing.Day.Seconds(), labels...)
	}
}
