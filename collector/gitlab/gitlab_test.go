package gitlab

import (
	"context"
	"encoding/json"
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
	"github.com/google/go-cmp/cmp"
	commonconfig "github.com/prometheus/common/config"
	"go.uber.org/goleak"

	api "license_exporter/client/gitlab"
	"license_exporter/client/rest"
	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/internal/enginetest"
	simulator "license_exporter/internal/simulator/gitlab"
	"license_exporter/licensing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// instance is a GitLab with an answer for each path.
type instance struct {
	mu      sync.Mutex
	answers map[string]string
	status  int // of all answers, 200 if it is 0
	count   int // requests
}

func (i *instance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.count++
	answer, ok := i.answers[r.URL.Path]
	switch {
	case i.status != 0:
		w.WriteHeader(i.status)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		answer = `{"message": "404 Namespace Not Found"}`
	}
	_, _ = io.WriteString(w, answer)
}

func (i *instance) refuse(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.status = status
}

// fixture returns a file of the client's testdata.
func fixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "client", "gitlab", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// newHarness returns an engine with an account that reads an instance, or groups if there are any.
func newHarness(t *testing.T, i *instance, now func() time.Time, groups ...string) *enginetest.Harness {
	t.Helper()
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	a := &collector.AccountConfig{BaseURL: server.URL, Settings: &settings{Groups: groups}}
	connection, err := connect(collector.Deps{
		Account: a, Memory: &collector.Memory{}, Enabled: func(string) bool { return true },
		HTTP: rest.Options{
			BaseURL: a.BaseURL, HTTP: commonconfig.HTTPClientConfig{BearerToken: "token"}, Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(),
			Clock: rest.Clock{Sleep: func(context.Context, time.Duration) error { return nil }}, Metrics: enginetest.ClientMetrics(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	return enginetest.NewWithMetrics(t, engine.Config{Now: now}, ownMetrics, connection.Source, connection.Collectors...)
}

// What the vendor documents gives these series. testdata/*.metrics has those of testdata/*.json of the client.
func TestSamplesOfTheVendor(t *testing.T) {
	for _, name := range []string{
		"license", "license-2018", "license-2015", "license-expired", "license-endless", "license-future", "namespace", "namespace-paid", "namespace-trial",
	} {
		t.Run(name, func(t *testing.T) {
			i := &instance{answers: map[string]string{"/api/v4/license": fixture(t, name+".json"), "/api/v4/namespaces/group1": fixture(t, name+".json")}}
			var groups []string
			if strings.HasPrefix(name, "namespace") {
				groups = []string{"group1"}
			}
			h := newHarness(t, i, enginetest.Clock, groups...)
			got := h.ScrapeCollectors(t.Context())
			enginetest.Golden(t, name+".metrics", got)
			if i.count != 1 {
				t.Errorf("there are %d requests, want 1", i.count)
			}
			for _, text := range []string{got, h.Log.String()} {
				if strings.Contains(strings.ToLower(text), "redacted") {
					t.Errorf("a licensee is shown:\n%s", text)
				}
			}
			if h.Log.String() != "" {
				t.Errorf("the log has\n%s", h.Log.String())
			}
		})
	}
}

// A refusal after an answer is a failure that keeps the facts.
func TestRefusalKeepsFacts(t *testing.T) {
	for _, groups := range [][]string{nil, {"group1"}} {
		now := enginetest.Now
		i := &instance{answers: map[string]string{"/api/v4/license": fixture(t, "license.json"), "/api/v4/namespaces/group1": fixture(t, "namespace-paid.json")}}
		h := newHarness(t, i, func() time.Time { return now }, groups...)
		before := h.Scrape(t.Context(), "license_next", "license_seats", "gitlab_")
		if strings.Count(before, "\n") < 2 {
			t.Fatalf("there are few facts:\n%s", before)
		}
		for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
			i.refuse(status)
			now = now.Add(time.Hour)
			if diff := cmp.Diff(before, h.Scrape(t.Context(), "license_next", "license_seats", "gitlab_")); diff != "" {
				t.Errorf("%d changes the facts (-before +after):\n%s", status, diff)
			}
			if ups := h.Lines("license_up"); !strings.Contains(ups, "} 0") {
				t.Errorf("%d is no failure: %s", status, ups)
			}
		}
	}
}

// A group that is refused costs only itself.
func TestOneGroupIsRefused(t *testing.T) {
	i := &instance{answers: map[string]string{"/api/v4/namespaces/group1": fixture(t, "namespace-paid.json"), "/api/v4/namespaces/group4": fixture(t, "namespace-guest.json")}}
	h := newHarness(t, i, enginetest.Clock, "group1", "group4", "group5")
	enginetest.WantLines(t, h.Scrape(t.Context(), "license_up", "license_seats"),
		`license_seats_assigned{license_id="",organization_id="group1",product="ultimate",unit="user"} 2`,
		`license_up{organization_id=""} 1`,
		`license_up{organization_id="group1"} 1`,
		`license_up{organization_id="group4"} 0`,
		`license_up{organization_id="group5"} 0`,
	)
	for _, want := range []string{"Owner of the group", "404 Namespace Not Found"} {
		if !strings.Contains(h.Log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, h.Log.String())
		}
	}
}

// A group that is configured by id gets its path as its name.
func TestNameOfAGroup(t *testing.T) {
	now := enginetest.Now
	h := newHarness(t, &instance{answers: map[string]string{"/api/v4/namespaces/2": fixture(t, "namespace-paid.json")}}, func() time.Time { return now }, "2")
	h.Scrape(t.Context())
	now = now.Add(time.Hour)
	if got := h.Scrape(t.Context(), "license_organization_info"); !strings.Contains(got, `organization_id="2",organization_name="group1"`) {
		t.Errorf("the organization is %s", got)
	}
}

// The vendor's word on whether a license has expired counts, and the date if there is no word.
func TestStateOfALicense(t *testing.T) {
	for name, test := range map[string]struct {
		license string
		want    string
	}{
		"expired by its word": {`{"plan": "premium", "expires_at": "2026-03-02", "expired": true}`, "expired Ended"},
		"active by its word":  {`{"plan": "premium", "expires_at": "2026-03-01", "expired": false}`, "active InForce"},
		"ends today":          {`{"plan": "premium", "expires_at": "2026-03-01"}`, "expired Ended"},
		"ends tomorrow":       {`{"plan": "premium", "expires_at": "2026-03-02"}`, "active InForce"},
		"no end, no word":     {`{"plan": "premium", "expires_at": null, "expired": "?"}`, "active InForce"},
		"starts today":        {`{"plan": "premium", "starts_at": "2026-03-02", "expired": false}`, "active InForce"},
		"not started":         {`{"plan": "premium", "starts_at": "2026-03-04", "expired": false}`, "active Dormant"},
	} {
		t.Run(name, func(t *testing.T) {
			var l api.License
			if err := json.Unmarshal([]byte(test.license), &l); err != nil {
				t.Fatal(err)
			}
			got := licenseOf(&l, collector.NewReport(enginetest.Now, collector.Options{}))
			phases := map[licensing.Phase]string{licensing.InForce: "InForce", licensing.Ended: "Ended", licensing.Dormant: "Dormant"}
			if text := got.State.Name + " " + phases[got.Phase]; text != test.want {
				t.Errorf("the license is %s, want %s", text, test.want)
			}
		})
	}
}

// A number of users below 0 is none.
func TestNegativeNumbers(t *testing.T) {
	i := &instance{answers: map[string]string{
		"/api/v4/license":           `{"plan": "premium", "expires_at": "2027-01-01", "user_limit": -1, "active_users": -3, "maximum_user_count": -1}`,
		"/api/v4/namespaces/group1": `{"plan": "premium", "billable_members_count": 4, "seats_in_use": -4, "max_seats_used": -1}`,
	}}
	if got := newHarness(t, i, enginetest.Clock).Scrape(t.Context(), "license_seats", "license_ended", "gitlab_"); got != "" {
		t.Errorf("the license has %s", got)
	}
	got := newHarness(t, i, enginetest.Clock, "group1").Scrape(t.Context(), "license_seats", "gitlab_")
	enginetest.WantLines(t, got, `license_seats_assigned{license_id="",organization_id="group1",product="premium",unit="user"} 4`)
}

// A plan ends with the day that the vendor tells, or at the time if it tells one.
func TestEndOfAPlan(t *testing.T) {
	for date, want := range map[string]string{
		"2027-01-31": "2027-02-01T00:00:00Z", "2027-01-31T00:00:00.000Z": "2027-02-01T00:00:00Z", "2027-01-31T23:59:59Z": "2027-01-31T23:59:59Z",
	} {
		var n api.Namespace
		if err := json.Unmarshal([]byte(`{"plan": "premium", "end_date": "`+date+`"}`), &n); err != nil {
			t.Fatal(err)
		}
		if got := planOf(&n).End.Format(time.RFC3339); got != want {
			t.Errorf("%s: the end is %s, want %s", date, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	for name, test := range map[string]struct {
		base   string
		groups []string
		filter collector.OrganizationFilter
		want   string // the base URL, or the errors
	}{
		"instance":         {"https://gitlab.example.com", nil, collector.OrganizationFilter{}, "https://gitlab.example.com"},
		"with a slash":     {"https://gitlab.example.com/", nil, collector.OrganizationFilter{}, "https://gitlab.example.com"},
		"with the API":     {"https://example.com/git/api/v4/", nil, collector.OrganizationFilter{}, "https://example.com/git"},
		"groups":           {"", []string{"contoso", "9970", "a.b-c_d"}, collector.OrganizationFilter{}, "https://gitlab.com"},
		"groups elsewhere": {"https://jihulab.com/", []string{"contoso"}, collector.OrganizationFilter{}, "https://jihulab.com"},
		"nothing":          {"", nil, collector.OrganizationFilter{}, "base_url is missing"},
		"GitLab.com alone": {"https://gitlab.com/api/v4", nil, collector.OrganizationFilter{}, "groups is missing"},
		"GitLab.com again": {"https://GitLab.com:443/", nil, collector.OrganizationFilter{}, "groups is missing"},
		"subgroup":         {"", []string{"contoso/web"}, collector.OrganizationFilter{}, "groups[0] is not a top-level group"},
		"no group":         {"", []string{"a", " b"}, collector.OrganizationFilter{}, "groups[1] is not the path or id of a group"},
		"dots":             {"", []string{".."}, collector.OrganizationFilter{}, "groups[0] is not the path or id of a group"},
		"twice":            {"", []string{"a", "b", "a"}, collector.OrganizationFilter{}, "groups[2] is the same as groups[0]"},
		"filter":           {"https://gitlab.example.com", nil, collector.OrganizationFilter{Include: []string{"x"}}, "organizations cannot be set"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &settings{Groups: test.groups}
			a := &collector.AccountConfig{BaseURL: test.base, Organizations: test.filter, Settings: s}
			s.SetDefaults(a)
			got := a.BaseURL
			if problems := s.Check(a); len(problems) > 0 {
				got = problems[0].Error()
			}
			if !strings.HasPrefix(got, test.want) || strings.HasPrefix(test.want, "https") && got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			for _, whose := range []string{"an administrator", "an Owner"} {
				err := s.CheckCredential(a)
				if err == nil || strings.Contains(err.Error(), whose) != (whose == "an Owner" == (len(test.groups) > 0)) {
					t.Errorf("without a credential: %v", err)
				}
			}
			a.HTTPClientConfig = collector.BearerToken("token")
			if err := s.CheckCredential(a); err != nil {
				t.Error(err)
			}
		})
	}
}

// The demo and the small variants have facts, and nobody's name is shown.
func TestSimulated(t *testing.T) {
	for organizations, want := range map[int]string{
		0: `license_missing_seats{license_id="",organization_id="127.0.0.1",product="premium",sku="",unit="user"} 6`,
		1: `license_seats_limit{license_id="",organization_id="127.0.0.1",product="unknown",unit="user"} 100`,
		3: `license_seats_assigned{license_id="",organization_id="contoso-2",product="ultimate",unit="user"} 21`,
	} {
		a, stop, err := simulate(organizations)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		if a.Settings == nil {
			a.Settings = &settings{}
		}
		a.Settings.SetDefaults(&a)
		if err := a.HTTPClientConfig.Check(); err != nil { // it sets the type Bearer
			t.Fatal(err)
		}
		connection, err := connect(collector.Deps{
			Account: &a, Memory: &collector.Memory{}, Enabled: func(string) bool { return true },
			HTTP: rest.Options{
				BaseURL: a.BaseURL, HTTP: commonconfig.HTTPClientConfig(a.HTTPClientConfig), Budgets: rest.NewBudgets(nil, 0),
				Logger: log.NewNopLogger(), Metrics: enginetest.ClientMetrics(),
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(connection.Close)
		h := enginetest.NewWithMetrics(t, engine.Config{Now: time.Now}, ownMetrics, connection.Source, connection.Collectors...)
		got := h.Scrape(t.Context())
		if !strings.Contains(got, want) || strings.Contains(got, "} 0\nlicense_up") {
			t.Errorf("with %d organizations, want %s:\n%s%s", organizations, want, got, h.Log.String())
		}
		for _, secret := range []string{simulator.DemoKey, "ZDEMO"} {
			if strings.Contains(got+h.Log.String(), secret) {
				t.Errorf("%s is shown", secret)
			}
		}
	}
}
