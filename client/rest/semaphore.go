package rest

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// maxInFlight bounds the number of a client's requests that are under way at the
// same time. It is enough to use up a limit of 100 requests a second at half a
// second of latency. Requests that wait for the budget of an organization, or for
// a retry, do not count, so an organization that the vendor limits does not block
// others. No more requests of one client wait for the budget of the source, so a
// large account does not crowd out a small one.
const maxInFlight = 64

// permit is what a request holds of its client's semaphore, from its first attempt
// until its body has been read. It is not safe for concurrent use.
type permit struct {
	semaphore *semaphore.Weighted
	held      bool
}

// permitKey is the key of the permit in the context of a request.
type permitKey struct{}

func permitOf(ctx context.Context) *permit {
	p, _ := ctx.Value(permitKey{}).(*permit)
	return p
}

// acquire waits for the permit, unless it is held.
func (p *permit) acquire(ctx context.Context) error {
	if p == nil || p.held {
		return nil
	}
	if err := p.semaphore.Acquire(ctx, 1); err != nil {
		return err
	}
	p.held = true
	return nil
}

// release returns the permit if it is held.
func (p *permit) release() {
	if p != nil && p.held {
		p.semaphore.Release(1)
		p.held = false
	}
}
