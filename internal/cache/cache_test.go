package cache

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errRefused = errors.New("refused")

// job fetches a value that is due if it is missing or older than a minute.
func job(fetch func(time.Time) (int, error)) Job[int] {
	return Job[int]{
		Now:   time.Now,
		Due:   func(s State[int]) bool { return !s.Valid || time.Since(s.ValueStarted) >= time.Minute },
		Fetch: fetch,
	}
}

func TestGetFetchesWhatIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e Entry[int]
		fetches := 0
		get := func() int {
			v, err := e.Get(t.Context(), job(func(time.Time) (int, error) { fetches++; return fetches, nil }))
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if first, second := get(), get(); first != 1 || second != 1 {
			t.Errorf("got %d and %d, want 1 twice", first, second)
		}
		time.Sleep(time.Minute)
		if v := get(); v != 2 {
			t.Errorf("after a minute got %d, want 2", v)
		}
	})
}

func TestFetchIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e Entry[int]
		fetches := 0
		slow := job(func(time.Time) (int, error) {
			fetches++
			time.Sleep(time.Second)
			return 7, nil
		})
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if v, err := e.Get(t.Context(), slow); v != 7 || err != nil {
					t.Errorf("got %d, %v, want 7", v, err)
				}
			})
		}
		all.Wait()
		if fetches != 1 {
			t.Errorf("fetched %d times, want once", fetches)
		}
	})
}

func TestFailureKeepsTheValueAndIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e Entry[int]
		if _, err := e.Get(t.Context(), job(func(time.Time) (int, error) { return 5, nil })); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.Sleep(time.Minute)
		if _, err := e.Get(t.Context(), job(func(time.Time) (int, error) {
			time.Sleep(time.Second)
			return 6, errRefused
		})); !errors.Is(err, errRefused) {
			t.Errorf("got error %v, want %v", err, errRefused)
		}
		s := e.State()
		if !s.Valid || s.Value != 5 || !s.ValueStarted.Equal(began) || !s.ValueEnded.Equal(began) {
			t.Errorf("the value is %d of %v to %v, want 5 of %v", s.Value, s.ValueStarted, s.ValueEnded, began)
		}
		if !errors.Is(s.Err, errRefused) || s.Ended.Sub(s.Started) != time.Second {
			t.Errorf("the latest fetch ended with %v after %v, want %v after 1s", s.Err, s.Ended.Sub(s.Started), errRefused)
		}
	})
}

func TestWhoWaitsGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e Entry[int]
		slow := job(func(time.Time) (int, error) { time.Sleep(time.Hour); return 1, nil })
		go func() { _, _ = e.Get(context.Background(), slow) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := e.Get(ctx, slow); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want that of the deadline", err)
		}
		time.Sleep(time.Hour)
	})
}

func TestPanicEndsTheFetch(t *testing.T) {
	var e Entry[int]
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not reach the caller")
			}
		}()
		_, _ = e.Get(t.Context(), job(func(time.Time) (int, error) { panic("broken") }))
	}()
	if v, err := e.Get(t.Context(), job(func(time.Time) (int, error) { return 3, nil })); v != 3 || err != nil {
		t.Errorf("after a panic got %d, %v, want 3", v, err)
	}
}

func TestStartRunsWhereItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e Entry[int]
		var queue []func()
		asked := time.Now()
		j := job(func(at time.Time) (int, error) {
			if !at.Equal(asked) {
				t.Errorf("was asked for at %v, want %v", at, asked)
			}
			return 1, nil
		})
		j.Run = func(f func()) { queue = append(queue, f) }
		first := e.Start(j)
		time.Sleep(time.Second)
		if second := e.Start(j); first == nil || second != first || len(queue) != 1 {
			t.Fatalf("started %v and %v with %d in line, want the same fetch once", first, second, len(queue))
		}
		if !first.Asked.Equal(asked) {
			t.Errorf("was asked for at %v, want %v", first.Asked, asked)
		}
		queue[0]()
		first.Wait(t.Context())
		if s := e.State(); !s.Started.Equal(asked.Add(time.Second)) {
			t.Errorf("started at %v, want %v", s.Started, asked.Add(time.Second))
		}
		if f := e.Start(j); f != nil {
			t.Errorf("a fresh value was fetched again")
		}
	})
}
