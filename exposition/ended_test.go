package exposition_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// What has ended and is in use changes when an end passes, without another fetch, in the
// cached text and in the metric families alike. One collector may know the end and another
// one what depends on it. A replica that fetched at another time agrees.
func TestEndedInUseChangesAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		licenses := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			fold := r.Shared("7").Fold(o.ID)
			for _, l := range []licensing.License{
				{Product: "A", Phase: licensing.InForce, End: start.Add(time.Hour), InUse: licensing.Seat(3)},
				{Product: "A", Phase: licensing.InForce, End: start.Add(2 * time.Hour), InUse: licensing.Seat(4)},
				{Product: "B", Phase: licensing.InForce, End: start.Add(time.Hour)},
			} {
				fold.Add(l)
			}
			r.Organization(o.ID).NextEnd("", start.Add(90*time.Minute))
			return nil
		}}
		devices := &enginetest.Collector{Do: func(_ context.Context, o licensing.Organization, r *collector.Report) error {
			r.Organization(o.ID).Depend("", 9)
			return nil
		}}
		newReplica := func() *enginetest.Harness {
			h := enginetest.New(t, engine.Config{MaxAge: 20 * time.Hour, MaxStale: 24 * time.Hour}, enginetest.NewSource("1"),
				collector.Named{Name: "licenses", Collector: licenses}, collector.Named{Name: "devices", Collector: devices})
			h.Refresh(t.Context(), engine.Selection{})
			return h
		}
		first := newReplica()
		defer first.Close()
		time.Sleep(40 * time.Minute)
		second := newReplica()
		defer second.Close()
		for _, step := range []struct {
			at                time.Duration
			organization, ofA int
		}{
			{50 * time.Minute, 0, 0},
			{time.Hour - 1, 0, 0},
			{time.Hour, 0, 3},
			{90*time.Minute - 1, 0, 3},
			{90 * time.Minute, 9, 3},
			{2 * time.Hour, 9, 7},
			{19 * time.Hour, 9, 7},
		} {
			time.Sleep(time.Until(start.Add(step.at)))
			want := fmt.Sprintf("license_ended_in_use{organization_id=\"1\",product=\"\"} %d\nlicense_ended_in_use{organization_id=\"1\",product=\"A\"} %d",
				step.organization, step.ofA)
			for _, h := range []*enginetest.Harness{first, second} {
				enginetest.WantSameLines(t, want, h.Scrape(t.Context(), "license_ended_in_use"))
				enginetest.WantSameLines(t, want, enginetest.Lines(t, h.Gatherer(engine.Selection{}), "license_ended_in_use"))
			}
		}
		if n := licenses.Called("1"); n != 2 {
			t.Errorf("the licenses were fetched %d times, want once by each", n)
		}
	})
}
