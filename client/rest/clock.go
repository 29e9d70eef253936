package rest

import (
	"context"
	"time"
)

// Clock tells the time and waits. The zero Clock is that of the system. Deadlines
// of contexts are by the system's clock in any case.
type Clock struct {
	// Now returns the time.
	Now func() time.Time
	// Sleep returns after a while, or with the context's error when that ends.
	Sleep func(context.Context, time.Duration) error
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
