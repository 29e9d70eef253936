package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// complianceCollector reads the compliance of each licensed application.
type complianceCollector struct{ *tenant }

// compliance is the vendor's compliance report about one application.
type compliance struct {
	summary    []api.ComplianceSummary
	allocation []api.ComplianceAllocation
	usage      []api.ComplianceUsage
}

func (c complianceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	applications, err := c.licensedApplications(ctx, c, r.Now)
	if err != nil {
		return err
	}
	f := r.Organization(o.ID)
	return collector.FanOut(ctx, applications, concurrency, c.read, func(application api.ID, result compliance) {
		addCompliance(f, string(application), result, r)
	})
}

func (c complianceCollector) read(ctx context.Context, application api.ID) (result compliance, err error) {
	byMetric := func(s api.ComplianceSummary) api.ID { return s.MetricID }
	if result.summary, err = collector.ReadAll(api.Distinct(c.client.ComplianceSummary(ctx, application), byMetric)); err != nil {
		return result, err
	}
	if result.allocation, err = collector.ReadAllIfPresent(c.client.ComplianceAllocation(ctx, application)); err != nil {
		return result, err
	}
	result.usage, err = collector.ReadAllIfPresent(c.client.ComplianceUsage(ctx, application))
	return result, err
}

// complianceMetrics maps figures of the summary to metrics.
var complianceMetrics = map[string]*collector.Metric{
	api.FigureLicensesPurchased:           metricPurchased,
	api.FigureAvailableLicenses:           metricAvailable,
	api.FigureTotalCoverage:               metricCoverage,
	api.FigureExpiredSubscriptionLicenses: metricExpired,
	api.FigureIncompleteLicenses:          metricIncompleteLicenses,
	api.FigureInvalidAssignments:          metricInvalidAssignments,
	api.FigureUnassigned:                  metricUnassigned,
}

// addCompliance reports the compliance of an application. The application is
// compliant if no metric that its licenses count by is short.
func addCompliance(f *collector.OrganizationReport, application string, result compliance, r *collector.Report) {
	known, short := false, false
	for _, s := range result.summary {
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
			known, short = true, short || c.Value < 0
			if c.Value < 0 {
				f.MissingSeats(licensing.MissingKey{Product: application, Unit: unit}, -float64(c.Value))
			}
		}
	}
	if known {
		f.Verdict(licensing.LicenseKey{Product: application}, !short)
	}
	for _, a := range result.allocation {
		organization, unit := r.Organization(string(a.OrganizationID)), string(a.MetricID)
		number(organization, metricAllocationRequirement, a.Requirement, application, unit)
		number(organization, metricAllocationCoverage, a.Coverage, application, unit)
		number(organization, metricAllocationCompliance, a.Compliance, application, unit)
	}
	for _, u := range result.usage {
		number(f, metricOtherMetricCoverage, u.OtherMetricCoverage, application, string(u.MetricID), string(u.LicenseMetricID))
	}
}

func figure(s api.ComplianceSummary, name string) *float64 {
	if value := s.Figures[name]; value.Valid {
		return licensing.Seat(value.Value)
	}
	return nil
}
