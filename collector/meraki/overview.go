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
type overviewCollector struct{ client *api.Client }

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
		addDeviceOverview(overview, r.Organization(o.ID))
	}
	return nil
}

func addCotermOverview(v api.Overview, r *collector.Report, f *collector.OrganizationReport) {
	f.NextEnd("", v.ExpirationDate.Time)
	if status := string(v.Status); status != "" {
		r.CheckKnown(fieldStatus, status, cotermOK, cotermLicenseRequired)
		f.Status("", licensing.Status{Current: status, Known: []string{cotermOK, cotermLicenseRequired}})
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

func addDeviceOverview(v api.Overview, f *collector.OrganizationReport) {
	f.Number(metricLicenses, v.LicenseCount)
	if v.States != nil {
		addDeviceStates(*v.States, f)
	}
	for _, t := range v.LicenseTypes {
		f.Number(metricUnassigned, t.Counts.Unassigned, string(t.LicenseType))
	}
	c := v.SystemsManager.Counts
	f.Number(metricSMSeats, c.TotalSeats)
	f.Number(metricSMActive, c.ActiveSeats)
	f.Number(metricSMUnassigned, c.UnassignedSeats)
	f.Number(metricSMEnrolled, c.OrgwideEnrolledDevices)
}

func addDeviceStates(s api.OverviewStates, f *collector.OrganizationReport) {
	for state, n := range map[string]api.Int{
		deviceActive:         s.Active.Count,
		deviceExpired:        s.Expired.Count,
		deviceExpiring:       s.Expiring.Count,
		deviceRecentlyQueued: s.RecentlyQueued.Count,
		deviceUnused:         s.Unused.Count,
		deviceUnusedActive:   s.UnusedActive.Count,
	} {
		f.Number(metricLicensesByState, n, state)
	}
	for name, t := range map[string]api.ExpiringThreshold{"critical": s.Expiring.Critical, "warning": s.Expiring.Warning} {
		f.Number(metricExpiring, t.ExpiringCount, name)
		if days := t.ThresholdInDays; days.Valid {
			f.Sample(metricExpiringThreshold, float64(days.Value)*licensing.Day.Seconds(), name)
		}
	}
	soonest, oldest := s.Unused.SoonestActivation, s.UnusedActive.OldestActivation
	f.Time(metricSoonestActivation, soonest.ActivationDate.Time)
	f.Number(metricSoonestActivationLicenses, soonest.ToActivateCount)
	f.Time(metricOldestActivation, oldest.ActivationDate.Time)
	f.Number(metricOldestActivationLicenses, oldest.ActiveCount)
}
