package collector_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

var (
	errAbsent  = &rest.Error{Status: 404, Reason: rest.ReasonNotFound, Message: "not found"}
	errRefused = fmt.Errorf("%w: %w", rest.ErrNotApplicable, &rest.Error{Status: 400, Reason: rest.ReasonServer})
	errAuth    = &rest.Error{Status: 401, Reason: rest.ReasonAuth}
)

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	return ids
}

// family reads children whose answers a test sets.
type family struct {
	memory   *collector.Memory
	ids      []string
	errors   map[string]error // by id; others answer with their id and the time
	maxAge   time.Duration
	maxStale time.Duration
	takes    time.Duration // each request
	asked    atomic.Int64
}

func newFamily(n int) *family {
	return &family{memory: &collector.Memory{}, ids: numbered(n), errors: map[string]error{}}
}

// read reads the children after a while. It returns what was folded, with * for what was
// kept and ! for what was lost.
func (f *family) read(t *testing.T, after time.Duration) (folded string, r *collector.Report, err error) {
	t.Helper()
	now := enginetest.Now.Add(after)
	r = collector.NewReport(now, collector.Options{MaxStale: f.maxStale})
	var parts []string
	err = collector.ChildrenOf[string, string](f.memory, "child").Read(t.Context(), r, f.ids, collector.Reading[string, string]{
		What: "child", Limit: 4, MaxAge: f.maxAge,
		Read: func(_ context.Context, id string) (string, error) {
			f.asked.Add(1)
			time.Sleep(f.takes)
			return fmt.Sprintf("%s@%v", id, after), f.errors[id]
		},
		Fold: func(id, answer string, kept bool) {
			if !strings.HasPrefix(answer, id+"@") {
				t.Errorf("%s is passed as the answer for %s", answer, id)
			}
			if kept {
				answer += "*"
			}
			parts = append(parts, answer)
		},
		Lost: func(id string) { parts = append(parts, id+"!") },
	})
	return strings.Join(parts, " "), r, err
}

// want reads the children and checks what is folded and how many failed.
func (f *family) want(t *testing.T, after time.Duration, folded string, failed int) *collector.Report {
	t.Helper()
	got, r, err := f.read(t, after)
	if err != nil || got != folded || len(r.Children()) != failed {
		t.Errorf("after %v: folded %q, %d failed, %v; want %q, %d", after, got, len(r.Children()), err, folded, failed)
	}
	return r
}

