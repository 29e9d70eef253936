package snow

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// stalled is an account whose requests wait to be sent again until they are let go.
type stalled struct {
	*fakeAPI
	h      *enginetest.Harness
	waits  chan struct{} // receives each wait before a request is sent again
	letGo  chan struct{}
	now    time.Time
	ending chan struct{} // closed once a scrape has ended
}

func newStalled(t *testing.T, names ...string) *stalled {
	t.Helper()
	s := &stalled{fakeAPI: serve(t, wholeTenant()), waits: make(chan struct{}, 100), letGo: make(chan struct{}), now: enginetest.Now}
	client := s.clientOf(t, nil, rest.Clock{Sleep: func(ctx context.Context, _ time.Duration) error {
		s.waits <- struct{}{}
		select {
		case <-s.letGo:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
	memory := &collector.Memory{}
	all := collectors(&tenant{client: client, memory: memory, withAgreements: true})
	s.h = enginetest.NewWithMetrics(t, engine.Config{Now: func() time.Time { return s.now }, MaxStale: 1000 * dayMaxAge}, ownMetrics,
		&source{client: client, account: "acme", memory: memory}, enginetest.Only(all, names...)...)
	s.h.Refresh(t.Context(), engine.Selection{})
	return s
}

// begin starts the fetches of the next day and returns once a request waits to be sent
// again.
func (s *stalled) begin(t *testing.T) {
	t.Helper()
	s.now = s.now.Add(dayMaxAge)
	s.ending = make(chan struct{})
	go func() {
		defer close(s.ending)
		s.h.Refresh(t.Context(), engine.Selection{})
	}()
	<-s.waits
}

// wantRetrying waits until the collectors that are down are those with these names.
func (s *stalled) wantRetrying(t *testing.T, names ...string) {
	t.Helper()
	var got []string
	for range 1000 {
		got = nil
		for _, c := range s.h.Snapshots(engine.Selection{})[0].Organizations[0].Collectors {
			if c.Retrying != nil {
				got = append(got, c.Name)
			}
		}
		if slices.Equal(got, names) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s wait for a request that failed, want %s", got, names)
}

func (s *stalled) up(t *testing.T) bool {
	t.Helper()
	var page bytes.Buffer // once, since a fetch may end meanwhile
	if err := s.h.WriteText(&page, engine.Selection{}); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^license_up\{[^}]*organization_id="",[^}]*\} 1$`).Match(page.Bytes())
}

// All collectors that wait for the same answer, or for that of a child, are down while the
// request is sent again, and up once it is answered.
func TestSnowIsDownWhileARequestIsSentAgain(t *testing.T) {
	for path, names := range map[string][]string{
		samPath + "/licenses":     {"snow_assignments", "snow_costs", "snow_licenses"}, // shared
		licensePath("2", "costs"): {"snow_costs"},                                      // of a child
	} {
		t.Run(path, func(t *testing.T) {
			s := newStalled(t, "snow_assignments", "snow_costs", "snow_licenses")
			if !s.up(t) {
				t.Fatal("it is not up at first")
			}
			s.fail(path, func(w http.ResponseWriter) {
				connection, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					_ = connection.Close()
				}
			})
			s.begin(t)
			s.wantRetrying(t, names...)
			if s.up(t) {
				t.Error("license_up is 1 while a request is sent again")
			}
			s.fail(path, nil)
			close(s.letGo)
			<-s.ending
			s.wantRetrying(t)
			if !s.up(t) || s.h.Log.Count("level=error") > 0 {
				t.Errorf("license_up is %v after the answer:\n%s", s.up(t), s.h.Log)
			}
		})
	}
}

// The same applies while the names of the organizations are read.
func TestSnowIsDownWhileTheListingIsSentAgain(t *testing.T) {
	s := newStalled(t)
	s.refuse(treePath, http.StatusBadGateway)
	s.begin(t)
	if s.up(t) {
		t.Error("license_up is 1 while the listing is sent again")
	}
	s.refuse(treePath, 0)
	close(s.letGo)
	<-s.ending
	if !s.up(t) {
		t.Error("license_up is 0 after the answer")
	}
}
