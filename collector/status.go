package collector

import "time"

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
	s := Status{Account: v.Name, Vendor: v.Vendor, Collector: v.SourceName}
	switch {
	case !v.discovery.tried:
		s.Problem = "not tried yet"
	case v.discovery.err != nil:
		s.Problem = v.discovery.err.Error()
	}
	return s
}

func (v *view) organization(s *scopeView, owners owners) []Status {
	status := Status{Account: v.Name, Vendor: v.Vendor, Organization: s.ID, Name: s.Organization.Name, Model: s.Model}
	switch {
	case s.failed:
		status.Collector, status.Problem = v.SourceName, v.discovery.value.Failed[s.ID].Error()
		return []Status{status}
	case !s.APIEnabled:
		status.Collector, status.Problem = v.SourceName, "API access is switched off"
		return []Status{status}
	}
	all := make([]Status, 0, len(s.units))
	for i := range s.units {
		u := &s.units[i]
		unit := status
		unit.Collector = u.name
		switch {
		case !u.tried:
			unit.Problem = "not tried yet"
		case u.err != nil:
			unit.Problem = u.err.Error()
		}
		if u.has {
			for _, f := range u.facts(s.ID, owners) {
				unit.add(f)
			}
		}
		all = append(all, unit)
	}
	return all
}

func (s *Status) add(f *Facts) {
	for _, end := range f.NextEnds {
		s.soonest(end)
	}
	if f.Fold == nil {
		return
	}
	s.Counted = true
	for _, summary := range f.Fold.Summaries() {
		for _, n := range summary.Licenses {
			s.Licenses += n
		}
		s.soonest(summary.NextEnd())
	}
}

func (s *Status) soonest(end time.Time) {
	if s.NextEnd.IsZero() || (!end.IsZero() && end.Before(s.NextEnd)) {
		s.NextEnd = end
	}
}
