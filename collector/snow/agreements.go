package snow

import (
	"context"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// agreement is an agreement with its periods.
type agreement struct {
	api.Agreement
	assignedID api.Text
	periods    []agreementPeriod
	unreadable bool // some periods have ends that could not be parsed
	startless  bool // some have starts that could not be parsed, and count as without one
}

// agreementPeriod is a period of an agreement. The periods of an agreement may all have
// the same id.
type agreementPeriod struct {
	id api.ID
	licensing.Period
}

// cover returns the cover of the agreement's periods.
func (a agreement) cover(now time.Time) licensing.Cover {
	periods := make([]licensing.Period, len(a.periods))
	for i, p := range a.periods {
		periods[i] = p.Period
	}
	return licensing.CoverAt(periods, now)
}

// listAgreements returns all agreements of the tenant that the vendor shows. Several
// collectors need them and share the requests.
func (t *tenant) listAgreements(ctx context.Context, reader any, r *collector.Report) ([]agreement, error) {
	return t.agreements.Get(ctx, reader, r, t.fetchAgreements)
}

// agreementsOperation is the name of the list of agreements in the tenant's memory.
const agreementsOperation = "agreements"

// agreementsOutcome classifies an error of listAgreements. Agreements are
// optional: the vendor refuses them to credentials without that permission.
func (t *tenant) agreementsOutcome(err error) collector.Outcome {
	return t.memory.Classify(agreementsOperation, err)
}

// fetchAgreements reads the list of agreements, and then the details and periods
// of each.
func (t *tenant) fetchAgreements(ctx context.Context, r *collector.Report) (agreements []agreement, err error) {
	items := map[api.ID]api.AgreementItem{}
	ids := map[api.ID]bool{}
	for item, err := range t.client.Agreements(ctx) {
		if err != nil {
			return nil, err
		}
		items[item.ID], ids[item.ID] = item, true
	}
	t.memory.Classify(agreementsOperation, nil) // a refusal of one agreement says nothing of the list
	err = collector.ChildrenOf[api.ID, agreement](t.memory, agreementsOperation).Read(ctx, r, sortedIDs(ids), collector.Reading[api.ID, agreement]{
		What: "agreement", Limit: concurrency,
		Read: func(ctx context.Context, id api.ID) (agreement, error) { return t.fetchAgreement(ctx, items[id]) },
		Fold: func(_ api.ID, a agreement, _ bool) { agreements = append(agreements, a) },
	})
	if collector.Classify(err) == collector.NotApplicable { // all were deleted after they were listed
		return nil, nil
	}
	return agreements, err
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
		a.add(p)
	}
	return a, nil
}

func (a *agreement) add(p api.AgreementPeriod) {
	if p.ValidTo.Unreadable {
		a.unreadable = true
		return
	}
	a.startless = a.startless || p.ValidFrom.Unreadable
	a.periods = append(a.periods, agreementPeriod{p.ID, licensing.Period{From: p.ValidFrom.Time, To: p.ValidTo.Time}})
}

// agreementsCollector reads the agreements and their ends.
type agreementsCollector struct{ *tenant }

func (c agreementsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	agreements, err := c.listAgreements(ctx, c, r)
	switch c.agreementsOutcome(err) {
	case collector.Good:
	case collector.Withheld:
		r.Withhold("the agreements", err)
		return nil
	default:
		return err
	}
	const what = "the types of agreements"
	types, err := readKept(ctx, c.tenant, r, what, 0, c.types)
	if failsAll(ctx, err) {
		return err
	}
	if err != nil && collector.Classify(err) != collector.NotApplicable { // agreements only lack a label
		r.ChildFailed(collector.ChildFailure{Child: what, Err: err})
	}
	f := r.Organization(o.ID)
	for _, a := range agreements {
		addAgreement(a, types, f, r.Now)
	}
	return nil
}

func (c agreementsCollector) types(ctx context.Context) (map[api.ID]string, error) {
	types := map[api.ID]string{}
	for t, err := range c.client.AgreementTypes(ctx) {
		if err != nil {
			return nil, err
		}
		types[t.ID] = string(t.Name)
	}
	return types, nil
}

func addAgreement(a agreement, types map[api.ID]string, f *collector.OrganizationReport, now time.Time) {
	id := string(a.ID)
	cover := a.cover(now)
	l := licensing.License{ID: id, Name: string(a.Name), OrderID: string(a.assignedID), Phase: cover.Phase, End: cover.To}
	l.EndUnknown = a.unreadable
	if cover.Phase == licensing.Dormant { // it has not begun, so its end must not raise alerts
		l.End = time.Time{}
	}
	f.License(l)
	f.RenewalDeadline(licensing.LicenseKey{LicenseID: id}, a.renewalDeadline(l.CoverEnd(), cover.From))
	f.Sample(metricAgreementInfo, 1, id, types[a.TypeID], string(a.ManufacturerName), collector.BoolLabel(a.IsSubscription))
	f.Flag(metricAgreementAlerting, a.IsAlertingOnExpiration, id)
	f.Warn(id, licensing.Warning{
		Notice:   daysLimit(f, metricAgreementWarning, a.WarningDayLimit, id),
		Critical: daysLimit(f, metricAgreementCritical, a.CriticalDayLimit, id),
		Off:      a.IsAlertingOnExpiration.Valid && !a.IsAlertingOnExpiration.Value,
	})
}

// renewalDeadline returns when an agreement with a known cover must be renewed, or renews
// itself: so many days before the end. The vendor's 0 means that no number is set. A
// number that is longer than the cover, or than a century, is a mistake.
func (a agreement) renewalDeadline(end, start time.Time) time.Time {
	days := a.RenewalDays.Value
	if end.IsZero() || days <= 0 || days > century {
		return time.Time{}
	}
	if deadline := end.AddDate(0, 0, -int(days)); deadline.After(start) {
		return deadline
	}
	return time.Time{}
}

// daysLimit sets a metric to a number of days, and returns them. Without a number, it returns
// nil.
func daysLimit(f *collector.OrganizationReport, m *collector.Metric, days api.Int, labels ...string) *time.Duration {
	if !days.Valid {
		return nil
	}
	f.Sample(m, float64(days.Value)*licensing.Day.Seconds(), labels...)
	return new(time.Duration(min(max(days.Value, -century), century)) * licensing.Day)
}

// century is a hundred years in days. Longer times are mistakes.
const century = 36525
