package collector

import (
	"context"
	"strconv"
	"time"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowAgreementsAge is how long agreements are shared between the collectors
// that read them: as long as those of one refresh may start apart.
const snowAgreementsAge = time.Minute

// snowAgreementBook holds the agreements of a tenant for those who ask for
// them in the same refresh.
type snowAgreementBook struct {
	client SnowClient
	memo[[]snowAgreement]
}

// snowAgreement is an agreement with when it is in force.
type snowAgreement struct {
	snow.Agreement
	assigned   snow.Text
	periods    []period
	unreadable int // dates of periods
}

func (b *snowAgreementBook) read(ctx context.Context, now time.Time) ([]snowAgreement, error) {
	return b.get(now, snowAgreementsAge, func() ([]snowAgreement, error) { return b.fetch(ctx) })
}

// fetch reads the list, and of each agreement what the list does not have.
func (b *snowAgreementBook) fetch(ctx context.Context) ([]snowAgreement, error) {
	items, err := collect(snow.Distinct(b.client.Agreements(ctx), func(i snow.AgreementItem) snow.ID { return i.ID }))
	if err != nil {
		return nil, err
	}
	agreements := make([]snowAgreement, len(items))
	err = sideBySide(ctx, len(items), func(ctx context.Context, i int) (err error) {
		agreements[i], err = b.agreement(ctx, items[i])
		return err
	})
	return agreements, err
}

// agreement reads one agreement. One that was deleted since it was listed has
// no id.
func (b *snowAgreementBook) agreement(ctx context.Context, item snow.AgreementItem) (snowAgreement, error) {
	a := snowAgreement{assigned: item.AssignedID}
	var err error
	if a.Agreement, err = b.client.Agreement(ctx, item.ID); err != nil {
		return snowAgreement{}, unlessGone(err)
	}
	for p, err := range b.client.AgreementPeriods(ctx, item.ID) {
		if err != nil {
			return snowAgreement{}, unlessGone(err)
		}
		if p.ValidFrom.Unreadable || p.ValidTo.Unreadable {
			a.unreadable++
			continue
		}
		a.periods = append(a.periods, period{p.ValidFrom.Time, p.ValidTo.Time})
	}
	return a, nil
}

func unlessGone(err error) error {
	if unheardOf(err) {
		return nil
	}
	return err
}

// snowAgreements reads the agreements and when they end.
type snowAgreements struct {
	snowTenant
	book *snowAgreementBook
}

func (c snowAgreements) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	agreements, err := c.book.read(ctx, r.now)
	if err != nil {
		return snowMissing(err)
	}
	types, err := c.types(ctx)
	if err != nil {
		return err
	}
	f := r.Organization(o.ID)
	for _, a := range agreements {
		if a.ID == "" {
			continue
		}
		for range a.unreadable {
			r.ParseError(fieldValidTo)
		}
		c.agreement(a, types, f, r.now)
	}
	return nil
}

func (c snowAgreements) types(ctx context.Context) (map[snow.ID]string, error) {
	types := map[snow.ID]string{}
	for t, err := range c.client.AgreementTypes(ctx) {
		if err != nil {
			return nil, unlessGone(err)
		}
		types[t.ID] = string(t.Name)
	}
	return types, nil
}

func (snowAgreements) agreement(a snowAgreement, types map[snow.ID]string, f *Facts, now time.Time) {
	id := string(a.ID)
	cover := coverOf(a.periods, now)
	l := licensing.License{ID: id, Name: string(a.Name), OrderID: string(a.assigned), Phase: cover.phase, End: cover.to}
	l.EndUnknown = a.unreadable > 0
	if cover.phase == licensing.Dormant { // it has not begun, so it does not end yet
		l.End = time.Time{}
	}
	f.Single(l)
	f.Sample(metricSnowAgreementInfo, 1, id, types[a.TypeID], string(a.ManufacturerName), boolText(a.IsSubscription))
	f.daysLimit(metricSnowAgreementWarning, a.WarningDayLimit, id)
	f.daysLimit(metricSnowAgreementCritical, a.CriticalDayLimit, id)
	f.Flag(metricSnowAgreementAlerting, a.IsAlertingOnExpiration, id)
}

func (f *Facts) daysLimit(m *Metric, days snow.Int, labels ...string) {
	if days.Valid {
		f.Sample(m, float64(days.Value)*licensing.Day.Seconds(), labels...)
	}
}

// Flag sets one of the vendor's own metrics to 1 or 0, if the vendor says so.
func (f *Facts) Flag(m *Metric, b snow.Bool, labels ...string) {
	if b.Valid {
		f.Sample(m, boolValue(b.Value), labels...)
	}
}

// boolText is a label: empty if the vendor does not say.
func boolText(b snow.Bool) string {
	if !b.Valid {
		return ""
	}
	return strconv.FormatBool(b.Value)
}
