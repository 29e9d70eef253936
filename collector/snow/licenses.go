package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// usual is the state that is shown even if no license has it.
var usual = licensing.State{Name: api.StatusActive}

// licensesCollector reads the licenses with their ends, seats and costs.
type licensesCollector struct{ *tenant }

func (c licensesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	terms, err := c.terms(ctx, c, r)
	if err != nil {
		return err
	}
	seats, kinds := seatSums{}, kindSums{}
	for _, t := range terms {
		addLicense(t, r)
		kinds.add(t.License, r)
		seats.add(o.ID, t, t.Quantity)
		seats.add(organizationOf(t.OrganizationID), t, t.Quantity)
	}
	for key, sum := range seats {
		switch f := r.Organization(key.organization); {
		case sum.unknown:
		case key.organization == o.ID:
			f.SeatsOf(licensing.SeatsKey{Product: key.product, Unit: key.unit}, licensing.Seats{Limit: licensing.Seat(sum.seats)})
		default:
			f.Sample(metricSeats, sum.seats, key.product, key.unit)
		}
	}
	if len(r.SkippedRecords()) == 0 {
		kinds.addNone(r)
	}
	if len(terms) == 0 { // report 0 licenses
		r.Fold(o.ID, usual)
	}
	return nil
}

// addLicense reports a license. Licenses that are not active have no costs.
func addLicense(t term, r *collector.Report) {
	organization, product := organizationOf(t.OrganizationID), t.license.Product
	r.CheckKnown(fieldStatus, t.license.State.Name, api.StatusActive, api.StatusArchived)
	r.Fold(organization, usual).Add(t.license)
	r.Individual(organization, t.license)

	f := r.Organization(organization)
	if t.license.State.Name != api.StatusActive {
		return
	}
	countIncomplete(t.License, f)
	if t.subscription && t.license.Phase == licensing.Ended {
		f.Count(metricExpiredSubscriptions, 1, product)
	}
	for component, amount := range map[string]api.Number{
		licensing.CostPurchase: t.PurchaseValue, licensing.CostMaintenance: t.ActiveMaintenanceCost, licensing.CostSupport: t.ActiveSupportCost,
	} {
		if amount.Valid {
			f.Cost(licensing.CostKey{Product: product, Component: component, Currency: currencyOf(t.PurchaseCurrency)}, amount.Value)
		}
	}
}

// countIncomplete counts an incomplete license once for each reason.
func countIncomplete(l api.License, f *collector.OrganizationReport) {
	reasons := l.IncompleteReasons.Names
	switch {
	case isIncomplete(l) != yes:
		return
	case len(reasons) == 0:
		reasons = []string{""}
	}
	for _, reason := range reasons {
		f.Count(metricIncomplete, 1, productOf(l.ApplicationID), reason)
	}
}

// kindSums says for each kind of licenses that the vendor reports, by organization, whether any
// license belongs to it.
type kindSums map[kindKey]bool

type kindKey struct{ organization, kind string }

// add counts a license in each kind that it belongs to.
func (k kindSums) add(l api.License, r *collector.Report) {
	for kind, is := range map[string]api.Bool{
		"subscription": l.IsSubscription, "upgrade": l.IsUpgrade, "downgrade": l.IsDowngrade,
		"cross_edition": l.IsCrossEdition, "cross_platform": l.IsCrossPlatform,
	} {
		if key := (kindKey{organizationOf(l.OrganizationID), kind}); is.Valid {
			k[key] = k[key] || is.Value
		}
		if is.Value {
			r.Organization(organizationOf(l.OrganizationID)).Count(metricKinds, 1, productOf(l.ApplicationID), kind)
		}
	}
}

// addNone reports 0 for the kinds that no license of an organization belongs to.
func (k kindSums) addNone(r *collector.Report) {
	for key, some := range k {
		if !some {
			r.Organization(key.organization).Sample(metricKinds, 0, "", key.kind)
		}
	}
}
