package snow

import (
	"context"
	"errors"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

var states = []licensing.State{{Name: api.StatusActive}, {Name: api.StatusArchived}}

// licensesCollector reads the licenses with their ends, seats and costs.
type licensesCollector struct{ *tenant }

func (c licensesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	covers, err := c.covers(ctx, r)
	if err != nil {
		return err
	}
	licenses, err := c.listLicenses(ctx, c, r.Now)
	if err != nil {
		return err
	}
	for _, l := range licenses {
		addLicense(l, covers, r)
	}
	if len(r.Organizations()) == 0 { // report 0 licenses
		r.Fold(o.ID, states...)
	}
	return nil
}

// undeterminedCover is the cover of an agreement whose periods could not all be
// parsed.
var undeterminedCover = licensing.Cover{Phase: licensing.Undetermined}

// covers returns the covers of subscription agreements by id. They override the
// periods of the agreements' licenses. If agreements are off or withheld,
// licenses end by their own periods.
func (c licensesCollector) covers(ctx context.Context, r *collector.Report) (map[api.ID]licensing.Cover, error) {
	if !c.withAgreements {
		r.Withhold("the periods of agreements", errors.New("snow_agreements is off"))
		return nil, nil
	}
	agreements, err := c.listAgreements(ctx, c, r.Now)
	switch c.agreementsOutcome(err) {
	case collector.Good:
	case collector.Withheld:
		r.Withhold("the periods of agreements", err)
		return nil, nil
	default:
		return nil, err
	}
	covers := map[api.ID]licensing.Cover{}
	for _, a := range agreements {
		cover := licensing.CoverAt(a.periods, r.Now)
		switch {
		case !a.IsSubscription.Value:
		case a.unreadable > 0: // any of these periods may be the renewal
			covers[a.ID] = undeterminedCover
		case cover.Phase != licensing.Undetermined:
			covers[a.ID] = cover
		}
	}
	return covers, nil
}

// addLicense reports a license. Licenses that are not active have no seats and
// costs.
func addLicense(l api.License, covers map[api.ID]licensing.Cover, r *collector.Report) {
	organization, product := string(l.OrganizationID), string(l.ApplicationID)
	license := termOf(l, covers, r)
	license.ID, license.Product = string(l.ID), product
	r.Fold(organization, states...).Add(license)
	r.Individual(organization, license)

	f := r.Organization(organization)
	countKinds(l, f)
	r.ParseErrorIf(fieldIncompleteReasons, l.IncompleteReasons.Unreadable || len(l.IncompleteReasons.Unknown) > 0)
	if license.State.Name != api.StatusActive {
		return
	}
	countIncomplete(l, f)
	if l.IsSubscription.Value {
		f.Count(metricExpiredSubscriptions, collector.Bool(license.Phase == licensing.Ended), product)
	}
	r.ParseErrorIf(fieldQuantity, l.Quantity.Unreadable)
	if l.Quantity.Valid {
		f.SeatsOf(licensing.SeatsKey{Product: product, Unit: string(l.MetricID)}, licensing.Seats{Limit: licensing.Seat(l.Quantity.Value)})
	}
	for component, amount := range map[string]api.Number{
		licensing.CostPurchase: l.PurchaseValue, licensing.CostMaintenance: l.ActiveMaintenanceCost, licensing.CostSupport: l.ActiveSupportCost,
	} {
		r.ParseErrorIf(fieldCost, amount.Unreadable)
		if amount.Valid {
			f.Cost(licensing.CostKey{Product: product, Component: component, Currency: string(l.PurchaseCurrency)}, amount.Value)
		}
	}
}

// termOf returns the state, phase, start and end of a license. API versions that
// do not report whether a license is a subscription do not report its end
// either.
func termOf(l api.License, covers map[api.ID]licensing.Cover, r *collector.Report) licensing.License {
	status := string(l.Status)
	if status == "" { // version 1.0.0 has no status, and all licenses count
		status = api.StatusActive
	}
	r.CheckKnown(fieldStatus, status, api.StatusActive, api.StatusArchived)
	r.ParseErrorIf(fieldSubscriptionValidFrom, l.SubscriptionValidFrom.Unreadable)
	r.ParseErrorIf(fieldSubscriptionValidTo, l.SubscriptionValidTo.Unreadable)
	own := licensing.Period{From: l.SubscriptionValidFrom.Time, To: l.SubscriptionValidTo.Time}
	agreed, hasAgreement := covers[l.Agreement()]
	term := licensing.License{State: licensing.State{Name: status}}
	switch {
	case isFalse(l.IsSubscription): // perpetual
		term.Phase = licensing.InForce
	case hasAgreement && agreed == undeterminedCover, !hasAgreement && !l.IsSubscription.Valid:
		term.Phase, term.EndUnknown = licensing.InForce, true
	case hasAgreement:
		term.Start, term.End, term.Phase = agreed.From, agreed.To, agreed.Phase
	default:
		term.Start, term.End, term.EndUnknown = own.From, own.To, l.SubscriptionValidTo.Unreadable
		term.Phase = licensing.CoverAt([]licensing.Period{own}, r.Now).Phase
	}
	if l.IsIncomplete.Value || status == api.StatusArchived {
		term.Phase = licensing.Dormant
	}
	if term.Phase == licensing.Dormant { // it covers nothing, so its end must not raise alerts
		term.End = time.Time{}
	}
	return term
}

// countIncomplete counts an incomplete license once for each reason.
func countIncomplete(l api.License, f *collector.OrganizationReport) {
	reasons := l.IncompleteReasons.Names
	switch {
	case !l.IsIncomplete.Value:
		return
	case len(reasons) == 0:
		reasons = []string{""}
	}
	for _, reason := range reasons {
		f.Count(metricIncomplete, 1, string(l.ApplicationID), reason)
	}
}

// countKinds counts a license in each kind that it belongs to, and adds 0 to the
// others. A kind that the vendor does not report is left out.
func countKinds(l api.License, f *collector.OrganizationReport) {
	for kind, is := range map[string]api.Bool{
		"subscription": l.IsSubscription, "upgrade": l.IsUpgrade, "downgrade": l.IsDowngrade,
		"cross_edition": l.IsCrossEdition, "cross_platform": l.IsCrossPlatform,
	} {
		if is.Valid {
			f.Count(metricKinds, collector.Bool(is.Value), string(l.ApplicationID), kind)
		}
	}
}
