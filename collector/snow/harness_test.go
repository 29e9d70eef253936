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
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// snowVendor is a Snow Atlas that answers by path. Other paths are not found.
type snowVendor struct {
	*httptest.Server

	mu      sync.Mutex
	answers map[string]string
	status  map[string]int
	asked   map[string]int
}

// serveSnow starts a vendor. Answers are bodies; those that name a file below
// the client's testdata are its content, and those that begin with a record
// are a listing of records.
func serveSnow(t *testing.T, answers map[string]string) *snowVendor {
	t.Helper()
	v := &snowVendor{answers: map[string]string{}, status: map[string]int{}, asked: map[string]int{}}
	for path, answer := range answers {
		v.answers[path] = snowAnswer(t, answer)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /idp/api/connect/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "token", "token_type": "Bearer", "expires_in": 3600}`)
	})
	mux.HandleFunc("GET /", v.get)
	v.Server = httptest.NewServer(mux)
	t.Cleanup(v.Close)
	return v
}

func snowAnswer(t *testing.T, answer string) string {
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

func (v *snowVendor) get(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked[r.URL.Path]++
	answer, ok := v.answers[r.URL.Path]
	switch status := v.status[r.URL.Path]; {
	case status != 0:
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error": {"code": %d, "message": "No."}}`, status)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error": {"code": 404, "message": "Resource not found."}}`)
	default:
		fmt.Fprint(w, answer)
	}
}

// refuse makes a path answer with a status from now on; 0 ends that.
func (v *snowVendor) refuse(path string, status int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.status[path] = status
}

func (v *snowVendor) requests(path string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked[path]
}

func (v *snowVendor) client(t *testing.T) *api.Client {
	t.Helper()
	labels := []string{"operation", "code"}
	c, err := api.New(api.Options{Options: rest.Options{
		Name:    "acme",
		BaseURL: v.URL,
		HTTP:    config.HTTPClientConfig{OAuth2: &config.OAuth2{ClientID: "client", ClientSecret: "secret"}},
		Budgets: rest.NewBudgets(rest.NewLimiter(0), 0),
		Metrics: rest.Metrics{
			Requests:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests"}, labels),
			Duration:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duration"}, labels),
			Retries:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "retries"}, labels),
			Throttled: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "throttled"}, labels),
		},
		Logger: log.NewNopLogger(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// snowHarness returns an engine for the tenant of a vendor, with these
// collectors.
func snowHarness(t *testing.T, v *snowVendor, names ...string) *enginetest.Harness {
	t.Helper()
	client := v.client(t)
	return clockedHarness(t, client, enginetest.Clock, names...)
}

// clockedHarness is snowHarness with a clock.
func clockedHarness(t *testing.T, client *api.Client, clock func() time.Time, names ...string) *enginetest.Harness {
	t.Helper()
	all := collectors(&tenant{client: client, withAgreements: slices.Contains(names, agreementsName)})
	a := enginetest.Account("acme", &source{client: client, account: "acme", region: "westeurope"}, enginetest.Only(all, names...)...)
	a.Vendor = enginetest.VendorWith(ownMetrics)
	return enginetest.NewOf(t, engine.Config{Now: clock}, a)
}

// snowFacts returns what collectors say, less what every account has.
func snowFacts(t *testing.T, h *enginetest.Harness) string {
	t.Helper()
	var kept []string
	for line := range strings.SplitSeq(h.Scrape(t.Context()), "\n") {
		if !strings.HasPrefix(line, "license_exporter_") && !strings.HasPrefix(line, "license_up") && !strings.HasPrefix(line, "license_organization_info") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
