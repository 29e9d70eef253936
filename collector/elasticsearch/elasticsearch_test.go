package elasticsearch

import (
	"context"
	"io"
	"maps"
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
	"github.com/google/go-cmp/cmp"
	commonconfig "github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	simulator "license_exporter/internal/simulator/elasticsearch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answer is a status and a body.
type answer struct {
	status int
	body   string
}

// instance is a cluster with an answer for each path.
type instance struct {
	mu      sync.Mutex
	answers map[string]answer
	count   map[string]int // requests
}

func (i *instance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.count[r.URL.Path]++
	a, ok := i.answers[r.URL.Path]
	if !ok {
		a = answer{404, `{"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404}`}
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (i *instance) set(path string, status int, body string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers[path] = answer{status, body}
}

// fixture returns a file of the client's testdata.
func fixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "client", "elasticsearch", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// newInstance returns a cluster of version 7 with a license and one node.
func newInstance(t *testing.T, license string) *instance {
	t.Helper()
	return &instance{count: map[string]int{}, answers: map[string]answer{
		"/": {200, fixture(t, "info-7.json")}, "/_license": {200, fixture(t, license)}, "/_cluster/health": {200, fixture(t, "health.json")},
	}}
}

const (
	securityException = `{"error": {"root_cause": [{"type": "security_exception", "reason": "REASON"}], "type": "security_exception", "reason": "REASON"}, "status": 403}`
	id                = `organization_id="wv4925kBQAarma0wiJvJFA"`
)

func newHarness(t *testing.T, a *collector.AccountConfig, now func() time.Time) *enginetest.Harness {
	t.Helper()
	if err := a.HTTPClientConfig.Check(); err != nil {
		t.Fatal(err)
	}
	connection, err := connect(collector.Deps{
		Account: a, Memory: &collector.Memory{}, Enabled: func(string) bool { return true },
		HTTP: rest.Options{
			BaseURL: a.BaseURL, HTTP: commonconfig.HTTPClientConfig(a.HTTPClientConfig), Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(),
			Clock: rest.Clock{Sleep: func(context.Context, time.Duration) error { return nil }}, Metrics: enginetest.ClientMetrics(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	return enginetest.New(t, engine.Config{Now: now}, connection.Source, connection.Collectors...)
}

func read(t *testing.T, i *instance, now func() time.Time) *enginetest.Harness {
	t.Helper()
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	return newHarness(t, &collector.AccountConfig{BaseURL: server.URL, HTTPClientConfig: apiKey("key")}, now)
}

// What the vendor documents and people have recorded gives these series. testdata/*.metrics has those of testdata/*.json
// of the client.
func TestSamplesOfTheVendor(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "client", "elasticsearch", "testdata", "license-*.json"))
	if err != nil || len(files) < 10 {
		t.Fatalf("there are %d files: %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			i, path := newInstance(t, name), "/_license"
			if strings.HasSuffix(name, "-6.json") {
				path = "/_xpack/license"
				i.set("/", 200, fixture(t, "info-6.json"))
				i.set(path, 200, fixture(t, name))
			}
			h := read(t, i, enginetest.Clock)
			got := h.ScrapeCollectors(t.Context())
			enginetest.Golden(t, strings.TrimSuffix(name, ".json")+".metrics", got)
			if diff := cmp.Diff(map[string]int{"/": 1, path: 1, "/_cluster/health": 1}, i.count); diff != "" {
				t.Errorf("the requests differ (-want +got):\n%s", diff)
			}
			for _, text := range []string{got, h.Log.String()} {
				if strings.Contains(text, "REDACTED") {
					t.Errorf("a licensee is shown:\n%s", text)
				}
			}
			if h.Log.String() != "" {
				t.Errorf("the log has\n%s", h.Log.String())
			}
		})
	}
}

// Once the license has ended, Elasticsearch refuses the health. The end is shown, and the nodes of before depend on the
// license.
func TestHealthIsRefusedAfterTheEnd(t *testing.T) {
	now := enginetest.Now
	i := newInstance(t, "license-platinum-8.json")
	h := read(t, i, func() time.Time { return now })
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_ended", "license_seats_assigned", "license_up"),
		`license_ended_in_use{`+id+`,product="platinum"} 0`,
		`license_seats_assigned{license_id="",`+id+`,product="platinum",unit="node"} 1`,
		`license_up{organization_id=""} 1`,
		`license_up{`+id+`} 1`,
	)
	now = now.Add(time.Hour)
	i.set("/_license", 200, fixture(t, "license-expired.json"))
	i.set("/_cluster/health", 403, strings.ReplaceAll(securityException, "REASON", "current license is non-compliant for [security]"))
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_ended", "license_next", "license_licenses{", "license_seats", "license_up", "license_exporter_records"),
		`license_ended_in_use{`+id+`,product="platinum"} 1`,
		`license_exporter_records_skipped{collector="elasticsearch_license",reason="forbidden"} 1`,
		`license_licenses{assigned="",`+id+`,product="",state="active"} 0`,
		`license_licenses{assigned="",`+id+`,product="platinum",state="expired"} 1`,
		`license_next_expiration_timestamp_seconds{`+id+`,product="platinum"} 1.769990399999e+09`,
		`license_up{organization_id=""} 1`,
		`license_up{`+id+`} 0`,
	)
	for _, want := range []string{"the license has ended, and Elasticsearch then refuses this", "the last good facts are kept"} {
		if !strings.Contains(h.Log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, h.Log.String())
		}
	}
}

// A refusal after an answer is a failure that keeps the facts, whatever it is about.
func TestRefusalKeepsFacts(t *testing.T) {
	for _, path := range []string{"/", "/_license", "/_cluster/health"} {
		for _, status := range []int{401, 403, 404, 500} {
			now := enginetest.Now
			i := newInstance(t, "license-platinum-8.json")
			h := read(t, i, func() time.Time { return now })
			before := h.Scrape(t.Context(), "license_next", "license_seats", "license_info")
			i.set(path, status, strings.ReplaceAll(securityException, "REASON", "no"))
			now = now.Add(time.Hour)
			if diff := cmp.Diff(before, h.Scrape(t.Context(), "license_next", "license_seats", "license_info")); diff != "" {
				t.Errorf("%d for %s changes the facts (-before +after):\n%s", status, path, diff)
			}
			if ups := h.Lines("license_up"); !strings.Contains(ups, "} 0") {
				t.Errorf("%d for %s is no failure: %s", status, path, ups)
			}
		}
	}
}

// Elasticsearch answers 404 while it starts. If it goes on, that is a failure and not a cluster without a license.
func TestClusterThatStarts(t *testing.T) {
	for starting, want := range map[int]string{2: "} 1", 9: "} 0"} {
		server := httptest.NewServer(simulator.New(simulator.Options{
			Version: "8.15.3", Name: "search", UUID: "u", License: &simulator.License{UID: "1", Type: "gold", EndDay: 100, MaxNodes: 5}, Nodes: 3, Starting: starting,
		}))
		t.Cleanup(server.Close)
		h := newHarness(t, &collector.AccountConfig{BaseURL: server.URL}, time.Now)
		if got := h.Scrape(t.Context(), `license_up{organization_id="u"}`); !strings.Contains(got, want) {
			t.Errorf("after %d answers with 404: %s", starting, got)
		}
	}
}

// What else answers at base_url.
func TestOtherClusters(t *testing.T) {
	for name, test := range map[string]struct {
		info string
		want []string
	}{
		"info-na.json":         {"info-na.json", []string{`license_up{organization_id=""} 0`}},
		"info-opensearch.json": {"info-opensearch.json", []string{`license_up{organization_id=""} 1`, `license_up{` + id + `} 1`}},
		"info-serverless.json": {"info-serverless.json", []string{
			`license_seats_limit{license_id="",` + id + `,product="platinum",unit="node"} 72`, `license_up{organization_id=""} 1`, `license_up{` + id + `} 1`,
		}},
	} {
		i := newInstance(t, "license-platinum-8.json")
		i.set("/", 200, fixture(t, test.info))
		h := read(t, i, enginetest.Clock)
		t.Run(name, func(t *testing.T) {
			enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_seats"), test.want...)
			if i.count["/_cluster/health"] > 0 {
				t.Error("the health is requested")
			}
		})
	}
}

// Another cluster at the address is another organization, and the facts are not mixed.
func TestAnotherClusterAtTheAddress(t *testing.T) {
	now := enginetest.Now
	i := newInstance(t, "license-platinum-8.json")
	h := read(t, i, func() time.Time { return now })
	h.Scrape(t.Context())
	i.set("/", 200, strings.Replace(fixture(t, "info-7.json"), "wv4925kBQAarma0wiJvJFA", "another", 1))
	now = now.Add(2 * time.Hour)
	h.Scrape(t.Context())
	now = now.Add(2 * time.Hour)
	if got := h.Scrape(t.Context(), "license_seats_limit"); got != `license_seats_limit{license_id="",organization_id="another",product="platinum",unit="node"} 72` {
		t.Errorf("the seats are %s", got)
	}
}

// Words that are not documented are reported and passed on.
func TestUnknownWords(t *testing.T) {
	i := newInstance(t, "license-platinum-8.json")
	i.set("/_license", 200, `{"license": {"uid": "1", "type": "diamond", "status": "sleeping", "expiry_date_in_millis": 1777593599999}}`)
	h := read(t, i, enginetest.Clock)
	got := h.ScrapeCollectors(t.Context())
	counted := enginetest.Lines(t, h.Own, "license_exporter_parse_errors")
	for _, want := range []string{`product="diamond",state="sleeping"} 1`, `product="diamond"} 1.777593599999e+09`} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s:\n%s", want, got)
		}
	}
	for _, field := range []string{"type", "status"} {
		if !strings.Contains(counted, `{field="`+field+`"} 1`) {
			t.Errorf("%s is not counted: %s", field, counted)
		}
	}
}

