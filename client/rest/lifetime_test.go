package rest

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The lifetime of a token need not be a whole number.
func TestLifetimeOfTokens(t *testing.T) {
	for lifetime, end := range map[string]time.Duration{
		`3600`: time.Hour, `"3600"`: time.Hour, `"3600.0"`: time.Hour, `3600.9`: time.Hour, `" 60 "`: time.Minute,
		`1e300`: (1<<31 - 1) * time.Second, `null`: 0, `""`: 0, `0`: 0, `-5`: 0, `"soon"`: 0, `{}`: 0, `[3600]`: 0, `true`: 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			v := &tokenVendor{answer: func(int) (int, string) {
				return http.StatusOK, `{"access_token": "a", "expires_in": ` + lifetime + `, "token_type": "bearer", "scope": "x"}`
			}}
			transport := v.transport()
			if status, err := callWithToken(t, transport); status != http.StatusOK || err != nil {
				t.Fatalf("%s: %d, %v", lifetime, status, err)
			}
			token := transport.tokens.entry.State().Value
			if got := time.Until(token.end); got != end && !(end == 0 && token.end.IsZero()) {
				t.Errorf("%s: the token ends in %s, want %s", lifetime, got, end)
			}
		})
	}
}

func FuzzReadableLifetime(f *testing.F) {
	for _, seed := range []string{`{"expires_in": "3600.0"}`, `{"expires_in": {}}`, `[]`, `null`, ``, `{"EXPIRES_IN": 1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if again := readableLifetime(readableLifetime(body)); string(again) != string(readableLifetime(body)) {
			t.Errorf("%s becomes %s", body, again)
		}
	})
}

// A vendor may repeat the token in its message.
func TestTokenIsNotShown(t *testing.T) {
	const token = "opaque-token-that-nobody-may-see"
	c := newClient(t, serve(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/token" {
			answer(200, `{"access_token": "`+token+`", "token_type": "Bearer"}`, "Content-Type", "application/json")(w, req)
			return
		}
		answer(403, `{"message": "`+strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")+` may not"}`)(w, req)
	}), withClientCredentials)
	_, err := Object[thing](t.Context(), c, things)
	var e *Error
	if !errors.As(err, &e) || e.Message != "[redacted] may not" || strings.Contains(err.Error(), token) {
		t.Error(err)
	}
}
