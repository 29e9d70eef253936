package exposition_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// Series are different even if their labels are the same when concatenated.
func TestLabelsAreKeptApart(t *testing.T) {
	var metrics collector.Metrics
	pair := metrics.New("test_pair", "things", "A pair of labels.", "first", "second")
	c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
		r.Organization(o.ID).Sample(pair, 1, "a", "bc")
		r.Organization(o.ID).Sample(pair, 2, "ab", "c")
		return nil
	}}
	h := enginetest.NewWithMetrics(t, engine.Config{Now: enginetest.Clock}, metrics,
		enginetest.NewSource("1"), enginetest.Things(c))
	enginetest.WantLines(t, h.Scrape(t.Context(), "test_pair"),
		`test_pair{first="a",organization_id="1",second="bc"} 1`,
		`test_pair{first="ab",organization_id="1",second="c"} 2`)
}

// The usual states that no license of an organization has are shown once, for the organization as
// a whole, over all its licenses. They are not shown if some license could not be read.
func TestUsualStatesOfTheOrganization(t *testing.T) {
	usual := []licensing.State{{Name: "active"}, {Name: "expired"}}
	add := func(r *collector.Report, id, product, state string) {
		r.Fold(id, usual...).Add(licensing.License{Product: product, State: licensing.State{Name: state}, EndUnknown: true})
	}
	for name, test := range map[string]struct {
		do   func(r *collector.Report)
		want []string
	}{
		"no license": {func(r *collector.Report) { r.Fold("1", usual...) }, []string{
			`product="",state="active"} 0`, `product="",state="expired"} 0`,
		}},
		"two products": {func(r *collector.Report) { add(r, "1", "p", "active"); add(r, "1", "q", "odd") }, []string{
			`product="",state="expired"} 0`, `product="p",state="active"} 1`, `product="q",state="odd"} 1`,
		}},
		"shared": {func(r *collector.Report) {
			r.Fold("1", usual...)
			add(r.Shared("s"), "1", "p", "active")
			add(r.Shared("t"), "1", "p", "expired")
		}, []string{
			`product="p",state="active"} 1`, `product="p",state="expired"} 1`,
		}},
		"not complete": {func(r *collector.Report) { add(r, "1", "p", "active"); r.Trace().Skipped("list", 1) }, []string{
			`product="p",state="active"} 1`,
		}},
		"without usual states": {func(r *collector.Report) { r.Fold("1") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := &enginetest.Collector{Do: func(_ context.Context, _ licensing.Organization, r *collector.Report) error {
				test.do(r)
				return nil
			}}
			h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(c))
			for i, line := range test.want {
				test.want[i] = `license_licenses{assigned="",organization_id="1",` + line
			}
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_licenses{"), test.want...)
		})
	}
}

// The text of an organization changes when it becomes the one that shows a
// shared license, even if nothing was fetched for it.
func TestTextFollowsTheOwnerOfASharedLicense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := false
		c := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			if fails && o.ID == "9" {
				return enginetest.ErrVendor
			}
			r.Shared("7").Organization(o.ID).License(licensing.License{ID: "7"})
			return nil
		}}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour, MaxStale: 90 * time.Minute}, enginetest.NewSource("9", "10"),
			enginetest.Things(c))
		defer h.Close()
		h.Refresh(t.Context(), engine.Selection{})
		fails = true
		time.Sleep(time.Hour)
		for _, step := range []struct {
			sleep time.Duration
			owner string
		}{{29 * time.Minute, "9"}, {2 * time.Minute, "10"}} { // then the facts of 9 are too old
			time.Sleep(step.sleep)
			if got := h.Scrape(t.Context(), "license_info"); !strings.Contains(got, `organization_id="`+step.owner+`"`) || strings.Count(got, "license_info{") != 1 {
				t.Errorf("want the license shown by %s alone: %s", step.owner, got)
			}
		}
		if n := c.Called("10"); n != 2 {
			t.Errorf("organization 10 was fetched %d times, want twice", n)
		}
	})
}
