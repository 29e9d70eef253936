package collector

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"
)

// ForEach calls do for each number below n, at most limit at a time. The first
// error cancels the context and is returned. A panic in do continues in the
// caller's goroutine, where it fails one fetch. In another goroutine, it
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
