package rest

import (
	"cmp"
	"context"
	"time"

	"golang.org/x/sync/semaphore"
)

// maxInFlight bounds the number of a client's requests that are in progress at the
// same time. It is enough to use up a limit of 100 requests a second at half a
// second of latency. Requests that wait for the budget of an organization, or for
// a retry, are not counted, so an organization that the vendor limits does not block
// others. No more requests of one client wait for the budget of the source, so a
// large account does not crowd out a small one.
const maxInFlight = 64

// request is the state of a call. Its context contains it. It is not safe for
// concurrent use.
type request struct {
	Call
	// semaphore is the client's. permitted is set while the request holds a
	// permit of it: from its first attempt until its body has been read, except
	// while it waits for a retry.
	semaphore *semaphore.Weighted
	permitted bool
	// failures is the number of failed attempts. wait is the time to wait before
	// the next one.
	failures int
	wait     time.Duration
	// pause is the pause that the latest answer asks for. It is nil if there is none.
	pause error
	// fetch is the context without the deadline of an attempt.
	fetch context.Context
	// body is the body of the latest answer. It is nil if there is none.
	body *body
	// answered is what Trace.Retrying has returned. It is nil if the request has not failed
	// since it was last answered.
	answered func()
}

// maxBytes bounds the body of a good answer.
func (r *request) maxBytes() int64 { return cmp.Or(r.MaxBytes, DefaultMaxBytes) }

// requestKey is the key of the request in its context.
type requestKey struct{}

func (r *request) context(ctx context.Context) context.Context {
	r.fetch = ctx
	return context.WithValue(ctx, requestKey{}, r)
}

func requestOf(ctx context.Context) *request { return ctx.Value(requestKey{}).(*request) }

// recovered reports to the trace that the vendor has answered a request that had failed.
func (r *request) recovered() {
	if r.answered != nil {
		r.answered()
		r.answered = nil
	}
}

// acquire waits for a permit, unless the request has one.
func (r *request) acquire(ctx context.Context) error {
	if r.permitted {
		return nil
	}
	if err := r.semaphore.Acquire(ctx, 1); err != nil {
		return err
	}
	r.permitted = true
	return nil
}

// release returns the permit, if the request has one.
func (r *request) release() {
	if r.permitted {
		r.semaphore.Release(1)
		r.permitted = false
	}
}
