package table

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"

	"license_exporter/client/rest"
)

// page is an answer. A body that is not JSON is CSV.
type page struct {
	body, link string
	status     int
	kind       string // the Content-Type
}

// api answers the URIs that it has, and others with 404.
type api struct {
	pages  map[string]page
	mu     sync.Mutex
	seen   []string
	accept []string
}

func (a *api) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen = append(a.seen, req.RequestURI)
	a.accept = append(a.accept, req.Header.Get("Accept"))
	p, ok := a.pages[req.RequestURI]
	if p.kind == "" {
		p.kind = "text/plain"
	}
	w.Header().Set("Content-Type", p.kind)
	if p.link != "" {
		w.Header().Set("Link", "<"+p.link+">; rel=next")
	}
	if !ok {
		p.status = http.StatusNotFound
	}
	if p.status != 0 {
		w.WriteHeader(p.status)
	}
	_, _ = w.Write([]byte(strings.ReplaceAll(p.body, "HOST", "http://"+req.Host)))
}

// client returns a client of an API, whose base URL ends with /api.
func client(t testing.TB, handler http.Handler) *rest.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	counter := func() *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "test", Help: "Test."}, []string{"operation", "code"})
	}
	c, err := rest.New(rest.Options{
		BaseURL: server.URL + "/api", HTTP: config.HTTPClientConfig{Authorization: &config.Authorization{Type: "Bearer", Credentials: "SECRET-TOKEN"}},
		Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(),
		Metrics: rest.Metrics{
			Requests: counter(), Retries: counter(), Throttled: counter(),
			Duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "test_seconds", Help: "Test."}, []string{"operation", "code"}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// pageLines returns a line for each record with its page, and one for the error without the request.
func pageLines(t *testing.T, s Source, refs []Reference) []string {
	t.Helper()
	var all []string
	for r, err := range s.Records(t.Context(), refs) {
		if err != nil {
			if strings.Contains(err.Error(), "?") || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error shows a query or a secret: %v", err)
			}
			var failed *rest.Error
			if errors.As(err, &failed) && failed.Err != nil {
				err = fmt.Errorf("%s: %w", failed.Reason, failed.Err)
			} else if failed != nil {
				err = fmt.Errorf("%s", failed.Reason)
			}
			return append(all, err.Error())
		}
		line := fmt.Sprintf("%d/%d:", r.Page, r.Record)
		for _, v := range r.Values {
			line += " " + v.Text
		}
		if r.Problem != "" {
			line += " " + r.Problem
		}
		if r.Line != 0 {
			t.Errorf("record %d has line %d, want none", r.Record, r.Line)
		}
		all = append(all, line)
	}
	return all
}
