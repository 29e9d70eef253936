package meraki

import (
	"context"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The known statuses of a co-term organization. The vendor does not document
// all of them.
const (
	cotermOK              = "OK"
	cotermLicenseRequired = "License Required"
)

// overviewCollector reads the vendor's totals for an organization.
type overviewCollector struct{ client client }

func (overviewCollector) Applies(o licensing.Organization) bool {
	return o.Model == api.ModelCoterm || o.Model == api.ModelPerDevice
}

func (c overviewCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	overview, err := c.client.Overview(ctx, o.ID)
	if err != nil {
		return err
	}
	if o.Model == api.ModelCoterm {
		addCotermOverview(overview, r, r.Organization(o.ID))
	} else {
		addDeviceOverview(overview, r, r.Organization(o.ID))
	}
	return nil
}

func addCotermOverview(v api.Overview, r *collector.Report, f *collector.OrganizationReport) {
	r.ParseErrorIf(fieldExpirationDate, v.ExpirationDate.Unreadable)
	f.NextEnd("", v.ExpirationDate.Time)
	if v.Status != "" {
		r.CheckKnown(fieldStatus, v.Status, cotermOK, cotermLicenseRequired)
		f.Status("", licensing.Status{Current: v.Status, Known: []string{cotermOK, cotermLicenseRequired}})
	}
	switch v.Status {
	case cotermOK:
		f.Verdict(licensing.LicenseKey{}, true)
	case cotermLicenseRequired:
		f.Verdict(licensing.LicenseKey{}, false)
	}
	for product, n := range v.LicensedDeviceCounts {
		f.SeatsOf(licensing.SeatsKey{Product: product, Unit: unitDevice}, licensing.Seats{Limit: seat(n)})
	}
}

func addDeviceOverview(v api.Overview, r *collector.Report, f *collector.OrganizationReport) {
	f.Number(metricLicenses, v.LicenseCount)
	if v.States != nil {
		addDeviceStates(*v.States, r, f)
	}
	for _, t := range v.LicenseTypes {
		f.Sample(metricUnassigned, float64(t.Counts.Unassigned), t.LicenseType)
	}
	if v.SystemsManager != nil {
		c := v.SystemsManager.Counts
		f.Number(metricSMSeats, c.TotalSeats)
		f.Number(metricSMActive, c.ActiveSeats)
		f.Number(metricSMUnassigned, c.UnassignedSeats)
		f.Number(metricSMEnrolled, c.OrgwideEnrolledDevices)
	}
}

func addDeviceStates(s api.OverviewStates, r *collector.Report, f *collector.OrganizationReport) {
	for state, n := range map[string]int64{
		deviceActive:         s.Active.Count,
		deviceExpired:        s.Expired.Count,
		deviceExpiring:       s.Expiring.Count,
		deviceRecentlyQueued: s.RecentlyQueued.Count,
		deviceUnused:         s.Unused.Count,
		deviceUnusedActive:   s.UnusedActive.Count,
	} {
		f.Sample(metricLicensesByState, float64(n), state)
	}
	for name, t := range map[string]*api.ExpiringThreshold{"critical": s.Expiring.Critical, "warning": s.Expiring.Warning} {
		if t != nil {
			f.Sample(metricExpiring, float64(t.ExpiringCount), name)
			f.Sample(metricExpiringThreshold, float64(t.ThresholdInDays)*licensing.Day.Seconds(), name)
		}
	}
	if a := s.Unused.SoonestActivation; a != nil {
		r.ParseErrorIf(fieldActivationDate, a.ActivationDate.Unreadable)
		f.Time(metricSoonestActivation, a.ActivationDate.Time)
		f.Number(metricSoonestActivationLicenses, a.ToActivateCount)
	}
	if a := s.UnusedActive.OldestActivation; a != nil {
		r.ParseErrorIf(fieldActivationDate, a.ActivationDate.Unreadable)
		f.Time(metricOldestActivation, a.ActivationDate.Time)
		f.Number(metricOldestActivationLicenses, a.ActiveCount)
	}
}
