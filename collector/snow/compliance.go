package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// readByApplication reads one kind of object for each application that the tenant may use,
// and passes it to fold. what names an object. The vendor has no list of them, so each takes
// a request, and answers are used for a day.
func readByApplication[T any](
	ctx context.Context, t *tenant, r *collector.Report, what string, read func(context.Context, api.ID) (T, error), fold func(api.ID, T),
) error {
	applications, err := t.entitledApplications(ctx, what, r)
	if err != nil {
		return err
	}
	return collector.ChildrenOf[api.ID, T](t.memory, what).Read(ctx, r, applications, collector.Reading[api.ID, T]{
		What: what, Limit: concurrency, MaxAge: dayMaxAge, Read: read,
		Fold: func(id api.ID, answer T, _ bool) { fold(id, answer) },
	})
}

// complianceCollector reads the compliance of each application.
type complianceCollector struct{ *tenant }

func (c complianceCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	return readByApplication(ctx, c.tenant, r, "compliance of application", collector.ReadEach(c.client.ComplianceSummary),
		func(application api.ID, summaries []api.ComplianceSummary) {
			addCompliance(f, string(application), summaries)
		})
}

// addCompliance reports the compliance of an application. The application is
// compliant if no metric that its licenses count by is short. Licenses that have ended give no
// seats, so that only as much as the application lacks can depend on them.
func addCompliance(f *collector.OrganizationReport, application string, summaries []api.ComplianceSummary) {
	known, complete, compliant, shortage := false, true, true, 0.0
	for _, s := range worstByMetric(summaries) {
		unit := string(s.MetricID)
		f.SeatsOf(licensing.SeatsKey{Product: application, Unit: unit}, licensing.Seats{
			Available: s.Compliance.Pointer(), Required: s.LicenseRequirement.Pointer(),
		})
		for m, n := range map[*collector.Metric]api.Int{
			metricPurchased:          s.LicensesPurchased,
			metricAvailable:          s.AvailableLicenses,
			metricCoverage:           s.TotalCoverage,
			metricExpired:            s.ExpiredSubscriptionLicenses,
			metricIncompleteLicenses: s.IncompleteLicenses,
			metricInvalidAssignments: s.InvalidAssignments,
			metricUnassigned:         s.Unassigned,
		} {
			f.Number(m, n, application, unit)
		}
		c := s.Compliance
		known, complete = known || c.Valid, complete && c.Valid
		if c.Value < 0 {
			compliant, shortage = false, max(shortage, float64(-c.Value))
			f.MissingSeats(licensing.MissingKey{Product: application, Unit: unit}, float64(-c.Value))
		}
	}
	if shortage > 0 || known && complete {
		f.Depend(application, shortage)
	}
	if known {
		f.Verdict(licensing.LicenseKey{Product: application}, compliant)
	}
}

// worstByMetric returns one summary for each metric. If there are several, the one with
// the lowest figure counts.
func worstByMetric(summaries []api.ComplianceSummary) map[api.ID]api.ComplianceSummary {
	worst := make(map[api.ID]api.ComplianceSummary, len(summaries))
	for _, s := range summaries {
		before, again := worst[s.MetricID]
		if !again || s.Compliance.Valid && (!before.Compliance.Valid || s.Compliance.Value < before.Compliance.Value) {
			worst[s.MetricID] = s
		}
	}
	return worst
}

// allocationCollector reads the compliance of each application by organization.
type allocationCollector struct{ *tenant }

func (c allocationCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	r.Organization(o.ID)
	return readByApplication(ctx, c.tenant, r, "allocation of application", collector.ReadEach(c.client.ComplianceAllocation),
		func(application api.ID, allocation []api.ComplianceAllocation) {
			addAllocation(r, string(application), allocation)
		})
}

// addAllocation reports the compliance of organizations with an application. An
// organization is compliant if it is short by no metric.
func addAllocation(r *collector.Report, application string, allocation []api.ComplianceAllocation) {
	compliant := map[string]bool{}
	for _, a := range allocation {
		id, unit := organizationOf(a.OrganizationID), string(a.MetricID)
		f := r.Organization(id)
		f.Number(metricAllocationRequirement, a.Requirement, application, unit)
		f.Number(metricAllocationCoverage, a.Coverage, application, unit)
		f.Number(metricAllocationCompliance, a.Compliance, application, unit)
		if before, known := compliant[id]; a.Compliance.Valid {
			compliant[id] = a.Compliance.Value >= 0 && (before || !known)
		}
	}
	for id, verdict := range compliant {
		r.Organization(id).Verdict(licensing.LicenseKey{Product: application}, verdict)
	}
}

// usageCollector reads how much of what is required of each application by one metric is
// covered by licenses of another.
type usageCollector struct{ *tenant }

func (c usageCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	return readByApplication(ctx, c.tenant, r, "usage of application", collector.ReadEach(c.client.ComplianceUsage),
		func(application api.ID, usage []api.ComplianceUsage) {
			for _, u := range usage {
				f.Number(metricOtherMetricCoverage, u.OtherMetricCoverage, string(application), string(u.MetricID), string(u.LicenseMetricID))
			}
		})
}
