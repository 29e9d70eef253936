package collector

import (
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// memo keeps what was fetched for a while. Those who ask for it at the same
// time share one fetch; a failure is kept for nobody else. The zero value is
// ready for use.
type memo[T any] struct {
	flight singleflight.Group

	mu      sync.Mutex
	value   T
	fetched time.Time // zero: there is no value
}

// get returns the value if it is younger than ttl at that moment, and fetches
// it otherwise.
func (m *memo[T]) get(now time.Time, ttl time.Duration, fetch func() (T, error)) (T, error) {
	if value, ok := m.fresh(now, ttl); ok {
		return value, nil
	}
	_, err, _ := m.flight.Do("", func() (any, error) {
		if _, ok := m.fresh(now, ttl); ok { // another fetch has ended just now
			return nil, nil
		}
		value, err := fetch()
		if err == nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.value, m.fetched = value, now
		}
		return nil, err
	})
	if err != nil {
		var none T
		return none, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.value, nil
}

func (m *memo[T]) fresh(now time.Time, ttl time.Duration) (value T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.value, !m.fetched.IsZero() && now.Sub(m.fetched) < ttl
}
