package elasticsearch

import (
	"context"
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

// vendor is a cluster with one answer.
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
		BaseURL: server.URL + "/es", HTTP: config.HTTPClientConfig{Authorization: &config.Authorization{Type: "ApiKey", Credentials: "secret-key"}},
		Budgets: rest.NewBudgets(nil, 0), Logger: log.NewNopLogger(), Metrics: enginetest.ClientMetrics(),
		Clock: rest.Clock{Sleep: func(context.Context, time.Duration) error { return nil }},
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

func version(number string) Info {
	var i Info
	i.ClusterUUID, i.Version.Number = "u", scalar.Text(number)
	return i
}

func TestInfo(t *testing.T) {
	v := &vendor{}
	c := serve(t, v)
	for name, want := range map[string]string{
		"info-5.json":          "elasticsearch 5W1AwZb4T0iZJiqFOWolFg 5.6.12",
		"info-6.json":          "08bc0101dd9d0218a29c0c8feedbfa3c B1Xs11KzRiujke8RTPT2cA 6.1.1",
		"info-7.json":          "cluster-a wv4925kBQAarma0wiJvJFA 7.16.3",
		"info-opensearch.json": "cluster-a wv4925kBQAarma0wiJvJFA 2.11.0 opensearch",
		"info-serverless.json": "cluster-a wv4925kBQAarma0wiJvJFA 8.11.0 serverless",
	} {
		v.set(http.StatusOK, fixture(t, name))
		i, err := c.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join([]string{string(i.ClusterName), string(i.ClusterUUID), string(i.Version.Number)}, " ")
		if i.IsOpenSearch() {
			got += " opensearch"
		}
		if i.IsServerless() {
			got += " serverless"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if diff := cmp.Diff([]string{"GET /es/ ApiKey secret-key"}, v.seen); diff != "" {
			t.Errorf("the requests differ (-want +got):\n%s", diff)
		}
	}
}

// The path and the query depend on the version.
func TestRequestOfALicense(t *testing.T) {
	v := &vendor{}
	c := serve(t, v)
	for number, want := range map[string]string{
		"2.4.6": "/_license", "5.6.12": "/_xpack/license", "6.8.23": "/_xpack/license", "7.5.2": "/_license",
		"7.6.0": "/_license?accept_enterprise=true", "7.17.27": "/_license?accept_enterprise=true", "8.15.3": "/_license", "10.0.0-SNAPSHOT": "/_license", "": "/_license",
	} {
		v.set(http.StatusOK, fixture(t, "license-trial.json"))
		if _, err := c.License(t.Context(), version(number)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"GET /es" + want + " ApiKey secret-key"}, v.seen); diff != "" {
			t.Errorf("version %q (-want +got):\n%s", number, diff)
		}
	}
}

func TestLicense(t *testing.T) {
	v := &vendor{status: http.StatusOK, body: fixture(t, "license-trial.json")}
	got, err := serve(t, v).License(t.Context(), version("9.1.0"))
	if err != nil {
		t.Fatal(err)
	}
	number := func(n int64) scalar.Int { return scalar.Int{Value: n, Valid: true} }
	want := License{
		UID: "cbff45e7-c553-41f7-ae4f-9205eabd80xx", Type: "trial", Status: "active", StartMillis: number(-1), ExpiryMillis: number(1542665112332),
		Expiry: Expiry{scalar.Time{Time: time.Date(2018, time.November, 19, 22, 5, 12, 332e6, time.UTC)}}, MaxNodes: number(1000),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is decoded differs (-want +got):\n%s", diff)
	}
}

func TestEndOfALicense(t *testing.T) {
	v := &vendor{}
	c := serve(t, v)
	for license, want := range map[string]string{
		`"expiry_date_in_millis": 1777593599999, "expiry_date": "2030-01-01T00:00:00Z"`:                "2026-04-30T23:59:59.999Z",
		`"expiry_date_in_millis": "x", "expiry_date": "2030-01-01T00:00:00Z"`:                          "2030-01-01T00:00:00Z",
		`"expiry_date": "2030-01-01T00:00:00Z"`:                                                        "2030-01-01T00:00:00Z",
		`"expiry_date_in_millis": 9223372005318775807`:                                                 "none",
		`"expiry_date_in_millis": 9223372036854775807`:                                                 "none",
		`"expiry_date_in_millis": 9223372036854775807, "expiry_date": "292278994-08-17T07:12:55.807Z"`: "none",
		`"expiry_date": "+292278994-08-17T07:12:55.807Z"`:                                              "none",
		`"uid": "1"`:                        "none",
		`"expiry_date_in_millis": -1`:       "unknown",
		`"expiry_date_in_millis": "soon"`:   "unknown",
		`"expiry_date": "soon"`:             "unknown",
		`"expiry_date_in_millis": {"a": 1}`: "unknown",
	} {
		v.set(http.StatusOK, `{"license": {"type": "gold", `+license+`}}`)
		l, err := c.License(t.Context(), version("9.1.0"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(license, "292278994") && l.Expiry.Bad() {
			t.Errorf("%s: the date counts as unreadable", license)
		}
		end, unknown := l.End()
		got := end.Format(time.RFC3339Nano)
		if unknown {
			got = "unknown"
		} else if end.IsZero() {
			got = "none"
		}
		if got != want {
			t.Errorf("%s: the end is %s, want %s", license, got, want)
		}
	}
}

func TestHealth(t *testing.T) {
	v := &vendor{status: http.StatusOK, body: fixture(t, "health.json")}
	h, err := serve(t, v).Health(t.Context(), version("9.1.0"))
	if err != nil || h.NumberOfNodes.Value != 1 {
		t.Errorf("the health is %+v, %v", h, err)
	}
	v.set(http.StatusOK, `{"number_of_nodes": -1}`)
	if h, err := serve(t, v).Health(t.Context(), version("9.1.0")); err != nil || h.NumberOfNodes.Pointer() != nil {
		t.Errorf("there are %+v, %v", h, err)
	}
	if diff := cmp.Diff([]string{"GET /es/_cluster/health ApiKey secret-key"}, v.seen); diff != "" {
		t.Errorf("the requests differ (-want +got):\n%s", diff)
	}
}

// Errors have the vendor's message and say what to do, and show neither the key nor people.
func TestErrors(t *testing.T) {
	v := &vendor{}
	c := serve(t, v)
	info := func() error { _, err := c.Info(t.Context()); return err }
	license := func() error { _, err := c.License(t.Context(), version("9.1.0")); return err }
	health := func() error { _, err := c.Health(t.Context(), version("9.1.0")); return err }
	security := func(reason string) string {
		return `{"error": {"root_cause": [{"type": "security_exception", "reason": "` + reason + `"}], "type": "security_exception", "reason": "` + reason + `"}, "status": 403}`
	}
	for name, test := range map[string]struct {
		call     func() error
		status   int
		body     string
		reason   rest.Reason
		requests int
		want     []string
	}{
		"no key":      {info, 401, security("missing authentication credentials for REST request [/]"), rest.ReasonAuth, 1, []string{"missing authentication credentials"}},
		"not formed":  {info, 200, fixture(t, "info-na.json"), rest.ReasonDecode, 1, []string{"has not formed"}},
		"no UUID":     {info, 200, `{"cluster_name": "x"}`, rest.ReasonDecode, 1, []string{"no cluster_uuid"}},
		"starting":    {license, 404, `{}`, rest.ReasonNotFound, 4, []string{"has just started"}},
		"no license":  {license, 200, `{"license": {"uid": "1"}}`, rest.ReasonDecode, 1, []string{"no license with a type"}},
		"null":        {license, 200, `{"license": null}`, rest.ReasonDecode, 1, []string{"no license with a type"}},
		"no monitor":  {license, 403, security("action [cluster:monitor/xpack/license/get] is unauthorized for API key id [REDACTED-ID] of user [REDACTED-USER], this action is granted by the cluster privileges [monitor,manage,all]"), rest.ReasonForbidden, 1, []string{"[redacted] of [redacted]", "cluster privilege monitor"}},
		"has ended":   {health, 403, security("current license is non-compliant for [security]"), rest.ReasonForbidden, 1, []string{"the license has ended"}},
		"serverless":  {health, 410, `{"error": {"type": "api_not_available_exception", "reason": "exists but is not available when running in serverless mode"}}`, rest.ReasonServer, 1, []string{"serverless mode"}},
		"plain error": {health, 405, `{"error": "Incorrect HTTP method for uri", "status": 405}`, rest.ReasonServer, 1, []string{"Incorrect HTTP method"}},
	} {
		t.Run(name, func(t *testing.T) {
			v.set(test.status, test.body)
			err := test.call()
			if err == nil || rest.ReasonOf(err) != test.reason || len(v.seen) != test.requests {
				t.Fatalf("after %d requests, the error is %v, want the reason %s after %d", len(v.seen), err, test.reason, test.requests)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q lacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret-key") || strings.Contains(err.Error(), "REDACTED") {
				t.Errorf("the error %q shows too much", err)
			}
		})
	}
}

// Any answer is read or is an error.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		`{"license": {"type": "gold", "uid": {}, "expiry_date_in_millis": 1e400}}`, `{"license": []}`, `{"number_of_nodes": "x"}`, `{"cluster_uuid": "_na_"}`,
		`{"cluster_uuid": "u", "version": {"number": "7.x"}}`, `{"error": {"reason": "for user [a]"}}`, `{"error": "x"}`, `null`, ``, `<html>`,
	} {
		f.Add(uint8(0), body)
		f.Add(uint8(1), body)
	}
	v := &vendor{}
	c := serve(f, v)
	f.Fuzz(func(t *testing.T, code uint8, body string) {
		status := []int{200, 403, 401, 400}[code%4]
		v.set(status, body)
		_, errInfo := c.Info(t.Context())
		l, errLicense := c.License(t.Context(), version("8.0.0"))
		_, errHealth := c.Health(t.Context(), version("8.0.0"))
		for _, err := range []error{errInfo, errLicense, errHealth} {
			if err == nil && status != http.StatusOK {
				t.Errorf("the answer %d %s is accepted", status, body)
			}
			if err != nil && people.MatchString(err.Error()) {
				t.Errorf("the error shows a user: %v", err)
			}
		}
		if end, unknown := l.End(); unknown && !end.IsZero() || end.Year() >= 9999 {
			t.Errorf("%s: the end is %s, unknown %v", body, end, unknown)
		}
	})
}
