package meraki

import (
	"context"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// The states of a co-term license. The vendor has two flags, expired and
// invalidated. A license with both counts as invalidated.
const (
	cotermActive      = "active"
	cotermExpired     = "expired"
	cotermInvalidated = "invalidated"
)

var cotermStates = []licensing.State{{Name: cotermActive}, {Name: cotermExpired}, {Name: cotermInvalidated}}

// cotermCollector counts the licenses of co-term organizations. They share one
// end and have no id other than their key, which is a secret. They therefore
// get no series of their own.
type cotermCollector struct{ *account }

func (cotermCollector) Applies(o licensing.Organization) bool { return o.Model == api.ModelCoterm }

func (c cotermCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	f := r.Organization(o.ID)
	fold := r.Fold(o.ID, cotermStates...)
	fold.Undated = true
	var expired, invalidated float64
	var lastClaim, lastInvalidation api.Time
	r.Empty = true
	for l, err := range c.client.CotermLicenses(ctx, o.ID) {
		if err != nil {
			return err
		}
		r.Empty = false
		state, phase := cotermState(l)
		expired += collector.Bool(l.Expired.Value)
		invalidated += collector.Bool(l.Invalidated.Value)
		countEditions(l, state, r, f)
		for product, devices := range cotermModels(l) {
			fold.Add(licensing.License{Product: product, State: licensing.State{Name: state}, Phase: phase, EndUnknown: true})
			if devices.Valid {
				f.Count(metricCotermDevices, float64(devices.Value), product, state)
			}
		}
		lastClaim = latest(lastClaim, l.ClaimedAt)
		lastInvalidation = latest(lastInvalidation, l.InvalidatedAt)
	}
	if expired > 0 || invalidated > 0 { // otherwise, license_licenses says that there are none
		f.Sample(metricCotermExpired, expired)
		f.Sample(metricCotermInvalidated, invalidated)
	}
	f.Time(metricCotermLastClaim, lastClaim.Time)
	f.Time(metricCotermLastInvalidation, lastInvalidation.Time)
	return nil
}

func cotermState(l api.CotermLicense) (string, licensing.Phase) {
	switch {
	case l.Invalidated.Value:
		return cotermInvalidated, licensing.Dormant
	case l.Invalidated.Unreadable, l.Expired.Unreadable:
		return unknown, licensing.Undetermined
	case l.Expired.Value:
		return cotermExpired, licensing.Ended
	default:
		return cotermActive, licensing.InForce
	}
}

// countEditions counts a license once for each of its editions.
func countEditions(l api.CotermLicense, state string, r *collector.Report, f *collector.OrganizationReport) {
	mode := known(r, fieldMode, l.Mode, []string{"addDevices", "renew"})
	if len(l.Editions) == 0 {
		f.Count(metricCotermLicenses, 1, "", "", mode, state)
	}
	for _, e := range l.Editions {
		f.Count(metricCotermLicenses, 1, string(e.Edition), string(e.ProductType), mode, state)
	}
}

// cotermModels returns the number of devices that a license is for by model.
func cotermModels(l api.CotermLicense) map[string]api.Int {
	if len(l.Counts) == 0 {
		return map[string]api.Int{unknown: {}}
	}
	models := make(map[string]api.Int, len(l.Counts))
	for _, c := range l.Counts {
		model := productOf(c.Model)
		sum := models[model]
		sum.Value += c.Count.Value
		sum.Valid = sum.Valid || c.Count.Valid
		models[model] = sum
	}
	return models
}
