package collector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"license_exporter/client/rest"
)

// Children reads an object for each of many ids, such as each agreement of a list, and
// keeps the last good answer of each: an object that cannot be read does not cost the
// others. Create one with ChildrenOf. It is safe for concurrent use.
type Children[K ~string, T any] struct {
	mu   sync.Mutex
	byID map[K]child[T]
}

type child[T any] struct {
	value T
	// good is when the fetch of the value started. It is zero if there is no value.
	good time.Time
	// answered is set if it could be read before, even if the value was too old to be kept.
	answered bool
	// failed is set if the latest attempt to read it failed.
	failed bool
}

// Reading describes how to read children.
type Reading[K ~string, T any] struct {
	// What names one child, for example "agreement".
	What string
	// Limit is the maximum number of requests at a time.
	Limit int
	// MaxAge is how long an answer is used without another request. 0 means that each
	// fetch reads all children.
	MaxAge time.Duration
	// Read reads a child.
	Read func(context.Context, K) (T, error)
	// Fold receives the answers one at a time, in the order of the ids, but if many children
	// failed before, theirs come last. kept is set for the last good answer of a child that
	// could not be read now.
	Fold func(id K, answer T, kept bool)
	// Lost, if not nil, is called like Fold for each child that could not be read and has
	// no last good answer.
	Lost func(id K)
}

// maxFailures is the number of children that may fail one after another before Read gives
// up. The vendor is then probably down. An answer that is used without a request ends such a
// row as well: a few children that always fail must not make Read give up while the answers
// of all others are recent. If so many failed before, they are read last, and count only
// if no other has answered: even many that always fail must not cost the others.
const maxFailures = 10

// Read reads all children with these ids and forgets all others. It records those that
// fail in the report. It returns an error if none could be read, or if it gave up because
// too many failed one after another.
//
// A child that the vendor does not know is left out, unless it could be read before: then
// it failed. If the vendor knows none of them, Read returns an error that wraps
// rest.ErrNotApplicable. It does not read the rest if the operation does not apply to the
// first ten. If the operation applies to some children, those to which it does not apply
// have failed.
func (c *Children[K, T]) Read(ctx context.Context, r *Report, ids []K, reading Reading[K, T]) error {
	p := pass[K, T]{Children: c, Reading: reading, report: r, before: c.keep(ids), folds: orderedCalls{waiting: map[int]func(){}}}
	ids = p.failedLast(ids)
	err := ForEach(ctx, len(ids), reading.Limit, func(ctx context.Context, i int) error { return p.read(ctx, i, ids[i]) })
	switch {
	case err != nil:
		return err
	case p.answered == 0 && p.failed != nil:
		return p.failed
	case p.answered == 0 && p.absent != nil:
		return fmt.Errorf("%w: %w", rest.ErrNotApplicable, p.absent)
	}
	for _, failure := range slices.Concat(p.failures, p.refusals) {
		r.ChildFailed(failure)
	}
	return nil
}

// keep returns the children with these ids and forgets all others.
func (c *Children[K, T]) keep(ids []K) map[K]child[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := make(map[K]child[T], len(ids))
	for _, id := range ids {
		if known, ok := c.byID[id]; ok {
			kept[id] = known
		}
	}
	c.byID = maps.Clone(kept)
	return kept
}

// Last returns the last good answer of a child. ok is false if there is none.
func (c *Children[K, T]) Last(id K) (answer T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := c.byID[id]
	return last.value, !last.good.IsZero()
}

func (c *Children[K, T]) set(id K, value T, started time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byID[id] = child[T]{value: value, good: started, answered: true}
}

// setFailed notes that a child failed. last is what is kept of it.
func (c *Children[K, T]) setFailed(id K, last child[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last.failed = true
	c.byID[id] = last
}

// pass is one call of Children.Read.
type pass[K ~string, T any] struct {
	*Children[K, T]
	Reading[K, T]
	report *Report
	before map[K]child[T]
	folds  orderedCalls

	// Calls in folds use the following.
	answered       int
	inARow         int
	newInARow      bool // some of them did not fail before
	absent, failed error
	failures       []ChildFailure
	// refusals contains the children to which the operation does not apply, although the
	// vendor may know them. inapplicable counts all to which it does not apply.
	refusals     []ChildFailure
	inapplicable int
}

// failedLast returns the ids with those at the end that failed before, if they are many.
func (p *pass[K, T]) failedLast(ids []K) []K {
	var others, failed []K
	for _, id := range ids {
		if p.before[id].failed {
			failed = append(failed, id)
		} else {
			others = append(others, id)
		}
	}
	if len(failed) < maxFailures {
		return ids
	}
	return append(others, failed...)
}

func (p *pass[K, T]) read(ctx context.Context, i int, id K) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	last := p.before[id]
	if !last.good.IsZero() && p.report.Now.Sub(last.good) < p.MaxAge {
		return p.fold(i, id, last.value, last, nil)
	}
	answer, err := p.Reading.Read(ctx, id)
	switch {
	case err == nil:
		p.set(id, answer, p.report.Now)
	case ctx.Err() != nil, rest.ReasonOf(err) == rest.ReasonAuth, Classify(err) == AccessDisabled:
		return err // the others will fail as well
	}
	return p.fold(i, id, answer, last, err)
}

