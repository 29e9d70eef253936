// Package elasticsearch is a simulated Elasticsearch cluster, as far as its license is concerned.
package elasticsearch

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"license_exporter/internal/simulator"
)

// Options configure a simulated cluster.
type Options struct {
	// Version is the number of the version. Name and UUID are those of the cluster.
	Version, Name, UUID string
	// OpenSearch and Serverless are set for what they say.
	OpenSearch, Serverless bool
	// Key is the valid API key, in the form that is sent. If it is empty, the cluster has no security.
	Key string
	// Privileges are the cluster privileges of the key.
	Privileges []string
	// License is the license, nil if there is none.
	License *License
	Nodes   int
	// Starting is the number of requests for the license that are answered with 404 at first.
	Starting int
	// Now is the clock for dates in answers, or nil for the real clock.
	Now func() time.Time
}

// API is a simulated cluster. It is safe for concurrent use.
type API struct {
	options  Options
	licenses atomic.Int64 // requests for the license
	simulator.Front
}

// New returns a simulated cluster. simulator.Listen serves it.
func New(o Options) *API {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &API{options: o}
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	licensePath := "/_license"
	if a.isOld() {
		licensePath = "/_xpack/license"
	}
	switch path := r.URL.Path; {
	case path == "/":
		a.serve(w, r, "info", "cluster:monitor/main", a.info)
	case path == licensePath && !a.options.OpenSearch:
		a.serve(w, r, "license.get", "cluster:monitor/xpack/license/get", func() simulator.Answer { return a.license(r) })
	case path == "/_cluster/health":
		a.serve(w, r, "cluster.health", "cluster:monitor/health", a.health)
	default: // it takes any other path for an index
		a.serve(w, r, "other", "indices:admin/get", func() simulator.Answer {
			return refuse(http.StatusNotFound, "index_not_found_exception", "no such index ["+strings.Trim(path, "/")+"]")
		})
	}
}

func (a *API) isOld() bool {
	return strings.HasPrefix(a.options.Version, "5.") || strings.HasPrefix(a.options.Version, "6.")
}

// serve answers a request of an operation after the checks of all operations.
func (a *API) serve(w http.ResponseWriter, r *http.Request, operation, action string, respond func() simulator.Answer) {
	a.Serve(w, r, operation, func() simulator.Answer {
		answer := a.answer(r, action, respond)
		if !a.isOld() && !a.options.OpenSearch {
			answer = answer.With("X-elastic-product", "Elasticsearch")
		}
		return answer
	})
}

func (a *API) answer(r *http.Request, action string, respond func() simulator.Answer) simulator.Answer {
	if r.Method != http.MethodGet {
		return simulator.NewAnswer(http.StatusMethodNotAllowed, simulator.Object{
			"error": "Incorrect HTTP method for uri [" + r.URL.Path + "] and method [" + r.Method + "], allowed: [GET]", "status": http.StatusMethodNotAllowed,
		}).With("Allow", "GET")
	}
	if a.options.Key == "" {
		return respond()
	}
	switch key, sent := strings.CutPrefix(r.Header.Get("Authorization"), "ApiKey "); {
	case r.Header.Get("Authorization") == "":
		return unauthorized("missing authentication credentials for REST request [" + r.URL.Path + "]")
	case !sent || key != a.options.Key:
		return unauthorized("unable to authenticate with provided credentials and anonymous access is not allowed for this request")
	case !slices.Contains(a.options.Privileges, "monitor"):
		return refuse(http.StatusForbidden, "security_exception", "action ["+action+"] is unauthorized for API key id [p9uthqABK7] of user ["+
			simulator.FakeKeyMarker+"-user], this action is granted by the cluster privileges [monitor,manage,all]")
	}
	return respond()
}

func unauthorized(reason string) simulator.Answer {
	return refuse(http.StatusUnauthorized, "security_exception", reason).With("WWW-Authenticate", `Basic realm="security" charset="UTF-8", ApiKey`)
}

// refuse returns an error in the vendor's format.
func refuse(status int, kind, reason string) simulator.Answer {
	cause := simulator.Object{"type": kind, "reason": reason}
	return simulator.NewAnswer(status, simulator.Object{
		"error":  simulator.Object{"root_cause": []simulator.Object{cause}, "type": kind, "reason": reason},
		"status": status,
	})
}

func (a *API) info() simulator.Answer {
	version := simulator.Object{
		"number": a.options.Version, "build_flavor": "default", "build_type": "docker", "build_hash": "cfe3d9f", "build_date": "2024-09-10T20:12:43.732Z",
		"build_snapshot": false, "lucene_version": "9.10.0",
	}
	switch {
	case a.options.OpenSearch:
		version["distribution"] = "opensearch"
		delete(version, "build_flavor")
	case a.options.Serverless:
		version["build_flavor"] = "serverless"
	}
	return simulator.Found(simulator.Object{
		"name": "node-1", "cluster_name": a.options.Name, "cluster_uuid": a.options.UUID, "version": version, "tagline": "You Know, for Search",
	})
}

func (a *API) license(r *http.Request) simulator.Answer {
	l := a.options.License
	if l == nil || int(a.licenses.Add(1)) <= a.options.Starting {
		return simulator.NewAnswer(http.StatusNotFound, simulator.Object{})
	}
	hide := strings.HasPrefix(a.options.Version, "7.") && r.URL.Query().Get("accept_enterprise") != "true"
	record := l.record(simulator.Midnight(a.options.Now()), hide)
	if a.isOld() {
		delete(record, "max_resource_units")
	}
	return simulator.Found(simulator.Object{"license": record})
}

func (a *API) health() simulator.Answer {
	l := a.options.License
	switch {
	case a.options.Serverless:
		return refuse(http.StatusGone, "api_not_available_exception",
			"Request for uri [/_cluster/health] with method [GET] exists but is not available when running in serverless mode")
	case a.options.Key != "" && l != nil && l.ended():
		return refuse(http.StatusForbidden, "security_exception", "current license is non-compliant for [security]")
	}
	return simulator.Found(simulator.Object{
		"cluster_name": a.options.Name, "status": "green", "timed_out": false, "number_of_nodes": a.options.Nodes, "number_of_data_nodes": max(1, a.options.Nodes-3),
		"active_primary_shards": 120, "active_shards": 240, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
		"delayed_unassigned_shards": 0, "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0, "task_max_waiting_in_queue_millis": 0,
		"active_shards_percent_as_number": 100.0,
	})
}
