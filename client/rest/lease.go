package rest

import "context"

// maxInFlight bounds the requests of a client that are under way at once, which
// keeps a vendor's limit of 100 requests a second busy at half a second of
// latency. What waits for an organization's budget, or for a retry, does not
// count: one organization that the vendor holds back must not block others. Of
// accounts that share a source's budget, none has more than so many requests in
// the line for it, so that a large one does not crowd out a small one.
const maxInFlight = 64

// slots are the places of requests that are under way.
type slots chan struct{}

// lease is the place of one request, from its first attempt until its answer
// has been read. It is not safe for concurrent use.
type lease struct {
	slots slots
	held  bool
}

// leaseKey is the key of the lease in the context of a request.
type leaseKey struct{}

// acquire waits for a place, unless there is one already.
func (l *lease) acquire(ctx context.Context) error {
	if l == nil || l.held {
		return nil
	}
	select {
	case l.slots <- struct{}{}:
		l.held = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// release gives the place to somebody else.
func (l *lease) release() {
	if l != nil && l.held {
		<-l.slots
		l.held = false
	}
}

func leaseOf(ctx context.Context) *lease {
	l, _ := ctx.Value(leaseKey{}).(*lease)
	return l
}
