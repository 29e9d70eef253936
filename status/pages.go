package status

import (
	"context"
	"maps"
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
		b := newBuilder(snapshot, p[snapshot.Name])
		o.Accounts = append(o.Accounts, b.account())
		o.Organizations = b.appendTo(o.Organizations)
	}
	maps.DeleteFunc(p, func(name string, _ *accountParts) bool { return !names[name] })
	return o
}

// of returns the parts of all organizations. It uses kept parts that are still valid.
func (a *accountParts) of(s *engine.Snapshot) []*part {
	all := make([]*part, 0, len(s.Organizations))
	kept := make(map[string]*part, len(s.Organizations))
	var whole *known
	var key engine.FactsKey
	for i := range s.Organizations { // sorted, so that the account as a whole comes first
		o := &s.Organizations[i]
		key = s.FactsKey(o, key)
		p := a.byOrganization[o.ID]
		if p == nil || !p.fits(key, whole, s.Now) {
			p = newPart(s, o, key, whole)
			key = engine.FactsKey{} // the part has it
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
	return all
}
