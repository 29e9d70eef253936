// Package github is a simulated REST API of GitHub with invented companies: of GitHub Enterprise Cloud, or of an Enterprise Server.
//
// Answers are as in GitHub's OpenAPI descriptions (github/rest-api-description) and in the documents "Rate limits for the REST API" and
// "Troubleshooting the REST API".
package github

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"license_exporter/internal/simulator"
)

// The vendor's limits: requests of a user in an hour, and points in a minute, of which a request takes one.
const (
	perHour   = 5000
	perMinute = 900
)

// ServerPath is the path at which the API of an Enterprise Server begins.
const ServerPath = "/api/v3"

// Options configure a simulated API. Except for the estate and the tokens, the zero value of a field is the vendor's behavior, without
// latency.
type Options struct {
	Estate Estate

	// Tokens are the valid tokens. If there are none, all requests are refused.
	Tokens map[string]Token

	// Now is the clock for dates in answers and for the limit of an hour, or nil for the real clock.
	Now func() time.Time

	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	Limits Limits
}

// Token is a personal access token.
type Token struct {
	// Scopes are those of a classic token.
	Scopes []string
	// FineGrained is set for a token that has permissions instead of scopes. This API lets it read organizations only.
	FineGrained bool
	// Member is set if the user is a member but neither an owner nor an administrator.
	Member bool
	// Unauthorized is set if the token is not authorized for single sign-on, which all organizations and enterprises require.
	Unauthorized bool
}

// Limits are the numbers of requests of a token in an hour and in a minute. If they are 0, they are the vendor's: 5,000 and 900.
type Limits struct {
	Off       bool // turns off all limits
	PerHour   int
	PerMinute float64
}

// API is a simulated API: an http.Handler for the read-only operations on licenses, seats and organizations. It is safe for concurrent
// use.
type API struct {
	options Options
	points  *simulator.Buckets
	simulator.Front

	mu    sync.Mutex
	hour  time.Time      // when the current hour began
	spent map[string]int // requests in that hour by token
}

// New returns a simulated API. simulator.Listen serves it.
func New(options Options) *API {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Limits.PerHour <= 0 {
		options.Limits.PerHour = perHour
	}
	s := &API{options: options, Front: simulator.Front{Latency: options.Latency}}
	if !options.Limits.Off {
		s.points = simulator.NewBuckets(options.Limits.PerMinute/60, perMinute/60., 0)
	}
	return s
}

// ServeHTTP answers one request. Requests counts requests to unknown paths as "unknown".
func (s *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Request: r, api: s, today: simulator.Midnight(s.options.Now())}
	path := r.URL.Path
	if s.options.Estate.License != nil {
		var found bool
		if path, found = strings.CutPrefix(path, ServerPath); !found {
			path = "" // pages for people
		}
	}
	name := "unknown"
	for _, o := range operations {
		if id, ok := o.match(path); ok && o.server == (s.options.Estate.License != nil) {
			c.operation, c.id, name = &o, id, o.name
		}
	}
	s.Serve(w, r, name, c.answer)
}

// call is a request for an operation.
type call struct {
	*http.Request
	api       *API
	operation *operation // nil if there is none
	id        string     // of the enterprise or organization
	token     Token
	today     time.Time
}

// answer runs the checks in the order of the vendor's gateway, and then the operation.
func (c *call) answer() simulator.Answer {
	name, ok := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	if !ok {
		name, ok = strings.CutPrefix(c.Header.Get("Authorization"), "token ")
	}
	token, valid := c.api.options.Tokens[name]
	if !ok || !valid {
		return refuse(http.StatusUnauthorized, "Bad credentials")
	}
	c.token = token
	remaining, reset, limited := c.api.spend(name)
	answer := c.limitedOrAnswered(name, limited)
	answer.With("X-Ratelimit-Limit", strconv.Itoa(c.api.options.Limits.PerHour)).
		With("X-Ratelimit-Remaining", strconv.Itoa(remaining)).
		With("X-Ratelimit-Used", strconv.Itoa(c.api.options.Limits.PerHour-remaining)).
		With("X-Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10)).
		With("X-Ratelimit-Resource", "core")
	if !token.FineGrained {
		answer.With("X-Oauth-Scopes", strings.Join(token.Scopes, ", "))
	}
	return answer.With("X-Github-Media-Type", "github.v3; format=json")
}

func (c *call) limitedOrAnswered(token string, limited bool) simulator.Answer {
	if limited {
		return refuse(http.StatusForbidden, "API rate limit exceeded for user ID 1.")
	}
	if wait := c.api.points.Draw(token); wait > 0 {
		return refuse(http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.").After(wait)
	}
	if c.operation == nil || c.Method != http.MethodGet {
		return refuse(http.StatusNotFound, "Not Found") // also for other methods
	}
	return c.permitted()
}

// permitted answers if the token may use the operation.
func (c *call) permitted() simulator.Answer {
	o := c.operation
	switch {
	case o.server && (c.token.Member || !c.hasScope("site_admin")):
		return refuse(http.StatusNotFound, "Not Found") // as the documents say of all but site administrators
	case o.server || o.public:
	case c.token.FineGrained && o.enterprise:
		return refuse(http.StatusForbidden, "Resource not accessible by personal access token")
	case c.token.Unauthorized:
		return refuse(http.StatusForbidden, "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.").
			With("X-Github-Sso", "required; url=https://github.com/orgs/"+c.id+"/sso?authorization_request="+simulator.FakeKeyMarker)
	case !c.token.FineGrained && !c.hasScope(o.scopes...):
		return refuse(http.StatusForbidden, "Must have admin rights.").With("X-Accepted-Oauth-Scopes", strings.Join(o.scopes, ", "))
	case c.token.Member:
		return refuse(http.StatusNotFound, "Not Found")
	}
	return o.answer(c)
}

// hasScope reports whether the token has one of the scopes, or one that includes it.
func (c *call) hasScope(scopes ...string) bool {
	includes := map[string]string{"read:enterprise": "admin:enterprise", "manage_billing:enterprise": "admin:enterprise", "read:org": "admin:org"}
	return slices.ContainsFunc(scopes, func(scope string) bool {
		return slices.Contains(c.token.Scopes, scope) || slices.Contains(c.token.Scopes, includes[scope])
	})
}

// spend counts a request of a token in the current hour. It returns how many remain and when the hour ends.
func (s *API) spend(token string) (remaining int, reset time.Time, limited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	if s.spent == nil || !now.Before(s.hour.Add(time.Hour)) {
		s.hour, s.spent = now, map[string]int{}
	}
	limit, reset := s.options.Limits.PerHour, s.hour.Add(time.Hour)
	if !s.options.Limits.Off {
		limited = s.spent[token] >= limit
		s.spent[token] = min(limit, s.spent[token]+1)
	}
	return limit - s.spent[token], reset, limited
}

// refuse returns an error in the vendor's format.
func refuse(status int, message string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{
		"message": message, "documentation_url": "https://docs.github.com/rest", "status": fmt.Sprint(status),
	})
}
