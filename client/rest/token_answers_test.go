package rest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/config"
)

// A token that cannot be sent is refused when it comes. It is not kept, so requests succeed once the endpoint is well.
func TestUnusableTokens(t *testing.T) {
	quote := func(text string) string { return fmt.Sprintf("%q", text) }
	for name, test := range map[string]struct{ body, text string }{
		"line break":  {`{"access_token": "a\r\nX-Injected: ` + tokenSecret + `"}`, "characters that cannot be sent"},
		"line feed":   {`{"access_token": "a\nb"}`, "characters that cannot be sent"},
		"control":     {`{"access_token": "a\u0000b"}`, "characters that cannot be sent"},
		"tab":         {`{"access_token": "a\tb"}`, "characters that cannot be sent"},
		"non-ASCII":   {`{"access_token": "tökén"}`, "characters that cannot be sent"},
		"empty":       {`{"access_token": ""}`, "missing access_token"},
		"blank":       {`{"access_token": "  "}`, "no access_token"},
		"null":        {`{"access_token": null}`, "missing access_token"},
		"null answer": {`null`, "missing access_token"},
		"number":      {`{"access_token": 17}`, "cannot parse json"},
		"long":        {`{"access_token": ` + quote(strings.Repeat("x", maxToken+1)) + `}`, "longer than 64 KiB"},
		"large":       {`{"access_token": "a", "more": ` + quote(strings.Repeat("x", maxTokenAnswer)) + `}`, "larger than 256 KiB"},
		"HTML":        {` <html>` + tokenSecret + `</html>`, "cannot parse json: the answer is HTML instead of JSON; check base_url or the proxy"},
		"cut off":     {`{"access_token": "a`, "cannot parse json"},
		"MAC":         {`{"access_token": "a", "token_type": "mac"}`, `token_type is "mac", want Bearer`},
		"secret type": {`{"access_token": "a", "token_type": "` + tokenSecret + `"}`, `token_type is "[redacted]"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &tokenVendor{answer: func(int) (int, string) { return http.StatusOK, test.body }}
				transport := v.transport()
				_, err := callWithToken(t, transport)
				if err == nil || reasonOfCause(err) != ReasonDecode || !isFinal(err) || !strings.Contains(err.Error(), test.text) {
					t.Errorf("%v for reason %s, want %s", err, reasonOfCause(err), test.text)
				}
				if err != nil && (strings.Contains(err.Error(), tokenSecret) || len(err.Error()) > 300) {
					t.Errorf("the error shows too much: %v", err)
				}
				v.answer = grantTokens(3600) // healed
				time.Sleep(tokenFailurePause)
				if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil || len(v.forms) != 2 {
					t.Errorf("%d, %v after %d requests for tokens", status, err, len(v.forms))
				}
			})
		})
	}
}

func TestUsableTokens(t *testing.T) {
	for _, more := range []string{"", `, "token_type": null`, `, "token_type": ""`, `, "token_type": "BEARER"`, `, "token_type": " bearer "`} {
		synctest.Test(t, func(t *testing.T) {
			v := &tokenVendor{answer: func(int) (int, string) { return http.StatusOK, `{"access_token": "a-._~+/b="` + more + `}` }}
			if status, err := callWithToken(t, v.transport()); status != http.StatusOK || err != nil || v.calls[0] != "a-._~+/b=" {
				t.Errorf("%s: %d, %v, the API received %q", more, status, err, v.calls)
			}
		})
	}
}

// Whatever the lifetime, requests share a token.
func TestTokensAreNotRequestedForEachCall(t *testing.T) {
	for _, lifetime := range []string{"-1", "-3600", "0", "1", "0.5", "1e-9", "1e400", "-1e400", "1e300", "null", `"-5"`, `""`, `{}`} {
		for _, body := range []string{`{"access_token": "a", "expires_in": %s}`, `{"access_token": "a", "EXPIRES_IN": %s}`} {
			synctest.Test(t, func(t *testing.T) {
				v := &tokenVendor{answer: func(int) (int, string) { return http.StatusOK, fmt.Sprintf(body, lifetime) }}
				transport := v.transport()
				for range 60 {
					if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
						t.Fatalf("%s: %d, %v", lifetime, status, err)
					}
					time.Sleep(time.Second)
				}
				if most := int(time.Minute / tokenLeast); len(v.forms) > most {
					t.Errorf("%s: %d tokens in a minute, want at most %d", lifetime, len(v.forms), most)
				}
			})
		}
	}
}

// An answer of a token endpoint may be a form, or JSON whose type is plain text.
func TestContentTypesOfTokens(t *testing.T) {
	for kind, body := range map[string]string{
		"text/plain":                        `{"access_token": "granted", "expires_in": "60.0"}`,
		"text/html; charset=utf-8":          `{"access_token": "granted"}`,
		"application/x-www-form-urlencoded": `access_token=granted&token_type=bearer&expires_in=-60`,
	} {
		c := newClient(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path == "/token" {
				answer(200, body, "Content-Type", kind)(w, req)
				return
			}
			answer(200, `{"name": "`+req.Header.Get("Authorization")+`"}`)(w, req)
		}), withClientCredentials)
		if got, err := Object[thing](t.Context(), c, things); err != nil || got.Name != "Bearer granted" {
			t.Errorf("%s: the API received %q, %v", kind, got.Name, err)
		}
	}
}

// A token endpoint that cannot be reached, or breaks, is asked again like the API. One
// that is slow is a timeout.
func TestTokenEndpointBreaks(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
	for name, test := range map[string]struct {
		answer string
		reason Reason
	}{
		"closes":                  {"", ReasonNetwork},
		"closes within headers":   {"HTTP/1.1 200 OK\r\nContent-", ReasonNetwork},
		"closes within the body":  {head + `{"access_token": "a`, ReasonNetwork},
		"not HTTP":                {testKey, ReasonNetwork},
		"large header":            {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2*maxHeader), ReasonDecode},
		"error with a short body": {strings.Replace(head, "200 OK", "401 Unauthorized", 1) + "{", ReasonAuth},
	} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{}, 100)
			address := listen(t, func(conn net.Conn) {
				asked <- struct{}{}
				_, _ = conn.Read(make([]byte, 4<<10))
				_, _ = io.WriteString(conn, test.answer)
			})
			c := newClient(t, "http://"+address, withClientCredentials, withoutWaits)
			_, err := Object[thing](t.Context(), c, things)
			wantReason(t, err, test.reason)
			want := 1 + maxRetries
			if test.reason == ReasonAuth {
				want = 1
			}
			if len(asked) != want {
				t.Errorf("%d requests for tokens, want %d", len(asked), want)
			}
		})
	}
}

