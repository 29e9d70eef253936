// Package engine fetches and caches the facts of accounts. It decides when to
// fetch, keeps the last good facts when a fetch fails, and returns facts as
// snapshots.
//
// It names no vendor.
package engine

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"

	"license_exporter/collector"
	"license_exporter/policy"
)

// Config configures an Engine.
type Config struct {
	// MaxAge is how old facts may be before a scrape fetches them again. If it
	// is 0, each scrape fetches.
	MaxAge time.Duration
	// MaxStale is how long the last good facts are shown while fetches fail.
	MaxStale time.Duration
	// Now is the clock. The default is time.Now.
	Now       func() time.Time
	Logger    log.Logger
	Telemetry *Telemetry
}

const (
	// defaultFetchTimeout limits one fetch of one collector. It is enough for a
	// listing of a hundred pages at two requests per second, with retries.
	defaultFetchTimeout = 5 * time.Minute
	// DefaultConcurrency is the maximum number of fetches of an account at a
	// time. It is much higher than the number of requests at a time,
	// which the client limits. Fetches for organizations that the vendor
	// throttles must not block all others.
	DefaultConcurrency = 256
	// readyAfter is how long first fetches can prevent readiness after the
	// organizations were listed. Some take hours, and the exporter must serve
	// the other facts meanwhile.
	readyAfter = defaultFetchTimeout
)

// Account is a credential at a vendor, with a connection.
type Account struct {
	Name   string
	Vendor *collector.Vendor
	collector.Connection
	// FactsKey identifies the data that the account reads. A reload that does
	// not change the key keeps the facts.
	FactsKey string
	// Organizations is what the account selects of the organizations that the
	// credential can read. The Source applies it, too.
	Organizations collector.OrganizationFilter
	// MaxAge overrides Config.MaxAge if it is not nil.
	MaxAge *time.Duration
	// Concurrency overrides DefaultConcurrency if it is not 0.
	Concurrency int
	Options     collector.Options
}

// collectorNames returns the names of the source and the collectors.
func (a *Account) collectorNames() []string {
	names := []string{a.Vendor.SourceName()}
	for _, c := range a.Collectors {
		names = append(names, c.Name)
	}
	return names
}

// Engine fetches facts on demand and caches them. It has a cache entry for each
// collector and organization of an account. The entries are fetched, fail and
// age independently. Use New to create an Engine, and Close it after use.
type Engine struct {
	Config
	// Policies are in the snapshots from then on.
	Policies atomic.Pointer[policy.Set]
	accounts atomic.Pointer[[]*account]
	ctx      context.Context
	cancel   context.CancelFunc

	reloading sync.Mutex
	retired   sync.WaitGroup
	// began is set once Begin was called, and listOnly if it was not called for
	// all facts.
	began, listOnly atomic.Bool
}

// New returns an Engine for accounts. It does not fetch anything yet.
func New(c Config, accounts []*Account) *Engine {
	if c.Now == nil {
		c.Now = time.Now
	}
	e := &Engine{Config: c}
	// Fetches continue after the scrape that started them.
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.accounts.Store(&[]*account{})
	e.Reload(accounts)
	return e
}

// Begin starts to fetch without waiting for the first scrape. It lists the
// organizations and, if all is set, fetches their facts. It does the same for
// accounts that a later Reload adds. Begin returns immediately.
func (e *Engine) Begin(all bool) {
	e.began.Store(true)
	e.listOnly.Store(!all)
	for _, a := range *e.accounts.Load() {
		a.begin()
	}
}

// Reload replaces the accounts. An account that the engine already has, with the
// same pointer, is not affected. An account that replaces one with the same
// vendor, name and FactsKey inherits its facts. Reload closes the old accounts in
// the background.
func (e *Engine) Reload(accounts []*Account) {
	e.reloading.Lock()
	defer e.reloading.Unlock()
	if e.ctx.Err() != nil { // the engine is closed
		return
	}
	old := *e.accounts.Load()
	current := make([]*account, 0, len(accounts))
	for _, a := range accounts {
		i := slices.IndexFunc(old, func(o *account) bool { return o.Account == a })
		if i >= 0 {
			current = append(current, old[i])
			continue
		}
		added := newAccount(e, a)
		if i := slices.IndexFunc(old, func(o *account) bool { return sameAccount(o.Account, a) }); i >= 0 && old[i].FactsKey == a.FactsKey {
			added.inherit(old[i])
		}
		current = append(current, added)
	}
	e.accounts.Store(&current)
	for _, a := range accounts {
		e.Telemetry.addAccount(a)
	}
	for _, a := range old {
		if !slices.Contains(current, a) {
			e.retired.Go(func() { e.retire(a) })
		}
	}
	if e.began.Load() {
		for _, a := range current {
			if !slices.Contains(old, a) {
				a.begin()
			}
		}
	}
}

func sameAccount(a, b *Account) bool { return a.Name == b.Name && a.Vendor.Name == b.Vendor.Name }

// retire closes an account, which waits for its fetches. It then deletes its
// counters, unless another account has the same name by then.
func (e *Engine) retire(a *account) {
	a.close()
	e.reloading.Lock()
	defer e.reloading.Unlock()
	if !slices.ContainsFunc(*e.accounts.Load(), func(n *account) bool { return sameAccount(n.Account, a.Account) }) {
		e.Telemetry.removeAccount(a.Account)
	}
}

// Close cancels all fetches, waits for them to end and closes the accounts.
func (e *Engine) Close() {
	e.cancel()
	e.reloading.Lock() // no reload changes the accounts after this one
	accounts := *e.accounts.Load()
	e.reloading.Unlock()
	for _, a := range accounts {
		a.close()
	}
	e.retired.Wait()
}

// Refresh fetches the selected facts that are due: most of them once they are older
// than max-age. It returns when all fetches have ended, when the context ends, or when
// the remaining fetches will probably not end before its deadline. Fetches that have
// not ended continue in the background.
func (e *Engine) Refresh(ctx context.Context, s Selection) {
	var all sync.WaitGroup
	for _, a := range e.selected(s) {
		all.Go(func() { a.refresh(ctx, s) })
	}
	all.Wait()
}

// Waiting describes what prevents readiness: accounts whose organizations were
// not listed yet and, unless Begin was called for the lists only, accounts with
// first fetches that have not ended. Once an account is ready, it stays ready, whatever
// organizations the vendor adds later. After readyAfter, it is ready even if first fetches
// have not ended.
func (e *Engine) Waiting() []string {
	var waiting []string
	for _, a := range *e.accounts.Load() {
		if a.ready.Load() {
			continue
		}
		s := a.snapshot(Selection{})
		what := s.Waiting()
		if what == "" || s.Discovered && (e.listOnly.Load() || e.Now().Sub(a.created) >= readyAfter) {
			a.ready.Store(true)
		} else {
			waiting = append(waiting, "account "+a.Name+": "+what)
		}
	}
	return waiting
}
