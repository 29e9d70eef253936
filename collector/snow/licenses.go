package snow

import (
	"context"
	"errors"
	"time"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

var snowStates = []licensing.State{{Name: api.StatusActive}, {Name: api.StatusArchived}}

// licensesCollector reads the licenses: how many, until when, for how much, and
// what is wrong with them.
type licensesCollector struct{ *tenant }

func (c licensesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	covers, err := c.covers(ctx, r)
	if err != nil {
		return err
	}
	licenses, err := c.listLicenses(ctx, r.Now)
	if err != nil {
		return err
	}
	for _, l := range licenses {
		snowLicense(l, covers, r)
	}
	if len(r.Organizations()) == 0 { // no licenses at all is an answer too
		r.Fold(o.ID, snowStates...)
	}
	return nil
}

// undeterminedCover is that of an agreement with periods that cannot be read.
var undeterminedCover = cover{phase: licensing.Undetermined}

// covers returns when the agreements are in force that override the periods of
// their licenses. Without agreements, licenses end by their own periods.
func (c licensesCollector) covers(ctx context.Context, r *collector.Report) (map[api.ID]cover, error) {
	if !c.withAgreements {
		r.Withhold("the periods of agreements", errors.New("snow_agreements is off"))
		return nil, nil
	}
	agreements, err := c.listAgreements(ctx, r.Now)
	switch c.agreementsOutcome(err) {
	case collector.Good:
	case collector.Withheld:
		r.Withhold("the periods of agreements", err)
		return nil, nil
	default:
		return nil, err
	}
	covers := map[api.ID]cover{}
	for _, a := range agreements {
		cover := coverOf(a.periods, r.Now)
		switch {
		case !a.IsSubscription.Value:
		case a.unreadable > 0: // one of those may be the renewal
			covers[a.ID] = undeterminedCover
		case cover.phase != licensing.Undetermined:
			covers[a.ID] = cover
		}
	}
	return covers, nil
}

func snowLicense(l api.License, covers map[api.ID]cover, r *collector.Report) {
	organization, product := string(l.OrganizationID), string(l.ApplicationID)
	neutral := snowTerm(l, covers, r)
	neutral.ID, neutral.Product = string(l.ID), product
	r.Fold(organization, snowStates...).Add(neutral)
	r.Individual(organization, neutral)

	f := r.Organization(organization)
	snowKinds(l, f)
	r.ParseErrorIf(fieldIncompleteReasons, l.IncompleteReasons.Unreadable || len(l.IncompleteReasons.Unknown) > 0)
	if neutral.State.Name != api.StatusActive {
		return
	}
	snowIncomplete(l, f)
	if l.IsSubscription.Value {
		f.Count(metricExpiredSubscriptions, collector.Bool(neutral.Phase == licensing.Ended), product)
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

// snowTerm tells what state a license is in and when it ends. Versions of the
// API that do not say whether it is a subscription do not say its end either.
func snowTerm(l api.License, covers map[api.ID]cover, r *collector.Report) licensing.License {
	status := string(l.Status)
	if status == "" { // 1.0.0 knows none; there, all count
		status = api.StatusActive
	}
	r.CheckKnown(fieldStatus, status, api.StatusActive, api.StatusArchived)
	r.ParseErrorIf(fieldSubscriptionValidFrom, l.SubscriptionValidFrom.Unreadable)
	r.ParseErrorIf(fieldSubscriptionValidTo, l.SubscriptionValidTo.Unreadable)
	own := period{l.SubscriptionValidFrom.Time, l.SubscriptionValidTo.Time}
	of, ofAgreement := covers[l.Agreement()]
	term := licensing.License{State: licensing.State{Name: status}}
	switch {
	case l.IsSubscription.Valid && !l.IsSubscription.Value: // perpetual
		term.Phase = licensing.InForce
	case ofAgreement && of == undeterminedCover, !ofAgreement && !l.IsSubscription.Valid:
		term.Phase, term.EndUnknown = licensing.InForce, true
	case ofAgreement:
		term.Start, term.End, term.Phase = of.from, of.to, of.phase
	default:
		term.Start, term.End, term.EndUnknown = own.from, own.to, l.SubscriptionValidTo.Unreadable
		term.Phase = own.phase(r.Now)
	}
	if l.IsIncomplete.Value || status == api.StatusArchived {
		term.Phase = licensing.Dormant
	}
	if term.Phase == licensing.Dormant { // it covers nothing, so that nothing ends
		term.End = time.Time{}
	}
	return term
}

// phase tells what a single period means.
func (p period) phase(now time.Time) licensing.Phase {
	return coverOf([]period{p}, now).phase
}

// snowIncomplete counts a license once for each reason why it does not count.
func snowIncomplete(l api.License, f *collector.OrganizationReport) {
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

// snowKinds counts a license for what it is, as far as the vendor says.
func snowKinds(l api.License, f *collector.OrganizationReport) {
	for kind, is := range map[string]api.Bool{
		"subscription": l.IsSubscription, "upgrade": l.IsUpgrade, "downgrade": l.IsDowngrade,
		"cross_edition": l.IsCrossEdition, "cross_platform": l.IsCrossPlatform,
	} {
		if is.Valid {
			f.Count(metricKinds, collector.Bool(is.Value), string(l.ApplicationID), kind)
		}
	}
}
