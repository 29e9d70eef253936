package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testKey      = "key-that-nobody-may-see"
	testBasePath = "/api/v1"
)

// things is the call of most tests. Errors must not contain its query.
var things = Call{Operation: "getThings", Path: "/things", Organization: "1", Query: map[string][]string{"after": {"cursor-of-a-key"}}}

type thing struct{ Name string }

// newMetrics returns metrics for a client.
func newMetrics() Metrics {
	counter := func(name string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: "Test."}, []string{"operation", "code"})
	}
	return Metrics{
		Requests:  counter("requests_total"),
		Retries:   counter("retries_total"),
		Throttled: counter("throttled_seconds_total"),
		Duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duration_seconds", Help: "Test."},
			[]string{"operation", "code"}),
	}
}

// newClient returns a Client with testKey and without limits. options can change
// that.
func newClient(t testing.TB, baseURL string, options ...func(*Options)) *Client {
	t.Helper()
	o := Options{
		BaseURL: baseURL,
		HTTP: config.HTTPClientConfig{
			Authorization: &config.Authorization{Type: "Bearer", Credentials: testKey},
		},
		UserAgent: "license_exporter/1.2.3",
		Budgets:   NewBudgets(nil, 0),
		Metrics:   newMetrics(),
		Logger:    log.NewNopLogger(),
		Message:   testMessage,
		Secrets:   regexp.MustCompile(`\bKEY-\w+`),
	}
	for _, option := range options {
		option(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func testMessage(body []byte) string {
	var answer struct{ Message string }
	_ = json.Unmarshal(body, &answer)
	return answer.Message
}

// serve starts an API under testBasePath and returns its base URL. Requests
// outside the base path fail.
func serve(t *testing.T, api http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix(testBasePath, api))
	t.Cleanup(server.Close)
	return server.URL + testBasePath
}

// inMemory returns a Client of an API without a network, which would prevent the
// time of a synctest bubble from passing.
func inMemory(t testing.TB, api http.HandlerFunc, options ...func(*Options)) *Client {
	t.Helper()
	return overTransport(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		recorder := httptest.NewRecorder()
		api(recorder, req)
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		resp := recorder.Result()
		resp.Request = req
		return resp, nil
	}), options...)
}

func overTransport(t testing.TB, transport http.RoundTripper, options ...func(*Options)) *Client {
	t.Helper()
	c := newClient(t, "https://vendor.test"+testBasePath, options...)
	c.http.HTTPClient.Transport = withBodies(c.metrics.instrument(transport), attemptTimeout)
	return c
}

// requests records the requests of a server.
type requests struct {
	mu   sync.Mutex
	seen []*http.Request
}

// add records a request and returns its number, from 1.
func (r *requests) add(req *http.Request) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, req)
	return len(r.seen)
}

func (r *requests) all() []*http.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

func (r *requests) count() int { return len(r.all()) }

// inTurn answers each request with the next handler, and all further ones with
// the last.
func inTurn(r *requests, handlers ...http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		n := min(r.add(req), len(handlers))
		handlers[n-1](w, req)
	}
}

// answer returns a handler that answers with a status, a body, and headers, which
// are names and values in turn.
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// wantReason checks the reason of an error, and that its text has no secret.
func wantReason(t *testing.T, err error, reason Reason) {
	t.Helper()
	_ = wantError(t, err, reason)
}

// wantError is like wantReason and returns the error.
func wantError(t *testing.T, err error, reason Reason) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %v, want an *Error", err)
	}
	if e.Reason != reason || ReasonOf(err) != reason {
		t.Errorf("the reason is %s, want %s: %v", e.Reason, reason, err)
	}
	for _, secret := range []string{testKey, "cursor", "?"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows %q: %v", secret, err)
		}
	}
	return e
}
