package rest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter is a budget of requests, such as that of an organization or a source address.
// All clients that draw from the budget must share its Limiter. It is safe for concurrent
// use. A nil Limiter allows all requests.
type Limiter struct {
	bucket *rate.Limiter

	mu   sync.Mutex
	held time.Time // no requests are sent before this time
}

// NewLimiter returns a Limiter that allows a number of requests a second and bursts of a
// quarter of it. In no second are there more than 1.25 times as many, so a limit of 80 %
// of the vendor's keeps the vendor's. 0 means no limit, except that of Hold.
func NewLimiter(perSecond float64) *Limiter {
	return &Limiter{bucket: rate.NewLimiter(bucketOf(perSecond))}
}

func bucketOf(perSecond float64) (limit rate.Limit, burst int) {
	if perSecond <= 0 {
		return rate.Inf, 1
	}
	return rate.Limit(perSecond), max(1, int(perSecond/4))
}

// SetRate changes the number of requests a second.
func (l *Limiter) SetRate(perSecond float64) {
	limit, burst := bucketOf(perSecond)
	l.bucket.SetLimit(limit)
	l.bucket.SetBurst(burst)
}

// Wait waits until a request may be sent. If the deadline of the context is earlier, it
// fails at once, which gives ReasonRateLimited. The clock is used for Hold.
func (l *Limiter) Wait(ctx context.Context, clock Clock) error {
	if l == nil {
		return nil
	}
	for {
		if err := l.waitHold(ctx, clock); err != nil {
			return err
		}
		if err := l.bucket.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%w (%w)", errLimited, err)
		}
		if !l.holds(clock) {
			return nil
		}
	}
}

// Hold delays all requests. It is called when the vendor reports that the budget, which
// other programs may use as well, is used up. It reports whether this starts a pause:
// the limiter did not hold requests before.
func (l *Limiter) Hold(clock Clock, d time.Duration) (starts bool) {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := clock.now()
	starts = !l.held.After(now)
	if until := now.Add(d); until.After(l.held) {
		l.held = until
	}
	return starts
}

func (l *Limiter) heldUntil() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held
}

// holds reports whether requests are held.
func (l *Limiter) holds(clock Clock) bool { return l != nil && l.heldUntil().After(clock.now()) }

func (l *Limiter) waitHold(ctx context.Context, clock Clock) error {
	until := l.heldUntil()
	wait := until.Sub(clock.now())
	if wait <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return &pauseError{until}
	}
	return clock.sleep(ctx, wait)
}

// Budgets are the limiters of an account: one for the source address, which it shares
// with other accounts, and one for each organization. Create them with NewBudgets.
type Budgets struct {
	source          *Limiter
	perOrganization float64

	mu            sync.Mutex
	organizations map[string]*Limiter
}

// NewBudgets returns the budgets of an account with a number of requests a second for
// each organization.
func NewBudgets(source *Limiter, perOrganization float64) *Budgets {
	return &Budgets{source: source, perOrganization: perOrganization, organizations: map[string]*Limiter{}}
}

// SetRate changes the number of requests a second for each organization.
func (b *Budgets) SetRate(perOrganization float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.perOrganization = perOrganization
	for _, l := range b.organizations {
		l.SetRate(perOrganization)
	}
}

// organization returns the limiter of an organization, nil if the id is empty.
func (b *Budgets) organization(id string) *Limiter {
	if id == "" {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l, ok := b.organizations[id]
	if !ok {
		l = NewLimiter(b.perOrganization)
		b.organizations[id] = l
	}
	return l
}

// wait draws a request from the budget of the organization, if any, then acquires a
// permit, and then draws from the budget of the source. The source is last because it is
// the scarcest: a request that has drawn from it must not wait for anything else.
func (b *Budgets) wait(ctx context.Context, clock Clock, r *request) error {
	organization := b.organization(r.budget())
	for {
		if err := organization.Wait(ctx, clock); err != nil {
			return err
		}
		if err := r.acquire(ctx); err != nil {
			return err
		}
		if err := b.source.Wait(ctx, clock); err != nil {
			return err
		}
		if !organization.holds(clock) {
			return nil
		}
		r.release() // the vendor has asked for a pause meanwhile
	}
}

// hold delays the requests of the organization, or of the source if the organization is
// empty. It returns what Limiter.Hold returns.
func (b *Budgets) hold(clock Clock, organization string, d time.Duration) (starts bool) {
	if organization != "" {
		return b.organization(organization).Hold(clock, d)
	}
	return b.source.Hold(clock, d)
}