// An error in the API key names the variable that it comes from.
func TestKeyOfTheVariable(t *testing.T) {
	a := collector.AccountConfig{BaseURL: "http://es:9200"}
	for _, variable := range Vendor.Environment {
		if variable.Name == "ELASTICSEARCH_API_KEY" {
			variable.Set(&a, "id:key")
			if problems := (&settings{}).Check(&a); len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), variable.Key+" ") || variable.Key == "" {
				t.Errorf("the variable has the key %q, and the errors are %v", variable.Key, problems)
			}
		}
	}
}

// A license without a status has a state that says so.
func TestNoStatus(t *testing.T) {
	i := newInstance(t, "license-platinum-8.json")
	i.set("/_license", 200, `{"license": {"uid": "1", "type": "gold", "status": null, "expiry_date_in_millis": 1777593599999}}`)
	got := read(t, i, enginetest.Clock).Scrape(t.Context(), "license_licenses{")
	if !strings.Contains(got, `product="gold",state="unknown"} 1`) {
		t.Errorf("the licenses are\n%s", got)
	}
}

func TestSettings(t *testing.T) {
	for name, test := range map[string]struct {
		account collector.AccountConfig
		want    []string
	}{
		"all right":     {collector.AccountConfig{BaseURL: "https://search.example.com:9200/"}, nil},
		"with a key":    {collector.AccountConfig{BaseURL: "https://search.example.com:9200", HTTPClientConfig: apiKey("aWQ6a2V5")}, nil},
		"no address":    {collector.AccountConfig{}, []string{"base_url is missing"}},
		"organizations": {collector.AccountConfig{BaseURL: "http://es:9200", Organizations: collector.OrganizationFilter{Exclude: []string{"x"}}}, []string{"organizations cannot be set"}},
		"not encoded":   {collector.AccountConfig{BaseURL: "http://es:9200", HTTPClientConfig: apiKey("id:key")}, []string{"http_client_config.authorization.credentials is an id and a key"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := &settings{}, test.account
			s.SetDefaults(&a)
			var got []string
			for i, err := range s.Check(&a) {
				if i < len(test.want) && strings.HasPrefix(err.Error(), test.want[i]) {
					got = append(got, test.want[i])
				} else {
					got = append(got, err.Error())
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the errors differ (-want +got):\n%s", diff)
			}
			if strings.HasSuffix(a.BaseURL, "/") || s.CheckCredential(&a) != nil {
				t.Errorf("the base URL is %s, the credential %v", a.BaseURL, s.CheckCredential(&a))
			}
		})
	}
}

// The demo and the small variants have facts, and no name and key is shown.
func TestSimulated(t *testing.T) {
	for organizations, want := range map[int]string{
		0: `license_seats_available{license_id="",organization_id="W0Wc4CU_Tqupykaa7g_pwQ",product="platinum",unit="node"} 3`,
		1: `license_seats_available{license_id="",organization_id="wv4925kBQAarma0wiJvJFA",product="gold",unit="node"} 2`,
		3: `license_seats_limit{license_id="",organization_id="wv4925kBQAarma0wiJvJFA",product="enterprise",unit="resource_unit"} 20`,
	} {
		a, stop, err := simulate(organizations)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		h := newHarness(t, &a, time.Now)
		got := h.Scrape(t.Context())
		if !slices.Contains(strings.Split(got, "\n"), want) || h.Log.String() != "" {
			t.Errorf("with %d organizations, want %s:\n%s\n%s", organizations, want, got, h.Log.String())
		}
		for _, secret := range []string{simulator.DemoKey, "ZDEMO"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s is shown", secret)
			}
		}
	}
}

// Each documented status has a phase.
func TestStatuses(t *testing.T) {
	if diff := cmp.Diff([]string{"active", "expired", "invalid", "valid"}, slices.Sorted(maps.Keys(phases))); diff != "" {
		t.Errorf("the statuses differ (-want +got):\n%s", diff)
	}
}
