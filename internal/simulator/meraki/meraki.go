// Package meraki is a simulated Meraki Dashboard API with invented organizations.
package meraki

import (
	"net"
	"net/http"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// Options configure a simulated API. Except for Estate and Key, the zero value of a field is the vendor's behavior, without latency.
type Options struct {
	Estate Estate

	// Key is the valid API key. If it is empty, all requests are refused.
	Key string

	// Now is the clock for dates in answers, or nil for the real clock. Limits and latency always use the real clock.
	Now func() time.Time

	// Latency is added to each answer, unless the client goes away first.
	Latency time.Duration

	Limits Limits

	// Shard is the base URL of a shard, as Listen returns it. If it is set, requests for one organization to other hosts are
	// redirected there with 308.
	Shard string
}

// Limits are the rate limits of a simulated API in requests a second. A rate of 0 means the vendor's: 10 for an organization, with
// 10 more in the first second, and 100 for a source address. A burst of 0 equals the rate.
type Limits struct {
	Off               bool // turns off all limits
	Organization      float64
	OrganizationBurst int
	Source            float64
	SourceBurst       int
}

// The vendor's rates. With a burst of 10, there are "10 more in the first second", as its documentation says.
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

// New returns a simulated API. simulator.Listen serves it.
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

// authorized reports whether the request has the key in one of the two headers.
func (m *API) authorized(r *http.Request) bool {
	key := r.Header.Get("X-Cisco-Meraki-API-Key")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		key = bearer
	}
	return key != "" && key == m.options.Key
}

// refuse returns an error in the vendor's format.
func refuse(status int, message string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{"errors": []string{message}})
}

func tooMany(wait time.Duration) simulator.Answer {
	return refuse(http.StatusTooManyRequests, "API rate limit exceeded for organization").After(wait)
}
