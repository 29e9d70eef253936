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

func (c Clock) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (c Clock) sleep(ctx context.Context, d time.Duration) error {
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
