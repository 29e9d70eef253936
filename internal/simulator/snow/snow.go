// Package snow is a simulated Snow Atlas with an invented tenant.
package snow

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// oldestVersion is the version of the SAM Licenses API that differs from the current one, 1.7.0.
const oldestVersion = "1.0.0"

// The vendor publishes no limits. Its tokens are valid for about an hour.
const (
	tokenLifetime = time.Hour
	maxPageSize   = 1000 // a greater page_size is reduced to it
	perClient     = 20
	clientBurst   = 40
)

// Options configure a simulated API. Except for the estate and the credentials, the zero value of a field is the vendor's behavior,
// without latency.
type Options struct {
	Estate Estate

	// ClientID and ClientSecret are the valid credentials. If they are empty, all requests are refused.
	ClientID, ClientSecret string

	// Now is the clock for dates in answers, or nil for the real clock. Tokens, limits and latency always use the real clock.
	Now func() time.Time

	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	// Version is the version of the SAM Licenses API: "1.7.0", which is the default, or "1.0.0", which lacks operations and fields.
	Version string

	Limits Limits

	// Withheld has permissions (sam.license.r) and operations (getAgreements) that the client must not use. They are answered with 403.
	Withheld []string
}

// Limits are the rate limit of a client in requests a second, including those for tokens. Without a rate and a burst, they are 20 and
// 40. A burst of 0 equals the rate.
type Limits struct {
	Off    bool // turns off all limits
	Client float64
	Burst  int
}

// API is a simulated Snow Atlas: an http.Handler for the token endpoint and the read-only operations on licenses, agreements,
// applications, custom metrics and organizations. It is safe for concurrent use.
type API struct {
	options Options
	clients *simulator.Buckets
	tokens  tokens
	simulator.Front
}

// New returns a simulated API. simulator.Listen serves it.
func New(options Options) *API {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Estate.book == nil {
		options.Estate = Generate(0, 0, 0)
	}
	if options.Limits.Client <= 0 && options.Limits.Burst <= 0 {
		options.Limits.Burst = clientBurst
	}
	s := &API{options: options, tokens: tokens{ends: map[string]time.Time{}}, Front: simulator.Front{Latency: options.Latency}}
	if !options.Limits.Off {
		s.clients = simulator.NewBuckets(options.Limits.Client, perClient, options.Limits.Burst)
	}
	return s
}

// ServeHTTP answers one request. Requests counts requests for tokens as "token" and requests to unknown paths as "unknown".
func (s *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == tokenPath {
		s.Serve(w, r, "token", func() simulator.Answer { return s.grant(r) })
	} else if c, ok := s.route(r.URL.Path); ok {
		s.Serve(w, r, c.op.id, func() simulator.Answer { return s.answer(c, r) })
	} else {
		s.Serve(w, r, "unknown", func() simulator.Answer { return refuse(http.StatusNotFound, "Resource not found.") })
	}
}

// answer runs the checks in the order of a gateway and then the operation.
func (s *API) answer(c *call, r *http.Request) simulator.Answer {
	if r.Method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, "Method not allowed.").With("Allow", http.MethodGet)
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || !s.tokens.valid(token) {
		return refuse(http.StatusUnauthorized, "The token is invalid or expired.").With("WWW-Authenticate", "Bearer")
	}
	if a, limited := s.limit(); limited {
		return a
	}
	if slices.Contains(s.options.Withheld, c.permission) || slices.Contains(s.options.Withheld, c.op.id) {
		return refuse(http.StatusForbidden, "The permission '"+c.permission+"' is missing, or the feature was not purchased.")
	}
	c.path, c.query, c.today = r.URL.Path, r.URL.Query(), simulator.Midnight(s.options.Now())
	return c.answer()
}

// limit draws on the rate limit of the client. If it is used up, limit returns the answer with that error.
func (s *API) limit() (a simulator.Answer, limited bool) {
	wait := s.clients.Draw(s.options.ClientID)
	return refuse(http.StatusTooManyRequests, "Too many requests.").After(wait), wait > 0
}

// refuse returns an error in the vendor's format.
func refuse(status int, message string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{"error": simulator.Object{"code": status, "message": message}})
}
