package rest

import (
	"context"
	"time"
)

// Clock has the time and sleeps. The zero value is the system's clock. Tests use another
// one to run without waiting. Deadlines of contexts always use the system's clock.
type Clock struct {
	// Now returns the time.
	Now func() time.Time
	// Sleep returns after d, or with the context's error when the context ends.
	Sleep func(ctx context.Context, d time.Duration) error
}

// OrSystem returns the clock with the functions of the system's clock where it has none.
func (c Clock) OrSystem() Clock {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	return c
}

func (c Clock) now() time.Time { return c.OrSystem().Now() }

func (c Clock) sleep(ctx context.Context, d time.Duration) error { return c.OrSystem().Sleep(ctx, d) }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
