package simulator

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Versions of the SAM Licenses API.
const (
	snowCurrent = "1.7.0"
	snowOldest  = "1.0.0"
)

// What a simulated Snow Atlas does unless it is told otherwise. The vendor publishes no limits, and its tokens live about an hour.
const (
	snowTokenLifetime = time.Hour
	snowMaxPageSize   = 1000
	snowPerClient     = 20
	snowClientBurst   = 40
)

// SnowOptions say what a simulated Snow Atlas holds and how it behaves. The zero value of each field but the estate and the
// credentials is the vendor's own behavior, at no latency.
type SnowOptions struct {
	Estate SnowEstate

	// ClientID and ClientSecret are the credentials that tokens are given for. Without them every request is refused.
	ClientID, ClientSecret string

	// Now is the clock that dates in answers are relative to; nil is the real one. Tokens, limits and latency run on the real clock,
	// so that a fixed Now does not stop them.
	Now func() time.Time

	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	// TokenLifetime is how long a token is good for; 0 is an hour. Clients are told whole seconds, and at least one.
	TokenLifetime time.Duration

	// Version is that of the SAM Licenses API: "1.7.0", or "1.0.0", which lacks operations and fields. Empty is 1.7.0.
	Version string

	// MaxPageSize is what a greater page_size is cut down to; 0 is 1000. The answer says which size it has.
	MaxPageSize int

	Limits SnowLimits

	// Withheld are the permissions (sam.license.r) and operations (getAgreements) that the client was not given, be it because the
	// feature was not bought: they answer 403.
	Withheld []string
}

// SnowLimits are the budget of a client, in requests a second, tokens included. Without a rate it is 20 a second; without either, 40
// at once. A burst that is not given equals its rate.
type SnowLimits struct {
	Off    bool // no limits at all
	Client float64
	Burst  int
}

// Snow is a simulated Snow Atlas: an http.Handler for the token endpoint and the read-only operations on licenses, agreements,
// applications, custom metrics and organizations. It is safe for concurrent use.
type Snow struct {
	options    SnowOptions
	operations []*snowOperation
	clients    buckets
	tokens     snowTokens
	front

	selectionsMu sync.Mutex
	selections   map[string][]int
}

// NewSnow returns the API of an estate. It starts nothing: see Listen.
func NewSnow(options SnowOptions) *Snow {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.TokenLifetime <= 0 {
		options.TokenLifetime = snowTokenLifetime
	}
	if options.MaxPageSize <= 0 {
		options.MaxPageSize = snowMaxPageSize
	}
	if options.Estate.book == nil {
		options.Estate = GenerateSnow(0, 0, 0)
	}
	s := &Snow{
		options:    options,
		tokens:     snowTokens{lifetime: options.TokenLifetime},
		front:      front{latency: options.Latency, requests: map[string]int{}},
		selections: map[string][]int{},
	}
	if options.Limits.Client <= 0 && options.Limits.Burst <= 0 {
		options.Limits.Burst = snowClientBurst
	}
	s.clients.configure(options.Limits.Client, snowPerClient, options.Limits.Burst)
	for i := range snowOperations {
		if op := &snowOperations[i]; !s.legacy() || !op.added {
			s.operations = append(s.operations, op)
		}
	}
	return s
}

// legacy reports whether the SAM Licenses API is of the oldest version.
func (s *Snow) legacy() bool { return s.options.Version == snowOldest }

// TokensIssued returns how many tokens were given out so far.
func (s *Snow) TokensIssued() int { return s.tokens.count() }

// RevokeTokens makes all tokens invalid that were given out so far, whatever their age.
func (s *Snow) RevokeTokens() { s.tokens.revoke() }

// ServeHTTP answers one request. Requests counts those for a token as "token" and those for no operation as "unknown".
func (s *Snow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == snowTokenPath {
		s.serve(w, r, "token", func() answer { return s.grant(r) })
		return
	}
	op, ok := s.route(r)
	if !ok {
		s.serve(w, r, "unknown", func() answer { return snowRefuse(http.StatusNotFound, "Resource not found.") })
		return
	}
	s.serve(w, r, op.id, func() answer { return s.answer(op, r) })
}

// route finds the operation of a path, and sets the values of what the path leaves open. The first one that fits is meant: a word in
// the path comes before a place for any.
func (s *Snow) route(r *http.Request) (*snowOperation, bool) {
	segments := strings.Split(r.URL.Path, "/")
	for _, op := range s.operations {
		pattern := strings.Split(op.path, "/")
		if !slices.EqualFunc(pattern, segments, fits) {
			continue
		}
		for i, p := range pattern {
			if strings.HasPrefix(p, "{") {
				r.SetPathValue(strings.Trim(p, "{}"), segments[i])
			}
		}
		return op, true
	}
	return nil, false
}

func fits(pattern, segment string) bool {
	return pattern == segment || strings.HasPrefix(pattern, "{") && segment != ""
}

// answer runs the checks in the order of a gateway, and then the operation.
func (s *Snow) answer(op *snowOperation, r *http.Request) answer {
	if r.Method != http.MethodGet {
		a := snowRefuse(http.StatusMethodNotAllowed, "Method not allowed.")
		a.header.Set("Allow", http.MethodGet)
		return a
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || !s.tokens.valid(token) {
		a := snowRefuse(http.StatusUnauthorized, "The token is invalid or expired.")
		a.header.Set("WWW-Authenticate", "Bearer")
		return a
	}
	if a, limited := s.limit(); limited {
		return a
	}
	if slices.Contains(s.options.Withheld, op.permission) || slices.Contains(s.options.Withheld, op.id) {
		return snowRefuse(http.StatusForbidden, "The permission '"+op.permission+"' is missing, or the feature was not purchased.")
	}
	c := &snowCall{
		api: s, request: r, query: r.URL.Query(), book: s.options.Estate.book, today: midnight(s.options.Now()),
		legacy: s.legacy() && op.permission == licensePermission,
	}
	return op.serve(c)
}

// limit draws from the budget of the only client there is.
func (s *Snow) limit() (answer, bool) {
	if s.options.Limits.Off {
		return answer{}, false
	}
	wait := draw(s.clients.of(s.options.ClientID))
	if wait <= 0 {
		return answer{}, false
	}
	a := snowRefuse(http.StatusTooManyRequests, "Too many requests.")
	a.header.Set("Retry-After", retryAfter(wait))
	return a, true
}

// snowRefuse is an error in the vendor's shape.
func snowRefuse(status int, message string) answer {
	var body struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Message = status, message
	return answer{status: status, header: http.Header{}, body: body}
}
