package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"license_exporter/internal/cache"
)

const tokenSecret = "s3cret/+value"

// tokenVendor is an API and its token endpoint. It has no network, so that tests
// can use synctest.
type tokenVendor struct {
	mu sync.Mutex
	// answer returns the token endpoint's answer to the n-th request, from 1.
	answer func(n int) (status int, body string)
	// refuses reports whether the API refuses a token.
	refuses func(token string) bool
	delay   time.Duration
	// retryAfter is the token endpoint's header Retry-After.
	retryAfter string

	forms  []url.Values
	calls  []string // tokens
	header http.Header
}

func (v *tokenVendor) tokens(req *http.Request) (*http.Response, error) {
	select {
	case <-time.After(v.delay):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	body, _ := io.ReadAll(req.Body)
	form, _ := url.ParseQuery(string(body))
	v.forms, v.header = append(v.forms, form), req.Header
	status, text := v.answer(len(v.forms))
	resp := tokenResponse(req, status, text)
	resp.Header.Set("Retry-After", v.retryAfter)
	return resp, nil
}

func (v *tokenVendor) api(req *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	token := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	v.calls = append(v.calls, token)
	if v.refuses != nil && v.refuses(token) {
		return tokenResponse(req, http.StatusUnauthorized, ""), nil
	}
	return tokenResponse(req, http.StatusOK, `{"name": "a"}`), nil
}

func tokenResponse(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Request: req, Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Content-Type": {"application/json"}},
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func (v *tokenVendor) transport() *tokenTransport {
	secrets := &vault{}
	return &tokenTransport{
		next:   roundTripper(v.api),
		repeat: func(context.Context) error { return nil },
		tokens: &tokens{
			client: &http.Client{Transport: withReadableAnswers(roundTripper(v.tokens))},
			vault:  secrets,
			secret: &credential{text: tokenSecret, vault: secrets},
			config: clientcredentials.Config{
				ClientID: "client", TokenURL: "https://vendor.test/token", AuthStyle: oauth2.AuthStyleInParams,
				EndpointParams: url.Values{"resource": {"api://vendor"}},
			},
		},
	}
}

// callWithToken sends a request with a timeout of a minute.
func callWithToken(t *testing.T, transport http.RoundTripper) (int, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://vendor.test/api", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}

func grantTokens(lifetime int) func(int) (int, string) {
	return func(n int) (int, string) {
		return http.StatusOK, fmt.Sprintf(`{"access_token": "t%d", "token_type": "Bearer", "expires_in": %d}`, n, lifetime)
	}
}

func TestTokenIsSentAndRenewedEarly(t *testing.T) {
	for _, test := range []struct {
		name     string
		lifetime int
		after    time.Duration
		want     string
	}{
		{"young", 3600, 58 * time.Minute, "t1"},
		{"a minute before its end", 3600, 59 * time.Minute, "t2"},
		{"short-lived and young", 60, 44 * time.Second, "t1"},
		{"short-lived, a quarter before its end", 60, 45 * time.Second, "t2"},
		{"very short-lived and young", 1, tokenLeast - time.Second, "t1"},
		{"very short-lived, at the least lifetime", 1, tokenLeast, "t2"},
		{"without an end", 0, 1000 * time.Hour, "t1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &tokenVendor{answer: grantTokens(test.lifetime)}
				transport := v.transport()
				for _, wait := range []time.Duration{0, test.after} {
					time.Sleep(wait)
					if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
						t.Fatal(status, err)
					}
				}
				if got := v.calls[1]; got != test.want {
					t.Errorf("the second call had token %s, want %s", got, test.want)
				}
				want := "client_id=client&client_secret=s3cret%2F%2Bvalue&grant_type=client_credentials&resource=api%3A%2F%2Fvendor"
				if got := v.forms[0].Encode(); got != want {
					t.Errorf("form %s, want %s", got, want)
				}
				if got := v.header.Get("Authorization"); got != "" {
					t.Errorf("credentials were sent in the header too: %s", got)
				}
			})
		})
	}
}

func TestTokenIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(3600), delay: time.Second}
		transport := v.transport()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
					t.Error(status, err)
				}
			})
		}
		wg.Wait()
		if len(v.forms) != 1 {
			t.Errorf("%d tokens, want 1", len(v.forms))
		}
	})
}

// A failure of the token endpoint is returned to all calls of the next seconds,
// without another request.
func TestTokenEndpointRefuses(t *testing.T) {
	for _, test := range []struct {
		name, body string
		status     int
		reason     Reason
		text       string
	}{
		{
			"wrong credentials", `{"error": "invalid_client", "error_description": "no client with ` + tokenSecret + `"}`,
			http.StatusBadRequest, ReasonAuth, "token endpoint: 400 Bad Request: invalid_client: no client with [redacted]",
		},
		{"refusal with 200", `{"error": "invalid_scope"}`, 200, ReasonAuth, "token endpoint: 200 OK: invalid_scope"},
		{"unauthorized", ``, 401, ReasonAuth, "token endpoint: 401 Unauthorized"},
		{"HTML of a gateway", `<html>` + tokenSecret, 502, ReasonServer, "token endpoint: 502 Bad Gateway"},
		{"limited", `{}`, 429, ReasonRateLimited, "token endpoint: 429 Too Many Requests"},
		{"redirect", ``, 302, ReasonServer, "token endpoint: 302 Found"},
		{"no token", `{}`, 200, ReasonDecode, "token endpoint: oauth2: server response missing access_token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &tokenVendor{answer: func(int) (int, string) { return test.status, test.body }}
				transport := v.transport()
				for range 3 {
					_, err := callWithToken(t, transport)
					if err == nil || err.Error() != test.text || reasonOfCause(err) != test.reason || !isFinal(err) {
						t.Fatalf("%v for reason %s, want %s for %s", err, reasonOfCause(err), test.text, test.reason)
					}
				}
				if len(v.forms) != 1 || len(v.calls) != 0 {
					t.Errorf("%d requests for tokens and %d calls, want 1 and 0", len(v.forms), len(v.calls))
				}
				time.Sleep(tokenFailurePause)
				v.answer = grantTokens(3600)
				if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
					t.Error(status, err)
				}
			})
		})
	}
}

// No token is requested for as long as the token endpoint asks.
func TestTokenEndpointAsksToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: func(int) (int, string) { return http.StatusTooManyRequests, "{}" }, retryAfter: "3600"}
		transport := v.transport()
		for _, step := range []struct {
			after    time.Duration
			requests int
			until    string
		}{{0, 1, "01:00:00"}, {time.Hour - time.Second, 1, "01:00:00"}, {time.Second, 2, "02:00:00"}} {
			time.Sleep(step.after)
			_, err := callWithToken(t, transport)
			if err == nil || len(v.forms) != step.requests || reasonOfCause(err) != ReasonRateLimited {
				t.Fatalf("%v later: %v after %d requests, want an error after %d", step.after, err, len(v.forms), step.requests)
			}
			if want := "429 Too Many Requests: the vendor asks to wait until 2000-01-01T" + step.until + "Z"; !strings.HasSuffix(err.Error(), want) {
				t.Errorf("the error is %v, want it to end with %q", err, want)
			}
		}
	})
}

// If the early renewal of a token fails, the token is used until its end. If the
// renewal of a refused token fails, so does the call.
func TestTokenRenewalFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(3600)}
		transport := v.transport()
		if _, err := callWithToken(t, transport); err != nil {
			t.Fatal(err)
		}
		v.answer = func(int) (int, string) { return http.StatusServiceUnavailable, "" }
		time.Sleep(59*time.Minute + 30*time.Second)
		for range 2 {
			if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
				t.Fatal(status, err)
			}
		}
		if len(v.forms) != 2 {
			t.Errorf("%d requests for tokens, want 2", len(v.forms))
		}
		v.refuses = func(string) bool { return true }
		if _, err := callWithToken(t, transport); reasonOfCause(err) != ReasonServer {
			t.Error(err)
		}
		time.Sleep(30 * time.Second)
		if _, err := callWithToken(t, transport); reasonOfCause(err) != ReasonServer {
			t.Error(err)
		}
	})
}

