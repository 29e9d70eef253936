package collector

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// complianceAtOnce bounds how many applications are asked about side by side.
const complianceAtOnce = 4

// snowCompliance reads the vendor's verdict on each application.
type snowCompliance struct{ snowTenant }

// verdict is what is told of one application.
type verdict struct {
	summary    []snow.ComplianceSummary
	allocation []snow.ComplianceAllocation
	usage      []snow.ComplianceUsage
}

func (c snowCompliance) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	applications, err := licensedApplications(ctx, c.client)
	if err != nil {
		return err
	}
	verdicts := make([]verdict, len(applications))
	var known atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(complianceAtOnce)
	for i, application := range applications {
		group.Go(func() error {
			v, err := c.read(ctx, application)
			switch {
			case errors.Is(err, snow.ErrUnsupported): // of this application, or of all
				return nil
			case err != nil:
				return err
			}
			known.Add(1)
			verdicts[i] = v
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if known.Load() == 0 && len(applications) > 0 {
		return errors.Join(ErrNotApplicable, errors.New("the vendor knows the compliance of none of the applications"))
	}
	f := r.Organization(o.ID)
	for i, v := range verdicts {
		snowVerdict(f, string(applications[i]), v, r)
	}
	return nil
}

func (c snowCompliance) read(ctx context.Context, application snow.ID) (v verdict, err error) {
	if v.summary, err = collect(c.client.ComplianceSummary(ctx, application)); err != nil {
		return v, err
	}
	if v.allocation, err = optionally(c.client.ComplianceAllocation(ctx, application)); err != nil {
		return v, err
	}
	v.usage, err = optionally(c.client.ComplianceUsage(ctx, application))
	return v, err
}

// optionally collects records of an operation that the vendor may not have for
// what is asked about.
func optionally[T any](records iter.Seq2[T, error]) ([]T, error) {
	all, err := collect(records)
	if errors.Is(err, snow.ErrUnsupported) {
		return nil, nil
	}
	return all, err
}

// complianceMetrics are the figures that have metrics of Snow's own.
var complianceMetrics = map[string]*Metric{
	snow.FigureLicensesPurchased:           metricSnowPurchased,
	snow.FigureAvailableLicenses:           metricSnowAvailable,
	snow.FigureTotalCoverage:               metricSnowCoverage,
	snow.FigureExpiredSubscriptionLicenses: metricSnowExpired,
	snow.FigureIncompleteLicenses:          metricSnowIncompleteLicenses,
	snow.FigureInvalidAssignments:          metricSnowInvalidAssignments,
	snow.FigureUnassigned:                  metricSnowUnassigned,
}

// snowVerdict states what is told of an application: compliant if none of its
// metrics is short.
func snowVerdict(f *Facts, application string, v verdict, r *Report) {
	judged, missing := false, int64(0)
	for _, s := range v.summary {
		unit := string(s.MetricID)
		f.SeatsOf(licensing.SeatsKey{Product: application, Unit: unit}, licensing.Seats{
			Available: figure(s, snow.FigureCompliance), Required: figure(s, snow.FigureLicenseRequirement),
		})
		for name, m := range complianceMetrics {
			if value := s.Figures[name]; value.Valid {
				f.Sample(m, float64(value.Value), application, unit)
			}
		}
		if c := s.Figures[snow.FigureCompliance]; c.Valid {
			judged, missing = true, missing-min(c.Value, 0)
		}
	}
	if judged {
		f.Verdict(licensing.LicenseKey{Product: application}, missing == 0)
	}
	if missing > 0 {
		f.MissingSeats(licensing.MissingKey{Product: application}, float64(missing))
	}
	for _, a := range v.allocation {
		of, unit := r.Organization(string(a.OrganizationID)), string(a.MetricID)
		of.whole(metricSnowAllocationRequirement, a.Requirement, application, unit)
		of.whole(metricSnowAllocationCoverage, a.Coverage, application, unit)
		of.whole(metricSnowAllocationCompliance, a.Compliance, application, unit)
	}
	for _, u := range v.usage {
		f.whole(metricSnowOtherMetricCoverage, u.OtherMetricCoverage, application, string(u.MetricID), string(u.LicenseMetricID))
	}
}

func figure(s snow.ComplianceSummary, name string) *float64 {
	if value := s.Figures[name]; value.Valid {
		return licensing.Seat(value.Value)
	}
	return nil
}

// whole sets one of the vendor's own metrics, if the vendor gave the number.
func (f *Facts) whole(m *Metric, n snow.Int, labels ...string) {
	if n.Valid {
		f.Sample(m, float64(n.Value), labels...)
	}
}
