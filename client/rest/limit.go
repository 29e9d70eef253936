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
		if l.heldFor(clock) <= 0 {
			return nil
		}
	}
}

// Hold delays all requests. It is called when the vendor reports that the budget, which
// other programs may use as well, is used up.
func (l *Limiter) Hold(clock Clock, d time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := clock.now().Add(d); until.After(l.held) {
		l.held = until
	}
}

func (l *Limiter) heldFor(clock Clock) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held.Sub(clock.now())
}

func (l *Limiter) waitHold(ctx context.Context, clock Clock) error {
	wait := l.heldFor(clock)
	if wait <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return errLimited
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

func (b *Budgets) organization(id string) *Limiter {
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
	if r.Organization != "" {
		if err := b.organization(r.Organization).Wait(ctx, clock); err != nil {
			return err
		}
	}
	if err := r.acquire(ctx); err != nil {
		return err
	}
	return b.source.Wait(ctx, clock)
}

// hold delays the requests of the organization, or of the source if the organization is
// empty.
func (b *Budgets) hold(clock Clock, organization string, d time.Duration) {
	if organization != "" {
		b.organization(organization).Hold(clock, d)
		return
	}
	b.source.Hold(clock, d)
}
