package collector

import (
	"time"

	"license_exporter/licensing"
)

// view is the state of an account at one moment: what a scrape shows. The
// reports in it are shared and must not be changed.
type view struct {
	*account
	selected  Selection
	now       time.Time
	discovery reading[Discovery]
	scopes    []scopeView // those that are selected
	all       []scope
}

// scopeView is the state of an organization.
type scopeView struct {
	licensing.Organization
	named  bool // the vendor has named it, and not too long ago
	failed bool
	units  []unitView
}

// unitView is the state of a unit.
type unitView struct {
	name string
	reading[*Report]
}

// view returns the state of the selected organizations and collectors.
func (a *account) view(selected Selection) view {
	now, maxStale := a.engine.Now(), a.engine.MaxStale
	v := view{
		account: a, selected: selected, now: now,
		discovery: a.discovery.read(now, maxStale), all: a.currentScopes(),
	}
	if !selected.One {
		v.scopes = make([]scopeView, 0, len(v.all))
	}
	for _, s := range v.all {
		if !selected.organization(s.ID) {
			continue
		}
		sv := scopeView{
			Organization: s.Organization, failed: s.failed,
			named: !s.seen.IsZero() && now.Sub(s.seen) <= maxStale,
			units: make([]unitView, 0, len(s.units)),
		}
		for _, u := range s.units {
			if selected.collector(u.Name) {
				sv.units = append(sv.units, unitView{u.Name, u.read(now, maxStale)})
			}
		}
		v.scopes = append(v.scopes, sv)
	}
	return v
}

// other is what a collector found in an organization that is not selected.
type other struct {
	organization, collector string
	report                  *Report
}

// others are those of which facts are at hand.
func (v *view) others(yield func(other) bool) {
	if !v.selected.One {
		return // all are selected
	}
	for _, s := range v.all {
		if v.selected.organization(s.ID) {
			continue
		}
		for _, u := range s.units {
			if r := u.read(v.now, v.engine.MaxStale); r.has && !yield(other{s.ID, u.Name, r.value}) {
				return
			}
		}
	}
}

// health is what license_up says.
type health int

const (
	untried health = iota
	failing
	healthy
)

// health is healthy once all units were tried and none has failed.
func (s *scopeView) health() health {
	all := healthy
	if s.failed {
		return failing
	}
	for _, u := range s.units {
		switch {
		case u.err != nil:
			return failing
		case !u.tried:
			all = untried
		}
	}
	return all
}

// listed tells whether the account's organizations are known.
func (v *view) listed() bool {
	return v.discovery.tried && v.discovery.err == nil && len(v.discovery.value.Failed) == 0
}

// health is that of the account as a whole, which fails as long as its
// organizations are not listed.
func (v *view) health() health {
	if !v.listed() {
		return failing
	}
	for i := range v.scopes { // selected ones
		if v.scopes[i].ID == "" {
			return v.scopes[i].health()
		}
	}
	return healthy
}

// owners maps, for each collector, the licenses that organizations share to the
// one that shows them: the first of those whose facts are at hand. It knows
// those that a selected organization has.
func (v *view) owners() owners {
	owners := owners{}
	for _, s := range v.scopes {
		for _, u := range s.units {
			if !u.has {
				continue
			}
			for id := range u.value.shared {
				key := sharedKey{u.name, id}
				if _, owned := owners[key]; !owned {
					owners[key] = s.ID
				}
			}
		}
	}
	if len(owners) == 0 {
		return owners
	}
	for o := range v.others {
		for id := range o.report.shared {
			key := sharedKey{o.collector, id}
			if owner, asked := owners[key]; asked && compareIDs(o.organization, owner) < 0 {
				owners[key] = o.organization
			}
		}
	}
	return owners
}

// individualLeft is how many licenses of the selected organizations may have
// series of their own: what the account's limit allows, less those of the
// organizations before.
func (v *view) individualLeft() int {
	left := v.Options.IndividualLimit
	if len(v.scopes) != 1 || v.scopes[0].optional() == 0 {
		return left
	}
	for other := range v.others {
		if compareIDs(other.organization, v.scopes[0].ID) < 0 {
			left -= min(left, other.report.optional())
		}
	}
	return left
}

type sharedKey struct{ collector, license string }

type owners map[sharedKey]string

// optional is how many licenses of the organization have series of their own as
// far as the account's limit allows.
func (s *scopeView) optional() int {
	n := 0
	for _, u := range s.units {
		if u.has {
			n += u.value.optional()
		}
	}
	return n
}

// facts returns what a unit says of each organization: its own facts, and
// those of shared licenses if it is the one that shows them.
func (u *unitView) facts(scope string, owners owners) map[string]*Facts {
	if len(u.value.shared) == 0 {
		return u.value.organizations
	}
	merged := make(map[string]*Facts, len(u.value.organizations))
	add := func(r *Report) {
		for id, facts := range r.organizations {
			if merged[id] == nil {
				merged[id] = newFacts()
			}
			merged[id].merge(facts)
		}
	}
	add(u.value)
	for id, shared := range u.value.shared {
		if owners[sharedKey{u.name, id}] == scope {
			add(shared)
		}
	}
	return merged
}
