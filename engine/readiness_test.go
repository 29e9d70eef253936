package engine_test

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

func TestReadinessOutlivesNewOrganizations(t *testing.T) {
	h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, enginetest.NewSource("1"), enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(1)}))
	h.Refresh(t.Context(), engine.Selection{})
	if got := h.Waiting(); len(got) != 0 {
		t.Fatalf("it waits for %v", got)
	}
	h.Source.Set(enginetest.Organizations("1", "2"), nil)
	h.Refresh(t.Context(), engine.Selection{One: true, Organization: "1"})
	if got := h.Waiting(); len(got) != 0 {
		t.Errorf("it waits for %v, which was added later", got)
	}
}

func TestWaitingNamesWhatHasNotBeenTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			return enginetest.Sleep(ctx, time.Minute)
		}}
		h := enginetest.New(t, engine.Config{}, &enginetest.Source{Discovery: enginetest.Organizations("1", "2"), Wait: time.Second}, enginetest.Things(c))
		defer h.Close()
		go h.Refresh(t.Context(), engine.Selection{})
		synctest.Wait()
		if got := fmt.Sprint(h.Waiting()); got != "[account acme: listing its organizations]" {
			t.Errorf("before the listing: %s", got)
		}
		time.Sleep(2 * time.Second)
		if got := fmt.Sprint(h.Waiting()); got != "[account acme: first fetch of 2 organizations]" {
			t.Errorf("before the fetches: %s", got)
		}
		time.Sleep(time.Minute)
		if got := h.Waiting(); len(got) != 0 {
			t.Errorf("after the fetches: %s", got)
		}
	})
}

// A collector that takes hours must not prevent readiness.
func TestLongFirstFetchesDoNotPreventReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &enginetest.Collector{Do: func(ctx context.Context, _ licensing.Organization, _ *collector.Report) error {
			return enginetest.Sleep(ctx, 3*time.Hour)
		}}
		h := enginetest.New(t, engine.Config{}, enginetest.NewSource("1"), enginetest.Things(c))
		defer h.Close()
		go h.Refresh(t.Context(), engine.Selection{})
		time.Sleep(engine.ReadyAfter - time.Second)
		if got := fmt.Sprint(h.Waiting()); got != "[account acme: first fetch of 1 organization]" {
			t.Errorf("within %s: %s", engine.ReadyAfter, got)
		}
		time.Sleep(time.Second)
		if got := h.Waiting(); len(got) != 0 {
			t.Errorf("after %s: %s", engine.ReadyAfter, got)
		}
	})
}
