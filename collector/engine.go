package collector

import (
	"context"
	"sync"
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
	// DefaultConcurrency keeps a vendor's limit of 100 requests a second busy
	// at half a second of latency.
	DefaultConcurrency = 64
)

// Engine fetches when it is asked to, and holds what was fetched. A unit of it
// is one collector for one organization of one account: units are fetched,
// succeed, fail and age on their own. Create it with New, and Close it.
type Engine struct {
	Config
	accounts []*account
	ctx      context.Context
	cancel   context.CancelFunc
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
	for _, a := range accounts {
		c.Telemetry.expect(a)
		e.accounts = append(e.accounts, newAccount(e, a))
	}
	return e
}

// Close ends all fetches, waits for them and frees the accounts.
func (e *Engine) Close() {
	e.cancel()
	for _, a := range e.accounts {
		a.close()
	}
}

// Refresh asks each unit for facts no older than max-age, and returns when all
// have them or have failed, or when the context ends. What is not done by then
// goes on in the background.
func (e *Engine) Refresh(ctx context.Context) {
	var all sync.WaitGroup
	for _, a := range e.accounts {
		all.Go(func() { a.refresh(ctx) })
	}
	all.Wait()
}

// Waiting lists the accounts that have not been tried once yet, as
// "account NAME: what is awaited".
func (e *Engine) Waiting() []string {
	var waiting []string
	for _, a := range e.accounts {
		if what := a.waiting(); what != "" {
			waiting = append(waiting, "account "+a.Name+": "+what)
		}
	}
	return waiting
}
