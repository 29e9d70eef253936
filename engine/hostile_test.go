package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

func TestOrganizationsThatGoAndComeBackAreLogged(t *testing.T) {
	source := enginetest.NewSource("1", "2", "3")
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	scrape := func(d collector.Discovery) string {
		before := h.Log.String()
		source.Set(d, nil)
		h.Refresh(t.Context(), engine.Selection{})
		return strings.TrimPrefix(h.Log.String(), before)
	}
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprint(100+i))
	}
	unreadable := collector.Discovery{Organizations: enginetest.Organizations("2").Organizations, Failed: map[string]error{"1": enginetest.ErrVendor}}
	for _, step := range []struct {
		d    collector.Discovery
		want []string // texts of the log
	}{
		{enginetest.Organizations("1", "2", "3"), nil},
		{enginetest.Organizations("1"), []string{`level=warn`, `list, their facts are dropped" number=2 organizations="Organization 2 (2), Organization 3 (3)"`}},
		{enginetest.Organizations("1"), nil},
		{enginetest.Organizations("1", "2"), []string{`level=info`, `list again" number=1 organizations="Organization 2 (2)"`}},
		{unreadable, []string{`can no longer be read, their last good facts are kept" number=1 organizations="Organization 1 (1)"`, `fetch failed, the last good facts are kept`}},
		{enginetest.Organizations("1", "2"), []string{`list again" number=1 organizations="Organization 1 (1)"`}},
		{enginetest.Organizations(append(many, "1", "2")...), nil},
		{enginetest.Organizations("1", "2"), []string{`number=30 organizations="Organization 100 (100), `, `Organization 119 (119), and 10 more"`}},
	} {
		got := scrape(step.d)
		for _, want := range step.want {
			if !strings.Contains(got, want) {
				t.Errorf("the log lacks %s:\n%s", want, got)
			}
		}
		if len(step.want) == 0 && got != "" {
			t.Errorf("it is logged: %s", got)
		}
	}
}

func TestFailureWithoutFactsIsLoggedAsSuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := enginetest.NewSource("1")
		c := &enginetest.Collector{Do: enginetest.Fails}
		h := enginetest.New(t, engine.Config{MaxAge: time.Minute, MaxStale: time.Hour}, source, enginetest.Things(c))
		defer h.Close()
		for _, step := range []struct {
			update     enginetest.UpdateFunc
			listing    error
			none, kept int // lines so far
		}{
			{enginetest.Fails, enginetest.ErrPlain, 1, 0},
			{enginetest.Fails, nil, 2, 0},
			{enginetest.EndsIn(1), nil, 2, 0},
			{enginetest.Fails, nil, 2, 1},
			{enginetest.EndsIn(1), enginetest.ErrPlain, 2, 2},
			{func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
				r.ChildFailed(collector.ChildFailure{Child: "a", Err: enginetest.ErrVendor})
				r.ChildFailed(collector.ChildFailure{Child: "b", Err: enginetest.ErrPlain, Kept: r.Now})
				return nil
			}, nil, 3, 3},
		} {
			c.Set(step.update)
			source.Set(enginetest.Organizations("1"), step.listing)
			if step.listing != nil {
				source.Set(collector.Discovery{}, step.listing)
			}
			h.Refresh(t.Context(), engine.Selection{})
			none, kept := h.Log.Count("there are no earlier facts to keep"), h.Log.Count("the last good facts are kept")
			if none != step.none || kept != step.kept {
				t.Errorf("%d failures without and %d with facts are logged, want %d and %d:\n%s", none, kept, step.none, step.kept, h.Log)
			}
			time.Sleep(2 * time.Minute)
		}
		c.Set(enginetest.Fails)
		time.Sleep(2 * time.Hour) // the facts are too old
		h.Refresh(t.Context(), engine.Selection{})
		if n := h.Log.Count("there are no earlier facts to keep"); n != 4 {
			t.Errorf("%d failures without facts are logged, want 4:\n%s", n, h.Log)
		}
	})
}

