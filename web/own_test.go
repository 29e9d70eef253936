package web

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
)

// stuckClient does not read until it is released.
type stuckClient struct {
	http.ResponseWriter
	reading chan<- struct{}
	release <-chan struct{}
}

func (c stuckClient) Write(b []byte) (int, error) {
	c.reading <- struct{}{}
	<-c.release
	return c.ResponseWriter.Write(b)
}

// TestSlowClientsShareTheOwnMetrics has many clients not read their answers. They hold few
// texts, and others are answered.
func TestSlowClientsShareTheOwnMetrics(t *testing.T) {
	for _, path := range []string{"/metrics", "/metrics/exporter"} {
		gathered := 0 // one at a time, since ownText has a lock
		own := prometheus.NewRegistry()
		own.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "own", Help: "A gauge."}, func() float64 {
			gathered++
			return 1
		}))
		handler := newHandler(t, withFake(&fakeEngine{gatherer: prometheus.NewRegistry()}, Options{MetricsPath: "/metrics", Own: own}))
		get := func(wrap func(http.ResponseWriter) http.ResponseWriter) string {
			w := httptest.NewRecorder()
			handler.ServeHTTP(wrap(w), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			return w.Body.String()
		}
		reading, release, ended := make(chan struct{}), make(chan struct{}), make(chan string)
		const clients = 3 * maxTexts
		for range clients {
			go func() {
				ended <- get(func(w http.ResponseWriter) http.ResponseWriter { return stuckClient{w, reading, release} })
			}()
			<-reading
			if body := get(func(w http.ResponseWriter) http.ResponseWriter { return w }); !strings.Contains(body, "own") {
				t.Errorf("%s: another client got %q", path, body)
			}
		}
		if most := 2 * maxTexts; gathered > most {
			t.Errorf("%s: metrics were gathered %d times, want %d at most", path, gathered, most)
		}
		go func() {
			for range reading { // a further write of a client
			}
		}()
		close(release)
		for range clients {
			if body := <-ended; !strings.Contains(body, "own") {
				t.Errorf("%s: a slow client got %q", path, body)
			}
		}
		close(reading)
		before := gathered
		if get(func(w http.ResponseWriter) http.ResponseWriter { return w }); gathered != before+1 {
			t.Errorf("%s: the metrics are not gathered anew", path)
		}
	}
}

func TestErrorsAboutMetricsAreLoggedOnceAMinute(t *testing.T) {
	var lines bytes.Buffer
	errors := &errorLog{logger: log.NewLogfmtLogger(&lines)}
	for range 100 {
		errors.Println("error encoding and sending metric family:", io.ErrClosedPipe)
	}
	if n := strings.Count(lines.String(), "level=error"); n != 1 {
		t.Errorf("%d lines", n)
	}
}
