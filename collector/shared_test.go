package collector_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/internal/enginetest"
)

// A collector that waits for an answer gets one even if the time of the collector that
// fetches it is up before.
func TestSharedIsFetchedAgainByThoseWithMoreTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shared collector.Shared[int]
		get := func(ctx context.Context, reader string) (int, error) {
			r := collector.NewReport(enginetest.Now, collector.Options{})
			return shared.Get(ctx, reader, r, func(ctx context.Context, _ *collector.Report) (int, error) {
				select {
				case <-time.After(time.Minute):
					return 7, nil
				case <-ctx.Done():
					return 0, ctx.Err()
				}
			})
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() {
			if _, err := get(short, "a"); err == nil {
				t.Error("the first collector has an answer")
			}
		}()
		synctest.Wait()
		if answer, err := get(t.Context(), "b"); answer != 7 || err != nil {
			t.Errorf("the second collector gets %d, %v", answer, err)
		}
	})
}
