package simulator

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
)

const (
	testClient = "client-for-tests"
	testSecret = "secret:for tests" // such as must be encoded in a header
	samPath    = "/api/sam/v1"
	zeroesPath = samPath + "/licenses/" + noGUID
)

func newTestSnow(o SnowOptions) *Snow {
	if o.ClientID == "" {
		o.ClientID, o.ClientSecret = testClient, testSecret
	}
	if o.Now == nil {
		o.Now = func() time.Time { return testNow }
	}
	if o.Estate.book == nil {
		o.Estate, o.Limits.Off = DemoSnow(), true
	}
	return NewSnow(o)
}

// startSnow serves a Snow Atlas, by default the demo's without limits, with a token at hand.
func startSnow(t *testing.T, o SnowOptions) (*api, *Snow) {
	t.Helper()
	s := newTestSnow(o)
	a := connect(t, s)
	a.bearer = a.token()
	return a, s
}

var formHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

// grantRequest is the body of a request for a token.
func grantRequest(id, secret string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
}

// token asks for a token.
func (a *api) token() string {
	a.t.Helper()
	r := a.send(http.MethodPost, snowTokenPath, formHeader, grantRequest(testClient, testSecret).Encode())
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(r.body), &granted); err != nil || r.status != http.StatusOK {
		a.t.Fatalf("token: %d %s", r.status, r.body)
	}
	return granted.AccessToken
}

func TestSnowTokens(t *testing.T) {
	a, s := startSnow(t, SnowOptions{})
	basic := func(id, secret string) http.Header {
		h := formHeader.Clone()
		credentials := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
		return h
	}
	limited := grantRequest(testClient, testSecret)
	limited.Set("resource", snowResource)
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
		{"for the product APIs", formHeader, limited.Encode(), 200, FakeKeyMarker},
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
		r := a.send(http.MethodPost, snowTokenPath, test.header, test.body)
		if r.status != test.status || !strings.Contains(r.body, test.text) {
			t.Errorf("%s: %d %s, want %d and %s", test.name, r.status, r.body, test.status, test.text)
		}
	}
	if r := a.do(http.MethodGet, snowTokenPath, nil); r.status != 405 || r.header.Get("Allow") != "POST" {
		t.Errorf("GET: %d, Allow %q", r.status, r.header.Get("Allow"))
	}
	if got := s.TokensIssued(); got != 4 {
		t.Errorf("%d tokens issued, want 4", got)
	}
	if got := s.Requests()["token"]; got != len(tests)+2 {
		t.Errorf("%d requests for tokens, want %d", got, len(tests)+2)
	}
	if r := httptest.NewRecorder(); true {
		NewSnow(SnowOptions{}).ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodPost, snowTokenPath, http.NoBody))
		if r.Code != 400 {
			t.Errorf("without credentials: %d", r.Code)
		}
	}
}

func TestSnowAuthorization(t *testing.T) {
	a, s := startSnow(t, SnowOptions{})
	refused := func(name string, header http.Header) {
		t.Helper()
		r := a.do(http.MethodGet, samPath+"/licenses", header)
		if r.status != 401 || r.body != `{"error":{"code":401,"message":"The token is invalid or expired."}}` {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	refused("no token", nil)
	refused("empty token", bearer(""))
	refused("wrong token", bearer("wrong"))
	refused("basic", http.Header{"Authorization": {"Basic " + a.bearer}})
	if r := a.get(samPath + "/licenses?page_size=1"); r.status != http.StatusOK {
		t.Errorf("a good token: %d %s", r.status, r.body)
	}
	s.RevokeTokens()
	refused("revoked token", bearer(a.bearer))
	a.bearer = a.token()
	if r := a.get(samPath + "/licenses?page_size=1"); r.status != http.StatusOK || s.TokensIssued() != 2 {
		t.Errorf("a new token: %d, %d issued", r.status, s.TokensIssued())
	}
}

// askSnow sends one request without a connection, which a synctest bubble cannot have.
func askSnow(ctx context.Context, s *Snow, token, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Header = bearer(token)
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, r)
	return recorder
}

func TestSnowTokensExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSnow(SnowOptions{TokenLifetime: 10 * time.Second})
		token := s.tokens.issue()
		time.Sleep(9999 * time.Millisecond)
		if r := askSnow(t.Context(), s, token, samPath+"/licenses"); r.Code != 200 {
			t.Errorf("before its end: %d", r.Code)
		}
		time.Sleep(time.Millisecond)
		if r := askSnow(t.Context(), s, token, samPath+"/licenses"); r.Code != 401 {
			t.Errorf("at its end: %d", r.Code)
		}
		s.tokens.issue()
		if n := len(s.tokens.ends); n != 1 {
			t.Errorf("%d tokens kept, want the last one", n)
		}
	})
}

func TestSnowLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSnow(SnowOptions{Estate: DemoSnow()})
		token := s.tokens.issue()
		path := samPath + "/licenses?page_size=1"
		for i := range snowClientBurst {
			if code := askSnow(t.Context(), s, token, path).Code; code != 200 {
				t.Fatalf("request %d: %d", i, code)
			}
		}
		r := askSnow(t.Context(), s, token, path)
		seconds, err := strconv.Atoi(r.Header().Get("Retry-After"))
		if r.Code != 429 || err != nil || seconds < 1 || s.RateLimited() != 1 {
			t.Errorf("%d, Retry-After %q, %d limited", r.Code, r.Header().Get("Retry-After"), s.RateLimited())
		}
		if r.Body.String() != `{"error":{"code":429,"message":"Too many requests."}}` {
			t.Errorf("body %s", r.Body)
		}
		form := httptest.NewRequestWithContext(t.Context(), http.MethodPost, snowTokenPath,
			strings.NewReader(grantRequest(testClient, testSecret).Encode()))
		form.Header = formHeader
		recorder := httptest.NewRecorder()
		if s.ServeHTTP(recorder, form); recorder.Code != 429 {
			t.Errorf("a token beyond the limit: %d", recorder.Code)
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		if code := askSnow(t.Context(), s, token, path).Code; code != 200 {
			t.Errorf("after Retry-After: %d", code)
		}
		own := newTestSnow(SnowOptions{Estate: DemoSnow(), Limits: SnowLimits{Client: 2}})
		token = own.tokens.issue()
		for i, want := range []int{200, 200, 429} {
			if code := askSnow(t.Context(), own, token, path).Code; code != want {
				t.Errorf("two a second, request %d: %d", i, code)
			}
		}
	})
}

func TestSnowLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestSnow(SnowOptions{Latency: 3 * time.Second})
		began := time.Now()
		if code := askSnow(t.Context(), s, s.tokens.issue(), samPath+"/licenses").Code; code != 200 || time.Since(began) != 3*time.Second {
			t.Errorf("%d after %v", code, time.Since(began))
		}
	})
}

func TestSnowRefusals(t *testing.T) {
	a, s := startSnow(t, SnowOptions{Withheld: []string{"sam.orgtree.r", "getPolicies"}})
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
		{first + "/costs/" + noGUID, 404, noGUID},
		{first + "/assignments/computers/" + noGUID, 404, noGUID},
		{first + "/assignments/site", 404, licenseGUID(0)},
		{first + "/upgrades/" + noGUID, 404, noGUID},
		{first + "/unknown", 404, "Resource not found."},
		{samPath + "/licenses/", 404, "Resource not found."},
		{samPath + "/licenses/tracking/" + noGUID, 404, noGUID},
		{samPath + "/licenses/transfers/" + noGUID + "/users", 404, noGUID},
		{samPath + "/licenses/tracking-computers/" + noGUID, 404, noGUID},
		{samPath + "/compliance/summary/" + noGUID, 404, noGUID},
		{samPath + "/licenses-policies/" + noGUID, 404, noGUID},
		{samPath + "/extended-coverage/" + noGUID, 404, noGUID},
		{"/api/sam/v2/agreements/" + noGUID + "/periods", 404, noGUID},
		{"/api/sam/v2/agreement-types/none", 400, "'none'"},
		{applicationsPath + "/" + noGUID, 404, noGUID},
		{"/unknown", 404, "Resource not found."},
		{samPath + "/licenses?page_size=0", 400, "page_size"},
		{samPath + "/licenses?page_size=many", 400, "page_size"},
		{samPath + "/licenses?page_number=0", 400, "page_number"},
		{samPath + "/licenses/entitlements/entitlement-states?filter=id%20-exists%20true", 400, "no filter"},
		{"/api/organizations/v1/tree", 403, "sam.orgtree.r"},
		{samPath + "/licenses-policies", 403, "not purchased"},
	}
	for _, test := range tests {
		r := a.get(test.target)
		prefix := fmt.Sprintf(`{"error":{"code":%d,"message":"`, test.status)
		if r.status != test.status || !strings.HasPrefix(r.body, prefix) || !strings.Contains(r.body, test.text) {
			t.Errorf("GET %s: %d %s, want %d and %q", test.target, r.status, r.body, test.status, test.text)
		}
	}
	if r := a.do(http.MethodPost, samPath+"/licenses", bearer(a.bearer)); r.status != 405 || r.header.Get("Allow") != "GET" {
		t.Errorf("POST: %d, Allow %q", r.status, r.header.Get("Allow"))
	}
	if got := s.Requests(); got["unknown"] != 3 || got["getPolicies"] != 1 {
		t.Errorf("requests %v", got)
	}
}

func TestSnowFail(t *testing.T) {
	a, s := startSnow(t, SnowOptions{})
	s.Fail(func(r *http.Request) (int, string, bool) {
		return 502, "Bad gateway", r.URL.Path == samPath+"/licenses"
	})
	if r := a.get(samPath + "/licenses"); r.status != 502 || r.body != "Bad gateway" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := a.get(samPath + "/licenses-policies"); r.status != http.StatusOK {
		t.Errorf("a request that the hook lets go: %d", r.status)
	}
	s.Fail(nil)
	want := map[string]int{"token": 1, "getLicenses": 1, "getPolicies": 1}
	if diff := cmp.Diff(want, s.Requests()); diff != "" {
		t.Errorf("Requests (-want +got):\n%s", diff)
	}
}
