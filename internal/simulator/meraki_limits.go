package simulator

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The vendor's limits. A burst of 10 above 10 a second is what its page calls "10 more in the first second".
const (
	vendorPerOrganization = 10
	vendorPerSource       = 100
)

// MerakiLimits are the budgets of a simulated API, in requests a second. A zero rate or burst is the vendor's: 10 a second per
// organization with 10 more in the first second, 100 a second per source address. A burst that is not given equals its rate.
type MerakiLimits struct {
	Off               bool // no limits at all
	Organization      float64
	OrganizationBurst int
	Source            float64
	SourceBurst       int
}

// limits are the token buckets of one API.
type limits struct {
	off                   bool
	organization, sources buckets
}

func newLimits(o MerakiLimits) *limits {
	l := &limits{off: o.Off}
	l.organization.configure(o.Organization, vendorPerOrganization, o.OrganizationBurst)
	l.sources.configure(o.Source, vendorPerSource, o.SourceBurst)
	return l
}

// drawSource takes a token of a source address. It returns how long to wait if there is none.
func (l *limits) drawSource(address string) time.Duration {
	if l.off {
		return 0
	}
	return draw(l.sources.of(address))
}

// drawOrganizations takes a token of each organization, or none at all: then it returns how long to wait for the last of them.
func (l *limits) drawOrganizations(organizations []organization) time.Duration {
	if l.off || len(organizations) == 0 {
		return 0
	}
	limiters := make([]*rate.Limiter, len(organizations))
	for i, o := range organizations {
		limiters[i] = l.organization.of(o.ID)
	}
	return draw(limiters...)
}

// draw takes a token from every limiter or from none.
func draw(limiters ...*rate.Limiter) time.Duration {
	now := time.Now()
	var longest time.Duration
	taken := make([]*rate.Reservation, len(limiters))
	for i, limiter := range limiters {
		taken[i] = limiter.ReserveN(now, 1)
		longest = max(longest, taken[i].DelayFrom(now))
	}
	if longest > 0 {
		for _, reservation := range taken {
			reservation.CancelAt(now)
		}
	}
	return longest
}

// buckets are the token buckets of one kind, made when first asked for.
type buckets struct {
	limit rate.Limit
	burst int

	mu     sync.Mutex
	byName map[string]*rate.Limiter
}

func (b *buckets) configure(perSecond, vendor float64, burst int) {
	if perSecond <= 0 {
		perSecond = vendor
	}
	if burst <= 0 {
		burst = max(1, int(perSecond))
	}
	b.limit, b.burst, b.byName = rate.Limit(perSecond), burst, map[string]*rate.Limiter{}
}

func (b *buckets) of(name string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	limiter, ok := b.byName[name]
	if !ok {
		limiter = rate.NewLimiter(b.limit, b.burst)
		b.byName[name] = limiter
	}
	return limiter
}
