package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// stuck is a client that reads nothing until it is released.
type stuck struct {
	*httptest.ResponseRecorder
	release <-chan struct{}
}

func (s stuck) Write(p []byte) (int, error) {
	<-s.release
	return s.ResponseRecorder.Write(p)
}

// Clients that read slowly keep facts in memory, so there are only a few at a time.
func TestFewFilesAreReadAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := newHandler(t, withFake(&fakeEngine{overview: smallEstate()}, Options{MetricsPath: "/metrics"}))
		get := func(w http.ResponseWriter, path string) {
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		}
		release, ended := make(chan struct{}), make(chan *httptest.ResponseRecorder, maxExports)
		for i := range maxExports {
			go func() {
				s := stuck{httptest.NewRecorder(), release}
				get(s, []string{"/licenses.csv", "/calendar.ics"}[i%2])
				ended <- s.ResponseRecorder
			}()
		}
		synctest.Wait()
		w, begun := httptest.NewRecorder(), time.Now()
		get(w, "/licenses.csv")
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "10" || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("one more client gets %d with %v", w.Code, w.Header())
		}
		if waited := time.Since(begun); waited != exportPatience {
			t.Errorf("it waits for %s", waited)
		}
		if w := httptest.NewRecorder(); true {
			if get(w, "/licenses"); w.Code != http.StatusOK {
				t.Errorf("the page gets %d", w.Code)
			}
		}
		go func() { time.Sleep(time.Second); close(release) }()
		w = httptest.NewRecorder()
		if get(w, "/licenses.csv"); w.Code != http.StatusOK {
			t.Errorf("a client that waits for a second gets %d", w.Code)
		}
		for range maxExports {
			if got := <-ended; got.Code != http.StatusOK || got.Body.Len() == 0 {
				t.Errorf("a slow client gets %d and %d bytes", got.Code, got.Body.Len())
			}
		}
	})
}

// A client that takes too long loses its connection, and so knows that the file is not
// complete.
func TestFilesAreNotReadForever(t *testing.T) {
	handler := newHandler(t, withFake(&fakeEngine{overview: smallEstate()}, Options{MetricsPath: "/metrics"}))
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	close(release)
	defer func() {
		if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // it is this very value
			t.Errorf("the handler ends with %v", got)
		}
	}()
	w := cancelling{stuck{httptest.NewRecorder(), release}, cancel}
	handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/licenses.csv", nil))
}

// cancelling is a client whose time ends as it gets the header.
type cancelling struct {
	stuck
	cancel context.CancelFunc
}

func (c cancelling) Header() http.Header {
	c.cancel()
	return c.stuck.Header()
}

// A client that waits when the exporter shuts down does not get an empty file, which would say that
// nothing ends.
func TestFilesThatWaitAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := newHandler(t, withFake(&fakeEngine{overview: smallEstate()}, Options{MetricsPath: "/metrics"}))
		release := make(chan struct{})
		defer close(release)
		for range maxExports {
			go handler.ServeHTTP(stuck{httptest.NewRecorder(), release}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/licenses.csv", nil))
		}
		synctest.Wait()
		defer func() {
			if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // it is this very value
				t.Errorf("the handler ends with %v", got)
			}
		}()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/calendar.ics", nil))
	})
}
