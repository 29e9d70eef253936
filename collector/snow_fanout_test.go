package collector

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
	"license_exporter/client/snow"
	"license_exporter/licensing"
)

var errAbsent = &rest.Error{Status: 404, Reason: rest.ReasonNotFound}

func numbered(n int) []snow.ID {
	ids := make([]snow.ID, n)
	for i := range ids {
		ids[i] = snow.ID(fmt.Sprint(i))
	}
	return ids
}

// Answers come in any order, a few at a time, and are folded in the order of
// what was asked.
func TestFanOutFoldsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := numbered(10)
		begun := time.Now()
		read := func(_ context.Context, id snow.ID) (string, error) {
			if id == "3" {
				return "", errAbsent
			}
			time.Sleep(time.Duration(len(ids)-slices.Index(ids, id)) * time.Second)
			return "answer " + string(id), nil
		}
		var folded []snow.ID
		err := fanOut(t.Context(), ids, read, func(id snow.ID, answer string) {
			if answer != "answer "+string(id) {
				t.Errorf("%s is taken for the answer about %s", answer, id)
			}
			folded = append(folded, id)
		})
		if want := slices.Delete(numbered(10), 3, 4); err != nil || !slices.Equal(folded, want) {
			t.Errorf("folded %v, %v; want %v", folded, err, want)
		}
		// 48 seconds of answers; one at a time, or all of them at once, would take 48 or 10.
		if took := time.Since(begun); took < 12*time.Second || took > 16*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestFanOutEndsWithTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		err := fanOut(t.Context(), numbered(4), func(ctx context.Context, id snow.ID) (int, error) {
			if id == "2" {
				return 0, errVendor
			}
			asked.Add(1)
			<-ctx.Done() // the failure frees the others
			return 0, ctx.Err()
		}, func(snow.ID, int) { t.Error("something is folded") })
		if !errors.Is(err, errVendor) {
			t.Errorf("failed with %v", err)
		}
		if asked.Load() == 0 {
			t.Error("nothing else was under way")
		}
	})
}

// A record that makes a collector panic fails that collector, and the exporter
// goes on.
func TestFanOutPanics(t *testing.T) {
	c := &fakeCollector{update: func(ctx context.Context, _ licensing.Organization, _ *Report) error {
		read := func(context.Context, snow.ID) (int, error) { return 0, nil }
		return fanOut(ctx, numbered(9), read, func(id snow.ID, _ int) {
			if id == "5" {
				panic("bad record")
			}
		})
	}}
	h := newHarness(t, Config{Now: fixedClock}, &fakeSource{discovery: organizations("1")}, Named{"things", c})
	wantLines(t, h.scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 0`)
	for _, want := range []string{`panic="bad record"`, "TestFanOutPanics", `err="panic: bad record"`} {
		if h.logged.count(want) == 0 {
			t.Errorf("the log lacks %s:\n%s", want, h.logged)
		}
	}
}

// A version that lacks an operation refuses all. To refuse one is a failure, or
// what was known of it would be gone without a word.
func TestFanOutOfWhatIsRefused(t *testing.T) {
	refusal := &rest.Error{Status: 400, Reason: rest.ReasonServer}
	for name, test := range map[string]struct {
		refused       []snow.ID
		notApplicable bool
	}{"one": {[]snow.ID{"1"}, false}, "all": {numbered(3), true}} {
		err := fanOut(t.Context(), numbered(3), func(_ context.Context, id snow.ID) (int, error) {
			if slices.Contains(test.refused, id) {
				return 0, fmt.Errorf("%w: %w", rest.ErrNotApplicable, refusal)
			}
			return 0, nil
		}, func(snow.ID, int) {})
		if !errors.Is(err, refusal) || errors.Is(err, ErrNotApplicable) != test.notApplicable || errors.Is(err, rest.ErrNotApplicable) != test.notApplicable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFanOutOfWhatIsAbsent(t *testing.T) {
	absent := func(context.Context, snow.ID) (int, error) { return 0, errAbsent }
	fold := func(snow.ID, int) { t.Error("something is folded") }
	err := fanOut(t.Context(), numbered(3), absent, fold)
	if !errors.Is(err, ErrNotApplicable) || !errors.Is(err, errAbsent) {
		t.Errorf("all of them absent: %v", err)
	}
	if err := fanOut(t.Context(), nil, absent, fold); err != nil {
		t.Errorf("nothing to ask about: %v", err)
	}
}
