package collector

import (
	"errors"
	"time"
)

// Status is the state of one collector for one organization, for people.
type Status struct {
	Account      string
	Vendor       string
	Organization string
	Name         string
	Model        string
	Collector    string
	// Counted tells whether the collector counts licenses, and Licenses how
	// many there are. One of several products counts once for each.
	Counted  bool
	Licenses int
	// NextEnd is the earliest end that concerns the organization; zero if
	// there is none.
	NextEnd time.Time
	// Problem is why facts are missing or old; empty if they are not.
	Problem string
}

// Status lists the state of all units in the order of accounts, organizations
// and collectors.
func (e *Engine) Status() []Status {
	var all []Status
	for _, a := range *e.accounts.Load() {
		v := a.view(Selection{})
		all = append(all, v.source())
		owners := v.owners()
		for i := range v.scopes {
			all = append(all, v.organization(&v.scopes[i], owners)...)
		}
	}
	return all
}

func (v *view) source() Status {
	return Status{Account: v.Name, Vendor: v.Vendor, Collector: v.SourceName, Problem: v.discovery.problem()}
}

func (v *view) organization(s *scopeView, owners owners) []Status {
	status := Status{Account: v.Name, Vendor: v.Vendor, Organization: s.ID, Name: s.Organization.Name, Model: s.Model}
	switch {
	case s.failed:
		status.Collector, status.Problem = v.SourceName, v.unreadable(s).Error()
		return []Status{status}
	case !s.APIEnabled:
		status.Collector, status.Problem = v.SourceName, "API access is switched off"
		return []Status{status}
	}
	all := make([]Status, 0, len(s.units))
	for i := range s.units {
		u := &s.units[i]
		unit := status
		unit.Collector, unit.Problem = u.name, u.problem()
		if u.has {
			for _, f := range u.facts(s.ID, owners) {
				unit.add(f)
			}
		}
		all = append(all, unit)
	}
	return all
}

// problem tells why there is no fresh value; it is empty if there is.
func (r *reading[T]) problem() string {
	switch {
	case !r.tried:
		return "not tried yet"
	case r.err != nil:
		return r.err.Error()
	}
	return ""
}

// errUnreadable stands for an error that is no longer at hand.
var errUnreadable = errors.New("the organization could not be read")

// unreadable is why the latest listing could not read an organization.
func (v *view) unreadable(s *scopeView) error {
	if err := v.discovery.value.Failed[s.ID]; err != nil {
		return err
	}
	return errUnreadable
}

func (s *Status) add(f *Facts) {
	for _, end := range f.ends {
		if s.NextEnd.IsZero() || end.Before(s.NextEnd) {
			s.NextEnd = end
		}
	}
	if f.Fold == nil {
		return
	}
	s.Counted = true
	for _, summary := range f.Fold.Summaries() {
		for _, n := range summary.Licenses {
			s.Licenses += n
		}
	}
}

// ends are the next ends of cover by product, as the vendor states them and as
// the licenses have them.
func (f *Facts) ends(yield func(product string, end time.Time) bool) {
	for product, end := range f.NextEnds {
		if !yield(product, end) {
			return
		}
	}
	if f.Fold == nil {
		return
	}
	for _, s := range f.Fold.Summaries() {
		if end := s.NextEnd(); !end.IsZero() && !yield(s.Product, end) {
			return
		}
	}
}
