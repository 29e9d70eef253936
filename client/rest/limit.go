package rest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter is one budget of requests, such as a vendor grants to an
// organization or a source address. Everything that draws on the budget must
// share its Limiter. It is safe for concurrent use. A nil Limiter allows all.
type Limiter struct {
	bucket *rate.Limiter

	mu   sync.Mutex
	held time.Time // no request before
}

// NewLimiter returns a Limiter for a steady number of requests a second. A
// quarter of it may come at once, so that no window of a second sees more than
// 1.25 times the number: with the default of 80 % of a vendor's limit, that is
// the limit itself. 0 stands for no limit, except that Hold works.
func NewLimiter(perSecond float64) *Limiter {
	return &Limiter{bucket: rate.NewLimiter(bucketOf(perSecond))}
}

func bucketOf(perSecond float64) (limit rate.Limit, burst int) {
	if perSecond <= 0 {
		return rate.Inf, 1
	}
	return rate.Limit(perSecond), max(1, int(perSecond/4))
}

// SetRate changes the number of requests a second, as NewLimiter takes it.
func (l *Limiter) SetRate(perSecond float64) {
	limit, burst := bucketOf(perSecond)
	l.bucket.SetLimit(limit)
	l.bucket.SetBurst(burst)
}

// Wait returns when a request may be sent. If the context would end before that,
// it fails at once, with ReasonRateLimited. The time that Hold asks for passes by
// the clock.
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

// Hold delays all requests for a while: the vendor said that the budget is used
// up, perhaps by others.
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

// Budgets are the limiters of an account: one for the source address, which
// all accounts of a vendor share, and one for each organization. Use
// NewBudgets.
type Budgets struct {
	source          *Limiter
	perOrganization float64

	mu            sync.Mutex
	organizations map[string]*Limiter
}

// NewBudgets returns the budgets of an account whose organizations each allow
// so many requests a second.
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

// wait draws a request from the budget of the organization, if any, then acquires
// the permit, and then draws from the budget of the source. The source is last since
// it is the scarcest: what is drawn from it is lost to others while the request
// waits for anything else.
func (b *Budgets) wait(ctx context.Context, clock Clock, organization string, p *permit) error {
	if organization != "" {
		if err := b.organization(organization).Wait(ctx, clock); err != nil {
			return err
		}
	}
	if err := p.acquire(ctx); err != nil {
		return err
	}
	return b.source.Wait(ctx, clock)
}

// hold delays the organization's requests, or those of the source if the request
// concerned no organization.
func (b *Budgets) hold(clock Clock, organization string, d time.Duration) {
	if organization != "" {
		b.organization(organization).Hold(clock, d)
		return
	}
	b.source.Hold(clock, d)
}
