package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// complianceCollector reads the vendor's verdict on each application.
type complianceCollector struct{ *tenant }

// verdict is what is told of one application.
type verdict struct {
	summary    []api.ComplianceSummary
	allocation []api.ComplianceAllocation
	usage      []api.ComplianceUsage
}

func (c complianceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	applications, err := c.licensedApplications(ctx, r.Now)
	if err != nil {
		return err
	}
	f := r.Organization(o.ID)
	return collector.FanOut(ctx, applications, atOnce, c.read, func(application api.ID, v verdict) {
		snowVerdict(f, string(application), v, r)
	})
}

func (c complianceCollector) read(ctx context.Context, application api.ID) (v verdict, err error) {
	byMetric := func(s api.ComplianceSummary) api.ID { return s.MetricID }
	if v.summary, err = collector.ReadAll(api.Distinct(c.client.ComplianceSummary(ctx, application), byMetric)); err != nil {
		return v, err
	}
	if v.allocation, err = collector.ReadAllIfPresent(c.client.ComplianceAllocation(ctx, application)); err != nil {
		return v, err
	}
	v.usage, err = collector.ReadAllIfPresent(c.client.ComplianceUsage(ctx, application))
	return v, err
}

// complianceMetrics are the figures that have metrics of Snow's own.
var complianceMetrics = map[string]*collector.Metric{
	api.FigureLicensesPurchased:           metricPurchased,
	api.FigureAvailableLicenses:           metricAvailable,
	api.FigureTotalCoverage:               metricCoverage,
	api.FigureExpiredSubscriptionLicenses: metricExpired,
	api.FigureIncompleteLicenses:          metricIncompleteLicenses,
	api.FigureInvalidAssignments:          metricInvalidAssignments,
	api.FigureUnassigned:                  metricUnassigned,
}

// snowVerdict states what is told of an application: compliant if none of its
// metrics is short.
func snowVerdict(f *collector.OrganizationReport, application string, v verdict, r *collector.Report) {
	judged, missing := false, int64(0)
	for _, s := range v.summary {
		unit := string(s.MetricID)
		f.SeatsOf(licensing.SeatsKey{Product: application, Unit: unit}, licensing.Seats{
			Available: figure(s, api.FigureCompliance), Required: figure(s, api.FigureLicenseRequirement),
		})
		for name, m := range complianceMetrics {
			if value := s.Figures[name]; value.Valid {
				f.Sample(m, float64(value.Value), application, unit)
			}
		}
		if c := s.Figures[api.FigureCompliance]; c.Valid {
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
		number(of, metricAllocationRequirement, a.Requirement, application, unit)
		number(of, metricAllocationCoverage, a.Coverage, application, unit)
		number(of, metricAllocationCompliance, a.Compliance, application, unit)
	}
	for _, u := range v.usage {
		number(f, metricOtherMetricCoverage, u.OtherMetricCoverage, application, string(u.MetricID), string(u.LicenseMetricID))
	}
}

func figure(s api.ComplianceSummary, name string) *float64 {
	if value := s.Figures[name]; value.Valid {
		return licensing.Seat(value.Value)
	}
	return nil
}
