package collector

import (
	"time"

	"license_exporter/licensing"
)

// view is the state of an account at one moment: what a scrape shows. The
// reports in it are shared and must not be changed.
type view struct {
	*account
	now       time.Time
	discovery reading[Discovery]
	scopes    []scopeView
}

// scopeView is the state of an organization.
type scopeView struct {
	licensing.Organization
	seen   time.Time
	failed bool
	units  []unitView
}

// unitView is the state of a unit.
type unitView struct {
	name string
	reading[*Report]
}

func (a *account) view() view {
	now, maxStale := a.engine.Now(), a.engine.MaxStale
	v := view{account: a, now: now, discovery: a.discovery.read(now, maxStale)}
	for _, s := range a.currentScopes() {
		sv := scopeView{Organization: s.Organization, seen: s.seen, failed: s.failed}
		for _, u := range s.units {
			sv.units = append(sv.units, unitView{u.Name, u.read(now, maxStale)})
		}
		v.scopes = append(v.scopes, sv)
	}
	return v
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

// owners maps, for each collector, the licenses that organizations share to the
// one that shows them: the first of those whose facts are at hand.
func (v *view) owners() map[sharedKey]string {
	owners := map[sharedKey]string{}
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
	return owners
}

type sharedKey struct{ collector, license string }

// facts returns what a unit says of each organization: its own facts, and
// those of shared licenses if it is the one that shows them.
func (u *unitView) facts(scope string, owners map[sharedKey]string) map[string]*Facts {
	if len(u.value.shared) == 0 {
		return u.value.organizations
	}
	merged := make(map[string]*Facts, len(u.value.organizations))
	add := func(r *Report) {
		for id, facts := range r.organizations {
			if merged[id] == nil {
				merged[id] = &Facts{}
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
