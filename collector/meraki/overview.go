package meraki

import (
	"context"
	"strings"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The statuses of a co-term organization. The vendor does not document a list. It lists
// OK, Warning and License Required for the same page of the dashboard.
const (
	cotermOK              = "OK"
	cotermWarning         = "Warning" // the end is near
	cotermLicenseRequired = "License Required"
	cotermLicenseExpired  = "License Expired"
)

// cotermVerdicts contains what a status means. Its keys are in lower case, since the
// vendor's spelling may differ.
var cotermVerdicts = map[string]bool{
	strings.ToLower(cotermOK):              true,
	strings.ToLower(cotermWarning):         true,
	strings.ToLower(cotermLicenseRequired): false,
	strings.ToLower(cotermLicenseExpired):  false,
}

// overviewName is the name of overviewCollector.
const overviewName = "meraki_overview"

// overviewCollector reads the vendor's totals for an organization.
type overviewCollector struct{ *account }

func (overviewCollector) Applies(o licensing.Organization) bool {
	return o.Model == api.ModelCoterm || o.Model == api.ModelPerDevice
}

func (c overviewCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	overview, err := c.overview(ctx, o, overviewName, r)
	if err != nil {
		return err
	}
	r.Empty = overview.Empty()
	model := o.Model
	if !overview.Fits(model) { // it is that of the other model
		model = api.ModelCoterm
		if !overview.Fits(model) {
			model = api.ModelPerDevice
		}
	}
	if model == api.ModelCoterm {
		addCotermOverview(overview, r, r.Organization(o.ID))
	} else {
		addDeviceOverview(overview, r.Organization(o.ID))
	}
	return nil
}

func addCotermOverview(v api.Overview, r *collector.Report, f *collector.OrganizationReport) {
	f.NextEnd("", v.ExpirationDate.Time)
	if status := string(v.Status); status != "" {
		addCotermStatus(status, r, f)
	}
	if strings.EqualFold(string(v.Status), cotermLicenseExpired) {
		return // the vendor goes on counting the devices that were licensed
	}
	for product, n := range v.LicensedDeviceCounts {
		f.SeatsOf(licensing.SeatsKey{Product: productOf(api.Text(product)), Unit: unitDevice}, licensing.Seats{Limit: n.Pointer()})
	}
}

func addCotermStatus(status string, r *collector.Report, f *collector.OrganizationReport) {
	verdict, isKnown := cotermVerdicts[strings.ToLower(status)]
	if isKnown {
		f.Verdict(licensing.LicenseKey{}, verdict)
		r.Empty = r.Empty && verdict
	} else {
		r.CheckKnown(fieldStatus, status)
	}
	f.Status("", licensing.Status{Current: status})
}

func addDeviceOverview(v api.Overview, f *collector.OrganizationReport) {
	sum, complete := addDeviceStates(v.States, f)
	if !complete || sum != v.LicenseCount.Value {
		f.Number(metricLicenses, v.LicenseCount)
	}
	for _, t := range v.LicenseTypes {
		counted(f, metricUnassigned, t.Counts.Unassigned, complete, productOf(t.LicenseType))
	}
	c := v.SystemsManager.Counts
	if c.TotalSeats.Value != 0 || c.ActiveSeats.Value != 0 || c.UnassignedSeats.Value != 0 || c.OrgwideEnrolledDevices.Value != 0 {
		f.Number(metricSMSeats, c.TotalSeats)
		f.Number(metricSMActive, c.ActiveSeats)
		f.Number(metricSMUnassigned, c.UnassignedSeats)
		f.Number(metricSMEnrolled, c.OrgwideEnrolledDevices)
	}
}

// addDeviceStates reports the licenses by state. It returns their sum, and whether the overview has
// the numbers of all states. If it has, zeros are left out.
func addDeviceStates(s *api.OverviewStates, f *collector.OrganizationReport) (sum int64, complete bool) {
	if s == nil {
		return 0, false
	}
	byState := map[string]api.Int{
		deviceActive:         s.Active.Count,
		deviceExpired:        s.Expired.Count,
		deviceExpiring:       s.Expiring.Count,
		deviceRecentlyQueued: s.RecentlyQueued.Count,
		deviceUnused:         s.Unused.Count,
		deviceUnusedActive:   s.UnusedActive.Count,
	}
	complete = true
	for _, n := range byState {
		sum += n.Value
		complete = complete && n.Valid
	}
	for state, n := range byState {
		counted(f, metricLicensesByState, n, complete && state != deviceActive && state != deviceExpired, state)
	}
	critical, warning := s.Expiring.Critical, s.Expiring.Warning
	none := complete && critical.ExpiringCount.Value == 0 && warning.ExpiringCount.Value == 0
	for name, t := range map[string]api.ExpiringThreshold{"critical": critical, "warning": warning} {
		counted(f, metricExpiring, t.ExpiringCount, none, name)
		if days := t.ThresholdInDays; days.Valid {
			f.Sample(metricExpiringThreshold, float64(days.Value)*licensing.Day.Seconds(), name)
		}
	}
	soonest, oldest := s.Unused.SoonestActivation, s.UnusedActive.OldestActivation
	f.Time(metricSoonestActivation, soonest.ActivationDate.Time)
	counted(f, metricSoonestActivationLicenses, soonest.ToActivateCount, complete)
	f.Time(metricOldestActivation, oldest.ActivationDate.Time)
	counted(f, metricOldestActivationLicenses, oldest.ActiveCount, complete)
	return sum, complete
}

// counted sets a metric to a number. It leaves out 0 if omitZero is set.
func counted(f *collector.OrganizationReport, m *collector.Metric, n api.Int, omitZero bool, labels ...string) {
	if n.Value != 0 || !omitZero {
		f.Number(m, n, labels...)
	}
}
