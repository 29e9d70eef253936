package meraki

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/common/config"

	api "license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	"license_exporter/licensing"
)

// vendor is a Dashboard API. Its records are JSON as in the vendor's documentation.
type vendor struct {
	organizations string            // records of the list of organizations
	overview      string            // of all organizations
	list          map[string]string // records of the other listings, by organization
	breaksOff     bool              // the second page of each listing is forbidden
	// instead returns an answer to a path that differs from the above, or the status 0.
	instead func(path string) (status int, body string)

	mu   sync.Mutex
	seen []string
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	v.mu.Lock()
	v.seen = append(v.seen, path)
	v.mu.Unlock()
	if v.instead != nil {
		if status, body := v.instead(path); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return
		}
	}
	if v.breaksOff && r.URL.Query().Has("page") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if v.breaksOff {
		w.Header().Set("Link", "<"+r.URL.Path+"?page=2>; rel=next")
	}
	organization := r.URL.Query().Get("organizationIds[]")
	if parts := strings.Split(path, "/"); parts[1] == "organizations" && len(parts) > 2 {
		organization = parts[2]
	}
	switch {
	case path == "/organizations":
		_, _ = io.WriteString(w, "["+v.organizations+"]")
	case strings.HasSuffix(path, "/licenses/overview"):
		_, _ = io.WriteString(w, v.overview)
	default:
		_, _ = io.WriteString(w, "["+v.list[organization]+"]")
	}
}

// requests returns the number of requests whose paths have a suffix.
func (v *vendor) requests(suffix string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, path := range v.seen {
		if strings.HasSuffix(path, suffix) {
			n++
		}
	}
	return n
}

// client returns a client of the vendor.
func (v *vendor) client(t testing.TB) *api.Client {
	t.Helper()
	return newClient(t, v)
}

// newClient returns a client of an API.
func newClient(t testing.TB, vendor http.Handler) *api.Client {
	t.Helper()
	server := httptest.NewServer(vendor)
	t.Cleanup(server.Close)
	c, err := api.New(rest.Options{
		BaseURL: server.URL + "/api/v1", HTTP: config.HTTPClientConfig{BearerToken: "key"},
		Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(),
		Clock:   rest.Clock{Sleep: func(context.Context, time.Duration) error { return nil }},
		Metrics: enginetest.ClientMetrics(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// collect runs a collector for organizations of a model and returns its series.
// Those of organization 1 have no label organization_id.
func collect(t *testing.T, name, model string, v *vendor, ids ...string) (string, *enginetest.Harness) {
	t.Helper()
	var d collector.Discovery
	for _, id := range ids {
		d.Organizations = append(d.Organizations, licensing.Organization{ID: id, Model: model, APIAccess: licensing.APIEnabled})
	}
	h := newHarness(t, &enginetest.Source{Discovery: d}, v.client(t), name)
	return strings.ReplaceAll(h.ScrapeCollectors(t.Context()), `organization_id="1",`, ""), h
}

// newHarness returns an engine with an account that has some of the collectors.
func newHarness(t *testing.T, source collector.Source, c *api.Client, names ...string) *enginetest.Harness {
	t.Helper()
	return enginetest.NewWithMetrics(t, engine.Config{Now: enginetest.Clock}, ownMetrics, source, enginetest.Only(collectors(&account{client: c, memory: &collector.Memory{}, withOverview: true}), names...)...)
}

// organization returns a record of the list of organizations.
func organization(id, model string) string {
	return `{"id": "` + id + `", "name": "Organization ` + id + `", "licensing": {"model": "` + model + `"}, "cloud": {"region": {"name": "Atlantis"}}}`
}

// refuse returns a vendor's answer to all paths that have a suffix.
func refuse(suffix string, status int, message string) func(string) (int, string) {
	return func(path string) (int, string) {
		if !strings.HasSuffix(path, suffix) {
			return 0, ""
		}
		return status, `{"errors": ["` + message + `"]}`
	}
}
