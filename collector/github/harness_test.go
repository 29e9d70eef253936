package github

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/common/config"

	api "license_exporter/client/github"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// The paths of operations about the enterprise octo and the organization labs.
const (
	seatsPath    = "/enterprises/octo/consumed-licenses"
	securityPath = "/enterprises/octo/settings/billing/advanced-security"
	copilotPath  = "/enterprises/octo/copilot/billing/seats"
	orgPath      = "/orgs/labs"
	billingPath  = "/orgs/labs/copilot/billing"
	licensePath  = "/api/v3/enterprise/settings/license"
)

// answer is an answer of the vendor: a status, and a body or the name of a file of the client's testdata.
type answer struct {
	status int
	body   string
}

func ok(body string) answer            { return answer{http.StatusOK, body} }
func refuse(status int) answer         { return answer{status, `{"message": "Not Found"}`} }
func documented(name string) answer    { return ok("file " + name) }
func product(path, name string) string { return path + "?advanced_security_product=" + name }

// vendor is GitHub with an answer by path, and 404 for all others. The product of Advanced Security is part of the path.
type vendor struct {
	mu      sync.Mutex
	answers map[string]answer
	seen    []string
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if name := r.URL.Query().Get("advanced_security_product"); name != "" {
		path = product(path, name)
	}
	v.mu.Lock()
	a, found := v.answers[path]
	v.seen = append(v.seen, path)
	v.mu.Unlock()
	if !found {
		a = refuse(http.StatusNotFound)
	}
	if name, isFile := strings.CutPrefix(a.body, "file "); isFile {
		text, err := os.ReadFile(filepath.Join("../../client/github/testdata", name+".json"))
		if err != nil {
			panic(err)
		}
		a.body = string(text)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (v *vendor) set(path string, a answer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answers[path] = a
}

// requests returns the paths of the requests since the last call.
func (v *vendor) requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	seen := v.seen
	v.seen = nil
	return seen
}

// harness is an engine with an account that reads a vendor.
type harness struct {
	*enginetest.Harness
	*vendor
	now time.Time
}

// newHarness returns an engine with some of the collectors, or with all. The account reads the enterprise octo and the organization
// labs, or the server 127.0.0.1.
func newHarness(t *testing.T, server bool, answers map[string]answer, names ...string) *harness {
	t.Helper()
	h := &harness{vendor: &vendor{answers: answers}, now: enginetest.Now}
	web := httptest.NewServer(h.vendor)
	t.Cleanup(web.Close)
	a := collector.AccountConfig{BaseURL: web.URL, Settings: &settings{}}
	if server {
		a.BaseURL += serverPath
	} else {
		own(&a).Enterprises, a.Organizations.Include = []string{"octo"}, []string{"labs"}
	}
	c, err := api.New(rest.Options{
		BaseURL: a.BaseURL, HTTP: config.HTTPClientConfig{BearerToken: "token"}, Budgets: rest.NewBudgets(nil, 0),
		Logger: log.NewNopLogger(), Metrics: enginetest.ClientMetrics(),
		Clock: rest.Clock{Sleep: func(context.Context, time.Duration) error { return nil }},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	all := collectors(&account{client: c, memory: &collector.Memory{}})
	if len(names) > 0 {
		all = enginetest.Only(all, names...)
	}
	h.Harness = enginetest.NewWithMetrics(t, engine.Config{Now: func() time.Time { return h.now }}, ownMetrics, source(&a), all...)
	return h
}

// later scrapes again after the facts have become old.
func (h *harness) later(t *testing.T) string {
	t.Helper()
	h.now = h.now.Add(2 * time.Hour)
	return h.Scrape(t.Context())
}

// want fails the test unless the series are there.
func want(t *testing.T, got string, series ...string) {
	t.Helper()
	for _, s := range series {
		if !strings.Contains("\n"+got+"\n", "\n"+s+"\n") {
			t.Errorf("there is no %s in:\n%s", s, got)
		}
	}
}

// wantNone fails the test if there is a text.
func wantNone(t *testing.T, got string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(got, text) {
			t.Errorf("there is %s in:\n%s", text, got)
		}
	}
}
