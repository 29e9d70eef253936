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
// error cancels the context and is returned. A panic in do continues in the
// caller's goroutine, where it fails one fetch. In a goroutine of its own, it
// would end the process.
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

// Panic is a panic that was passed on from another goroutine.
type Panic struct {
	Value any
	// Stack is the stack of the goroutine that panicked.
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

// FanOut calls read for each id, at most limit at a time, and passes the results
// to fold. Calls of fold do not overlap and come in the order of the ids, so
// that sums of floating-point numbers are reproducible. The first error ends
// FanOut.
//
// Ids that the vendor does not know are left out. If it knows none of them,
// FanOut returns an error that wraps rest.ErrNotApplicable. If it rejects some
// ids as not applicable and answers others, FanOut fails.
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
			case refusal(err) != rest.ReasonNotFound:
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
		// The vendor has the operation, so the error must not wrap
		// ErrNotApplicable: that would drop all facts.
		cause := errors.New(refused.Error())
		if response := (*rest.Error)(nil); errors.As(refused, &response) {
			cause = response
		}
		return fmt.Errorf("the vendor refused a request, but answered %d others: %w", answered, cause)
	}
	return nil
}

// orderedCalls calls functions one at a time in the order of their numbers.
type orderedCalls struct {
	mu      sync.Mutex
	next    int
	waiting map[int]func()
}

// call calls f once the functions with lower numbers have been called. That can
// be after call has returned.
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
