package collector

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime/debug"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"license_exporter/client/rest"
	"license_exporter/client/snow"
)

// snowAtOnce bounds how many licenses, applications or agreements a collector
// asks about side by side.
const snowAtOnce = 4

// licensed is what a license is of, for those who know its id alone.
type licensed struct {
	application, organization, metric snow.ID
	upgrade                           snow.Bool
	archived                          bool
}

// licensedByID lists the licenses. They are read for one refresh and not kept.
func licensedByID(ctx context.Context, client SnowClient) (map[snow.ID]licensed, error) {
	licenses := map[snow.ID]licensed{}
	for l, err := range client.Licenses(ctx, snow.Filter{}) {
		if err != nil {
			return nil, snowError(err)
		}
		licenses[l.ID] = licensed{l.ApplicationID, l.OrganizationID, l.MetricID, l.IsUpgrade, l.Status == snow.StatusArchived}
	}
	delete(licenses, "")
	return licenses, nil
}

// current returns the ids of the licenses that are not archived, sorted.
func current(licenses map[snow.ID]licensed) []snow.ID {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(licenses)), func(id snow.ID) bool { return licenses[id].archived })
}

// fanOut asks about each of ids, a few at a time, and folds the answers one by
// one in the order of ids: sums must not depend on who answers first. The first
// failure ends it. One that the vendor does not find is left out; if that is so
// of all, or all are refused as by a version that lacks the operation, it does
// not apply. One that is refused where others are answered is a failure: what
// was known of it must not go without a word.
func fanOut[T any](ctx context.Context, ids []snow.ID, read func(context.Context, snow.ID) (T, error), fold func(snow.ID, T)) error {
	turns := turns{waiting: map[int]func(){}}
	err := sideBySide(ctx, len(ids), func(ctx context.Context, i int) error {
		answer, err := read(ctx, ids[i])
		if err != nil && !unheardOf(err) {
			return err
		}
		turns.take(i, err, func() { fold(ids[i], answer) })
		return nil
	})
	if err != nil {
		return err
	}
	switch {
	case turns.folded == 0 && turns.absent != nil:
		return fmt.Errorf("%w: %w", ErrNotApplicable, turns.absent)
	case turns.folded > 0 && turns.refused != nil:
		return fmt.Errorf("one was refused and %d were answered: %w", turns.folded, turns.refused)
	}
	return nil
}

// sideBySide does something for each number below n, a few at a time. The first
// failure ends it. A panic goes on in the caller, where it fails one fetch: in
// a goroutine of its own it would end the exporter.
func sideBySide(ctx context.Context, n int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(snowAtOnce)
	for i := range n {
		group.Go(func() (err error) {
			defer func() {
				if p := recover(); p != nil {
					err = &passedPanic{p, debug.Stack()}
				}
			}()
			return do(ctx, i)
		})
	}
	err := group.Wait()
	var p *passedPanic
	if errors.As(err, &p) {
		panic(p)
	}
	return err
}

// passedPanic is a panic on its way from one goroutine to another.
type passedPanic struct {
	value any
	stack []byte // of where it began
}

func (p *passedPanic) Error() string { return fmt.Sprint(p.value) }

// unheardOf tells whether the vendor has nothing of the kind that it was asked
// for, or no such operation.
func unheardOf(err error) bool {
	return errors.Is(err, rest.ErrNotApplicable) || rest.ReasonOf(err) == rest.ReasonNotFound
}

// orNone collects records that the vendor may have nothing of.
func orNone[T any](records iter.Seq2[T, error]) ([]T, error) {
	all, err := collect(records)
	if err != nil && unheardOf(err) {
		return nil, nil
	}
	return all, err
}

// turns calls functions one by one in the order of their numbers, whatever the
// order in which they come.
type turns struct {
	mu      sync.Mutex
	next    int
	waiting map[int]func()
	folded  int
	absent  error // why the latest of those that were left out was
	refused error // the same of those that were not just not found
}

// take calls a function when it is its turn, or leaves it out for a reason.
func (t *turns) take(number int, absent error, fold func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if absent != nil {
		t.absent, fold = absent, func() {}
		var e *rest.Error
		if errors.As(absent, &e) && e.Reason != rest.ReasonNotFound {
			t.refused = e // with no word of the version, which has the operation
		}
	} else {
		t.folded++
	}
	t.waiting[number] = fold
	for next, ok := t.waiting[t.next]; ok; next, ok = t.waiting[t.next] {
		next()
		delete(t.waiting, t.next)
		t.next++
	}
}
