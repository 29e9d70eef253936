package github

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vendor is an API with one answer.
type vendor struct {
	status int
	header http.Header
	body   string

	mu   sync.Mutex
	seen []*http.Request
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	v.seen = append(v.seen, r)
	v.mu.Unlock()
	for name, values := range v.header {
		w.Header()[name] = values
	}
	w.WriteHeader(v.status)
	_, _ = w.Write([]byte(v.body))
}

// serve returns a client of an API. Its pauses take no time, and are recorded.
func serve(t testing.TB, v *vendor) (c *Client, pauses *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	pauses = &[]time.Duration{}
	var passed time.Duration
	c, err := New(rest.Options{
		BaseURL: server.URL + "/api/v3", HTTP: config.HTTPClientConfig{BearerToken: "token"},
		Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(), Metrics: enginetest.ClientMetrics(),
		Clock: rest.Clock{
			Now:   func() time.Time { return time.Now().Add(passed) },
			Sleep: func(_ context.Context, d time.Duration) error { passed += d; *pauses = append(*pauses, d); return nil },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, pauses
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func number(n int64) scalar.Count { return scalar.Count{Int: scalar.Int{Value: n, Valid: true}} }

func itoa(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func at(text string) Time {
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return Time{scalar.Time{Time: parsed.UTC()}}
}

// read is an operation, with its path for the organization or enterprise "octo/1".
type read struct {
	path string
	call func(context.Context, *Client) (any, error)
}

var reads = map[string]read{
	"consumed licenses": {"/api/v3/enterprises/octo%2F1/consumed-licenses?per_page=1", func(ctx context.Context, c *Client) (any, error) {
		return c.ConsumedLicenses(ctx, "octo/1")
	}},
	"advanced security": {"/api/v3/enterprises/octo%2F1/settings/billing/advanced-security?per_page=1", func(ctx context.Context, c *Client) (any, error) {
		return c.AdvancedSecurity(ctx, "octo/1", "")
	}},
	"code security": {"/api/v3/enterprises/octo%2F1/settings/billing/advanced-security?advanced_security_product=code_security&per_page=1", func(ctx context.Context, c *Client) (any, error) {
		return c.AdvancedSecurity(ctx, "octo/1", CodeSecurity)
	}},
	"copilot seats": {"/api/v3/enterprises/octo%2F1/copilot/billing/seats?per_page=1", func(ctx context.Context, c *Client) (any, error) {
		return c.CopilotSeats(ctx, "octo/1")
	}},
	"organization": {"/api/v3/orgs/octo%2F1", func(ctx context.Context, c *Client) (any, error) {
		return c.Organization(ctx, "octo/1")
	}},
	"copilot billing": {"/api/v3/orgs/octo%2F1/copilot/billing", func(ctx context.Context, c *Client) (any, error) {
		return c.CopilotBilling(ctx, "octo/1")
	}},
	"license": {"/api/v3/enterprise/settings/license", func(ctx context.Context, c *Client) (any, error) {
		return c.License(ctx, "octo/1")
	}},
}

// The documented and the recorded answers are decoded as they are meant, and each request is as GitHub asks for.
func TestAnswers(t *testing.T) {
	for file, test := range map[string]struct {
		read string
		want any
	}{
		"consumed-licenses":      {"consumed licenses", ConsumedLicenses{Consumed: number(20), Purchased: number(25)}},
		"advanced-security":      {"code security", AdvancedSecurity{Total: number(2), Maximum: number(3), Purchased: number(4)}},
		"advanced-security.none": {"advanced security", AdvancedSecurity{Total: number(0), Maximum: number(0)}},
		"copilot-seats":          {"copilot seats", CopilotSeats{Total: number(2)}},
		"copilot-billing": {"copilot billing", CopilotBilling{Plan: "business", Breakdown: SeatBreakdown{
			Total: number(12), Active: number(12), Inactive: number(11), Added: number(9), PendingCancellation: number(0), PendingInvitation: number(0),
		}}},
		"organization":        {"organization", Organization{Login: "github", Plan: &Plan{Name: "Medium", Seats: number(5), Filled: number(4)}}},
		"organization.member": {"organization", Organization{Login: "github"}},
		"organization.team":   {"organization", Organization{Login: "REDACTED-LOGIN", Plan: &Plan{Name: "team", Seats: number(6), Filled: number(6)}}},
		"license": {"license", License{
			Seats: Seats{number(1400).Int}, Used: number(1316), Available: Seats{number(84).Int}, Kind: "standard", ExpireAt: at("2016-02-06T18:41:52Z"),
		}},
		"license.unlimited": {"license", License{Used: number(1234), Kind: "evaluation", ExpireAt: at("2021-03-01T07:59:59Z")}},
	} {
		t.Run(file, func(t *testing.T) {
			v := &vendor{status: http.StatusOK, body: fixture(t, file)}
			c, _ := serve(t, v)
			got, err := reads[test.read].call(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			r := v.seen[0]
			if got, want := r.Method+" "+r.RequestURI, "GET "+reads[test.read].path; got != want {
				t.Errorf("the request is %s, want %s", got, want)
			}
			for name, want := range map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28", "Authorization": "Bearer token"} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// A value that cannot be read costs neither the answer nor the other values.
func TestOddValues(t *testing.T) {
	for name, test := range map[string]struct {
		read, body string
		want       any
	}{
		"numbers as texts": {"consumed licenses", `{"total_seats_consumed": "20", "total_seats_purchased": null}`, ConsumedLicenses{Consumed: number(20)}},
		"no number":        {"copilot seats", `{"total_seats": "some"}`, CopilotSeats{Total: scalar.Count{Int: scalar.Int{Unreadable: true}}}},
		"no plan":          {"organization", `{"login": "github", "plan": null}`, Organization{Login: "github"}},
		"Unlimited":        {"license", `{"seats": "Unlimited", "kind": "standard"}`, License{Kind: "standard"}},
		"other seats":      {"license", `{"seats": [], "kind": "standard"}`, License{Kind: "standard", Seats: Seats{scalar.Int{Unreadable: true}}}},
		"another date":     {"license", `{"kind": "standard", "expire_at": "soon"}`, License{Kind: "standard", ExpireAt: Time{scalar.Time{Unreadable: true}}}},
		"no end":           {"license", `{"kind": "standard", "expire_at": null}`, License{Kind: "standard"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := serve(t, &vendor{status: http.StatusOK, body: test.body})
			got, err := reads[test.read].call(t.Context(), c)
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A rate limit is one, whatever the status. The pause is that which GitHub asks for.
func TestRateLimits(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	date := now.UTC().Format(http.TimeFormat)
	reset := now.Add(20 * time.Minute)
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   string
		want   time.Duration // 0 if it is no rate limit
	}{
		"primary": {http.StatusForbidden, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {itoa(reset)}, "Date": {date}},
			`{"message": "API rate limit exceeded for user ID 1."}`, 20 * time.Minute},
		"primary with 429": {http.StatusTooManyRequests, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {itoa(reset)}, "Date": {date}}, `{"message": "x"}`, 20 * time.Minute},
		"secondary":        {http.StatusForbidden, http.Header{"Retry-After": {"90"}, "X-Ratelimit-Remaining": {"14"}}, fixture(t, "rate-limit"), 90 * time.Second},
		"both":             {http.StatusForbidden, http.Header{"Retry-After": {"90"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {itoa(reset)}}, fixture(t, "rate-limit"), 90 * time.Second},
		"without a time":   {http.StatusForbidden, http.Header{"X-Ratelimit-Remaining": {"14"}, "X-Ratelimit-Reset": {itoa(reset)}}, fixture(t, "rate-limit"), time.Minute},
		"a permission":     {http.StatusForbidden, http.Header{"X-Ratelimit-Remaining": {"14"}, "X-Ratelimit-Reset": {itoa(reset)}}, `{"message": "Must have admin rights", "documentation_url": "https://docs.github.com/rest/rate-limit"}`, 0},
		"no time":          {http.StatusForbidden, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"soon"}}, `{"message": "Must have admin rights"}`, 0},
		"not found":        {http.StatusNotFound, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {itoa(reset)}}, `{"message": "Not Found"}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{status: test.status, header: test.header, body: test.body}
			c, pauses := serve(t, v)
			_, err := c.CopilotSeats(t.Context(), "octo")
			var e *rest.Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			limited := e.Reason == rest.ReasonRateLimited
			if limited != (test.want > 0) {
				t.Errorf("the reason is %s: %v", e.Reason, err)
			}
			if test.want == 0 {
				return
			}
			if !strings.Contains(test.body, e.Message) || e.Message == "" {
				t.Errorf("the message is %q", e.Message)
			}
			if p := slices.Min(*pauses); p < test.want-2*time.Second || p > test.want+15*time.Second {
				t.Errorf("the pauses are %s, want %s", *pauses, test.want)
			}
		})
	}
}

// Errors say what GitHub says and what to do, and are classified by GitHub's words.
func TestRefusals(t *testing.T) {
	const saml = `{"message": "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.", "status": "403"}`
	for name, test := range map[string]struct {
		read          string
		status        int
		body          string
		reason        rest.Reason
		notApplicable bool
		contains      string
	}{
		"wrong token":       {"organization", http.StatusUnauthorized, `{"message": "Bad credentials", "status": "401"}`, rest.ReasonAuth, false, "401 Unauthorized: Bad credentials"},
		"single sign-on":    {"copilot billing", http.StatusForbidden, saml, rest.ReasonForbidden, false, "select Configure SSO"},
		"no Copilot":        {"copilot billing", http.StatusNotFound, fixture(t, "not-enabled"), rest.ReasonNotFound, true, "Copilot Business is not enabled"},
		"no site admin":     {"license", http.StatusNotFound, `{"message": "Not Found"}`, rest.ReasonNotFound, false, "with the scope site_admin"},
		"hidden":            {"organization", http.StatusNotFound, `{"message": "Not Found"}`, rest.ReasonNotFound, false, "404 Not Found: Not Found"},
		"of a gateway":      {"organization", http.StatusForbidden, `<html>Sorry</html>`, rest.ReasonForbidden, false, "403 Forbidden"},
		"message of a list": {"organization", http.StatusForbidden, `{"message": ["x"]}`, rest.ReasonForbidden, false, "403 Forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"X-Github-Sso": {"required; url=https://github.com/orgs/octo/sso?authorization_request=SECRET"}}
			c, _ := serve(t, &vendor{status: test.status, body: test.body, header: header})
			_, err := reads[test.read].call(t.Context(), c)
			if rest.ReasonOf(err) != test.reason || errors.Is(err, rest.ErrNotApplicable) != test.notApplicable || !strings.Contains(err.Error(), test.contains) {
				t.Errorf("the error is %v", err)
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error shows the address of single sign-on: %v", err)
			}
		})
	}
}

// GitHub's messages might repeat what must not be shown.
func TestMessagesShowNoSecrets(t *testing.T) {
	const text = "ghp_abcDEF123, github_pat_11ABC_def, 0123456789abcdef0123456789abcdef01234567, octocat@example.com, https://github.com/orgs/o/sso?authorization_request=AAA.B"
	c, _ := serve(t, &vendor{status: http.StatusForbidden, body: `{"message": "` + text + `"}`})
	_, err := c.CopilotSeats(t.Context(), "octo")
	var e *rest.Error
	if want := strings.Repeat("[redacted], ", 4) + "[redacted]"; !errors.As(err, &e) || e.Message != want {
		t.Errorf("the message is %q, want %q", e.Message, want)
	}
}
