package rest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// grants draws from a limiter and returns the time from now to each grant.
func grants(t *testing.T, l *Limiter, n int) []time.Duration {
	t.Helper()
	start := time.Now()
	granted := make([]time.Duration, n)
	for i := range granted {
		if err := l.Wait(t.Context(), Clock{}); err != nil {
			t.Fatal(err)
		}
		granted[i] = time.Since(start)
	}
	return granted
}

func TestBurstIsAQuarter(t *testing.T) {
	for _, test := range []struct {
		perSecond float64
		burst     int
	}{{80, 20}, {8, 2}, {4, 1}, {1, 1}, {0.5, 1}} {
		t.Run(fmt.Sprint(test.perSecond), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				granted := grants(t, NewLimiter(test.perSecond), test.burst+1)
				if at := granted[test.burst-1]; at != 0 {
					t.Errorf("request %d of the burst waited %s", test.burst, at)
				}
				// x/time/rate rounds to nanoseconds.
				interval := time.Duration(float64(time.Second) / test.perSecond)
				if at := granted[test.burst]; (at - interval).Abs() > time.Microsecond {
					t.Errorf("the request after the burst waited %s, want %s", at, interval)
				}
			})
		})
	}
}

func TestNoSecondSeesMoreThanTheVendorGrants(t *testing.T) {
	for _, perSecond := range []int{4, 8, 80} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				granted := grants(t, NewLimiter(float64(perSecond)), 4*perSecond)
				most := 0
				for first, from := range granted {
					n := 0
					for _, at := range granted[first:] {
						if at-from <= time.Second+time.Microsecond { // x/time/rate rounds
							n++
						}
					}
					most = max(most, n)
				}
				if want := perSecond * 5 / 4; most != want {
					t.Errorf("the fullest second saw %d requests, want %d", most, want)
				}
			})
		})
	}
}

func TestNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, l := range map[string]*Limiter{"nil": nil, "zero": NewLimiter(0)} {
			if granted := grants(t, l, 1000); granted[999] != 0 {
				t.Errorf("%s limiter: the last request waited %s", name, granted[999])
			}
		}
		var none *Limiter
		none.Hold(Clock{}, time.Hour)
		if granted := grants(t, none, 1); granted[0] != 0 {
			t.Errorf("a nil limiter holds requests for %s", granted[0])
		}
	})
}

func TestWaitFailsAtOnceIfTheDeadlineCannotBeMet(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *Limiter){
		"budget used up": func(t *testing.T, l *Limiter) { grants(t, l, 1) },
		"held":           func(_ *testing.T, l *Limiter) { l.Hold(Clock{}, time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := NewLimiter(1)
				prepare(t, l)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
				defer cancel()
				start := time.Now()
				err := l.Wait(ctx, Clock{})
				if took := time.Since(start); took != 0 || !errors.Is(err, errLimited) {
					t.Errorf("the error is %v after %s, want errLimited at once", err, took)
				}
				if got := reasonOfCause(err); got != ReasonRateLimited {
					t.Errorf("the reason is %s, want rate_limited", got)
				}
			})
		})
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	for name, hold := range map[string]time.Duration{"budget used up": 0, "held": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := NewLimiter(0.001)
				grants(t, l, 1)
				l.Hold(Clock{}, hold)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				start := time.Now()
				err := l.Wait(ctx, Clock{})
				if took := time.Since(start); took != time.Second || !errors.Is(err, context.Canceled) || errors.Is(err, errLimited) {
					t.Errorf("the error is %v after %s, want context.Canceled after 1s", err, took)
				}
			})
		})
	}
}

func TestHold(t *testing.T) {
	for name, test := range map[string]struct {
		holds []time.Duration
		want  time.Duration
	}{
		"once":           {[]time.Duration{5 * time.Second}, 5 * time.Second},
		"longer":         {[]time.Duration{5 * time.Second, 9 * time.Second}, 9 * time.Second},
		"never shortens": {[]time.Duration{5 * time.Second, time.Second}, 5 * time.Second},
		"not at all":     {[]time.Duration{0}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := NewLimiter(0)
				for _, d := range test.holds {
					l.Hold(Clock{}, d)
				}
				if got := grants(t, l, 1)[0]; got != test.want {
					t.Errorf("a request waited %s, want %s", got, test.want)
				}
			})
		})
	}
}

func TestHoldReachesThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(1)
		grants(t, l, 1)
		var granted time.Duration
		var waiting sync.WaitGroup
		waiting.Go(func() { granted = grants(t, l, 1)[0] })
		synctest.Wait()
		l.Hold(Clock{}, 10*time.Second)
		waiting.Wait()
		if granted < 10*time.Second {
			t.Errorf("a request that waited for the limit was sent after %s, want the 10s of the hold to pass", granted)
		}
	})
}

func TestBudgetsOfOrganizationsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudgets(nil, 1)
		start := time.Now()
		var got []time.Duration
		for _, organization := range []string{"1", "2", "", "", "1"} {
			if err := b.wait(t.Context(), Clock{}, permitted(organization)); err != nil {
				t.Fatal(err)
			}
			got = append(got, time.Since(start))
		}
		if diff := cmp.Diff([]time.Duration{0, 0, 0, 0, time.Second}, got); diff != "" {
			t.Errorf("requests were sent at other times (-want +got):\n%s", diff)
		}
	})
}

func TestAccountsShareTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		source := NewLimiter(1)
		start := time.Now()
		var got []time.Duration
		for range 2 {
			c := inMemory(t, inTurn(&seen, answer(200, `{"name": "a"}`)), func(o *Options) { o.Budgets = NewBudgets(source, 0) })
			if _, err := Object[thing](t.Context(), c, things); err != nil {
				t.Fatal(err)
			}
			got = append(got, time.Since(start))
		}
		if diff := cmp.Diff([]time.Duration{0, time.Second}, got); diff != "" {
			t.Errorf("requests were sent at other times (-want +got):\n%s", diff)
		}
	})
}

// A request must not reserve a token of the source while it waits for one of the
// organization: others could not use it.
func TestWaitingForAnOrganizationLeavesTheSourceFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudgets(NewLimiter(1), 0)
		b.hold(Clock{}, "1", time.Minute)
		var waiting sync.WaitGroup
		waiting.Go(func() { _ = b.wait(t.Context(), Clock{}, permitted("1")) })
		synctest.Wait()
		start := time.Now()
		if err := b.wait(t.Context(), Clock{}, permitted("2")); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("another organization waited %s", took)
		}
		waiting.Wait()
	})
}

func TestRequestThatTheBudgetForbidsIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, answer(200, `{"name": "a"}`)), func(o *Options) { o.Budgets = NewBudgets(nil, 1) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := Object[thing](ctx, c, things); err != nil {
			t.Fatal(err)
		}
		_, err := Object[thing](ctx, c, things)
		wantReason(t, err, ReasonRateLimited)
		if seen.count() != 1 {
			t.Errorf("%d requests were sent, want 1", seen.count())
		}
	})
}

func TestRateOfOrganizationsCanBeChanged(t *testing.T) {
	b := NewBudgets(nil, 1)
	known := b.organization("1")
	b.SetRate(80)
	for _, l := range []*Limiter{known, b.organization("2")} {
		if got := l.bucket.Limit(); got != 80 {
			t.Errorf("the rate is %v, want 80", got)
		}
	}
}

// permitted returns a request for an organization that needs no permit.
func permitted(organization string) *request {
	return &request{Call: Call{Organization: organization}, permitted: true}
}
