package collector

import (
	"context"
	"sync"
	"time"

	"license_exporter/client/rest"
	"license_exporter/internal/cache"
	"license_exporter/licensing"
)

// Shared is an answer of the vendor's that several collectors read, such as a list. It is
// fetched once for all of them, but again for a collector that has already read it: the
// facts of a fetch must not be older than the fetch. The zero value is ready for use, and
// safe for concurrent use.
type Shared[T any] struct {
	entry cache.Entry[*sharedAnswer[T]]

	mu   sync.Mutex
	read licensing.Table[any, *sharedAnswer[T]] // the latest answer that each collector has read
	// retrying contains the requests of the latest fetch that have failed.
	retrying retries
}

// sharedAnswer is an answer with a report of what could not be read of it. Collectors
// share errors, too, instead of asking a vendor that fails again.
type sharedAnswer[T any] struct {
	value T
	err   error
	part  *Report
}

// sharedMaxAge is how long collectors share an answer. They start within seconds of each
// other.
const sharedMaxAge = time.Minute

// Get returns the answer for a collector. It fetches the answer if that is due. The
// records that could not be read are in the reports of all collectors, and unreadable values
// in the report of the one that fetches.
func (s *Shared[T]) Get(ctx context.Context, reader any, r *Report, fetch func(context.Context, *Report) (T, error)) (T, error) {
	job := cache.Job[*sharedAnswer[T]]{
		Now: func() time.Time { return r.Now },
		Due: func(c cache.State[*sharedAnswer[T]]) bool {
			return !c.Valid || s.lastRead(reader) == c.Value || r.Now.Sub(c.ValueStarted) >= sharedMaxAge
		},
		Fetch: func(time.Time) (*sharedAnswer[T], error) {
			part, trace := r.Part(), r.Trace()
			trace.Skipped = part.Trace().Skipped
			trace.Retrying = s.retrying.add
			s.retrying.reset()
			value, err := fetch(rest.WithTrace(ctx, trace), part)
			if ctx.Err() != nil { // the others may have more time
				return nil, ctx.Err()
			}
			return &sharedAnswer[T]{value, err, part}, nil
		},
	}
	defer r.findings.retrying.share(&s.retrying)()
	latest, err := s.entry.Get(ctx, job)
	for ctx.Err() == nil && rest.ReasonOf(err) == rest.ReasonTimeout { // the collector that fetched had less time
		latest, err = s.entry.Get(ctx, job)
	}
	if err != nil {
		var none T
		return none, err
	}
	s.mu.Lock()
	s.read.Set(reader, latest)
	s.mu.Unlock()
	r.Include(latest.part)
	return latest.value, latest.err
}

// lastRead returns the latest answer that a collector has read.
func (s *Shared[T]) lastRead(reader any) *sharedAnswer[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, _ := s.read.Get(reader)
	return answer
}