// fold folds an answer or what replaces it. It returns an error if Read must give up.
func (p *pass[K, T]) fold(i int, id K, answer T, last child[T], err error) (giveUp error) {
	p.folds.call(i, func() {
		switch {
		case err == nil:
			p.answered++
			p.inARow, p.newInARow = 0, false
			p.Fold(id, answer, false)
		case Absent(err) && !last.answered:
			p.isAbsent(id, err)
		default:
			p.fail(id, last, err)
		}
	})
	p.folds.mu.Lock()
	defer p.folds.mu.Unlock()
	switch {
	case p.inARow >= maxFailures && (p.newInARow || p.answered == 0):
		return fmt.Errorf("%d requests in a row failed: %w", p.inARow, p.failed)
	case p.inapplicable >= maxFailures && p.answered == 0 && p.failed == nil:
		return p.absent
	}
	return nil
}

func (p *pass[K, T]) isAbsent(id K, err error) {
	p.absent = err
	if !errors.Is(err, rest.ErrNotApplicable) {
		return
	}
	p.inapplicable++
	if refusal(err) != rest.ReasonNotFound {
		p.refusals = append(p.refusals, p.failureOf(id, err))
	}
}

func (p *pass[K, T]) fail(id K, last child[T], err error) {
	p.inARow++
	p.newInARow = p.newInARow || !last.failed
	var response *rest.Error
	if errors.Is(err, rest.ErrNotApplicable) && errors.As(err, &response) { // it applied before
		err = response
	}
	p.failed = err
	failure := p.failureOf(id, err)
	limit := p.report.options.MaxStale
	if limit > 0 && p.report.Now.Sub(last.good) > p.MaxAge+limit {
		last = child[T]{answered: last.answered}
	}
	p.setFailed(id, last)
	if last.good.IsZero() {
		if p.Lost != nil {
			p.Lost(id)
		}
	} else {
		failure.Kept = last.good
		p.Fold(id, last.value, true)
	}
	p.failures = append(p.failures, failure)
}

func (p *pass[K, T]) failureOf(id K, err error) ChildFailure {
	return ChildFailure{Child: fmt.Sprintf("%s %s", p.What, id), Err: err}
}

// Memory is what an account remembers while connections to the vendor come and go, as
// long as it reads the same data: which optional operations have succeeded, and the last
// good answers of children. The zero value is ready for use, and safe for concurrent
// use.
type Memory struct {
	mu         sync.Mutex
	operations map[string]bool
	values     map[string]any
}

// ChildrenOf returns the children of a kind that an account remembers.
func ChildrenOf[K ~string, T any](m *Memory, kind string) *Children[K, T] {
	return Remembered[Children[K, T]](m, "children "+kind)
}

// Remembered returns what an account remembers under a name. It is the zero value at
// first.
func Remembered[T any](m *Memory, name string) *T {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.values[name].(*T); ok {
		return known
	}
	if m.values == nil {
		m.values = map[string]any{}
	}
	v := new(T)
	m.values[name] = v
	return v
}

// Classify is like the function of this name, for an optional operation. The vendor may
// refuse these to a valid credential.
func (m *Memory) Classify(operation string, err error) Outcome {
	outcome := Classify(err)
	switch {
	case outcome == Good:
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.operations == nil {
			m.operations = map[string]bool{}
		}
		m.operations[operation] = true
	case outcome == Failed && refused(err) && !m.Has(operation):
		return Withheld
	}
	return outcome
}

// Has reports whether an operation has succeeded.
func (m *Memory) Has(operation string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.operations[operation]
}

// refused reports whether the vendor answered 403 or 404.
func refused(err error) bool {
	reason := refusal(err)
	return reason == rest.ReasonForbidden || reason == rest.ReasonNotFound
}

// refusal returns the reason for which the vendor refused an operation. It is
// empty if the request was not sent, for example because the vendor refused a
// token: that says nothing of the operation.
func refusal(err error) rest.Reason {
	var e *rest.Error
	if !errors.As(err, &e) || e.Status == 0 {
		return ""
	}
	return e.Reason
}

// Absent reports whether err means that the vendor has no such object or operation. The
// 404 of a gateway, which has no message of the vendor's, does not mean that.
func Absent(err error) bool {
	switch Classify(err) {
	case NotApplicable:
		return true
	case Failed:
		var e *rest.Error
		return errors.As(err, &e) && e.Reason == rest.ReasonNotFound && e.Message != ""
	default:
		return false
	}
}
