package status

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"license_exporter/engine"
	"license_exporter/internal/cache"
)

const (
	// overviewAge is how long an overview is cached.
	overviewAge = 3 * time.Second
	// idleTime is how long parts are kept after the last overview. They take memory.
	idleTime = 10 * time.Minute
)

// Pages makes overviews of an engine. It keeps the parts of an overview until their facts change, or
// until nobody has asked for an overview for some time. Use NewPages to create one.
type Pages struct {
	engine *engine.Engine
	entry  cache.Entry[*Overview]

	mu    sync.Mutex
	parts parts       // guarded by mu
	idle  *time.Timer // drops parts; guarded by mu
}

// parts are the parts that are kept, by account and organization.
type parts map[string]*accountParts

type accountParts struct {
	made           madeAccount
	whole          *known // of the account as a whole
	byOrganization map[string]*part
}

// NewPages returns the Pages of an engine.
func NewPages(e *engine.Engine) *Pages { return &Pages{engine: e, parts: parts{}} }

// Overview returns the overview. It caches it for a few seconds.
func (p *Pages) Overview() *Overview {
	overview, _ := p.entry.Get(context.Background(), cache.Job[*Overview]{ // making one never fails
		Now: p.engine.Now,
		Due: func(s cache.State[*Overview]) bool {
			return !s.Valid || p.engine.Now().Sub(s.ValueStarted) >= overviewAge
		},
		Fetch: func(time.Time) (*Overview, error) { return p.make(), nil },
	})
	return overview
}

func (p *Pages) make() *Overview {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.idle != nil {
		p.idle.Stop()
	}
	p.idle = time.AfterFunc(idleTime, p.drop)
	return p.parts.overview(p.engine.Now(), p.engine.Snapshots(engine.Selection{}))
}

// drop drops all that is kept.
func (p *Pages) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parts = parts{}
	p.entry.Change(func(s *cache.State[*Overview]) { *s = cache.State[*Overview]{} })
}

// NewOverview summarizes snapshots of all accounts.
func NewOverview(now time.Time, snapshots []*engine.Snapshot) *Overview {
	return parts{}.overview(now, snapshots)
}

func (p parts) overview(now time.Time, snapshots []*engine.Snapshot) *Overview {
	o := &Overview{Now: now}
	names := map[string]bool{}
	for _, snapshot := range snapshots {
		names[snapshot.Name] = true
		if p[snapshot.Name] == nil {
			p[snapshot.Name] = &accountParts{}
		}
		made := p[snapshot.Name].account(snapshot)
		o.Accounts = append(o.Accounts, made.Account)
		if len(snapshots) == 1 {
			o.Organizations = slices.Clip(made.organizations)
		} else {
			o.Organizations = append(o.Organizations, made.organizations...)
		}
	}
	maps.DeleteFunc(p, func(name string, _ *accountParts) bool { return !names[name] })
	return o
}

// madeAccount is what overviews say of an account.
type madeAccount struct {
	Account
	organizations []Organization
	// listing identifies the listing of the organizations.
	listing listingKey
}

type listingKey struct {
	ended   bool
	success time.Time
	problem string
	report  uint64
}

// account returns what the overview says of the account. It is made anew if anything has changed, or
// if a fetch has failed: the next one may fail for another reason.
func (a *accountParts) account(s *engine.Snapshot) *madeAccount {
	listing := listingKey{s.Discovered, s.DiscoverySuccess, s.DiscoveryProblem, s.Listing.ID()}
	failed := s.DiscoveryErr != nil || s.DiscoveryRetrying != nil || a.made.Failing > 0 || len(a.made.Failures) > 0
	if all, changed := a.of(s); changed || failed || a.made.Name == "" || a.made.listing != listing {
		b := newBuilder(s, all)
		a.made = madeAccount{b.account(), b.organizations(), listing}
	}
	return &a.made
}

// of returns the parts of all organizations, and whether any has changed. It uses kept parts that
// are still valid.
func (a *accountParts) of(s *engine.Snapshot) (all []*part, changed bool) {
	all = make([]*part, 0, len(s.Organizations))
	changed = len(a.byOrganization) != len(s.Organizations)
	kept := make(map[string]*part, len(s.Organizations))
	var whole *known
	for i := range s.Organizations { // sorted, so that the account as a whole comes first
		o := &s.Organizations[i]
		key := s.FactsKey(o)
		p := a.byOrganization[o.ID]
		if p == nil || !p.fits(key, whole, s.Now) {
			p, changed = newPart(s, o, key, whole), true
		}
		if o.ID == "" {
			if whole = a.whole; whole == nil || !whole.equal(&p.known) {
				whole = &known{p.products, p.units, p.objected}
			}
		}
		kept[o.ID] = p
		all = append(all, p)
	}
	a.whole, a.byOrganization = whole, kept
	return all, changed
}
