// Package meraki is a simulated Meraki Dashboard API with invented organizations.
package meraki

import (
	"net"
	"net/http"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// Options say what a simulated Meraki Dashboard API has and how it behaves. The zero value of each field but Estate and Key is the
// vendor's own behavior, without latency.
type Options struct {
	Estate Estate

	// Key is the API key that is accepted. Without one every request is refused.
	Key string

	// Now is the clock that dates in answers are relative to; nil is the real one. Limits and latency run on the real clock, so that a
	// fixed Now does not stop them.
	Now func() time.Time

	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	Limits Limits

	// Shard, if set, is the base URL of a shard (as Listen returns it): calls on one organization are redirected there with 308,
	// unless they came to that host already.
	Shard string
}

// Limits are the budgets of a simulated API, in requests a second. A zero rate or burst is the vendor's: 10 a second per
// organization with 10 more in the first second, 100 a second per source address. A burst that is not given equals its rate.
type Limits struct {
	Off               bool // no limits at all
	Organization      float64
	OrganizationBurst int
	Source            float64
	SourceBurst       int
}

// The vendor's limits. A burst of 10 above 10 a second is what its page calls "10 more in the first second".
const (
	vendorPerOrganization = 10
	vendorPerSource       = 100
)

// API is a simulated Meraki Dashboard API: an http.Handler for the nine read-only licensing operations under /api/v1/. It is safe
// for concurrent use.
type API struct {
	options                Options
	mux                    *http.ServeMux
	organizations, sources *simulator.Buckets
	simulator.Front
}

// New returns the API of an estate. It starts nothing: see simulator.Listen.
func New(options Options) *API {
	if options.Now == nil {
		options.Now = time.Now
	}
	options.Shard = strings.TrimSuffix(options.Shard, "/")
	m := &API{options: options, mux: http.NewServeMux(), Front: simulator.Front{Latency: options.Latency}}
	if limits := options.Limits; !limits.Off {
		m.organizations = simulator.NewBuckets(limits.Organization, vendorPerOrganization, limits.OrganizationBurst)
		m.sources = simulator.NewBuckets(limits.Source, vendorPerSource, limits.SourceBurst)
	}
	for _, op := range operations {
		m.mux.HandleFunc("/api/v1"+op.path, func(w http.ResponseWriter, r *http.Request) {
			m.Serve(w, r, op.id, func() simulator.Answer { return m.answer(op, r) })
		})
	}
	m.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(http.StatusNotFound, "Not found").Write(w)
	})
	return m
}

// ServeHTTP answers one request of the API.
func (m *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }

// answer runs the checks in the vendor's order, and then the operation.
func (m *API) answer(op operation, r *http.Request) simulator.Answer {
	if r.Method != http.MethodGet {
		return refuse(http.StatusMethodNotAllowed, "Method not allowed").With("Allow", http.MethodGet)
	}
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	if wait := m.sources.Draw(source); wait > 0 {
		return tooMany(wait)
	}
	if !m.authorized(r) {
		return refuse(http.StatusUnauthorized, "Invalid API key")
	}
	if shard := m.options.Shard; shard != "" && r.PathValue("organizationId") != "" && !strings.HasSuffix(shard, "//"+r.Host) {
		return simulator.Answer{Status: http.StatusPermanentRedirect, Header: http.Header{"Location": {shard + r.URL.RequestURI()}}}
	}
	c := &call{request: r, query: r.URL.Query(), estate: m.options.Estate, today: simulator.Midnight(m.options.Now())}
	ids, refusal, ok := c.resolve(op)
	if !ok {
		return refusal
	}
	if wait := m.organizations.Draw(ids...); wait > 0 {
		return tooMany(wait)
	}
	return c.answer(op)
}

// authorized reports whether the request has the key, in either of the two headers.
func (m *API) authorized(r *http.Request) bool {
	key := r.Header.Get("X-Cisco-Meraki-API-Key")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		key = bearer
	}
	return key != "" && key == m.options.Key
}

// refuse is an error in the vendor's shape.
func refuse(status int, message string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{"errors": []string{message}})
}

func tooMany(wait time.Duration) simulator.Answer {
	return refuse(http.StatusTooManyRequests, "API rate limit exceeded for organization").After(wait)
}
