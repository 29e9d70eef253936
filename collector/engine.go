package collector

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
)

// Config sets up an Engine.
type Config struct {
	// MaxAge is how old facts may be before a scrape fetches them anew. 0
	// fetches at each scrape.
	MaxAge time.Duration
	// MaxStale is how long the last good facts are shown while fetches fail.
	MaxStale time.Duration
	// FetchTimeout bounds one fetch of one collector. 0 stands for
	// DefaultFetchTimeout.
	FetchTimeout time.Duration
	// Concurrency bounds the fetches side by side of one account. 0 stands
	// for DefaultConcurrency.
	Concurrency int
	// Now is the clock. nil stands for time.Now.
	Now       func() time.Time
	Logger    log.Logger
	Telemetry *Telemetry
}

const (
	// DefaultFetchTimeout leaves a listing of a hundred pages its time at two
	// requests a second, with room for retries.
	DefaultFetchTimeout = 5 * time.Minute
	// DefaultConcurrency is far above the number of requests that are under
	// way at once, which the client bounds: fetches that wait for an
	// organization that the vendor holds back must not keep others from
	// beginning.
	DefaultConcurrency = 512
	// readyAfter is how long first fetches keep the exporter from being ready
	// once the organizations are listed. Some take hours, and what is there by
	// then must be served.
	readyAfter = DefaultFetchTimeout
)

// Engine fetches when it is asked to, and holds what was fetched. A unit of it
// is one collector for one organization of one account: units are fetched,
// succeed, fail and age on their own. Create it with New, and Close it.
type Engine struct {
	Config
	accounts atomic.Pointer[[]*account]
	ctx      context.Context
	cancel   context.CancelFunc

	reloading sync.Mutex
	retired   sync.WaitGroup
}

// New returns an Engine for accounts. Nothing is fetched yet.
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

// Reload makes these the accounts. One that is an account already, the same
// pointer, goes on as it is and keeps its facts. Those that are not among them
// any more are closed in the background, and nothing of them is shown.
func (e *Engine) Reload(accounts []*Account) {
	e.reloading.Lock()
	defer e.reloading.Unlock()
	old := *e.accounts.Load()
	current := make([]*account, 0, len(accounts))
	for _, a := range accounts {
		if i := slices.IndexFunc(old, func(o *account) bool { return o.Account == a }); i >= 0 {
			current = append(current, old[i])
		} else {
			current = append(current, newAccount(e, a))
		}
	}
	e.accounts.Store(&current)
	for _, a := range old {
		if slices.Contains(current, a) {
			continue
		}
		e.retired.Go(func() { e.retire(a) })
	}
	for _, a := range accounts {
		e.Telemetry.expect(a)
	}
}

// retire closes an account and then, since fetches that end still count, drops
// its counters, unless another account has taken its name.
func (e *Engine) retire(a *account) {
	a.close()
	e.reloading.Lock()
	defer e.reloading.Unlock()
	if !slices.ContainsFunc(*e.accounts.Load(), func(n *account) bool { return n.Vendor == a.Vendor && n.Name == a.Name }) {
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

// Refresh asks each selected unit for facts no older than max-age, and returns
// when all have them or have failed, or when the context ends. What is not done
// by then goes on in the background.
func (e *Engine) Refresh(ctx context.Context, s Selection) {
	var all sync.WaitGroup
	for _, a := range e.selected(s) {
		all.Go(func() { a.refresh(ctx, s) })
	}
	all.Wait()
}

// Discover lists the organizations of all accounts that have none yet or whose
// list is older than max-age, and fetches nothing else.
func (e *Engine) Discover(ctx context.Context) {
	var all sync.WaitGroup
	for _, a := range *e.accounts.Load() {
		all.Go(func() { a.discoverNow(ctx) })
	}
	all.Wait()
}

// Waiting lists the accounts that have not been tried once yet, as
// "account NAME: what is awaited". Where nothing is fetched before it is asked
// for, discovered is set, and an account has been tried once its organizations
// were listed. What the vendor adds later does not make it wait again: where
// organizations are probed, another process may be the one that reads it. First
// fetches that take very long are not awaited.
func (e *Engine) Waiting(discovered bool) []string {
	var waiting []string
	for _, a := range *e.accounts.Load() {
		if a.ready.Load() {
			continue
		}
		if what := a.waiting(discovered); what != "" && !a.served() {
			waiting = append(waiting, "account "+a.Name+": "+what)
		} else {
			a.ready.Store(true)
		}
	}
	return waiting
}
