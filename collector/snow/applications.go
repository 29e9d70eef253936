package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// applicationsCollector reads the names of the applications that the tenant may use, and
// of their metrics.
type applicationsCollector struct{ *tenant }

func (c applicationsCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	units := map[api.ID]api.Text{}
	const what = "the names of custom metrics"
	custom, err := readKept(ctx, c.tenant, r, what, dayMaxAge, func(ctx context.Context) ([]api.CustomMetric, error) {
		return collector.ReadAll(c.client.CustomMetrics(ctx))
	})
	if failsAll(ctx, err) {
		return err
	}
	switch c.memory.Classify("custom metrics", err) {
	case collector.Good:
	case collector.Failed:
		r.ChildFailed(collector.ChildFailure{Child: what, Err: err})
	default:
		r.Withhold(what, err)
	}
	for _, m := range custom {
		units[m.ID] = m.Name
	}
	err = readByApplication(ctx, c.tenant, r, "application", c.client.Application, func(id api.ID, a api.Application) {
		addApplication(f, string(id), a)
		for _, m := range a.Metrics {
			units[m.ID] = m.Name
		}
	})
	if err != nil && collector.Classify(err) != collector.NotApplicable { // the registry knows none of them
		return err
	}
	for id, name := range units {
		if id != "" && name != "" {
			f.Sample(metricMetricInfo, 1, string(id), string(name))
			f.Unit(string(id), string(name))
		}
	}
	return nil
}

func addApplication(f *collector.OrganizationReport, product string, a api.Application) {
	f.Product(licensing.Product{ID: product, Name: string(a.Name), Manufacturer: string(a.Manufacturer), Type: string(a.Platform)})
	f.Time(metricEndOfSupport, a.EndOfSupportDate.Time, product)
	f.Time(metricEndOfLife, a.EndOfLifeDate.Time, product)
	f.Time(metricEndOfExtendedSupport, a.EndOfExtendedSupportDate.Time, product)
}
