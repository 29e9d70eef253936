package snow

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"

	"license_exporter/client/rest"
	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// fakeAPI is a server with a response for each path. It answers all other paths
// with 404.
type fakeAPI struct {
	*httptest.Server

	mu       sync.Mutex
	bodies   map[string]string
	refusals map[string]int // status codes
	faults   map[string]func(http.ResponseWriter)
	count    map[string]int // requests
}

// serve starts a server with answers by path. An answer is the name of a JSON
// file in the client's testdata, the word object and a JSON object, or the
// records of a listing. There are no entitlements unless the answers have some.
func serve(t *testing.T, answers map[string]string) *fakeAPI {
	t.Helper()
	f := &fakeAPI{bodies: map[string]string{}, refusals: map[string]int{}, faults: map[string]func(http.ResponseWriter){}, count: map[string]int{}}
	f.bodies[entitlementsPath] = body(t, "")
	for path, answer := range answers {
		f.bodies[path] = body(t, answer)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /idp/api/connect/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "token", "token_type": "Bearer", "expires_in": 3600}`)
	})
	mux.HandleFunc("GET /", f.get)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// body returns the body for an answer of serve.
func body(t *testing.T, answer string) string {
	t.Helper()
	switch answer = strings.TrimSpace(answer); {
	case strings.HasSuffix(answer, ".json"):
		b, err := os.ReadFile(filepath.Join("..", "..", "client", "snow", "testdata", filepath.FromSlash(answer)))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	case strings.HasPrefix(answer, "object "):
		return strings.TrimPrefix(answer, "object ")
	default:
		return `{"items": [` + answer + `], "pagination": {"page_size": 1000, "page_number": 1, "total_pages": 1}}`
	}
}

func (f *fakeAPI) get(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count[r.URL.Path]++
	if fault := f.faults[r.URL.Path]; fault != nil {
		fault(w)
		return
	}
	content, ok := f.bodies[r.URL.Path]
	switch status := f.refusals[r.URL.Path]; {
	case status != 0:
		w.WriteHeader(status)
		if strings.HasPrefix(content, "<") { // of a gateway
			fmt.Fprint(w, content)
			return
		}
		fmt.Fprintf(w, `{"error": {"code": %d, "message": "No."}}`, status)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error": {"code": 404, "message": "Resource not found."}}`)
	default:
		fmt.Fprint(w, content)
	}
}

// refuse makes the server answer requests for a path with a status code from now
// on. 0 restores the usual answer.
func (f *fakeAPI) refuse(path string, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refusals[path] = status
}

// fail makes the server answer requests for a path with a fault from now on. nil restores
// the usual answer.
func (f *fakeAPI) fail(path string, fault func(http.ResponseWriter)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[path] = fault
}

// answer changes the answer to requests for a path.
func (f *fakeAPI) answer(path, content string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bodies[path] = content
}

// requests returns the number of requests for a path.
func (f *fakeAPI) requests(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count[path]
}

// wantRequests checks the numbers of requests by path.
func (f *fakeAPI) wantRequests(t *testing.T, want map[string]int) {
	t.Helper()
	for path, n := range want {
		if got := f.requests(path); got != n {
			t.Errorf("%d requests of %s, want %d", got, path, n)
		}
	}
}

func (f *fakeAPI) client(t *testing.T) *api.Client {
	t.Helper()
	return f.clientOf(t, &api.Memory{}, rest.Clock{})
}

func (f *fakeAPI) clientOf(t *testing.T, memory *api.Memory, clock rest.Clock) *api.Client {
	t.Helper()
	c, err := api.New(api.Options{Memory: memory, Options: rest.Options{
		BaseURL: f.URL,
		HTTP:    config.HTTPClientConfig{OAuth2: &config.OAuth2{ClientID: "client", ClientSecret: "secret"}},
		Budgets: rest.NewBudgets(rest.NewLimiter(0), 0),
		Metrics: engine.NewTelemetry(prometheus.NewRegistry()).API("test", "acme"),
		Logger:  log.NewNopLogger(),
		Clock:   clock,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// newHarness returns an engine with an account that has some of the collectors.
func newHarness(t *testing.T, f *fakeAPI, names ...string) *enginetest.Harness {
	t.Helper()
	return newHarnessWithClock(t, f, enginetest.Clock, names...)
}

func newHarnessWithClock(t *testing.T, f *fakeAPI, clock func() time.Time, names ...string) *enginetest.Harness {
	t.Helper()
	client := f.client(t)
	memory := &collector.Memory{}
	all := collectors(&tenant{client: client, memory: memory, withAgreements: slices.Contains(names, agreementsName)})
	return enginetest.NewWithMetrics(t, engine.Config{Now: clock}, ownMetrics,
		&source{client: client, account: "acme", region: "westeurope", memory: memory}, enginetest.Only(all, names...)...)
}

// wantExample checks the series that a collector makes from the vendor's examples.
func wantExample(t *testing.T, answers map[string]string, collector, version string) {
	t.Helper()
	h := newHarness(t, serve(t, answers), collector)
	enginetest.Golden(t, strings.TrimPrefix(collector, "snow_")+"-"+version+".metrics", h.ScrapeCollectors(t.Context())+"\n")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up"), `license_up{organization_id=""} 1`)
	if strings.Contains(h.Log.String(), "level=error") {
		t.Errorf("it logs errors:\n%s", h.Log)
	}
}
