package meraki

import (
	"cmp"
	"context"
	"iter"
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
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testBasePath = "/behind/a/gateway/api/v1"

// vendor is the Dashboard API with one answer.
type vendor struct {
	status int
	body   []byte
	second *vendor // the page after this one
	link   string  // to the second page, if it is special

	mu   sync.Mutex
	seen []string
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen = append(v.seen, req.Method+" "+req.RequestURI)
	page := v
	if v.second != nil && req.URL.Query().Has("startingAfter") {
		page = v.second
	} else if v.second != nil {
		w.Header().Set("Link", cmp.Or(v.link, `<`+req.URL.Path+`?startingAfter=1>; rel=next`))
	}
	w.WriteHeader(page.status)
	_, _ = w.Write(page.body)
}

// requests are the method and the address of each request.
func (v *vendor) requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen
}

func serve(t testing.TB, v *vendor) *Client {
	t.Helper()
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	c, err := New(rest.Options{
		BaseURL: server.URL + testBasePath,
		HTTP: config.HTTPClientConfig{
			Authorization: &config.Authorization{Type: "Bearer", Credentials: "key"},
		},
		Budgets: rest.NewBudgets(nil, 0),
		Logger:  log.NewNopLogger(),
		Metrics: enginetest.ClientMetrics(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// operations are all of them, as one kind of function.
var operations = map[string]func(ctx context.Context, c *Client, organization string) (any, error){
	opOrganizations.Name: func(ctx context.Context, c *Client, _ string) (any, error) {
		return collect(c.Organizations(ctx))
	},
	opOrganization.Name: func(ctx context.Context, c *Client, organization string) (any, error) {
		return c.Organization(ctx, organization)
	},
	opOverview.Name: func(ctx context.Context, c *Client, organization string) (any, error) {
		return c.Overview(ctx, organization)
	},
	opCotermLicenses.Name: func(ctx context.Context, c *Client, organization string) (any, error) {
		return collect(c.CotermLicenses(ctx, organization))
	},
	opLicenses.Name: func(ctx context.Context, c *Client, organization string) (any, error) {
		return collect(c.Licenses(ctx, organization))
	},
	opSubscriptions.Name: func(ctx context.Context, c *Client, organization string) (any, error) {
		return collect(c.Subscriptions(ctx, organization))
	},
	opCompliance.Name: func(ctx context.Context, c *Client, organization string) (any, error) {
		return collect(c.ComplianceStatuses(ctx, organization))
	},
	opEntitlements.Name: func(ctx context.Context, c *Client, _ string) (any, error) {
		return collect(c.Entitlements(ctx))
	},
	opInventory.Name: func(ctx context.Context, c *Client, organization string) (any, error) {
		return collect(c.InventoryDevices(ctx, organization))
	},
}

func collect[T any](records iter.Seq2[T, error]) (all []T, err error) {
	for record, err := range records {
		if err != nil {
			return all, err
		}
		all = append(all, record)
	}
	return all, nil
}

func at(text string) Time {
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return Time{Time: parsed}
}

func number(n int64) Int { return Int{Value: n, Valid: true} }

var yes, no = Bool{Value: true, Valid: true}, Bool{Valid: true}

// hidden returns what a secret is decoded to.
func hidden(secret string) Opaque { return Opaque(scalar.ID(strings.ToLower(secret)).Hash()) }
