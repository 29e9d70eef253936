package snow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"license_exporter/client/rest"
)

func TestAddresses(t *testing.T) {
	got := []string{BaseURL(""), BaseURL("uksouth"), TokenURL(BaseURL("eastus2")), TokenURL("https://snow.test/base/")}
	want := []string{
		"https://westeurope.snowsoftware.io", "https://uksouth.snowsoftware.io",
		"https://eastus2.snowsoftware.io/idp/api/connect/token", "https://snow.test/base/idp/api/connect/token",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !KnownRegion(DefaultRegion) || KnownRegion("moon") || len(Regions()) != 4 {
		t.Error(Regions())
	}
}

func TestNewRefuses(t *testing.T) {
	s := serve(t, nil)
	o := func(o *Options) { o.BaseURL = "https://user:hidden@%zz" }
	var options Options
	o(&options)
	if _, err := New(options); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Error(err)
	}
	options = Options{Options: rest.Options{BaseURL: s.URL}}
	options.HTTP.TLSConfig.CAFile = filepath.Join(t.TempDir(), "none")
	if _, err := New(options); err == nil {
		t.Error("a missing file was taken")
	}
}

// TestTokenIsShared has all calls, at once and after each other, need one token.
func TestTokenIsShared(t *testing.T) {
	s := serve(t, answer(http.StatusOK, `{"items": []}`))
	c := s.client(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 3 {
				if _, err := collect(c.Policies(t.Context())); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s.tokens != 1 || len(s.seen()) != 60 {
		t.Errorf("%d tokens for %d requests, want 1 for 60", s.tokens, len(s.seen()))
	}
	if n := testutil.ToFloat64(s.metrics.Requests.WithLabelValues("token", "200")); n != 1 {
		t.Errorf("%v requests for tokens were metered, want 1", n)
	}
}

// TestTenantHasABudget sends one call of each kind, for each of which the tenant
// grants one request in a long time.
func TestTenantHasABudget(t *testing.T) {
	s := serve(t, answer(http.StatusOK, `{"items": [], "nodes": [], "id": "a"}`))
	for name, call := range map[string]func(context.Context, *Client) error{
		"listing":       func(ctx context.Context, c *Client) error { _, err := collect(c.Policies(ctx)); return err },
		"record":        func(ctx context.Context, c *Client) error { _, err := c.Application(ctx, "a"); return err },
		"organizations": func(ctx context.Context, c *Client) error { _, err := c.Organizations(ctx); return err },
	} {
		c := s.client(t, func(o *Options) { o.Budgets = rest.NewBudgets(rest.NewLimiter(0), 0.001) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := call(ctx, c); err != nil {
			t.Fatal(err)
		}
		if err := call(ctx, c); err == nil || rest.ReasonOf(err) != rest.ReasonRateLimited {
			t.Errorf("%s: a second call within the rate limit: %v", name, err)
		}
	}
}

// TestTokenIsRenewed has the API refuse the token of 20 calls at once.
func TestTokenIsRenewed(t *testing.T) {
	s := serve(t, answer(http.StatusOK, `{"items": []}`))
	c := s.client(t)
	if _, err := collect(c.Policies(t.Context())); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.rejected = "token1"
	s.mu.Unlock()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := collect(c.Policies(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.tokens != 2 {
		t.Errorf("%d tokens, want 2", s.tokens)
	}
}

// TestTokenStaysRefused ends after one renewal.
func TestTokenStaysRefused(t *testing.T) {
	s := serve(t, answer(http.StatusUnauthorized, `{"error": {"code": 401, "message": "token is invalid or expired"}}`))
	c := s.client(t)
	for range 3 {
		_, err := collect(c.Policies(t.Context()))
		if rest.ReasonOf(err) != rest.ReasonAuth || !strings.HasSuffix(err.Error(), "401 Unauthorized: token is invalid or expired") {
			t.Fatal(err)
		}
	}
	if s.tokens != 2 || len(s.seen()) != 4 {
		t.Errorf("%d tokens for %d requests, want 2 for 4", s.tokens, len(s.seen()))
	}
}

// The error has the endpoint's words, and the endpoint is asked once.
func TestBadCredentials(t *testing.T) {
	s := serve(t, nil)
	s.refusal = "client with secret " + testSecret + " is unknown"
	c := s.client(t)
	for range 3 {
		_, err := collect(c.Policies(t.Context()))
		if rest.ReasonOf(err) != rest.ReasonAuth {
			t.Fatal(err)
		}
		const want = "/licenses-policies: token endpoint: 400 Bad Request: invalid_client: client with secret [redacted] is unknown"
		if text := fmt.Sprintf("%+v", err); !strings.HasSuffix(text, want) || strings.Contains(text, testSecret) {
			t.Error(text)
		}
	}
	if s.tokens != 1 || len(s.seen()) != 0 {
		t.Errorf("%d requests for tokens and %d others, want 1 and 0", s.tokens, len(s.seen()))
	}
}

func TestSecretFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(testSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, answer(http.StatusOK, `{"items": []}`))
	c := s.client(t, func(o *Options) {
		o.HTTP.OAuth2.ClientSecret, o.HTTP.OAuth2.ClientSecretFile = "", file
	})
	if _, err := collect(c.Policies(t.Context())); err != nil {
		t.Error(err)
	}
}

func TestMessage(t *testing.T) {
	for body, want := range map[string]string{
		`{"error": {"code": 404, "message": "Resource with ID '49cdd99f-bc16-40f9-ad40-48f12182fb30' not found."}}`:  "Resource with ID '49cdd99f-bc16-40f9-ad40-48f12182fb30' not found.",
		`{"error": {"code": 400, "message": "key 15S45-7Y9L54-X8J7N, token eyJhbGciOiJ.eyJzdWI_x.y-z"}}`:             "key [redacted], token [redacted]",
		`{"error": {"code": 401, "message": "token ` + strings.Repeat("Zm9-b_", 14) + `Zm is invalid or expired."}}`: "token [redacted] is invalid or expired.",
		`{"error": {"code": 400}}`:                  "error 400",
		`{"error": {"code": 500, "message": null}}`: "error 500",
		`{"error": {"message": 7}}`:                 "7",
		`{"error": {"code": 500, "message": {}}}`:   "error 500", `{"error": {"code": [], "message": []}}`: "",
		`{"error": "invalid"}`: "",
		`{}`:                   "", `[]`: "", `null`: "", ``: "", `<html>no</html>`: "",
	} {
		if got := secrets.ReplaceAllString(message([]byte(body)), "[redacted]"); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// TestSecretsAreNotDecoded searches the decoded fixtures for what must
// not leave the package.
func TestSecretsAreNotDecoded(t *testing.T) {
	secret := []string{
		"licenseKeys", "notes", "invoiceReference", "licenseProofLocation", "mediaStorage", "vendor", "externalId", "productDescription",
		"computerId", "userId", "datacenterId", "virtualMachines", "parentComputerId", "extendedComputerId", "reasonDescription", "listItems",
		"contactId", "contactName", "contactDepartment", "contactPhone", "contactEmail",
		"manufacturerPhone", "manufacturerContact", "manufacturerContactPhone", "manufacturerContactEmail",
	}
	found := map[string]bool{}
	for _, o := range operations() {
		for version := range o.want {
			body := planted(t, fixture(t, version+"/"+o.fixture+".json"), secret, found)
			s := serve(t, answer(http.StatusOK, body))
			got, err := o.call(t.Context(), s.client(t))
			if text := fmt.Sprintf("%+v %v", got, err); strings.Contains(text, "planted") || err != nil {
				t.Errorf("%s/%s: %s", version, o.fixture, text)
			}
		}
	}
	for _, name := range secret {
		if !found[name] && name != "licenseKeys" {
			t.Errorf("no fixture has %s", name)
		}
	}
	// Keys come where a listing is expected, from a service that takes the
	// last part of the path for a license.
	s := serve(t, answer(http.StatusOK, planted(t, fixture(t, "1.7.0/license-detail.json"), secret, found)))
	got, err := collect(s.client(t).MaintenancePeriods(t.Context()))
	if text := fmt.Sprintf("%+v %v", got, err); strings.Contains(text, "planted") || !found["licenseKeys"] {
		t.Error(text)
	}
}

// planted puts a mark into the named properties of a fixture. The external
// identifiers of organizations are not secret.
func planted(t *testing.T, body []byte, names []string, found map[string]bool) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	var plant func(v any)
	plant = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, element := range v {
				plant(element)
			}
		case map[string]any:
			_, node := v["isLegal"]
			for _, name := range names {
				if _, ok := v[name]; ok && !node {
					v[name], found[name] = "planted "+name, true
				}
			}
			for _, member := range v {
				plant(member)
			}
		}
	}
	plant(v)
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
