package collector

import (
	"context"

	"license_exporter/client/meraki"
	"license_exporter/licensing"
)

// The states of a co-term license, as this exporter names them: the vendor has
// two flags. One that is both expired and invalidated is invalidated.
const (
	cotermActive      = "active"
	cotermExpired     = "expired"
	cotermInvalidated = "invalidated"
)

var cotermStates = []licensing.State{{Name: cotermActive}, {Name: cotermExpired}, {Name: cotermInvalidated}}

// merakiCoterm reads the licenses of co-term organizations. They have no end
// of their own, and no name but their key, which is a secret: so there are
// counts and no individual licenses.
type merakiCoterm struct{ client MerakiClient }

func (merakiCoterm) Applies(o licensing.Organization) bool { return o.Model == meraki.ModelCoterm }

func (c merakiCoterm) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	f := r.Organization(o.ID)
	fold := r.Fold(o.ID, cotermStates...)
	fold.Undated = true
	f.Count(metricMerakiCotermExpired, 0)
	f.Count(metricMerakiCotermInvalidated, 0)
	var lastClaim, lastInvalidation meraki.Time
	for l, err := range c.client.CotermLicenses(ctx, o.ID) {
		if err != nil {
			return merakiError(err)
		}
		state, phase := cotermState(l)
		f.Count(metricMerakiCotermExpired, boolValue(l.Expired))
		f.Count(metricMerakiCotermInvalidated, boolValue(l.Invalidated))
		cotermEditions(l, state, r, f)
		for product, devices := range cotermModels(l) {
			fold.Add(licensing.License{Product: product, State: licensing.State{Name: state}, Phase: phase, EndUnknown: true})
			f.Count(metricMerakiCotermDevices, float64(devices), product, state)
		}
		readable(r, fieldClaimedAt, l.ClaimedAt)
		readable(r, fieldInvalidatedAt, l.InvalidatedAt)
		lastClaim = latest(lastClaim, l.ClaimedAt)
		lastInvalidation = latest(lastInvalidation, l.InvalidatedAt)
	}
	f.Time(metricMerakiCotermLastClaim, lastClaim.Time)
	f.Time(metricMerakiCotermLastInvalidation, lastInvalidation.Time)
	return nil
}

func cotermState(l meraki.CotermLicense) (string, licensing.Phase) {
	switch {
	case l.Invalidated:
		return cotermInvalidated, licensing.Dormant
	case l.Expired:
		return cotermExpired, licensing.Ended
	default:
		return cotermActive, licensing.InForce
	}
}

func cotermEditions(l meraki.CotermLicense, state string, r *Report, f *Facts) {
	known(r, fieldMode, l.Mode, "addDevices", "renew")
	if len(l.Editions) == 0 {
		f.Count(metricMerakiCotermLicenses, 1, "", "", l.Mode, state)
	}
	for _, e := range l.Editions {
		f.Count(metricMerakiCotermLicenses, 1, e.Edition, e.ProductType, l.Mode, state)
	}
}

// cotermModels returns the devices that a license was bought for by model. A
// license without models still is one, of the empty product.
func cotermModels(l meraki.CotermLicense) map[string]int64 {
	if len(l.Counts) == 0 {
		return map[string]int64{"": 0}
	}
	models := make(map[string]int64, len(l.Counts))
	for _, c := range l.Counts {
		models[c.Model] += c.Count
	}
	return models
}