// If a refused token cannot be renewed, it is not used again.
func TestTokenRefusedAndNotRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(0), refuses: func(token string) bool { return token == "t1" }}
		transport := v.transport()
		v.answer = func(n int) (int, string) {
			if n == 2 {
				return http.StatusServiceUnavailable, ""
			}
			return grantTokens(0)(n)
		}
		for range 2 {
			if _, err := callWithToken(t, transport); reasonOfCause(err) != ReasonServer {
				t.Error(err)
			}
		}
		if len(v.calls) != 1 || len(v.forms) != 2 {
			t.Errorf("%d calls and %d requests for tokens, want 1 and 2", len(v.calls), len(v.forms))
		}
		time.Sleep(tokenFailurePause)
		if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
			t.Error(status, err)
		}
	})
}

// A token that the API refuses long after the last renewal is renewed.
func TestTokenRefusedLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(0)}
		s := v.transport().tokens
		first, _ := s.get(t.Context())
		second, _ := s.renew(t.Context(), first)
		time.Sleep(time.Hour)
		if got, err := s.renew(t.Context(), first); got != second || err != nil || len(v.forms) != 2 {
			t.Errorf("token %v of %d, %v, want the second of 2", got, len(v.forms), err)
		}
	})
}

func TestTokensGoByTheClock(t *testing.T) {
	now := time.Now()
	v := &tokenVendor{answer: func(int) (int, string) { return http.StatusBadRequest, "" }}
	transport := v.transport()
	transport.tokens.clock.Now = func() time.Time { return now }
	if _, err := callWithToken(t, transport); reasonOfCause(err) != ReasonAuth {
		t.Fatal(err)
	}
	v.answer = grantTokens(3600)
	for i, after := range []time.Duration{tokenFailurePause, time.Hour} {
		now = now.Add(after)
		if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil || len(v.forms) != 2+i {
			t.Errorf("%d after %s, %v, and %d requests for tokens, want %d", status, after, err, len(v.forms), 2+i)
		}
	}
}

// A caller that gives up waiting for a token does not cancel the request for it,
// which other callers wait for.
func TestTokenWaitEndsWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tokenVendor{answer: grantTokens(3600), delay: 10 * time.Second}
		transport := v.transport()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://vendor.test/api", nil)
		var wg sync.WaitGroup
		wg.Go(func() {
			if resp, err := transport.RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) {
				resp.Body.Close()
				t.Error(err)
			}
		})
		synctest.Wait()
		if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
			t.Error(status, err)
		}
		wg.Wait()
		if len(v.forms) != 1 {
			t.Errorf("%d requests for tokens, want 1", len(v.forms))
		}
		v.delay = time.Hour
		transport.tokens.entry.Change(func(s *cache.State[*token]) { *s = cache.State[*token]{} })
		_, err := callWithToken(t, transport)
		if reasonOfCause(err) != ReasonTimeout || isFinal(err) {
			t.Errorf("%v for reason %s", err, reasonOfCause(err))
		}
	})
}

func TestNewTokens(t *testing.T) {
	labels := []string{"operation", "code"}
	from := func(o *config.OAuth2) (*tokens, error) {
		c := config.HTTPClientConfig{OAuth2: o}
		v := &vault{}
		return newTokens(Options{HTTP: c, Metrics: Metrics{
			Requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests"}, labels),
			Duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duration"}, labels),
		}}, credentialsOf(c, v), v)
	}
	if s, err := from(nil); s != nil || err != nil {
		t.Error(s, err)
	}
	s, err := from(&config.OAuth2{ClientSecretFile: filepath.Join(t.TempDir(), "none")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.get(t.Context()); !errors.Is(err, fs.ErrNotExist) || reasonOfCause(err) != ReasonAuth {
		t.Error(err)
	}
}
