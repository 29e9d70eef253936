package meraki

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/common/config"

	api "license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
)

// While a request that failed is sent again, what it is about is down and nothing else.
func TestMerakiIsDownWhileARequestIsSentAgain(t *testing.T) {
	include := collector.OrganizationFilter{Include: []string{"1", "2"}}
	for name, test := range map[string]struct {
		path    string
		filter  collector.OrganizationFilter
		status  int
		up      string // of the account, and of organizations 1 and 2
		waiting string // the header Retry-After
	}{
		"an organization":          {path: "/organizations/1/licenses/overview", status: 500, up: "101"},
		"the listing":              {path: "/organizations", status: 502, up: "011"},
		"an organization by id":    {path: "/organizations/1", filter: include, status: 503, up: "001"},
		"a vendor that is limited": {path: "/organizations/1/licenses/overview", status: 429, up: "111", waiting: "60"},
		"a vendor that is busy":    {path: "/organizations/1/licenses/overview", status: 503, up: "111", waiting: "60"},
	} {
		t.Run(name, func(t *testing.T) {
			var failing atomic.Bool
			var slept atomic.Int64
			server := httptest.NewServer(http.StripPrefix("/api/v1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch path := r.URL.Path; {
				case path == test.path && failing.Load():
					if test.waiting != "" {
						w.Header().Set("Retry-After", test.waiting)
					}
					w.WriteHeader(test.status)
				case strings.HasSuffix(path, "/licenses/overview"):
					_, _ = io.WriteString(w, answers["/organizations/1/licenses/overview"])
				case path == "/organizations":
					_, _ = io.WriteString(w, "["+organization("1", api.ModelCoterm)+","+organization("2", api.ModelCoterm)+"]")
				default:
					_, _ = io.WriteString(w, organization(strings.TrimPrefix(path, "/organizations/"), api.ModelCoterm))
				}
			})))
			defer server.Close()
			waits, letGo := make(chan struct{}, 10), make(chan struct{})
			c, err := api.New(rest.Options{
				BaseURL: server.URL + "/api/v1", HTTP: config.HTTPClientConfig{BearerToken: "key"},
				Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(), Metrics: enginetest.ClientMetrics(),
				Clock: rest.Clock{
					Now: func() time.Time { return enginetest.Now.Add(time.Duration(slept.Load())) },
					Sleep: func(_ context.Context, d time.Duration) error {
						waits <- struct{}{}
						<-letGo
						slept.Add(int64(d))
						return nil
					},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			memory := &collector.Memory{}
			h := enginetest.New(t, engine.Config{Now: enginetest.Clock}, newSource(c, test.filter, memory),
				enginetest.Only(collectors(&account{client: c, memory: memory, withOverview: true}), "meraki_overview")...)
			up := func() string {
				text := ""
				for _, id := range []string{"", "1", "2"} {
					text += strings.TrimPrefix(h.Lines(`license_up{organization_id="`+id+`"`), `license_up{organization_id="`+id+`"} `)
				}
				return text
			}
			h.Refresh(t.Context(), engine.Selection{})
			if up() != "111" {
				t.Fatalf("license_up is %s at first", up())
			}
			failing.Store(true)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				h.Refresh(t.Context(), engine.Selection{})
			}()
			<-waits
			if up() != test.up {
				t.Errorf("license_up is %s while the request waits, want %s", up(), test.up)
			}
			failing.Store(false)
			close(letGo)
			<-ended
			if up() != "111" {
				t.Errorf("license_up is %s after the answer", up())
			}
		})
	}
}
