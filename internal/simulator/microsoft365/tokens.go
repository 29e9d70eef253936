package microsoft365

import (
	"crypto/rand"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"

	"license_exporter/internal/simulator"
)

const (
	tokenLifetime = 3599 * time.Second
	// mostForm is the greatest size of a request for a token in bytes.
	mostForm = 1 << 16
)

// tokens has the tokens that were issued and have not expired. They contain simulator.FakeKeyMarker and the id of their tenant.
type tokens struct {
	mu      sync.Mutex
	granted map[string]grant
}

type grant struct {
	tenant string
	end    time.Time
}

// issue makes a token for a tenant. It forgets tokens that have expired.
func (t *tokens) issue(tenant string) string {
	token, now := simulator.FakeKeyMarker+"."+tenant+"."+rand.Text(), time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.granted, func(_ string, g grant) bool { return !now.Before(g.end) })
	t.granted[token] = grant{tenant, now.Add(tokenLifetime)}
	return token
}

// tenant returns the id of the tenant of a valid token.
func (t *tokens) tenant(token string) (id string, valid bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.granted[token]
	return g.tenant, time.Now().Before(g.end)
}

// grant answers a request for a token of a tenant, which is named by its id or a domain.
func (s *API) grant(tenant string, r *http.Request) simulator.Answer {
	if r.Method != http.MethodPost {
		return refuseToken(http.StatusBadRequest, "invalid_request", 900561, "The endpoint only accepts POST requests. Received a GET request.")
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(nil, r.Body, mostForm)
	if media != "application/x-www-form-urlencoded" || r.ParseForm() != nil || r.PostForm.Get("grant_type") == "" {
		return refuseToken(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'.")
	}
	i := slices.IndexFunc(s.options.Estate, func(t Tenant) bool { return t.ID == tenant || slices.Contains(t.Domains, tenant) })
	switch scope, id := r.PostForm.Get("scope"), r.PostForm.Get("client_id"); {
	case i < 0:
		return refuseToken(http.StatusBadRequest, "invalid_request", 90002,
			"Tenant '"+tenant+"' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.")
	case r.PostForm.Get("grant_type") != "client_credentials":
		return refuseToken(http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
	case id == "" || id != s.options.ClientID || s.options.Estate[i].NotInstalled:
		return refuseToken(http.StatusBadRequest, "unauthorized_client", 700016, fmt.Sprintf("Application with identifier '%s' was not found in the directory '%s'. "+
			"This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.", id, tenant))
	case r.PostForm.Get("client_secret") != s.options.ClientSecret:
		return refuseToken(http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is "+
			"the client secret value, not the client secret ID, for a secret added to app '"+id+"'.")
	case scope != "https://"+s.options.GraphHost+"/.default":
		return refuseToken(http.StatusBadRequest, "invalid_scope", 70011, "The provided request must include a 'scope' input parameter. The provided value for the "+
			"input parameter 'scope' is not valid. The scope "+scope+" is not valid.")
	}
	return simulator.Found(simulator.Object{
		"token_type": "Bearer", "expires_in": int(tokenLifetime.Seconds()), "ext_expires_in": int(tokenLifetime.Seconds()),
		"access_token": s.tokens.issue(s.options.Estate[i].ID),
	}).With("Cache-Control", "no-store, no-cache")
}

// refuseToken returns an error of the token endpoint, which has a format of its own.
func refuseToken(status int, code string, number int, text string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{
		"error": code, "error_codes": []int{number}, "timestamp": "2026-03-17 22:45:10Z", "trace_id": requestID, "correlation_id": requestID,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: 2026-03-17 22:45:10Z", number, text, requestID, requestID),
		"error_uri":         fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", number),
	})
}
