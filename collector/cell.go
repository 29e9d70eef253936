package collector

import (
	"context"
	"sync"
	"time"
)

// cell holds the last good value of something that is fetched, and sees to it
// that it is fetched once at a time and no more often than its users ask for.
// A failure keeps the value.
type cell[T any] struct {
	mu      sync.Mutex
	tried   bool
	started time.Time // of the latest fetch that ended
	took    time.Duration
	err     error     // of that fetch
	value   T         // of the latest that succeeded
	good    time.Time // when that one started; zero: there is no value
	ended   time.Time // when that one ended

	pending *fetch // in flight or waiting for its turn
}

// fetch is a fetch on its way.
type fetch struct{ done chan struct{} }

// slack is how much younger than max-age facts are already taken for too old:
// scrapes at an interval of exactly max-age, with the jitter of real ones, each
// fetch.
const slack = 500 * time.Millisecond

// retryAge is how long a failure stands where max-age is longer than that. One
// that it took long to come to stands retryShare times as long as it took: what
// fails after a thousand requests, again and again, must not be asked without
// pause.
const (
	retryAge   = time.Minute
	retryShare = 4
)

// refresh returns the fetch that makes the cell as fresh as it gets, nil if it
// is fresher than maxAge. If a fetch is needed and none is on its way, submit
// is called with the function that does it.
func (c *cell[T]) refresh(clock func() time.Time, maxAge time.Duration, submit func(func()), do func(asked time.Time) (T, error)) *fetch {
	now := clock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending != nil {
		return c.pending
	}
	if c.err != nil {
		maxAge = min(maxAge, max(retryAge, retryShare*c.took))
	}
	if c.tried && now.Sub(c.started) < maxAge-min(slack, maxAge/2) {
		return nil
	}
	f := &fetch{done: make(chan struct{})}
	c.pending = f
	submit(func() {
		started := clock()
		value, err := do(now)
		c.finish(f, started, clock(), value, err)
	})
	return f
}

func (c *cell[T]) finish(f *fetch, started, ended time.Time, value T, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried, c.started, c.took, c.err = true, started, ended.Sub(started), err
	if err == nil {
		c.value, c.good, c.ended = value, started, ended
	}
	c.pending = nil
	close(f.done)
}

// reading is the state of a cell at one moment.
type reading[T any] struct {
	value   T
	has     bool // there is a value, and it is not too old
	tried   bool
	err     error     // of the latest fetch
	success time.Time // when the value was fetched; zero if never
}

// read returns the state of the cell. A value older than maxStale is no longer
// had and is let go.
func (c *cell[T]) read(now time.Time, maxStale time.Duration) reading[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := reading[T]{tried: c.tried, err: c.err, success: c.ended}
	if !c.good.IsZero() && now.Sub(c.good) > maxStale {
		var none T
		c.value, c.good = none, time.Time{}
	}
	r.value, r.has = c.value, !c.good.IsZero()
	return r
}

// wait returns when the fetch is done or the context ends. A nil fetch is done.
func (f *fetch) wait(ctx context.Context) {
	if f == nil {
		return
	}
	select {
	case <-f.done:
	case <-ctx.Done():
	}
}

// pool runs functions side by side, a bounded number at a time, in the order
// in which they come. It keeps no goroutine while there is nothing to do.
type pool struct {
	limit int

	mu      sync.Mutex
	closed  bool
	queue   []func()
	workers int
	idle    sync.WaitGroup
}

func (p *pool) submit(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.queue = append(p.queue, f)
	if p.workers < p.limit {
		p.workers++
		p.idle.Go(p.work)
	}
}

func (p *pool) work() {
	for {
		p.mu.Lock()
		if len(p.queue) == 0 {
			p.workers--
			p.mu.Unlock()
			return
		}
		f := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		p.mu.Unlock()
		f()
	}
}

// close drops what has not begun and waits for what has.
func (p *pool) close() {
	p.mu.Lock()
	p.closed, p.queue = true, nil
	p.mu.Unlock()
	p.idle.Wait()
}
