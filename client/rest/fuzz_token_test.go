package rest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/idna"
)

// Any answer of a token endpoint gives a token that can be sent and that ends in the future, or an error
// that shows no secret. @ means the secret in the answer.
func FuzzTokenAnswer(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `{"access_token": "a", "token_type": "bearer", "expires_in": 3600}`, `{"access_token": "a", "expires_in": "3600.5"}`, `{"access_token": "a", "EXPIRES_IN": 1e300}`,
		`{"access_token": "a", "expires_in": -1}`, `{"access_token": "a", "expires_in": {}}`, `{"access_token": "a\r\nX-Header: 1"}`, `{"access_token": "\u00e9"}`, `{"access_token": ["a"]}`, `{"access_token": ""}`,
		`{"access_token": "a", "token_type": "mac @"}`, `{"access_token": "a", "token_type": "\u001b[31m"}`, `{"error": "invalid_client", "error_description": "@\u001b[31m\n is wrong"}`, `{"error": {"@": 1}}`,
		`access_token=a&expires_in=5`, `access_token=%0a`, `error=@`, `<html>@`, `{"access_token": "@"`, `{"access_token": "a", "expires_in": 1, "expires_in": "x"}`, `"@"`,
	} {
		f.Add(seed, uint16(200), "5")
		f.Add(seed, uint16(400), "")
	}
	f.Add(``, uint16(503), "99999999999")
	f.Add(``, uint16(301), "")
	f.Fuzz(func(t *testing.T, body string, status uint16, retryAfter string) {
		code := 200 + int(status)%400
		v := &tokenVendor{retryAfter: retryAfter, answer: func(int) (int, string) { return code, strings.ReplaceAll(body, "@", tokenSecret) }}
		s := v.transport().tokens
		got, err := s.fetch(t.Context())
		if err == nil {
			if !httpguts.ValidHeaderFieldValue(got.Type()+" "+got.AccessToken) || strings.TrimSpace(got.AccessToken) == "" || len(got.AccessToken) > maxToken {
				t.Errorf("%d %s gives the token %q", code, body, got.AccessToken)
			}
			if now := time.Now(); !got.end.IsZero() && (!got.end.After(now) || got.early.After(got.end) || !got.early.After(now) || got.end.Sub(now) > 100*365*24*time.Hour) {
				t.Errorf("%d %s gives a token from now to %s, to renew at %s", code, body, got.end, got.early)
			}
			return
		}
		if text := err.Error(); strings.Contains(text, tokenSecret) || strings.Contains(text, url.QueryEscape(tokenSecret)) || len(text) > 1000 {
			t.Errorf("%d %s gives the error %q", code, body, text)
		}
		if reason := reasonOfCause(err); code == http.StatusOK && reason != ReasonDecode && reason != ReasonAuth {
			t.Errorf("%d %s fails by %s: %v", code, body, reason, err)
		}
	})
}

// The credential is only sent to where the base URL is, or to another host of its domain. @ means an address there.
func FuzzRedirect(f *testing.F) {
	for _, seed := range []string{
		"", "/other", "@/a", "https://n1.vendor.test/a", "https://vendor.test:8443/a", "https://vendor.test:443/a", "http://vendor.test/a", "//evil.test/a", "https://vendor.test.evil.test", "https://evilvendor.test",
		"https://a:b@vendor.test/", "https://vendor.test\\@evil.test", "https://vendor.test#@evil.test", "https://vendor.test?@evil.test", "https://VENDOR.TEST./", "https://[::1]/", "https://vendor.test:99999", "https://vendor.test:0x1bb/",
		"javascript:alert(1)", "https:vendor.test", "https:///a", "https://\uff56endor.test/", "https://vendor\u3002test/", "https://vendor.test%2eevil.test/", "https://127.0.0.1/", "%zz", "https://vendor.test:/a",
	} {
		f.Add(seed)
	}
	c := inMemory(f, func(http.ResponseWriter, *http.Request) {})
	from := c.base.JoinPath("things")
	f.Fuzz(func(t *testing.T, location string) {
		to, err := redirection(from, http.Header{"Location": {location}})
		if err != nil || c.mayVisit(to) != nil {
			return
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to.String(), nil)
		if err != nil {
			return // it cannot be sent
		}
		host := strings.ToLower(req.URL.Hostname())
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			host = ascii // to which net/http connects
		}
		if req.URL.Scheme != "https" || host != "vendor.test" && !strings.HasSuffix(host, ".vendor.test") || req.URL.User != nil {
			t.Errorf("%q may be visited: %s", location, req.URL)
		}
		if port := req.URL.Port(); port != "" && port != "443" {
			t.Errorf("%q may be visited: port %s", location, port)
		}
	})
}
