// Package gitlab is a simulated GitLab API: the license of an instance, or the namespaces of GitLab.com,
// with invented names.
package gitlab

import (
	"net/http"
	"strings"
	"time"

	"license_exporter/internal/simulator"
)

// apiPath is where the API begins.
const apiPath = "/api/v4"

// dateLayout is the format of dates without a time.
const dateLayout = time.DateOnly

// Options configure a simulated API.
type Options struct {
	// Token is the only valid token. Scopes are those of the token, and Admin is whether its user is an administrator.
	Token  string
	Scopes []string
	Admin  bool
	// AdminMode is set if the instance asks administrators for the scope admin_mode.
	AdminMode bool
	// License is the license of the instance, nil if it has none. Community is set for an instance of the Community Edition, which
	// knows no licenses.
	License   *License
	Community bool
	// Namespaces are the groups that the user of the token may see.
	Namespaces []Namespace
	// Rate is the limit of requests a second. 0 means none.
	Rate float64
	// Now is the clock for dates in answers, or nil for the real clock.
	Now func() time.Time
}

// API is a simulated GitLab API. It is safe for concurrent use.
type API struct {
	options Options
	buckets *simulator.Buckets
	simulator.Front
}

// New returns a simulated API. simulator.Listen serves it.
func New(o Options) *API {
	if o.Now == nil {
		o.Now = time.Now
	}
	api := &API{options: o}
	if o.Rate > 0 {
		api.buckets = simulator.NewBuckets(o.Rate, o.Rate, 0)
	}
	return api
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, apiPath)
	group, isNamespace := strings.CutPrefix(path, "/namespaces/")
	switch {
	case ok && path == "/license" && !a.options.Community:
		a.Serve(w, r, "getApiV4License", func() simulator.Answer { return a.answer(r, a.license) })
	case ok && isNamespace && group != "":
		a.Serve(w, r, "getApiV4NamespacesId", func() simulator.Answer {
			return a.answer(r, func() simulator.Answer { return a.namespace(group) })
		})
	default: // the API knows no such route, whoever asks
		simulator.NewAnswer(http.StatusNotFound, simulator.Object{"error": "404 Not Found"}).Write(w)
	}
}

// answer runs the checks of all operations, and then the operation.
func (a *API) answer(r *http.Request, operation func() simulator.Answer) simulator.Answer {
	if r.Method != http.MethodGet {
		return simulator.NewAnswer(http.StatusMethodNotAllowed, simulator.Object{"error": "405 Not Allowed"}).With("Allow", "OPTIONS, GET, HEAD")
	}
	token := tokenOf(r)
	if wait := a.buckets.Draw(token); wait > 0 {
		return simulator.Answer{Status: http.StatusTooManyRequests, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte("Retry later\n")}.After(wait)
	}
	switch {
	case token == "":
		return refuse(http.StatusUnauthorized, "401 Unauthorized")
	case token != a.options.Token:
		return simulator.NewAnswer(http.StatusUnauthorized, simulator.Object{
			"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize from the user.",
		})
	case !a.has("api") && !a.has("read_api"):
		return simulator.NewAnswer(http.StatusForbidden, simulator.Object{
			"error": "insufficient_scope", "scope": "api read_api",
			"error_description": "The request requires higher privileges than provided by the access token.",
		})
	}
	return operation()
}

// tokenOf returns the token of a request, in one of the two headers for it.
func tokenOf(r *http.Request) string {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return bearer
	}
	return r.Header.Get("PRIVATE-TOKEN")
}

func (a *API) has(scope string) bool {
	for _, s := range a.options.Scopes {
		if s == scope {
			return true
		}
	}
	return false
}

func (a *API) license() simulator.Answer {
	switch {
	case !a.options.Admin, a.options.AdminMode && !a.has("admin_mode"):
		return refuse(http.StatusForbidden, "403 Forbidden")
	case a.options.License == nil:
		return simulator.Found(nil)
	}
	return simulator.Found(a.options.License.record(simulator.Midnight(a.options.Now())))
}

func (a *API) namespace(group string) simulator.Answer {
	for _, n := range a.options.Namespaces {
		if n.Path == group || n.id() == group {
			return simulator.Found(n.record(simulator.Midnight(a.options.Now())))
		}
	}
	return refuse(http.StatusNotFound, "404 Namespace Not Found")
}

// refuse returns an error in the vendor's format.
func refuse(status int, message string) simulator.Answer {
	return simulator.NewAnswer(status, simulator.Object{"message": message})
}
