// Package cache caches values that take long to fetch.
//
// The user of an Entry decides when to fetch the value, in which goroutine, and
// what a failure means.
package cache

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Entry is a cache entry. It contains the value of the latest successful fetch and
// the result of the latest fetch: a failed fetch does not remove the value. At
// most one fetch is in progress at a time, and all callers share it. The zero value
// is an empty entry. An Entry is safe for concurrent use.
type Entry[T any] struct {
	mu      sync.Mutex
	state   State[T]
	pending *Fetch
}

// State is the content of an Entry at one moment.
type State[T any] struct {
	// Value is the result of the latest successful fetch. Valid is set if there
	// is one.
	Value T
	Valid bool
	// ValueStarted and ValueEnded are when that fetch started and ended.
	ValueStarted, ValueEnded time.Time

	// Tried is set once a fetch has ended. Asked, Started, Ended and Err
	// describe the latest fetch that has ended.
	Tried                 bool
	Asked, Started, Ended time.Time
	Err                   error

	// UnderWay is set while a fetch is in progress.
	UnderWay bool
}

// Fetch is a fetch in progress. A nil Fetch means one that has ended.
type Fetch struct {
	// Asked is when the fetch was asked for. It may start later.
	Asked time.Time

	done chan struct{}
}

// Wait returns when the fetch has ended or the context ends.
func (f *Fetch) Wait(ctx context.Context) {
	if f == nil {
		return
	}
	select {
	case <-f.done:
	case <-ctx.Done():
	}
}

// Job describes how to fetch the value of an Entry.
type Job[T any] struct {
	// Now is the clock.
	Now func() time.Time
	// Due reports whether the value must be fetched. It is not called while a
	// fetch is in progress.
	Due func(State[T]) bool
	// Run runs the fetch, now or later. If it drops the fetch, the fetch stays
	// in progress forever. By default, the fetch runs in the caller's goroutine.
	Run func(func())
	// Fetch returns the value. asked is when the fetch was asked for.
	Fetch func(asked time.Time) (T, error)
	// Ended, if not nil, is called after the entry has been updated, before Wait
	// returns and before another fetch can start.
	Ended func()
}

// ErrAbandoned is in the chain of an error of a fetch that neither succeeded nor failed. The
// entry stays as it was before the fetch.
var ErrAbandoned = errors.New("the fetch was abandoned")

// Start starts a fetch if the value is due and none is in progress. It returns the
// fetch in progress, or nil if the value is not due.
func (e *Entry[T]) Start(job Job[T]) *Fetch {
	e.mu.Lock()
	if e.pending != nil || !job.Due(e.state) {
		defer e.mu.Unlock()
		return e.pending
	}
	f := &Fetch{Asked: job.Now(), done: make(chan struct{})}
	e.pending = f
	e.mu.Unlock()
	if job.Run == nil {
		e.run(f, job)
	} else {
		job.Run(func() { e.run(f, job) })
	}
	return f
}

// errPanicked is the error of a fetch that panicked. The panic continues.
var errPanicked = errors.New("the fetch panicked")

func (e *Entry[T]) run(f *Fetch, job Job[T]) {
	started := job.Now()
	var value T
	err := errPanicked
	defer func() {
		ended := job.Now()
		e.Change(func(s *State[T]) {
			if errors.Is(err, ErrAbandoned) {
				return
			}
			s.Tried, s.Asked, s.Started, s.Ended, s.Err = true, f.Asked, started, ended, err
			if err == nil {
				s.Value, s.Valid, s.ValueStarted, s.ValueEnded = value, true, started, ended
			}
		})
		if job.Ended != nil {
			job.Ended()
		}
		e.Change(func(*State[T]) { e.pending = nil })
		close(f.done)
	}()
	value, err = job.Fetch(f.Asked)
}

// Get returns the value, and fetches it first if it is due. Callers that come
// during a fetch wait for it until their context ends. If the fetch fails, all of
// them get its error.
func (e *Entry[T]) Get(ctx context.Context, job Job[T]) (T, error) {
	e.Start(job).Wait(ctx)
	s := e.State()
	var none T
	switch {
	case ctx.Err() != nil && job.Due(s):
		return none, ctx.Err()
	case s.Err != nil && job.Due(s):
		return none, s.Err
	}
	return s.Value, nil
}

// State returns the content of the entry.
func (e *Entry[T]) State() State[T] {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.state
	s.UnderWay = e.pending != nil
	return s
}

// Change calls a function that changes the content of the entry, for example to
// drop a value that is too old.
func (e *Entry[T]) Change(change func(*State[T])) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.state)
}
