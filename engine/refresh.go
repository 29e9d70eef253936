package engine

import (
	"context"
	"sync"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/cache"
)

// slack is how much younger than max-age facts may be and still be due: scrapes
// at an interval of exactly max-age each fetch, in spite of their jitter.
const slack = 500 * time.Millisecond

// A failure is retried after retryAge if max-age is longer than that, or after
// retryShare times as long as the fetch took if that is longer still: what fails
// after a thousand requests must not be asked again and again without a pause.
const (
	retryAge   = time.Minute
	retryShare = 4
)

// due reports whether a value must be fetched again at a time.
func due[T any](s cache.State[T], now time.Time, maxAge time.Duration) bool {
	if s.Err != nil {
		maxAge = min(maxAge, max(retryAge, retryShare*s.Ended.Sub(s.Started)))
	}
	return !s.Tried || now.Sub(s.Started) >= maxAge-min(slack, maxAge/2)
}

// wait is a fetch under way that a scrape may wait for.
type wait struct {
	*cache.Fetch
	// has is set if there are good facts already.
	has bool
	// took is how long the fetch before took, from when it was asked for.
	took time.Duration
}

func waitFor[T any](f *cache.Fetch, s cache.State[T]) wait {
	return wait{f, s.Valid, s.Ended.Sub(s.Asked)}
}

// helps reports whether the fetch can still be of use to a scrape that has so
// much patience left. A fetch that has been under way for longer will hardly
// end in time, and one that took longer the last time will not either. The
// scrape is then answered with the facts at hand, if there are any.
func (w wait) helps(now time.Time, patience time.Duration) bool {
	return !w.has || (now.Sub(w.Asked) < patience && w.took < patience)
}

// refresh starts what is selected and due, and waits for what can still help
// until the context ends.
func (a *account) refresh(ctx context.Context, s Selection) {
	ctx, stop := a.whileOpen(ctx)
	defer stop()
	discovery := a.rediscover()
	asked := map[*unit]bool{}
	pending := a.startUnits(s, asked)
	if discovery.Fetch != nil {
		a.wait(ctx, discovery)
		pending = append(pending, a.startUnits(s, asked)...)
	}
	a.wait(ctx, pending...)
}

// wait returns when all fetches that can still help have ended, or when the
// context ends.
func (a *account) wait(ctx context.Context, pending ...wait) {
	patience := time.Duration(1<<63 - 1)
	if deadline, ok := ctx.Deadline(); ok {
		patience = time.Until(deadline)
	}
	now := a.engine.Now()
	for _, w := range pending {
		if w.helps(now, patience) {
			w.Wait(ctx)
		}
	}
}

// whileOpen returns a context that ends with the account, too: what has not
// started when the account is closed never ends.
func (a *account) whileOpen(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(a.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// rediscover starts to list the organizations if the list is due.
func (a *account) rediscover() wait {
	f := a.discovery.Start(cache.Job[collector.Discovery]{
		Now:   a.engine.Now,
		Due:   func(s cache.State[collector.Discovery]) bool { return due(s, a.engine.Now(), a.maxAge) },
		Run:   a.discoveries.submit,
		Fetch: a.discover,
	})
	return waitFor(f, a.discovery.State())
}

// discoverNow lists the organizations if the list is due, and waits for it.
func (a *account) discoverNow(ctx context.Context) {
	ctx, stop := a.whileOpen(ctx)
	defer stop()
	a.rediscover().Wait(ctx)
}

// startUnits starts the fetches that are selected and due, and returns all that
// are under way. It adds the units to asked, and leaves out those that were
// asked before.
func (a *account) startUnits(selected Selection, asked map[*unit]bool) []wait {
	var pending []wait
	for _, o := range a.currentOrganizations() {
		if !selected.organization(o.ID) {
			continue
		}
		for _, u := range o.units {
			if asked[u] || !selected.Includes(u.Name) {
				continue
			}
			asked[u] = true
			if s := u.State(); !s.UnderWay && !due(s, a.engine.Now(), a.maxAge) {
				continue // most of the time
			}
			f := u.Start(cache.Job[*collector.Report]{
				Now:   a.engine.Now,
				Due:   func(s cache.State[*collector.Report]) bool { return due(s, a.engine.Now(), a.maxAge) },
				Run:   a.fetches.submit,
				Fetch: func(asked time.Time) (*collector.Report, error) { return a.update(o.Organization, u.Named, asked) },
				Ended: func() { a.countIndividual(u) },
			})
			if f != nil {
				pending = append(pending, waitFor(f, u.State()))
			}
		}
	}
	return pending
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
