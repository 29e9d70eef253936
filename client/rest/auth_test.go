package rest

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/config"
	"golang.org/x/oauth2"
)

func withHTTP(c config.HTTPClientConfig) func(*Options) { return func(o *Options) { o.HTTP = c } }

func TestCredentialIsSent(t *testing.T) {
	for name, test := range map[string]struct {
		config       config.HTTPClientConfig
		header, want string
	}{
		"authorization": {
			config.HTTPClientConfig{Authorization: &config.Authorization{Type: "Bearer", Credentials: testKey}},
			"Authorization", "Bearer " + testKey,
		},
		"http_headers": {
			config.HTTPClientConfig{HTTPHeaders: &config.Headers{Headers: map[string]config.Header{
				"X-Cisco-Meraki-API-Key": {Secrets: []config.Secret{testKey}},
			}}},
			"X-Cisco-Meraki-API-Key", testKey,
		},
		"basic_auth": {
			config.HTTPClientConfig{BasicAuth: &config.BasicAuth{Username: "user", Password: "pass"}},
			"Authorization", "Basic dXNlcjpwYXNz",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var seen requests
			c := newClient(t, serve(t, inTurn(&seen, answer(200, `{"name": "a"}`))), withHTTP(test.config))
			if _, err := Object[thing](t.Context(), c, things); err != nil {
				t.Fatal(err)
			}
			if got := seen.all()[0].Header.Get(test.header); got != test.want {
				t.Errorf("the server received %s: %q, want %q", test.header, got, test.want)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(200, `{"name": "a thing"}`))))
	got, err := Object[thing](t.Context(), c, Call{
		Operation: "getThing", Path: "/things/a%2Fb", Query: map[string][]string{"ids[]": {"1", "2 3"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "a thing" {
		t.Errorf("the answer is %+v", got)
	}
	req := seen.all()[0]
	want := []string{"GET", testBasePath + "/things/a%2Fb?ids%5B%5D=1&ids%5B%5D=2%203", "application/json", "license_exporter/1.2.3"}
	if diff := cmp.Diff(want, []string{
		req.Method, req.RequestURI, req.Header.Get("Accept"), req.Header.Get("User-Agent"),
	}); diff != "" {
		t.Errorf("the request differs (-want +got):\n%s", diff)
	}
}

func TestCredentialFileIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	write := func(key string) {
		if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(200, `{"name": "a"}`))), withHTTP(config.HTTPClientConfig{
		Authorization: &config.Authorization{Type: "Bearer", CredentialsFile: file},
	}))
	for _, key := range []string{"first", "second"} {
		write(key)
		if _, err := Object[thing](t.Context(), c, things); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, req := range seen.all() {
		got = append(got, req.Header.Get("Authorization"))
	}
	if diff := cmp.Diff([]string{"Bearer first", "Bearer second"}, got); diff != "" {
		t.Errorf("credentials differ (-want +got):\n%s", diff)
	}
}

func TestUnreadableCredentialSendsNothing(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(200, `{"name": "a"}`))), withHTTP(config.HTTPClientConfig{
		Authorization: &config.Authorization{Type: "Bearer", CredentialsFile: filepath.Join(t.TempDir(), "absent")},
	}))
	_, err := Object[thing](t.Context(), c, things)
	wantReason(t, err, ReasonAuth)
	if seen.count() != 0 {
		t.Errorf("the server received %d requests, want none", seen.count())
	}
	if testutil.CollectAndCount(c.metrics.Retries) != 0 {
		t.Error("the request was tried again")
	}
}

func TestNewRefusesAnUnreadableAddress(t *testing.T) {
	_, err := New(Options{BaseURL: "https://user:" + testKey + "@[::1"})
	if err == nil || strings.Contains(err.Error(), testKey) {
		t.Errorf("the error is %v, want one without the password", err)
	}
}

func TestNewRefusesAbsentFiles(t *testing.T) {
	_, err := New(Options{BaseURL: "https://vendor.test", HTTP: config.HTTPClientConfig{
		TLSConfig: config.TLSConfig{CAFile: filepath.Join(t.TempDir(), "absent")},
	}})
	if err == nil || err.Error() != "tls_config.ca_file: no such file or directory" {
		t.Errorf("the error is %v, want one that names the key", err)
	}
}

// The tests of tokenTransport cover the details of tokens. These two tests start
// from the configuration.
func TestClientCredentials(t *testing.T) {
	var tokens, calls requests
	c := newClient(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/token" {
			_ = req.ParseForm()
			tokens.add(req)
			answer(200, `{"access_token": "granted", "token_type": "Bearer", "expires_in": 3600}`,
				"Content-Type", "application/json")(w, req)
			return
		}
		calls.add(req)
		answer(200, `{"name": "a"}`)(w, req)
	}), withClientCredentials)
	for range 2 {
		if _, err := Object[thing](t.Context(), c, things); err != nil {
			t.Fatal(err)
		}
	}
	if tokens.count() != 1 {
		t.Fatalf("%d tokens were requested, want 1 for both calls", tokens.count())
	}
	want := map[string][]string{
		"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {testKey}, "scope": {"read"},
	}
	if diff := cmp.Diff(want, map[string][]string(tokens.all()[0].PostForm)); diff != "" {
		t.Errorf("the request for a token differs (-want +got):\n%s", diff)
	}
	if got := tokens.all()[0].UserAgent(); got != "license_exporter/1.2.3" {
		t.Errorf("the token endpoint received the user agent %q", got)
	}
	for _, req := range calls.all() {
		if got := req.Header.Get("Authorization"); got != "Bearer granted" {
			t.Errorf("the API received %q", got)
		}
	}
}

func TestClientCredentialsRefused(t *testing.T) {
	var calls, tokens requests
	c := newClient(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/token" {
			tokens.add(req)
			answer(401, `{"error": "invalid_client", "error_description": "no such secret: `+testKey+`"}`,
				"Content-Type", "application/json")(w, req)
			return
		}
		calls.add(req)
	}), withClientCredentials)
	_, err := Object[thing](t.Context(), c, things)
	wantReason(t, err, ReasonAuth)
	if !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("the error does not contain the reason: %v", err)
	}
	if tokens.count() != 1 || calls.count() != 0 {
		t.Errorf("the vendor received %d requests for a token and %d calls, want 1 and 0", tokens.count(), calls.count())
	}
}

// A request that is repeated with a new token counts as a retry.
func TestRefusedTokenIsRenewed(t *testing.T) {
	var tokens, calls requests
	c := newClient(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/token" {
			answer(200, fmt.Sprintf(`{"access_token": "t%d", "token_type": "Bearer"}`, tokens.add(req)),
				"Content-Type", "application/json")(w, req)
			return
		}
		inTurn(&calls, answer(401, ""), answer(200, `{"name": "a"}`))(w, req)
	}), withClientCredentials)
	if got, err := Object[thing](t.Context(), c, things); err != nil || got.Name != "a" {
		t.Fatalf("the answer is %+v with the error %v", got, err)
	}
	if n := testutil.ToFloat64(c.metrics.Retries.WithLabelValues("getThings", "401")); n != 1 || calls.count() != 2 {
		t.Errorf("%d calls were sent and %v retries counted, want 2 and 1", calls.count(), n)
	}
}

func withClientCredentials(o *Options) {
	o.HTTP = config.HTTPClientConfig{OAuth2: &config.OAuth2{
		ClientID: "client", ClientSecret: testKey, TokenURL: o.BaseURL + "/token", Scopes: []string{"read"},
	}}
	o.AuthStyle = oauth2.AuthStyleInParams
}
