// Package cache holds values that are fetched once and used many times.
//
// It knows nothing of what it holds: whoever uses an Entry decides when the
// value is due, where the fetch runs, and what a failure means.
package cache

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Entry is a cache entry: the value of the latest fetch that succeeded, and how
// the latest fetch ended. At most one fetch is under way, and all who need it
// share it. A failure keeps the value. The zero value is an empty entry. It is
// safe for concurrent use.
type Entry[T any] struct {
	mu      sync.Mutex
	state   State[T]
	pending *Fetch
}

// State is what an Entry holds at one moment.
type State[T any] struct {
	// Value is the result of the latest fetch that succeeded. Without one,
	// Valid is false.
	Value T
	Valid bool
	// ValueStarted and ValueEnded tell when that fetch started and ended.
	ValueStarted, ValueEnded time.Time

	// Tried is set once a fetch has ended. Asked, Started, Ended and Err are
	// those of the latest one.
	Tried                 bool
	Asked, Started, Ended time.Time
	Err                   error

	// UnderWay is set while a fetch is under way.
	UnderWay bool
}

// Fetch is a fetch under way. A nil Fetch has ended.
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

// Job describes how the value of an Entry is fetched.
type Job[T any] struct {
	// Now is the clock.
	Now func() time.Time
	// Due reports whether the value must be fetched. It is not called while a
	// fetch is under way.
	Due func(State[T]) bool
	// Run calls a function, at once or later. If it never does, the fetch stays
	// under way. nil stands for a direct call.
	Run func(func())
	// Fetch returns the value. It is passed the time at which it was asked for.
	Fetch func(asked time.Time) (T, error)
	// Ended, if not nil, is called when the entry holds the result, before those
	// who wait for it continue.
	Ended func()
}

// Start returns the fetch under way, after starting one if the value is due. It
// returns nil if the value is fresh.
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

// errPanicked is how a fetch ended that panicked. The panic goes on.
var errPanicked = errors.New("the fetch panicked")

func (e *Entry[T]) run(f *Fetch, job Job[T]) {
	started := job.Now()
	var value T
	err := errPanicked
	defer func() {
		ended := job.Now()
		e.Change(func(s *State[T]) {
			s.Tried, s.Asked, s.Started, s.Ended, s.Err = true, f.Asked, started, ended, err
			if err == nil {
				s.Value, s.Valid, s.ValueStarted, s.ValueEnded = value, true, started, ended
			}
			e.pending = nil
		})
		if job.Ended != nil {
			job.Ended()
		}
		close(f.done)
	}()
	value, err = job.Fetch(f.Asked)
}

// Get returns the value, after fetching it if it is due. The caller that starts
// the fetch runs it; those that come meanwhile wait for it until their context
// ends. A failure of that fetch is returned to all of them.
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

// State returns what the entry holds.
func (e *Entry[T]) State() State[T] {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.state
	s.UnderWay = e.pending != nil
	return s
}

// Change lets a function change what the entry holds, such as to drop a value
// that is too old.
func (e *Entry[T]) Change(change func(*State[T])) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.state)
}
