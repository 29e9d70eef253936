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
