package snow

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"license_exporter/internal/simulator"
	"license_exporter/internal/simulator/simtest"
)

const (
	testClient = "client-for-tests"
	testSecret = "secret:for tests" // contains characters that are encoded in a header
	zeroesPath = samPath + "/licenses/" + noGUID

	policiesPath = samPath + "/licenses-policies"
	coveragePath = samPath + "/extended-coverage"
	registryPath = "/api/sam/software-registry/v1"
)

func licensePath(index int) string { return samPath + "/licenses/" + licenseGUID(index) }

func newTest(o Options) *API {
	if o.ClientID == "" {
		o.ClientID, o.ClientSecret = testClient, testSecret
	}
	if o.Now == nil {
		o.Now = func() time.Time { return simtest.Now }
	}
	if o.Estate.book == nil {
		o.Estate, o.Limits.Off = DemoEstate(), true
	}
	return New(o)
}

type object = simulator.Object

// api is a simulated API on a real connection.
type api struct{ *simtest.Client }

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves a simulated API and requests a token. By default it is that of the demo without limits.
func start(t *testing.T, o Options) (*api, *API) {
	t.Helper()
	s := newTest(o)
	a := &api{simtest.Connect(t, s)}
	a.Token = a.token()
	return a, s
}

// read gets a path and decodes the answer, whose status must be 200.
func read[T any](a *api, target string) T {
	a.T.Helper()
	return simtest.Read[T](a.Client, target)
}

var formHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

// grantRequest is the body of a request for a token.
func grantRequest(id, secret string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
}

// token requests a token.
func (a *api) token() string {
	a.T.Helper()
	r := a.Send(http.MethodPost, tokenPath, formHeader, grantRequest(testClient, testSecret).Encode())
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(r.Body), &granted); err != nil || r.Status != http.StatusOK {
		a.T.Fatalf("token: %d %s", r.Status, r.Body)
	}
	return granted.AccessToken
}

func TestTokens(t *testing.T) {
	a, s := start(t, Options{})
	basic := func(id, secret string) http.Header {
		h := formHeader.Clone()
		credentials := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
		return h
	}
	limited := grantRequest(testClient, testSecret)
	limited.Set("resource", resource)
	elsewhere := grantRequest(testClient, testSecret)
	elsewhere.Set("resource", "api://example.com")
	tests := []struct {
		name   string
		header http.Header
		body   string
		status int
		text   string
	}{
		{"in the body", formHeader, grantRequest(testClient, testSecret).Encode(), 200, `"expires_in":3600,"token_type":"Bearer"`},
		{"in the header", basic(testClient, testSecret), "grant_type=client_credentials", 200, `"expires_in":3600`},
		{"for the product APIs", formHeader, limited.Encode(), 200, simulator.FakeKeyMarker},
		{"for another resource", formHeader, elsewhere.Encode(), 400, `{"error":"invalid_target"}`},
		{"wrong secret", formHeader, grantRequest(testClient, "wrong").Encode(), 400, `{"error":"invalid_client"}`},
		{"wrong client", formHeader, grantRequest("wrong", testSecret).Encode(), 400, `{"error":"invalid_client"}`},
		{"wrong header", basic(testClient, "wrong"), "grant_type=client_credentials", 400, `{"error":"invalid_client"}`},
		{"nothing", formHeader, "", 400, `{"error":"invalid_client"}`},
		{"another grant", formHeader, "client_id=" + testClient + "&client_secret=" + url.QueryEscape(testSecret) + "&grant_type=password", 400,
			`{"error":"unsupported_grant_type"}`},
		{"JSON", http.Header{"Content-Type": {"application/json"}}, "{}", 400, `"error":"invalid_request"`},
	}
	for _, test := range tests {
		r := a.Send(http.MethodPost, tokenPath, test.header, test.body)
		if r.Status != test.status || !strings.Contains(r.Body, test.text) {
			t.Errorf("%s: %d %s, want %d and %s", test.name, r.Status, r.Body, test.status, test.text)
		}
	}
	if r := a.Send(http.MethodGet, tokenPath, nil, ""); r.Status != 405 || r.Header.Get("Allow") != "POST" {
		t.Errorf("GET: %d, Allow %q", r.Status, r.Header.Get("Allow"))
	}
	if got := len(s.tokens.ends); got != 4 {
		t.Errorf("%d tokens issued, want 4", got)
	}
	if got := s.Requests()["token"]; got != len(tests)+2 {
		t.Errorf("%d requests for tokens, want %d", got, len(tests)+2)
	}
	if r := httptest.NewRecorder(); true {
		New(Options{}).ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodPost, tokenPath, http.NoBody))
		if r.Code != 400 {
			t.Errorf("without credentials: %d", r.Code)
		}
	}
}