// Answers come in any order, at most four at a time, and are folded in the order
// of the ids.
func TestChildrenAreFoldedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := numbered(10)
		begun := time.Now()
		var folded []string
		memory := &collector.Memory{}
		err := collector.ChildrenOf[string, string](memory, "x").Read(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}), ids, collector.Reading[string, string]{
			Limit: 4,
			Read: func(_ context.Context, id string) (string, error) {
				if id == "3" {
					return "", errAbsent
				}
				time.Sleep(time.Duration(len(ids)-slices.Index(ids, id)) * time.Second)
				return id, nil
			},
			Fold: func(_, answer string, _ bool) { folded = append(folded, answer) },
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

func TestChildThatFails(t *testing.T) {
	f := newFamily(3)
	f.errors["1"] = enginetest.ErrVendor
	r := f.want(t, 0, "0@0s 1! 2@0s", 1)
	if c := r.Children()[0]; c.Child != "child 1" || !errors.Is(c.Err, enginetest.ErrVendor) || !c.Kept.IsZero() {
		t.Errorf("the failure is %+v", c)
	}
	if n := r.Skipped()["server"]; n != 1 {
		t.Errorf("%d skipped, want 1", n)
	}
	delete(f.errors, "1")
	f.want(t, time.Minute, "0@1m0s 1@1m0s 2@1m0s", 0)
	for _, err := range []error{enginetest.ErrVendor, errAbsent, errRefused} { // what it had is not given up for a refusal
		f.errors["1"] = err
		r := f.want(t, time.Hour, "0@1h0m0s 1@1m0s* 2@1h0m0s", 1)
		if kept := r.Children()[0].Kept; !kept.Equal(enginetest.Now.Add(time.Minute)) {
			t.Errorf("good since %v", kept)
		}
	}
}

// After max-stale, the last good answer of a child is dropped.
func TestChildIsKeptUntilMaxStale(t *testing.T) {
	f := newFamily(2)
	f.maxStale = time.Hour
	f.want(t, 0, "0@0s 1@0s", 0)
	f.errors["1"] = enginetest.ErrVendor
	f.want(t, time.Hour, "0@1h0m0s 1@0s*", 1)
	f.want(t, 61*time.Minute, "0@1h1m0s 1!", 1)
	f.want(t, 62*time.Minute, "0@1h2m0s 1!", 1)
}

// A child that could be read once is not left out as unknown, even when its answer has been
// dropped.
func TestChildFailsAfterMaxStale(t *testing.T) {
	for _, err := range []error{enginetest.ErrVendor, errAbsent, errRefused} {
		f := newFamily(2)
		f.maxStale = time.Hour
		f.want(t, 0, "0@0s 1@0s", 0)
		f.errors["1"] = err
		f.want(t, 2*time.Hour, "0@2h0m0s 1!", 1)
		f.want(t, 3*time.Hour, "0@3h0m0s 1!", 1)
		f.errors["0"] = err
		if _, _, got := f.read(t, 5*time.Hour); collector.Classify(got) != collector.Failed {
			t.Errorf("all fail with %v: %v", err, got)
		}
	}
}

// An answer is used until it is too old. Failed children and absent ones are asked for each
// time.
func TestChildrenAreReadOnceInMaxAge(t *testing.T) {
	f := newFamily(4)
	f.maxAge, f.maxStale = 24*time.Hour, time.Hour
	f.errors["1"], f.errors["2"] = enginetest.ErrVendor, errAbsent
	f.want(t, 0, "0@0s 1! 3@0s", 1)
	f.want(t, time.Hour, "0@0s 1! 3@0s", 1)
	if n := f.asked.Load(); n != 6 {
		t.Errorf("%d requests, want 6", n)
	}
	f.errors = map[string]error{}
	f.want(t, 23*time.Hour, "0@0s 1@23h0m0s 2@23h0m0s 3@0s", 0)
	f.errors["0"] = enginetest.ErrVendor // it stays for max-stale after it is due
	f.want(t, 24*time.Hour, "0@0s* 1@23h0m0s 2@23h0m0s 3@24h0m0s", 1)
	f.want(t, 26*time.Hour, "0! 1@23h0m0s 2@23h0m0s 3@24h0m0s", 1)
}

func TestChildrenThatAreAbsent(t *testing.T) {
	f := newFamily(3)
	f.errors["1"] = errAbsent
	f.want(t, 0, "0@0s 2@0s", 0)
	f.errors = map[string]error{"0": errAbsent, "1": errAbsent, "2": errAbsent}
	if _, r, err := f.read(t, time.Minute); err == nil || errors.Is(err, rest.ErrNotApplicable) || len(r.Children()) > 0 {
		t.Errorf("all absent after some were there: %v", err)
	}
	f.memory = &collector.Memory{}
	if _, _, err := f.read(t, 0); !errors.Is(err, rest.ErrNotApplicable) || !errors.Is(err, errAbsent) {
		t.Errorf("all absent: %v", err)
	}
	f.ids = nil
	f.want(t, 0, "", 0)
}

// An API version without an operation refuses all requests. If it refuses only some, those
// have failed.
func TestChildrenThatAreRefused(t *testing.T) {
	f := newFamily(3)
	f.errors["1"] = errRefused
	f.want(t, 0, "0@0s 2@0s", 1)
	synctest.Test(t, func(t *testing.T) {
		f := newFamily(100)
		f.takes = time.Second
		for _, id := range f.ids {
			f.errors[id] = errRefused
		}
		if _, _, err := f.read(t, 0); !errors.Is(err, rest.ErrNotApplicable) {
			t.Errorf("all refused: %v", err)
		}
		if n := f.asked.Load(); n < 10 || n > 20 {
			t.Errorf("%d requests, want 10 and those under way", n)
		}
	})
}

func TestAllChildrenFail(t *testing.T) {
	f := newFamily(3)
	f.errors = map[string]error{"0": enginetest.ErrVendor, "1": errAbsent, "2": enginetest.ErrVendor}
	if _, r, err := f.read(t, 0); !errors.Is(err, enginetest.ErrVendor) || errors.Is(err, rest.ErrNotApplicable) || len(r.Children()) > 0 {
		t.Errorf("all failed: %v", err)
	}
}

// If many fail one after another, the rest is not read.
func TestChildrenGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFamily(100)
		f.takes = time.Second
		for _, id := range f.ids[20:] {
			f.errors[id] = enginetest.ErrVendor
		}
		if _, _, err := f.read(t, 0); !errors.Is(err, enginetest.ErrVendor) || !strings.Contains(err.Error(), "requests in a row failed") {
			t.Errorf("failed with %v", err)
		}
		if n := f.asked.Load(); n < 30 || n > 40 {
			t.Errorf("%d requests, want 30 and those under way", n)
		}
	})
}

