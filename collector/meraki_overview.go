package collector

import (
	"context"

	"license_exporter/client/meraki"
	"license_exporter/licensing"
)

// The status texts of a co-term organization that are known. The vendor does
// not enumerate them.
const (
	cotermOK              = "OK"
	cotermLicenseRequired = "License Required"
)

// merakiOverview reads what the vendor says of an organization's licenses as a
// whole.
type merakiOverview struct{ client MerakiClient }

func (merakiOverview) Applies(o licensing.Organization) bool {
	return o.Model == meraki.ModelCoterm || o.Model == meraki.ModelPerDevice
}

func (c merakiOverview) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	overview, err := c.client.Overview(ctx, o.ID)
	if err != nil {
		return merakiError(err)
	}
	if o.Model == meraki.ModelCoterm {
		cotermOverview(overview, r, r.Organization(o.ID))
	} else {
		deviceOverview(overview, r, r.Organization(o.ID))
	}
	return nil
}

func cotermOverview(v meraki.Overview, r *Report, f *Facts) {
	readable(r, fieldExpirationDate, v.ExpirationDate)
	f.NextEnd("", v.ExpirationDate.Time)
	if v.Status != "" {
		known(r, fieldStatus, v.Status, cotermOK, cotermLicenseRequired)
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

func deviceOverview(v meraki.Overview, r *Report, f *Facts) {
	f.Number(metricMerakiLicenses, v.LicenseCount)
	if v.States != nil {
		deviceStates(*v.States, r, f)
	}
	for _, t := range v.LicenseTypes {
		f.Sample(metricMerakiUnassigned, float64(t.Counts.Unassigned), t.LicenseType)
	}
	if v.SystemsManager != nil {
		c := v.SystemsManager.Counts
		f.Number(metricMerakiSMSeats, c.TotalSeats)
		f.Number(metricMerakiSMActive, c.ActiveSeats)
		f.Number(metricMerakiSMUnassigned, c.UnassignedSeats)
		f.Number(metricMerakiSMEnrolled, c.OrgwideEnrolledDevices)
	}
}

func deviceStates(s meraki.OverviewStates, r *Report, f *Facts) {
	for state, n := range map[string]int64{
		deviceActive:         s.Active.Count,
		deviceExpired:        s.Expired.Count,
		deviceExpiring:       s.Expiring.Count,
		deviceRecentlyQueued: s.RecentlyQueued.Count,
		deviceUnused:         s.Unused.Count,
		deviceUnusedActive:   s.UnusedActive.Count,
	} {
		f.Sample(metricMerakiLicensesByState, float64(n), state)
	}
	for name, t := range map[string]*meraki.ExpiringThreshold{"critical": s.Expiring.Critical, "warning": s.Expiring.Warning} {
		if t != nil {
			f.Sample(metricMerakiExpiring, float64(t.ExpiringCount), name)
			f.Sample(metricMerakiExpiringThreshold, float64(t.ThresholdInDays)*licensing.Day.Seconds(), name)
		}
	}
	if a := s.Unused.SoonestActivation; a != nil {
		readable(r, fieldActivationDate, a.ActivationDate)
		f.Time(metricMerakiSoonestActivation, a.ActivationDate.Time)
		f.Number(metricMerakiSoonestActivationLicenses, a.ToActivateCount)
	}
	if a := s.UnusedActive.OldestActivation; a != nil {
		readable(r, fieldActivationDate, a.ActivationDate)
		f.Time(metricMerakiOldestActivation, a.ActivationDate.Time)
		f.Number(metricMerakiOldestActivationLicenses, a.ActiveCount)
	}
}