func TestAuthorization(t *testing.T) {
	a, _ := start(t, Options{})
	refused := func(name string, header http.Header) {
		t.Helper()
		r := a.Send(http.MethodGet, samPath+"/licenses", header, "")
		if r.Status != 401 || r.Body != `{"error":{"code":401,"message":"The token is invalid or expired."}}` {
			t.Errorf("%s: %d %s", name, r.Status, r.Body)
		}
	}
	refused("no token", nil)
	refused("empty token", simtest.Bearer(""))
	refused("wrong token", simtest.Bearer("wrong"))
	refused("basic", http.Header{"Authorization": {"Basic " + a.Token}})
	if r := a.Get(samPath + "/licenses?page_size=1"); r.Status != http.StatusOK {
		t.Errorf("a good token: %d %s", r.Status, r.Body)
	}
}

// ask sends one request without a connection, since a synctest bubble cannot have one.
func ask(ctx context.Context, s *API, token, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Header = simtest.Bearer(token)
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, r)
	return recorder
}

func TestTokensExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTest(Options{})
		token := s.tokens.issue()
		time.Sleep(time.Hour - time.Millisecond)
		if r := ask(t.Context(), s, token, samPath+"/licenses"); r.Code != 200 {
			t.Errorf("before its end: %d", r.Code)
		}
		time.Sleep(time.Millisecond)
		if r := ask(t.Context(), s, token, samPath+"/licenses"); r.Code != 401 {
			t.Errorf("at its end: %d", r.Code)
		}
		s.tokens.issue()
		if n := len(s.tokens.ends); n != 1 {
			t.Errorf("%d tokens kept, want the last one", n)
		}
	})
}

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTest(Options{Estate: DemoEstate()})
		token := s.tokens.issue()
		path := samPath + "/licenses?page_size=1"
		for i := range clientBurst {
			if code := ask(t.Context(), s, token, path).Code; code != 200 {
				t.Fatalf("request %d: %d", i, code)
			}
		}
		r := ask(t.Context(), s, token, path)
		seconds, err := strconv.Atoi(r.Header().Get("Retry-After"))
		if r.Code != 429 || err != nil || seconds < 1 || s.RateLimited() != 1 {
			t.Errorf("%d, Retry-After %q, %d limited", r.Code, r.Header().Get("Retry-After"), s.RateLimited())
		}
		if r.Body.String() != `{"error":{"code":429,"message":"Too many requests."}}` {
			t.Errorf("body %s", r.Body)
		}
		form := httptest.NewRequestWithContext(t.Context(), http.MethodPost, tokenPath,
			strings.NewReader(grantRequest(testClient, testSecret).Encode()))
		form.Header = formHeader
		recorder := httptest.NewRecorder()
		if s.ServeHTTP(recorder, form); recorder.Code != 429 {
			t.Errorf("a token beyond the limit: %d", recorder.Code)
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		if code := ask(t.Context(), s, token, path).Code; code != 200 {
			t.Errorf("after Retry-After: %d", code)
		}
		own := newTest(Options{Estate: DemoEstate(), Limits: Limits{Client: 2}})
		token = own.tokens.issue()
		for i, want := range []int{200, 200, 429} {
			if code := ask(t.Context(), own, token, path).Code; code != want {
				t.Errorf("two a second, request %d: %d", i, code)
			}
		}
	})
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTest(Options{Latency: 3 * time.Second})
		began := time.Now()
		if code := ask(t.Context(), s, s.tokens.issue(), samPath+"/licenses").Code; code != 200 || time.Since(began) != 3*time.Second {
			t.Errorf("%d after %v", code, time.Since(began))
		}
	})
}

