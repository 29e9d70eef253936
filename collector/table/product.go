package table

import (
	"cmp"
	"time"

	"github.com/prometheus/common/model"

	api "license_exporter/client/table"
	"license_exporter/licensing"
	"license_exporter/policy"
)

// product is what the records of a product say together.
type product struct {
	licensing.Product
	// attended are the records in force before whose end somebody has to act, and quiet are those
	// that renew by themselves. ended are those that have ended.
	attended, quiet, ended ends
	owner                  string // the first
	manual                 bool   // a record says so
	minimum                float64
	hasMinimum             bool
	deadline               time.Time
	// audible is set if any record is not muted, and unmuted if one says so.
	audible, unmuted bool
	mutedLicenses    []licensing.License
	// waiting are keys of folder.endedInUse.
	waiting []uint64
}

// describe keeps the first name, manufacturer and type.
func (p *product) describe(l *api.License) {
	p.Name, p.Manufacturer, p.Type = cmp.Or(p.Name, l.ProductName), cmp.Or(p.Manufacturer, l.Manufacturer), cmp.Or(p.Type, l.ProductType)
}

// ends are the ends of several records.
type ends struct {
	n     int
	first time.Time // the earliest, or the latest of those that have ended
	owner string    // of the record with the first end
	// act is the first time at which somebody has to act, and hasNotice is set if a record says
	// how long before its end that is.
	act       time.Time
	hasNotice bool
	renewal   time.Time // the first
}

// add adds the rules of a record. Those of muted records are used only if all records of the
// product are muted.
func (p *product) add(l *api.License, made *licensing.License) {
	if !l.Muted.Value && !p.audible { // forget the muted ones
		*p = product{Product: p.Product, audible: true, mutedLicenses: p.mutedLicenses, waiting: p.waiting}
	}
	if l.Muted.Value && p.audible {
		return
	}
	p.unmuted = p.unmuted || l.Muted.Valid && !l.Muted.Value
	p.owner = cmp.Or(p.owner, l.Owner)
	switch made.Phase {
	case licensing.Ended:
		p.ended.add(l, false)
		return
	case licensing.InForce:
	default:
		return
	}
	p.manual = p.manual || l.Renewal == string(policy.Manual)
	if l.MinimumAvailableSeats.Valid {
		p.minimum, p.hasMinimum = p.minimum+l.MinimumAvailableSeats.Value, true
	}
	if made.Unattended {
		p.quiet.add(l, true)
	} else {
		p.attended.add(l, true)
		p.deadline = licensing.Earlier(p.deadline, l.RenewalDate.Time)
	}
}

func (e *ends) add(l *api.License, earliest bool) {
	end := l.End.Time
	if end.IsZero() {
		return
	}
	e.n++
	if e.first.IsZero() || end.Before(e.first) == earliest && !end.Equal(e.first) {
		e.first, e.owner = end, l.Owner
	}
	notice := licensing.DefaultNotice
	if l.Notice.Valid {
		notice, e.hasNotice = l.Notice.Value, true
	}
	e.act = licensing.Earlier(e.act, end.Add(-notice))
	e.renewal = licensing.Earlier(e.renewal, l.RenewalDate.Time)
}

// rules returns the rules for the product as a whole, which are about its next end, when it renews
// by itself, and until when it must be renewed.
func (p *product) rules(now time.Time) (r policy.Rules, renewal, deadline time.Time) {
	next := &p.attended
	switch {
	case p.attended.n > 0:
	case p.quiet.n > 0:
		next = &p.quiet
		r.Renewal = policy.Automatic
		if p.quiet.renewal.After(now) {
			renewal = p.quiet.renewal
		}
	default:
		next = &p.ended
	}
	if r.Renewal == "" && (p.manual || p.quiet.n > 0) {
		r.Renewal = policy.Manual
	}
	r.Owner = cmp.Or(next.owner, p.owner)
	if next.hasNotice {
		r.Notice = new(model.Duration(next.first.Sub(next.act)))
	}
	if p.hasMinimum {
		r.MinimumAvailableSeats = new(policy.Count(p.minimum))
	}
	switch {
	case !p.audible:
		r.Muted = new(policy.Flag(true))
	case p.unmuted:
		r.Muted = new(policy.Flag(false))
	}
	return r, renewal, p.deadline
}

// recordRules returns the rules of one record.
func recordRules(l *api.License) policy.Rules {
	r := policy.Rules{Owner: l.Owner, Renewal: policy.Renewal(l.Renewal)}
	if l.Notice.Valid {
		r.Notice = new(model.Duration(l.Notice.Value))
	}
	if l.MinimumAvailableSeats.Valid {
		r.MinimumAvailableSeats = new(policy.Count(l.MinimumAvailableSeats.Value))
	}
	if l.Muted.Valid {
		r.Muted = new(policy.Flag(l.Muted.Value))
	}
	return r
}
