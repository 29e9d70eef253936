package collector

import (
	"context"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowCoverage reads where a license of one computer covers another.
type snowCoverage struct{ snowTenant }

func (c snowCoverage) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	f := r.Organization(o.ID)
	for e, err := range snow.Distinct(c.client.ExtendedCoverage(ctx), func(e snow.ExtendedCoverage) snow.ID { return e.ID }) {
		if err != nil {
			return snowError(err)
		}
		known(r, fieldReason, string(e.Reason), "Other", "Passive", "Disaster", "TestingOrDevelopment")
		covered := e.CoveredApplicationID
		if covered == "" {
			covered = e.ApplicationID
		}
		f.Count(metricSnowExtendedCoverages, 1, string(e.ApplicationID), string(covered), string(e.Reason))
	}
	for kind, err := range c.client.ExtendedCoverageTypes(ctx) {
		if err != nil {
			return snowError(err)
		}
		f.Sample(metricSnowExtendedCoverageType, 1, string(kind.Name))
	}
	return nil
}