func TestRefusals(t *testing.T) {
	a, s := start(t, Options{Withheld: []string{"sam.orgtree.r", "getPolicies"}})
	unknown := guid(guidLicense, 99_999, 0)
	first := licensePath(0)
	tests := []struct {
		target string
		status int
		text   string
	}{
		{samPath + "/licenses/" + unknown, 404, "Resource with ID '" + unknown + "' not found."},
		{zeroesPath, 404, noGUID},
		{samPath + "/licenses/1", 400, "'1' is not valid"},
		{samPath + "/licenses/" + unknown + "/costs", 404, unknown},
		{first + "/assignments/site", 404, licenseGUID(0)},
		{first + "/unknown", 404, "Resource not found."},
		{samPath + "/licenses/", 404, "Resource not found."},
		{samPath + "/licenses/tracking/" + noGUID + "/users", 404, noGUID},
		{samPath + "/licenses/transfers/" + noGUID + "/users", 404, noGUID},
		{samPath + "/compliance/summary/" + noGUID, 404, noGUID},
		{samPath + "/licenses-policies/" + noGUID + "/fields", 404, noGUID},
		{"/api/sam/v2/agreements/" + noGUID + "/periods", 404, noGUID},
		{"/api/sam/v2/agreements/none", 400, "'none'"},
		{registryPath + "/applications" + "/" + noGUID, 404, noGUID},
		{"/unknown", 404, "Resource not found."},
		{samPath + "/licenses?page_size=0", 400, "page_size"},
		{samPath + "/licenses?page_size=many", 400, "page_size"},
		{samPath + "/licenses?page_number=0", 400, "page_number"},
		{samPath + "/licenses/entitlements/entitlement-states?filter=id%20-exists%20true", 400, "filter"},
		{"/api/organizations/v1/tree", 403, "sam.orgtree.r"},
		{samPath + "/licenses-policies", 403, "not purchased"},
	}
	for _, test := range tests {
		r := a.Get(test.target)
		prefix := fmt.Sprintf(`{"error":{"code":%d,"message":"`, test.status)
		if r.Status != test.status || !strings.HasPrefix(r.Body, prefix) || !strings.Contains(r.Body, test.text) {
			t.Errorf("GET %s: %d %s, want %d and %q", test.target, r.Status, r.Body, test.status, test.text)
		}
	}
	if r := a.Send(http.MethodPost, samPath+"/licenses", simtest.Bearer(a.Token), ""); r.Status != 405 || r.Header.Get("Allow") != "GET" {
		t.Errorf("POST: %d, Allow %q", r.Status, r.Header.Get("Allow"))
	}
	if got := s.Requests(); got["unknown"] != 3 || got["getPolicies"] != 1 {
		t.Errorf("requests %v", got)
	}
}

func TestFail(t *testing.T) {
	a, s := start(t, Options{})
	s.Fail(func(r *http.Request) (int, string, bool) {
		return 502, "Bad gateway", r.URL.Path == samPath+"/licenses"
	})
	if r := a.Get(samPath + "/licenses"); r.Status != 502 || r.Body != "Bad gateway" {
		t.Errorf("%d %s", r.Status, r.Body)
	}
	if r := a.Get(samPath + "/licenses-policies"); r.Status != http.StatusOK {
		t.Errorf("a request that the hook lets go: %d", r.Status)
	}
	s.Fail(nil)
	want := map[string]int{"token": 1, "getLicenses": 1, "getPolicies": 1}
	if diff := cmp.Diff(want, s.Requests()); diff != "" {
		t.Errorf("Requests (-want +got):\n%s", diff)
	}
}
