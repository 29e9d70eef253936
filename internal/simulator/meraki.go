package simulator

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// MerakiOptions say what a simulated Meraki Dashboard API holds and how it behaves. The zero value of each field but Estate and Key
// is the vendor's own behavior, at no latency.
type MerakiOptions struct {
	Estate MerakiEstate

	// Key is the API key that is accepted. Without one every request is refused.
	Key string

	// Now is the clock that dates in answers are relative to; nil is the real one. Limits and latency run on the real clock, so that a
	// fixed Now does not stop them.
	Now func() time.Time

	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	Limits MerakiLimits

	// Shard, if set, is the base URL of a shard (as Listen returns it): calls on one organization are answered with a 308 to there,
	// unless they came to that host already.
	Shard string
}

// Meraki is a simulated Meraki Dashboard API: an http.Handler for the nine read-only licensing operations under /api/v1/. It is safe
// for concurrent use.
type Meraki struct {
	options   MerakiOptions
	shardHost string
	mux       *http.ServeMux
	limits    *limits
	front
}

// NewMeraki returns the API of an estate. It starts nothing: see Listen.
func NewMeraki(options MerakiOptions) *Meraki {
	if options.Now == nil {
		options.Now = time.Now
	}
	m := &Meraki{
		options: options,
		mux:     http.NewServeMux(),
		limits:  newLimits(options.Limits),
		front:   front{latency: options.Latency, requests: map[string]int{}},
	}
	if shard, err := url.Parse(options.Shard); err == nil {
		m.shardHost = shard.Host
	}
	for _, op := range operations {
		m.mux.Handle("/api/v1"+op.path, m.operation(op))
	}
	m.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(http.StatusNotFound, "Not found").write(w)
	})
	return m
}

// ServeHTTP answers one request of the API.
func (m *Meraki) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }

// operation is the handler of one operation.
func (m *Meraki) operation(op operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.front.serve(w, r, op.id, func() answer { return m.answer(op, r) })
	})
}

// answer runs the checks in the vendor's order, and then the operation.
func (m *Meraki) answer(op operation, r *http.Request) answer {
	if r.Method != http.MethodGet {
		a := refuse(http.StatusMethodNotAllowed, "Method not allowed")
		a.header.Set("Allow", http.MethodGet)
		return a
	}
	if wait := m.limits.drawSource(source(r)); wait > 0 {
		return tooMany(wait)
	}
	if !m.authorized(r) {
		return refuse(http.StatusUnauthorized, "Invalid API key")
	}
	if op.names == oneOrganization && m.shardHost != "" && r.Host != m.shardHost {
		a := answer{status: http.StatusPermanentRedirect, header: http.Header{}}
		a.header.Set("Location", strings.TrimSuffix(m.options.Shard, "/")+r.URL.RequestURI())
		return a
	}
	c := &call{request: r, query: newQuery(r.URL), estate: m.options.Estate, today: midnight(m.options.Now())}
	if a, ok := c.resolve(op); !ok {
		return a
	}
	if wait := m.limits.drawOrganizations(c.organizations); wait > 0 {
		return tooMany(wait)
	}
	return op.serve(c)
}

// authorized reports whether the request bears the key, in either of the two headers.
func (m *Meraki) authorized(r *http.Request) bool {
	key := r.Header.Get("X-Cisco-Meraki-API-Key")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		key = bearer
	}
	return m.options.Key != "" && subtle.ConstantTimeCompare([]byte(key), []byte(m.options.Key)) == 1
}

// source is the address that the limit per source is about.
func source(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// refuse is an error in the vendor's shape.
func refuse(status int, messages ...string) answer {
	body := struct {
		Errors []string `json:"errors"`
	}{messages}
	return answer{status: status, header: http.Header{}, body: body}
}

func tooMany(wait time.Duration) answer {
	a := refuse(http.StatusTooManyRequests, "API rate limit exceeded for organization")
	a.header.Set("Retry-After", retryAfter(wait))
	return a
}
