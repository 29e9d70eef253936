package engine_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// partlyFailing is a Source of one organization. The first listings fail in part.
type partlyFailing struct {
	fail   func(*collector.Discovery, *collector.Report)
	failed int // listings that fail
	calls  int
}

func (s *partlyFailing) Discover(_ context.Context, r *collector.Report) (collector.Discovery, error) {
	d := collector.Discovery{Organizations: []licensing.Organization{{ID: "1"}}}
	if s.calls++; s.calls <= s.failed {
		s.fail(&d, r)
	}
	return d, nil
}

// A list of which a part failed is fetched again as soon as one that failed: an organization must not be missing
// until the list is due.
func TestListThatFailsInPartIsFetchedAgain(t *testing.T) {
	for name, fail := range map[string]func(*collector.Discovery, *collector.Report){
		"an object": func(_ *collector.Discovery, r *collector.Report) {
			r.ChildFailed(collector.ChildFailure{Child: "device a", Err: enginetest.ErrVendor})
		},
		"an organization": func(d *collector.Discovery, _ *collector.Report) {
			d.Failed = map[string]error{"2": enginetest.ErrVendor}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &partlyFailing{fail: fail, failed: 2}
				h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, s, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(10)}))
				defer h.Close()
				for minute, want := range []int{1, 2, 3, 3, 3} {
					h.Refresh(t.Context(), engine.Selection{})
					if s.calls != want {
						t.Errorf("after %d minutes, the list was fetched %d times, want %d", minute, s.calls, want)
					}
					time.Sleep(time.Minute)
				}
			})
		})
	}
}

// relisting is a Source whose list can be wrong.
type relisting struct {
	*enginetest.Source
	wrong atomic.Bool
}

func (s *relisting) Relist() bool { return s.wrong.Load() }

// A list that is no longer right is fetched again as soon as one that failed.
func TestListThatIsNotRightIsFetchedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &relisting{Source: enginetest.NewSource("1")}
		h := enginetest.New(t, engine.Config{MaxAge: time.Hour}, s, enginetest.Things(&enginetest.Collector{Do: enginetest.EndsIn(10)}))
		defer h.Close()
		for minute, want := range []int{1, 1, 2, 3, 3} {
			s.wrong.Store(minute == 2 || minute == 3)
			h.Refresh(t.Context(), engine.Selection{})
			if s.Calls != want {
				t.Errorf("after %d minutes, the list was fetched %d times, want %d", minute, s.Calls, want)
			}
			time.Sleep(time.Minute)
		}
	})
}
