package gitlab

import (
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
	"github.com/prometheus/common/config"
	"go.uber.org/goleak"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
	"license_exporter/internal/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vendor is an instance with one answer.
type vendor struct {
	mu     sync.Mutex
	status int
	body   string
	seen   []string // the requests
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen = append(v.seen, r.Method+" "+r.RequestURI+" "+r.Header.Get("Authorization"))
	w.WriteHeader(v.status)
	_, _ = w.Write([]byte(v.body))
}

func (v *vendor) set(status int, body string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.status, v.body, v.seen = status, body, nil
}

func serve(t testing.TB, v *vendor) *Client {
	t.Helper()
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	c, err := New(rest.Options{
		BaseURL: server.URL + "/git", HTTP: config.HTTPClientConfig{BearerToken: "glpat-secret-token"},
		Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(), Metrics: enginetest.ClientMetrics(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func number(n int64) scalar.Int  { return scalar.Int{Value: n, Valid: true} }
func count(n int64) scalar.Count { return scalar.Count{Int: number(n)} }

func day(text string) scalar.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return scalar.Time{Time: d}
}

var no = scalar.Bool{Valid: true}

func TestLicense(t *testing.T) {
	for name, want := range map[string]License{
		"license.json": {
			ID: number(2), Plan: "ultimate", StartsAt: day("2018-01-27"), ExpiresAt: day("2022-01-27"), Expired: no, UserLimit: count(100),
			ActiveUsers: count(300), Overage: number(200), MaximumUserCount: count(300), HistoricalMax: count(300),
			AddOns: map[string]scalar.Int{"GitLab_FileLocks": number(1), "GitLab_Auditor_User": number(1)},
		},
		"license-2018.json": {
			ID: number(1), Plan: "silver", StartsAt: day("2018-01-27"), ExpiresAt: day("2022-01-27"), Expired: no, UserLimit: count(100),
			ActiveUsers: count(50), Overage: number(200), HistoricalMax: count(300),
			AddOns: map[string]scalar.Int{"GitLab_FileLocks": number(1), "GitLab_Auditor_User": number(0)},
		},
		"license-2015.json": {
			StartsAt: day("2015-10-24"), ExpiresAt: day("2016-10-24"), UserLimit: count(100), ActiveUsers: count(60),
			AddOns: map[string]scalar.Int{"GitLab_FileLocks": number(100)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := &vendor{status: http.StatusOK, body: fixture(t, name)}
			got, err := serve(t, v).License(t.Context(), "gitlab.example.com")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what is decoded differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"GET /git/api/v4/license Bearer glpat-secret-token"}, v.seen); diff != "" {
				t.Errorf("the requests differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNamespace(t *testing.T) {
	v := &vendor{status: http.StatusOK, body: fixture(t, "namespace-paid.json")}
	got, err := serve(t, v).Namespace(t.Context(), "group1")
	if err != nil {
		t.Fatal(err)
	}
	want := Namespace{
		FullPath: "group1", Plan: "ultimate", EndDate: day("2026-06-18"), Trial: no,
		BillableMembersCount: count(4), SeatsInUse: count(2), MaxSeatsUsed: count(3),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is decoded differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"GET /git/api/v4/namespaces/group1 Bearer glpat-secret-token"}, v.seen); diff != "" {
		t.Errorf("the requests differ (-want +got):\n%s", diff)
	}
}

// Errors have the vendor's message and say what to do, and show no token.
func TestErrors(t *testing.T) {
	v := &vendor{}
	c := serve(t, v)
	license := func() error { _, err := c.License(t.Context(), "h"); return err }
	namespace := func() error { _, err := c.Namespace(t.Context(), "group1"); return err }
	for name, test := range map[string]struct {
		call   func() error
		status int
		body   string
		reason rest.Reason
		want   []string
	}{
		"wrong token":       {license, 401, `{"message": "401 Unauthorized"}`, rest.ReasonAuth, []string{": 401 Unauthorized"}},
		"revoked token":     {license, 401, `{"error": "invalid_token", "error_description": "Token glpat-secret-token was revoked."}`, rest.ReasonAuth, []string{"was revoked."}},
		"no administrator":  {license, 403, `{"message": "403 Forbidden"}`, rest.ReasonForbidden, []string{"403 Forbidden", "of an administrator", "read_api", "admin_mode"}},
		"missing scope":     {license, 403, `{"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token.", "scope": "api read_api"}`, rest.ReasonForbidden, []string{"higher privileges", "read_api"}},
		"Community Edition": {license, 404, `{"error": "404 Not Found"}`, rest.ReasonNotFound, []string{"Community Edition has no license"}},
		"gateway":           {license, 404, `<html>Not found</html>`, rest.ReasonNotFound, []string{"404 Not Found"}},
		"no license":        {license, 200, `null`, rest.ReasonDecode, []string{"the instance has no license"}},
		"another object":    {license, 200, `{"id": 5}`, rest.ReasonDecode, []string{"is not a license"}},
		"too many":          {license, 400, `{"message": {"error": "This endpoint has been requested too many times. Try again later."}}`, rest.ReasonServer, []string{"too many times"}},
		"unknown group":     {namespace, 404, `{"message": "404 Namespace Not Found"}`, rest.ReasonNotFound, []string{"404 Namespace Not Found", "entry in groups"}},
		"no Owner":          {namespace, 200, fixture(t, "namespace-guest.json"), rest.ReasonNotFound, []string{"Owner of the group"}},
		"subgroup":          {namespace, 200, fixture(t, "namespace-subgroup.json"), rest.ReasonNotFound, []string{"top-level group"}},
		"wrong group token": {namespace, 401, `{"message": "401 Unauthorized"}`, rest.ReasonAuth, []string{": 401 Unauthorized"}},
	} {
		t.Run(name, func(t *testing.T) {
			v.set(test.status, test.body)
			err := test.call()
			if err == nil || rest.ReasonOf(err) != test.reason {
				t.Fatalf("the error is %v, want the reason %s", err, test.reason)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q lacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret-token") {
				t.Errorf("the error %q shows the token", err)
			}
		})
	}
}

// Any answer is read or is an error, and no token is shown.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{`{"id": 1, "plan": "premium", "expires_at": "2030-01-01"}`, `{"plan": {}, "add_ons": [1]}`, `{"add_ons": {"a": 1e400, "b": "x"}}`, `null`, `[]`, ``} {
		f.Add(uint16(http.StatusOK), body)
	}
	for _, body := range []string{`{"message": "glpat-ABCDEFGHIJKLMNOP1234"}`, `{"message": {"error": 5}}`, `{"error": {}, "error_description": "x"}`, `"x"`, `<html>`} {
		f.Add(uint16(http.StatusForbidden), body)
	}
	v := &vendor{}
	c := serve(f, v)
	f.Fuzz(func(t *testing.T, code uint16, body string) {
		status := []int{200, 400, 401, 403, 404}[code%5]
		v.set(status, body)
		_, errLicense := c.License(t.Context(), "h")
		_, errNamespace := c.Namespace(t.Context(), "group1")
		for _, err := range []error{errLicense, errNamespace} {
			if err == nil && status != http.StatusOK {
				t.Errorf("the answer %d %s is accepted", status, body)
			}
			if err != nil && secrets.MatchString(err.Error()) {
				t.Errorf("the error shows a token: %v", err)
			}
		}
	})
}