// A few children that always fail do not cost the others, even if only they are asked for.
func TestChildrenThatAlwaysFail(t *testing.T) {
	f := newFamily(100)
	f.maxAge = time.Hour
	for i := 0; i < len(f.ids); i += 7 {
		f.errors[f.ids[i]] = enginetest.ErrVendor
	}
	for _, after := range []time.Duration{0, time.Minute} {
		if _, r, err := f.read(t, after); err != nil || len(r.Children()) != 15 {
			t.Errorf("%d failed, %v; want 15", len(r.Children()), err)
		}
	}
}

// Even many that always fail, and are the first, do not cost the others for long.
func TestChildrenOfWhichTheFirstAlwaysFail(t *testing.T) {
	f := newFamily(40)
	for _, id := range f.ids[:15] {
		f.errors[id] = enginetest.ErrVendor
	}
	for minute := range 5 {
		_, r, err := f.read(t, time.Duration(minute)*time.Minute)
		if minute > 1 && (err != nil || len(r.Children()) != 15) { // it may give up the first times
			t.Errorf("%d failed, %v; want 15", len(r.Children()), err)
		}
	}
	f.errors = nil
	if folded, r, err := f.read(t, time.Hour); err != nil || len(r.Children()) > 0 || strings.Contains(folded, "*") {
		t.Errorf("does not recover: %s, %v", folded, err)
	}
}

// If the vendor refuses the credential, the rest is not read.
func TestChildrenEndWithABadCredential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		err := collector.ChildrenOf[string, int](&collector.Memory{}, "x").Read(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}), numbered(4), collector.Reading[string, int]{
			Limit: 4,
			Read: func(ctx context.Context, id string) (int, error) {
				if id == "2" {
					time.Sleep(time.Second)
					return 0, errAuth
				}
				asked.Add(1)
				<-ctx.Done() // canceled by the failure
				return 0, ctx.Err()
			},
			Fold: func(string, int, bool) { t.Error("something is folded") },
		})
		if !errors.Is(err, errAuth) {
			t.Errorf("failed with %v", err)
		}
		if asked.Load() == 0 {
			t.Error("nothing else was under way")
		}
	})
}

// A record that makes a collector panic fails only that collector.
func TestChildrenPanic(t *testing.T) {
	c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, r *collector.Report) error {
		return collector.ChildrenOf[string, int](&collector.Memory{}, "x").Read(ctx, r, numbered(9), collector.Reading[string, int]{
			Limit: 4,
			Read:  func(context.Context, string) (int, error) { return 0, nil },
			Fold: func(id string, _ int, _ bool) {
				if id == "5" {
					panic("bad record")
				}
			},
		})
	}}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`, `license_up{organization_id="1"} 0`)
	for _, want := range []string{`panic="bad record"`, "TestChildrenPanic", `err="panic: bad record"`} {
		if h.Log.Count(want) == 0 {
			t.Errorf("the log lacks %s:\n%s", want, h.Log)
		}
	}
}

// Children that are no longer asked for are forgotten. Each kind has its own children.
func TestChildrenOfAMemory(t *testing.T) {
	f := newFamily(2)
	f.maxAge = time.Hour
	f.want(t, 0, "0@0s 1@0s", 0)
	f.ids = []string{"1"}
	f.want(t, time.Minute, "1@0s", 0)
	f.ids = []string{"0", "1"}
	f.want(t, 2*time.Minute, "0@2m0s 1@0s", 0)
	other := collector.ChildrenOf[string, string](f.memory, "another")
	err := other.Read(t.Context(), collector.NewReport(enginetest.Now, collector.Options{}), []string{"1"}, collector.Reading[string, string]{
		Limit: 1, MaxAge: time.Hour,
		Read: func(context.Context, string) (string, error) { return "other", nil },
		Fold: func(_, answer string, _ bool) {
			if answer != "other" {
				t.Errorf("another kind answers %s", answer)
			}
		},
	})
	if err != nil {
		t.Error(err)
	}
}

// What a shared part could not read counts for each report that includes it. Unreadable
// values do not.
func TestIncludePart(t *testing.T) {
	r := collector.NewReport(enginetest.Now, collector.Options{})
	part := r.Part()
	part.ChildFailed(collector.ChildFailure{Child: "child 1", Err: enginetest.ErrVendor})
	part.Trace().Skipped("getThings", 2)
	part.Trace().Unreadable(rest.Unreadable{Field: "end"})
	r.Include(part)
	if len(r.Children()) != 1 || r.Skipped()["server"] != 1 || r.Skipped()["decode"] != 2 || r.SkippedRecords()["getThings"] != 2 || len(r.ParseErrors()) > 0 {
		t.Errorf("%v, %v, %v, %v", r.Children(), r.Skipped(), r.SkippedRecords(), r.ParseErrors())
	}
}