// Requests that fail at the same time and are sent again do not each ask for a token.
func TestBrokenTokenEndpointIsAskedOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		v := &tokenVendor{answer: grantTokens(3600)}
		transport := v.transport()
		transport.tokens.client.Transport = withReadableAnswers(roundTripper(func(*http.Request) (*http.Response, error) {
			asked++
			return nil, io.ErrUnexpectedEOF
		}))
		for range 2 {
			for range 20 {
				if _, err := callWithToken(t, transport); reasonOfCause(err) != ReasonNetwork || isFinal(err) {
					t.Error(err)
				}
			}
			time.Sleep(minRetryWait)
		}
		if asked != 2 {
			t.Errorf("%d requests for tokens, want 2", asked)
		}
		transport.tokens.client.Transport = withReadableAnswers(roundTripper(v.tokens))
		if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
			t.Errorf("%d, %v after it healed", status, err)
		}
	})
}

// The body is read within the time for a token.
func TestTokenEndpointTrickles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(3600)}
		transport := v.transport()
		transport.tokens.client.Transport = withReadableAnswers(roundTripper(func(req *http.Request) (*http.Response, error) {
			resp := tokenResponse(req, http.StatusOK, "")
			resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
				select {
				case <-time.After(time.Second):
					return copy(p, " "), nil
				case <-req.Context().Done():
					return 0, req.Context().Err()
				}
			}))
			return resp, nil
		}))
		start := time.Now()
		_, err := callWithToken(t, transport)
		if reasonOfCause(err) != ReasonTimeout || time.Since(start) != tokenTimeout {
			t.Errorf("%v for reason %s after %s", err, reasonOfCause(err), time.Since(start))
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// The other grant has the same token cache, renewal and checks.
func TestAssertion(t *testing.T) {
	_, _, ecKey := certificate(t, nextYear(), "client")
	var tokens, calls requests
	base := serve(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/token" {
			_ = req.ParseForm()
			answer(200, fmt.Sprintf(`{"access_token": "t%d", "expires_in": "3600"}`, tokens.add(req)))(w, req)
			return
		}
		inTurn(&calls, answer(401, ""), answer(200, `{"name": "a"}`))(w, req)
	})
	with := func(key string) func(*Options) {
		return func(o *Options) {
			o.HTTP = config.HTTPClientConfig{OAuth2: &config.OAuth2{
				GrantType: grantJWTBearer, ClientID: "client", ClientCertificateKey: config.Secret(key), ClientCertificateKeyID: "kid",
				TokenURL: o.BaseURL + "/token", Scopes: []string{"read"}, SignatureAlgorithm: "RS384", Claims: map[string]any{"x": "y"},
			}}
		}
	}
	_, err := Object[thing](t.Context(), newClient(t, base, with(ecKey)), things)
	wantReason(t, err, ReasonAuth) // the key must be of RSA

	refusing := serve(t, answer(400, `{"error": "invalid_grant", "error_description": "unknown kid"}`))
	_, err = Object[thing](t.Context(), newClient(t, refusing, with(rsaKey(t))), things)
	if e := wantError(t, err, ReasonAuth); e.Err.Error() != "token endpoint: 400 Bad Request: invalid_grant: unknown kid" {
		t.Error(err)
	}

	if got, err := Object[thing](t.Context(), newClient(t, base, with(rsaKey(t))), things); err != nil || got.Name != "a" {
		t.Fatal(got, err)
	}
	var authorizations []string
	for _, req := range calls.all() {
		authorizations = append(authorizations, req.Header.Get("Authorization"))
	}
	if diff := cmp.Diff([]string{"Bearer t1", "Bearer t2"}, authorizations); diff != "" {
		t.Errorf("tokens differ (-want +got):\n%s", diff)
	}
	form := tokens.all()[0].PostForm
	claims := jwt.MapClaims{}
	assertion, _, err := jwt.NewParser().ParseUnverified(form.Get("assertion"), claims)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{form.Get("grant_type"), form.Get("scope"), assertion.Header["kid"], assertion.Method.Alg(), claims["iss"], claims["sub"], claims["aud"], claims["x"]}
	want := []any{grantJWTBearer, "read", "kid", "RS384", "client", "client", base + "/token", "y"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the assertion differs (-want +got):\n%s", diff)
	}
	if got := tokens.all()[0].UserAgent(); got != "license_exporter/1.2.3" {
		t.Errorf("the token endpoint received the user agent %q", got)
	}
}
