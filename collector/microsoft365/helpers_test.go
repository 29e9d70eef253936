package microsoft365

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	commonconfig "github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	contoso    = "48a80680-7326-48cd-9935-b556b81d3a4e"
	fabrikam   = "84841066-274d-4ec0-a5c1-276be684bdd3"
	domainName = "fabrikam.onmicrosoft.com"

	organizationPath  = "/v1.0/organization"
	skusPath          = "/v1.0/subscribedSkus"
	subscriptionsPath = "/v1.0/directory/subscriptions"
)

// graph is Microsoft Graph with a token endpoint. An answer is for a path, or for a tenant and a path. It is the name of a sample
// of the client, or the records of a collection. There are no records without an answer. A number is a refusal.
type graph struct {
	*httptest.Server

	mu      sync.Mutex
	answers map[string]string
	count   map[string]int // requests by tenant and path
}

func serve(t *testing.T, answers map[string]string) *graph {
	t.Helper()
	g := &graph{answers: answers, count: map[string]int{}}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	tenant, isToken := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/oauth2/v2.0/token")
	path := r.URL.Path
	if isToken {
		path = "token"
	} else {
		tenant = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer token-of-")
	}
	g.count[tenant+" "+path]++
	answer, ok := g.answers[tenant+" "+path]
	if !ok {
		answer = g.answers[path]
	}
	switch status := 0; {
	case strings.HasSuffix(answer, ".json"):
		body, err := os.ReadFile(filepath.Join("..", "..", "client", "microsoft365", "testdata", answer))
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(body)
	case strings.Trim(answer, "0123456789") == "" && answer != "":
		_, _ = fmt.Sscan(answer, &status)
		w.WriteHeader(status)
		if isToken {
			fmt.Fprint(w, `{"error":"unauthorized_client","error_description":"AADSTS700016: Application with identifier 'app' was not found in the directory."}`)
		} else {
			fmt.Fprint(w, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}`)
		}
	case isToken:
		fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3599,"access_token":"token-of-%s"}`, tenant)
	case path == organizationPath && answer == "":
		fmt.Fprintf(w, `{"value":[{"id":%q,"displayName":%q}]}`, tenant, "Tenant "+tenant[:4])
	default:
		fmt.Fprint(w, `{"value":[`+answer+`]}`)
	}
}

func (g *graph) set(path, answer string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers[path] = answer
}

// requests returns the number of requests of a tenant for a path.
func (g *graph) requests(tenant, path string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.count[tenant+" "+path]
}

// deps are those of an account with these tenants.
func (g *graph) deps(m *collector.Memory, tenants ...string) collector.Deps {
	oauth := &commonconfig.OAuth2{ClientID: "app", ClientSecret: "very-secret", TokenURL: g.URL + "/{tenant}/oauth2/v2.0/token"}
	return collector.Deps{
		Account: &collector.AccountConfig{Name: "acme", Settings: &settings{Tenants: tenants}},
		HTTP: rest.Options{
			BaseURL: g.URL, HTTP: commonconfig.HTTPClientConfig{OAuth2: oauth}, Budgets: rest.NewBudgets(rest.NewLimiter(0), 0),
			Metrics: engine.NewTelemetry(prometheus.NewRegistry()).API("test", "acme"), Logger: log.NewNopLogger(),
			Clock: rest.Clock{Sleep: noSleep},
		},
		Memory: m, Enabled: func(string) bool { return true },
	}
}

// harness returns an engine with an account of these tenants.
func (g *graph) harness(t *testing.T, c engine.Config, m *collector.Memory, tenants ...string) *enginetest.Harness {
	t.Helper()
	connection, err := connect(g.deps(m, tenants...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	if c.Now == nil {
		c.Now = enginetest.Clock
	}
	return enginetest.NewWithMetrics(t, c, ownMetrics, connection.Source, connection.Collectors...)
}

// collect returns the series of a tenant, without its id.
func collect(t *testing.T, answers map[string]string) string {
	t.Helper()
	return collectAt(t, enginetest.Now, answers)
}

func collectAt(t *testing.T, now time.Time, answers map[string]string) string {
	t.Helper()
	h := serve(t, answers).harness(t, engine.Config{Now: func() time.Time { return now }}, &collector.Memory{}, contoso)
	got := h.ScrapeCollectors(t.Context())
	if strings.Contains(h.Log.String(), "level=error") {
		t.Errorf("it logs errors:\n%s", h.Log)
	}
	return strings.ReplaceAll(got, `organization_id="`+contoso+`",`, "")
}

// sku returns a SKU of people.
func sku(partNumber string, enabled, warning, used int) string {
	return fmt.Sprintf(`{"id": "a_%[1]s", "skuId": "id-%[1]s", "skuPartNumber": %[1]q, "appliesTo": "User", "capabilityStatus": "Enabled", "consumedUnits": %[4]d,
		"prepaidUnits": {"enabled": %[2]d, "warning": %[3]d, "suspended": 0, "lockedOut": 0}}`, partNumber, enabled, warning, used)
}

// subscription returns one that moves to the next status after so many days, or never.
func subscription(id, partNumber, status string, seats int, days float64) string {
	next := "null"
	if days != 0 {
		next = `"` + enginetest.Days(days).Format(time.RFC3339) + `"`
	}
	return fmt.Sprintf(`{"id": %q, "skuId": %q, "skuPartNumber": %q, "status": %q, "totalLicenses": %d, "nextLifecycleDateTime": %s, "isTrial": false}`,
		id, "ID-"+partNumber, partNumber, status, seats, next)
}

// noSleep is for a clock that does not wait between retries.
func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
