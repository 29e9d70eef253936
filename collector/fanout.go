package collector

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"

	"license_exporter/client/rest"
)

// ForEach calls do for each number below n, at most limit at a time. The first
// failure ends it. A panic continues in the caller, where it fails one fetch:
// in a goroutine of its own it would end the process.
func ForEach(ctx context.Context, n, limit int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	for i := range n {
		group.Go(func() (err error) {
			defer func() {
				if p := recover(); p != nil {
					err = &Panic{p, debug.Stack()}
				}
			}()
			return do(ctx, i)
		})
	}
	err := group.Wait()
	var p *Panic
	if errors.As(err, &p) {
		panic(p)
	}
	return err
}

// Panic is a panic that continues in another goroutine than the one where it
// began.
type Panic struct {
	Value any
	// Stack is that of the goroutine where the panic began.
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

// FanOut reads something for each id, at most limit at a time, and folds the
// answers one by one in the order of the ids, so that sums do not depend on the
// order of the answers. The first failure ends it.
//
// An id that the vendor does not find is left out. If that is so of all of
// them, the operation does not apply. An id that is refused while others are
// answered is a failure.
func FanOut[K, T any](ctx context.Context, ids []K, limit int, read func(context.Context, K) (T, error), fold func(K, T)) error {
	folds := orderedCalls{waiting: map[int]func(){}}
	var absent, refused error
	answered := 0
	err := ForEach(ctx, len(ids), limit, func(ctx context.Context, i int) error {
		answer, err := read(ctx, ids[i])
		if err != nil && !Absent(err) {
			return err
		}
		folds.call(i, func() {
			switch {
			case err == nil:
				answered++
				fold(ids[i], answer)
				return
			case rest.ReasonOf(err) != rest.ReasonNotFound:
				refused = err
			}
			absent = err
		})
		return nil
	})
	switch {
	case err != nil:
		return err
	case answered == 0 && absent != nil:
		return fmt.Errorf("%w: %w", rest.ErrNotApplicable, absent)
	case answered > 0 && refused != nil:
		// The operation exists, so the refusal does not say that it does not apply.
		var cause *rest.Error
		if errors.As(refused, &cause) {
			return fmt.Errorf("one was refused and %d were answered: %w", answered, cause)
		}
	}
	return nil
}

// orderedCalls calls functions one at a time in the order of their numbers.
type orderedCalls struct {
	mu      sync.Mutex
	next    int
	waiting map[int]func()
}

// call calls a function as soon as those with lower numbers have been called.
func (c *orderedCalls) call(number int, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[number] = f
	for f, ok := c.waiting[c.next]; ok; f, ok = c.waiting[c.next] {
		f()
		delete(c.waiting, c.next)
		c.next++
	}
}