// No text of a vendor can control a terminal.
func TestLogHasNoControlCharacters(t *testing.T) {
	const evil = "a\x1b[2J\u009b2J\u202eb"
	d := enginetest.Organizations("1", evil)
	d.Organizations[0].Name, d.Organizations[0].Problem = evil+" jane@vendor.test", evil
	d.Organizations[1].APIAccess, d.Organizations[1].Name = licensing.APIDisabled, evil
	d.Failed = map[string]error{evil + "2": errors.New(evil)}
	source := &enginetest.Source{Discovery: d}
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
		r.CheckKnown("state", evil, "active")
		r.Trace().Skipped("getThings", 1)
		r.Trace().Unreadable(rest.Unreadable{Operation: "getThings", Organization: evil, Field: "end", Value: evil})
		r.Withhold(evil, errors.New(evil))
		r.ChildFailed(collector.ChildFailure{Child: "thing " + evil + strings.Repeat("x", 1<<16), Err: errors.New(evil)})
		return nil
	}}))
	h.Refresh(t.Context(), engine.Selection{})
	source.Set(enginetest.Organizations("2"), nil)
	h.Refresh(t.Context(), engine.Selection{})
	text := h.Log.String()
	if lines := strings.Count(text, "\n"); lines < 7 || len(text) > 20_000 {
		t.Errorf("there are only %d lines, with %d bytes:\n%s", lines, len(text), text)
	}
	if i := strings.IndexAny(text, "\x1b\u009b\u202e"); i >= 0 || strings.Contains(text, "jane") || strings.Contains(text, `\u001b`) {
		t.Errorf("the log has control characters or people:\n%q", text)
	}
}

// Problems whose texts change all the time do not flood the log.
func TestProblemsThatChangeAreLoggedOnceAMinute(t *testing.T) {
	source := enginetest.NewSource("1", "2")
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	for i := range 10 {
		d := enginetest.Organizations("1", "2")
		for o := range d.Organizations {
			d.Organizations[o].Problem = fmt.Sprintf("odd %d", i)
		}
		source.Set(d, nil)
		h.Refresh(t.Context(), engine.Selection{})
	}
	if n := h.Log.Count("level=warn"); n != 3 { // two first ones, and one of those that follow
		t.Errorf("it is logged %d times, want 3:\n%s", n, h.Log)
	}
}

// byID is a source that reads one organization after the other.
type byID struct{ enginetest.Source }

func (s *byID) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	d, err := s.Source.Discover(ctx, r)
	if s.Calls == 1 {
		return d, err
	}
	<-ctx.Done()
	return collector.Discovery{Failed: map[string]error{"1": ctx.Err()}}, nil
}

// Fetches that end because their account is closed are no failures: neither a listing by id nor children.
func TestFetchesThatCloseEndsAreNoFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &byID{}
		s.Discovery = enginetest.Organizations("1")
		c := &enginetest.Collector{Do: enginetest.EndsIn(1)}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, s, enginetest.Things(c))
		want := glance(t, h)
		c.Set(func(ctx context.Context, _ licensing.Organization, r *collector.Report) error {
			<-ctx.Done()
			r.ChildFailed(collector.ChildFailure{Child: "a", Err: ctx.Err()})
			return nil
		})
		time.Sleep(time.Hour)
		glance(t, h)
		h.Close()
		if text := h.Log.String(); text != "" {
			t.Errorf("it is logged:\n%s", text)
		}
		got := h.Lines("license_up", "license_exporter_collector_success")
		for line := range strings.SplitSeq(got, "\n") {
			if !strings.Contains(want, line) {
				t.Errorf("after the end there is %s, and before it\n%s", line, want)
			}
		}
		for _, line := range h.OwnSeries("license_exporter_collector_errors_total") {
			if !strings.HasSuffix(line, " 0") {
				t.Errorf("it is counted: %s", line)
			}
		}
	})
}

func TestReasonsReachTheCounterAndSayWhatToDo(t *testing.T) {
	for _, reason := range rest.Reasons() {
		source := enginetest.NewSource("1")
		h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, source, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
		source.Set(collector.Discovery{}, &rest.Error{Operation: "list", Reason: reason})
		h.Refresh(t.Context(), engine.Selection{})
		want := fmt.Sprintf(`license_exporter_collector_errors_total{collector="test_organizations",reason=%q} 1`, reason)
		if got := strings.Join(h.OwnSeries("license_exporter_collector_errors_total"), "\n"); !strings.Contains(got, want) {
			t.Errorf("there is no %s:\n%s", want, got)
		}
		if advised := h.Log.Count("check the credential of the account") == 1; advised != (reason == rest.ReasonAuth) {
			t.Errorf("%s: the log says to check the credential: %v\n%s", reason, advised, h.Log)
		}
	}
}
