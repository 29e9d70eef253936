package simulator

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Buckets are token buckets of one rate, by name: an organization, a source address or a client. They are safe for concurrent use. A
// nil pointer has no limits.
type Buckets struct {
	limit  rate.Limit
	burst  int
	byName sync.Map // of *rate.Limiter
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
	return &Buckets{limit: rate.Limit(perSecond), burst: burst}
}

// Draw takes a token from the bucket of each name. If one of them has none, it takes no token and returns how long to wait until all
// have one.
func (b *Buckets) Draw(names ...string) (wait time.Duration) {
	if b == nil {
		return 0
	}
	now := time.Now()
	taken := make([]*rate.Reservation, len(names))
	for i, name := range names {
		limiter, _ := b.byName.LoadOrStore(name, rate.NewLimiter(b.limit, b.burst))
		taken[i] = limiter.(*rate.Limiter).ReserveN(now, 1)
		wait = max(wait, taken[i].DelayFrom(now))
	}
	if wait > 0 {
		for _, reservation := range taken {
			reservation.CancelAt(now)
		}
	}
	return wait
}
