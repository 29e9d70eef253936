package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/cache"
)

// scrapeJitter is subtracted from max-age. If the scrape interval equals max-age,
// each scrape fetches, even if it is slightly early.
const scrapeJitter = 500 * time.Millisecond

// A failed fetch is retried after minRetryDelay or after retryFactor times as long
// as it took, whichever is longer, but after max-age at the latest. A fetch that
// fails after a thousand requests must not be repeated without a pause.
const (
	minRetryDelay = time.Minute
	retryFactor   = 4
)

// due reports whether a value must be fetched. failed is set if a part of it could not be fetched.
func due[T any](s cache.State[T], now time.Time, maxAge time.Duration, failed bool) bool {
	if s.Err != nil || failed {
		maxAge = min(maxAge, max(minRetryDelay, retryFactor*s.Ended.Sub(s.Started)))
	}
	return !s.Tried || now.Sub(s.Started) >= maxAge-min(scrapeJitter, maxAge/2)
}

// pendingFetch is a fetch that a scrape may wait for.
type pendingFetch struct {
	*cache.Fetch
	// hasFacts is set if there are good facts of an earlier fetch.
	hasFacts bool
	// lastTook is how long the previous fetch took, including the time in the
	// queue.
	lastTook time.Duration
}

func newPendingFetch[T any](f *cache.Fetch, s cache.State[T]) pendingFetch {
	return pendingFetch{f, s.Valid, s.Ended.Sub(s.Asked)}
}

// worthWaiting reports whether the fetch will probably end while a scrape has
// time left: neither this fetch nor the previous one has already taken longer.
func (p pendingFetch) worthWaiting(now time.Time, timeLeft time.Duration) bool {
	return now.Sub(p.Asked) < timeLeft && p.lastTook < timeLeft
}

// refresh starts the selected fetches that are due, and waits for those that are
// worth waiting for until the context ends.
func (a *account) refresh(ctx context.Context, s Selection) {
	ctx, stop := a.whileOpen(ctx)
	defer stop()
	discovery := a.rediscover()
	checked := map[*collectorEntry]bool{}
	pending := a.startFetches(s, checked)
	if discovery.Fetch != nil {
		a.wait(ctx, s, discovery)
		pending = append(pending, a.startFetches(s, checked)...)
	}
	a.wait(ctx, s, pending...)
}

// wait returns when all fetches that are worth waiting for have ended or when the
// context ends. A scrape that has no facts to show waits for all fetches.
func (a *account) wait(ctx context.Context, s Selection, pending ...pendingFetch) {
	timeLeft := time.Duration(1<<63 - 1)
	if deadline, ok := ctx.Deadline(); ok {
		timeLeft = time.Until(deadline)
	}
	now := a.engine.Now()
	hasFacts := sync.OnceValue(func() bool { return a.engine.hasFacts(s) })
	for _, p := range pending {
		if p.worthWaiting(now, timeLeft) || !p.hasFacts && !hasFacts() {
			p.Wait(ctx)
		}
	}
}

// hasFacts reports whether there are any of the selected facts.
func (e *Engine) hasFacts(s Selection) bool {
	for _, a := range e.selected(s) {
		for _, o := range a.currentOrganizations() {
			if s.includesOrganization(o.ID) && slices.ContainsFunc(o.entries, func(c *collectorEntry) bool {
				report := c.State().Value
				return s.IncludesCollector(c.Name) && report != nil && !report.AccessDisabled
			}) {
				return true
			}
		}
	}
	return false
}

// whileOpen returns a context that also ends when the account is closed. Fetches
// that have not started by then never end, and nothing must wait for them.
func (a *account) whileOpen(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(a.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// rediscover starts to list the organizations if the list is due.
func (a *account) rediscover() pendingFetch {
	f := a.discovery.Start(cache.Job[listing]{
		Now:   a.engine.Now,
		Due:   a.listingDue,
		Run:   a.discoveries.submit,
		Fetch: a.discover,
		Ended: func() { a.listing.Store(nil) },
	})
	return newPendingFetch(f, a.discovery.State())
}

// listingDue reports whether the organizations must be listed.
func (a *account) listingDue(s cache.State[listing]) bool {
	source, ok := a.Source.(collector.Relisting)
	return due(s, a.engine.Now(), a.maxAge, s.Value.failedInPart() || ok && source.Relist())
}

// discoverNow lists the organizations if the list is due, and waits for it.
func (a *account) discoverNow(ctx context.Context) {
	ctx, stop := a.whileOpen(ctx)
	defer stop()
	a.rediscover().Wait(ctx)
}

// startFetches starts the selected fetches that are due, and returns all selected
// fetches that are in progress. It skips the entries in checked, and adds the
// others to it.
func (a *account) startFetches(selected Selection, checked map[*collectorEntry]bool) []pendingFetch {
	var pending []pendingFetch
	now, run := a.engine.Now, a.fetches.submit
	all := a.currentOrganizations()
	for i := range all {
		o := &all[i] // no copy, which a fetch would keep in memory until it ends
		if !selected.includesOrganization(o.ID) {
			continue
		}
		pace := a.paceOf(o)
		for _, e := range o.entries {
			if checked[e] || !selected.IncludesCollector(e.Name) {
				continue
			}
			checked[e] = true
			s := e.State()
			if !s.UnderWay && !pace.due(s, now()) {
				continue // the usual case, without an allocation
			}
			f := e.Start(cache.Job[*collector.Report]{
				Now: now, Run: run,
				Due:   func(s cache.State[*collector.Report]) bool { return pace.due(s, now()) },
				Fetch: func(asked time.Time) (*collector.Report, error) { return a.update(o.Organization, e, asked) },
				Ended: func() { a.ended(o.ID, e) },
			})
			if f != nil {
				pending = append(pending, newPendingFetch(f, s))
			}
		}
	}
	return pending
}
