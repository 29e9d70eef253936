package snow

import (
	"crypto/rand"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"sync"
	"time"

	"license_exporter/internal/simulator"
)

const (
	tokenPath = "/idp/api/connect/token" //nolint:gosec // a path, not a credential

	// resource means the vendor's APIs. Tokens may be limited to no other resource.
	resource = "api://snowsoftware.io/api"

	// mostForm is the greatest size of a request for a token in bytes.
	mostForm = 1 << 16
)

// tokens has the tokens that were issued and have not expired. They contain simulator.FakeKeyMarker.
type tokens struct {
	mu   sync.Mutex
	ends map[string]time.Time
}

// issue makes a token. It forgets tokens that have expired.
func (t *tokens) issue() string {
	token, now := simulator.FakeKeyMarker+"."+rand.Text(), time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.ends, func(_ string, end time.Time) bool { return !now.Before(end) })
	t.ends[token] = now.Add(tokenLifetime)
	return token
}

func (t *tokens) valid(token string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Now().Before(t.ends[token])
}

// grant answers a request for a token.
func (s *API) grant(r *http.Request) simulator.Answer {
	if r.Method != http.MethodPost {
		return refuse(http.StatusMethodNotAllowed, "Method not allowed.").With("Allow", http.MethodPost)
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(nil, r.Body, mostForm)
	if media != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		body := simulator.Object{"error": "invalid_request", "error_description": "The request must be a form."}
		return simulator.NewAnswer(http.StatusBadRequest, body)
	}
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		id, secret = formDecoded(user), formDecoded(password)
	}
	if id == "" || secret == "" || id != s.options.ClientID || secret != s.options.ClientSecret {
		return refuseToken("invalid_client")
	}
	if a, limited := s.limit(); limited {
		return a
	}
	if r.PostForm.Get("grant_type") != "client_credentials" {
		return refuseToken("unsupported_grant_type")
	}
	if asked := r.PostForm.Get("resource"); asked != "" && asked != resource {
		return refuseToken("invalid_target")
	}
	return simulator.Found(struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
		TokenType   string `json:"token_type"`
		Scope       string `json:"scope"`
	}{s.tokens.issue(), int(tokenLifetime.Seconds()), "Bearer", "openid"}).With("Cache-Control", "no-store")
}

// formDecoded decodes credentials in a header, which OAuth2 requires to be encoded. Some clients do not encode them.
func formDecoded(text string) string {
	if decoded, err := url.QueryUnescape(text); err == nil {
		return decoded
	}
	return text
}

// refuseToken returns an error of the token endpoint, which has a format of its own.
func refuseToken(code string) simulator.Answer {
	return simulator.NewAnswer(http.StatusBadRequest, simulator.Object{"error": code})
}
