// Package engine puts accounts to work: it decides when to fetch, keeps the last
// good facts, and returns them as snapshots.
//
// It names no vendor, and reads no clock but the one that it is given.
package engine

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"

	"license_exporter/collector"
)

// Config sets up an Engine.
type Config struct {
	// MaxAge is how old facts may be before a scrape fetches them again. 0
	// fetches at each scrape.
	MaxAge time.Duration
	// MaxStale is how long the last good facts are shown while fetches fail.
	MaxStale time.Duration
	// FetchTimeout bounds one fetch of one collector. 0 stands for
	// DefaultFetchTimeout.
	FetchTimeout time.Duration
	// Concurrency bounds the fetches of one account at a time. 0 stands for
	// DefaultConcurrency.
	Concurrency int
	// Now is the clock. nil stands for time.Now.
	Now       func() time.Time
	Logger    log.Logger
	Telemetry *Telemetry
}

const (
	// DefaultFetchTimeout allows a listing of a hundred pages at two requests
	// a second, with retries.
	DefaultFetchTimeout = 5 * time.Minute
	// DefaultConcurrency is far above the number of requests in flight, which
	// the client bounds: fetches that wait for an organization that the vendor
	// throttles must not keep others from starting.
	DefaultConcurrency = 512
	// readyAfter is how long first fetches keep the exporter from being ready
	// once the organizations are listed. Some take hours, and the facts that
	// there are by then must be served.
	readyAfter = DefaultFetchTimeout
)

// Account is one credential at one vendor, with what reads from the vendor.
type Account struct {
	Name   string
	Vendor *collector.Vendor
	collector.Connection
	// FactsKey identifies whose facts the account reads, and in which form. A
	// reload that does not change it keeps the facts.
	FactsKey string
	// MaxAge overrides Config.MaxAge if it is not nil.
	MaxAge *time.Duration
	// Concurrency overrides Config.Concurrency if it is not 0.
	Concurrency int
	Options     collector.Options
}

// collectorNames returns the values of the label collector.
func (a *Account) collectorNames() []string {
	names := []string{a.Vendor.SourceName()}
	for _, c := range a.Collectors {
		names = append(names, c.Name)
	}
	return names
}

// Engine fetches on demand and holds what was fetched. Its unit of work is one
// collector for one organization of one account: units are fetched, succeed,
// fail and age independently. Create it with New, and Close it.
type Engine struct {
	Config
	accounts atomic.Pointer[[]*account]
	ctx      context.Context
	cancel   context.CancelFunc

	reloading sync.Mutex
	retired   sync.WaitGroup
	// fetchAll is set once Begin has asked for all facts of all accounts.
	began, fetchAll atomic.Bool
}

// New returns an Engine for accounts. It fetches nothing yet.
func New(c Config, accounts []*Account) *Engine {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.FetchTimeout == 0 {
		c.FetchTimeout = DefaultFetchTimeout
	}
	if c.Concurrency == 0 {
		c.Concurrency = DefaultConcurrency
	}
	e := &Engine{Config: c}
	// Fetches end with the engine, not with the scrape that started them.
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.accounts.Store(&[]*account{})
	e.Reload(accounts)
	return e
}

// Begin starts to fetch before the first scrape, and returns at once. It lists
// the organizations and, if all is set, fetches their facts. It does the same
// for accounts that a later Reload adds.
func (e *Engine) Begin(all bool) {
	e.began.Store(true)
	e.fetchAll.Store(all)
	for _, a := range *e.accounts.Load() {
		a.begin()
	}
}

// Reload replaces the accounts. An account that is already at work, the same
// pointer, continues as it is. One that replaces an account of the same vendor
// and name takes over its facts if both have the same FactsKey. All others are
// closed in the background, and nothing of them is shown.
func (e *Engine) Reload(accounts []*Account) {
	e.reloading.Lock()
	defer e.reloading.Unlock()
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
		e.Telemetry.expect(a)
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

// retire closes an account. Then it deletes its counters, since fetches that
// end still count, unless another account has the same name by then.
func (e *Engine) retire(a *account) {
	a.close()
	e.reloading.Lock()
	defer e.reloading.Unlock()
	if !slices.ContainsFunc(*e.accounts.Load(), func(n *account) bool { return sameAccount(n.Account, a.Account) }) {
		e.Telemetry.forget(a.Account)
	}
}

// Close ends all fetches, waits for them and frees the accounts.
func (e *Engine) Close() {
	e.cancel()
	for _, a := range *e.accounts.Load() {
		a.close()
	}
	e.retired.Wait()
}

// Refresh asks each selected unit for facts no older than max-age. It returns
// when all have them or have failed, when the context ends, or when waiting
// longer is of no use: see account.refresh. What is not done by then continues
// in the background.
func (e *Engine) Refresh(ctx context.Context, s Selection) {
	var all sync.WaitGroup
	for _, a := range e.selected(s) {
		all.Go(func() { a.refresh(ctx, s) })
	}
	all.Wait()
}

// Waiting lists the accounts that have not been tried once yet, each with what
// is outstanding. If discovered is set, an account has been tried once its
// organizations were listed. Organizations that the vendor adds later do not
// count: where organizations are probed, another process may read them. First
// fetches that take very long do not count either.
func (e *Engine) Waiting(discovered bool) []string {
	var waiting []string
	for _, a := range *e.accounts.Load() {
		if a.ready.Load() {
			continue
		}
		if what := a.snapshot(Selection{}).Waiting(discovered); what != "" && !a.served() {
			waiting = append(waiting, "account "+a.Name+": "+what)
		} else {
			a.ready.Store(true)
		}
	}
	return waiting
}
