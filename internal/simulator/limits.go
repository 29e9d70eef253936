package simulator

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Buckets are token buckets of one rate, by name: an organization, a source address or a client. They are safe for concurrent use.
type Buckets struct {
	limit rate.Limit
	burst int

	mu     sync.Mutex
	byName map[string]*rate.Limiter
}

// NewBuckets returns buckets that refill at perSecond, or at fallback if that is not above 0. A burst that is not above 0 equals the
// rate.
func NewBuckets(perSecond, fallback float64, burst int) *Buckets {
	if perSecond <= 0 {
		perSecond = fallback
	}
	if burst <= 0 {
		burst = max(1, int(perSecond))
	}
	return &Buckets{limit: rate.Limit(perSecond), burst: burst, byName: map[string]*rate.Limiter{}}
}

// Draw takes a token from the bucket of every name, or none at all: then it returns how long to wait until all of them have one.
func (b *Buckets) Draw(names ...string) time.Duration {
	now := time.Now()
	var longest time.Duration
	taken := make([]*rate.Reservation, len(names))
	for i, name := range names {
		taken[i] = b.of(name).ReserveN(now, 1)
		longest = max(longest, taken[i].DelayFrom(now))
	}
	if longest > 0 {
		for _, reservation := range taken {
			reservation.CancelAt(now)
		}
	}
	return longest
}

func (b *Buckets) of(name string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	limiter, ok := b.byName[name]
	if !ok {
		limiter = rate.NewLimiter(b.limit, b.burst)
		b.byName[name] = limiter
	}
	return limiter
}
