package collector_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

var errAbsent = &rest.Error{Status: 404, Reason: rest.ReasonNotFound, Message: "not found"}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	return ids
}

// Answers come in any order, at most four at a time, and are folded in the order
// of the ids.
func TestFanOutFoldsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := numbered(10)
		begun := time.Now()
		read := func(_ context.Context, id string) (string, error) {
			if id == "3" {
				return "", errAbsent
			}
			time.Sleep(time.Duration(len(ids)-slices.Index(ids, id)) * time.Second)
			return "answer " + id, nil
		}
		var folded []string
		err := collector.FanOut(t.Context(), ids, 4, read, func(id string, answer string) {
			if answer != "answer "+id {
				t.Errorf("%s is passed as the answer for %s", answer, id)
			}
			folded = append(folded, id)
		})
		if want := slices.Delete(numbered(10), 3, 4); err != nil || !slices.Equal(folded, want) {
			t.Errorf("folded %v, %v; want %v", folded, err, want)
		}
		// The answers take 48 seconds one at a time and 10 all at once.
		if took := time.Since(begun); took < 12*time.Second || took > 16*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestFanOutEndsWithTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		err := collector.FanOut(t.Context(), numbered(4), 4, func(ctx context.Context, id string) (int, error) {
			if id == "2" {
				return 0, enginetest.ErrVendor
			}
			asked.Add(1)
			<-ctx.Done() // canceled by the failure
			return 0, ctx.Err()
		}, func(string, int) { t.Error("something is folded") })
		if !errors.Is(err, enginetest.ErrVendor) {
			t.Errorf("failed with %v", err)
		}
		if asked.Load() == 0 {
			t.Error("nothing else was under way")
		}
	})
}

// A record that makes a collector panic fails only that collector.
func TestFanOutPanics(t *testing.T) {
	c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
		read := func(context.Context, string) (int, error) { return 0, nil }
		return collector.FanOut(ctx, numbered(9), 4, read, func(id string, _ int) {
			if id == "5" {
				panic("bad record")
			}
		})
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 0`)
	for _, want := range []string{`panic="bad record"`, "TestFanOutPanics", `err="panic: bad record"`} {
		if h.Log.Count(want) == 0 {
			t.Errorf("the log lacks %s:\n%s", want, h.Log)
		}
	}
}

// An API version without an operation refuses all requests. If it refuses only
// some, that must be a failure: otherwise the facts behind them would vanish
// silently.
func TestFanOutOfRefusedRequests(t *testing.T) {
	refusal := &rest.Error{Status: 400, Reason: rest.ReasonServer}
	for name, test := range map[string]struct {
		refused       []string
		notApplicable bool
	}{"one": {[]string{"1"}, false}, "all": {numbered(3), true}} {
		err := collector.FanOut(t.Context(), numbered(3), 4, func(_ context.Context, id string) (int, error) {
			if slices.Contains(test.refused, id) {
				return 0, fmt.Errorf("%w: %w", rest.ErrNotApplicable, refusal)
			}
			return 0, nil
		}, func(string, int) {})
		if !errors.Is(err, refusal) || errors.Is(err, rest.ErrNotApplicable) != test.notApplicable {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := collector.FanOut(t.Context(), numbered(3), 4, func(_ context.Context, id string) (int, error) {
		if id == "1" {
			return 0, rest.ErrNotApplicable
		}
		return 0, nil
	}, func(string, int) {})
	if err == nil || errors.Is(err, rest.ErrNotApplicable) {
		t.Errorf("without an answer as the cause: %v", err)
	}
}

func TestFanOutOfAbsentObjects(t *testing.T) {
	absent := func(context.Context, string) (int, error) { return 0, errAbsent }
	fold := func(string, int) { t.Error("something is folded") }
	err := collector.FanOut(t.Context(), numbered(3), 4, absent, fold)
	if !errors.Is(err, rest.ErrNotApplicable) || !errors.Is(err, errAbsent) {
		t.Errorf("all of them absent: %v", err)
	}
	if err := collector.FanOut(t.Context(), nil, 4, absent, fold); err != nil {
		t.Errorf("without ids: %v", err)
	}
}
