package snow

import (
	"context"

	"license_exporter/collector"
	"license_exporter/licensing"
)

// coverageCollector reads extended coverages: cases in which the license of one
// computer also covers another.
type coverageCollector struct{ *tenant }

func (c coverageCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	for e, err := range c.client.ExtendedCoverage(ctx) {
		if err != nil {
			return err
		}
		r.CheckKnown(fieldReason, string(e.Reason), "Other", "Passive", "Disaster", "TestingOrDevelopment")
		covered := e.CoveredApplicationID
		if covered == "" {
			covered = e.ApplicationID
		}
		f.Count(metricExtendedCoverages, 1, productOf(e.ApplicationID), string(covered), string(e.Reason))
	}
	for t, err := range c.client.ExtendedCoverageTypes(ctx) {
		if err != nil {
			return err
		}
		f.Sample(metricExtendedCoverageType, 1, string(t.Name))
	}
	return nil
}
