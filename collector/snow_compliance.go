package collector

import (
	"context"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

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
	f := r.Organization(o.ID)
	return fanOut(ctx, applications, c.read, func(application snow.ID, v verdict) {
		snowVerdict(f, string(application), v, r)
	})
}

func (c snowCompliance) read(ctx context.Context, application snow.ID) (v verdict, err error) {
	byMetric := func(s snow.ComplianceSummary) snow.ID { return s.MetricID }
	if v.summary, err = collect(snow.Distinct(c.client.ComplianceSummary(ctx, application), byMetric)); err != nil {
		return v, err
	}
	if v.allocation, err = orNone(c.client.ComplianceAllocation(ctx, application)); err != nil {
		return v, err
	}
	v.usage, err = orNone(c.client.ComplianceUsage(ctx, application))
	return v, err
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
