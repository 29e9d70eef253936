// Package web contains the HTTP handlers: metrics of all or one organization,
// service discovery for Prometheus, pages for people, licenses for spreadsheets
// and calendars, the documents, health and reload.
//
// It names no vendor.
package web

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/engine"
	"license_exporter/status"
)

// Options configures the handler.
type Options struct {
	// MetricsPath is the path of the metrics.
	MetricsPath string
	// TimeoutOffset is subtracted from Prometheus's scrape timeout.
	TimeoutOffset time.Duration
	Engine        Engine
	Exposition    Exposition
	// Overview returns the overview that the pages show.
	Overview func() *status.Overview
	// Organization returns all that is known of an organization, or if the id is empty, of an
	// account as a whole. It returns nil if there is none.
	Organization func(account, id string) *status.Detail
	// Labels returns the labels that the configuration gives to an account, by name.
	Labels func(account string) map[string]string
	// Collectors lists the names of all collectors.
	Collectors []string
	// Own contains the exporter's own counters.
	Own *prometheus.Registry
	// Reload reloads the configuration.
	Reload func() error
	// Lifecycle lets POST /-/reload call Reload.
	Lifecycle bool
	// Docs contains the documents that the pages link to.
	Docs fs.FS
	// Version is shown on the pages.
	Version string
	Logger  log.Logger

	exports chan struct{} // the files that are being read
}

// Engine contains the methods of engine.Engine that the handlers use.
type Engine interface {
	Refresh(context.Context, engine.Selection)
	One(ctx context.Context, account, organization string) (engine.Selection, error)
	Targets() (targets []engine.Target, tried bool)
	Waiting() []string
}

// Exposition contains the methods of exposition.Exposition that the handlers use.
type Exposition interface {
	WriteText(io.Writer, engine.Selection) error
	WriteProtobuf(io.Writer, engine.Selection) error
}

// NewHandler returns a handler for all paths.
func NewHandler(o Options) http.Handler {
	o.exports = make(chan struct{}, maxExports)
	mux := http.NewServeMux()
	m := newMetrics(&o)
	mux.HandleFunc("GET "+o.MetricsPath, m.all)
	mux.HandleFunc("GET "+path.Join(o.MetricsPath, "exporter"), m.exporter)
	mux.HandleFunc("GET /probe", m.probe)
	mux.HandleFunc("GET /sd", o.serviceDiscovery)
	mux.HandleFunc("POST /-/reload", o.reload)
	mux.HandleFunc("PUT /-/reload", o.reload)
	o.health(mux)
	mux.HandleFunc("GET /licenses.csv", o.licensesCSV)
	mux.HandleFunc("GET /calendar.ics", o.calendar)
	if o.MetricsPath != "/" {
		mux.HandleFunc("GET /{$}", o.home)
		mux.HandleFunc("GET /licenses", o.licenses)
		mux.HandleFunc("GET /organization", o.organization)
		mux.Handle("GET /docs/", o.documents())
	}
	return guard(mux)
}

// NewHealthHandler returns a handler for the health checks only. It uses only the option
// Engine.
func NewHealthHandler(o Options) http.Handler {
	mux := http.NewServeMux()
	o.health(mux)
	return guard(mux)
}

func (o *Options) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "OK") })
	mux.HandleFunc("GET /-/ready", o.ready)
}

func (o *Options) ready(w http.ResponseWriter, _ *http.Request) {
	if waiting := o.Engine.Waiting(); len(waiting) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "Waiting for:\n"+strings.Join(waiting, "\n"))
		return
	}
	fmt.Fprintln(w, "OK")
}

func (o *Options) reload(w http.ResponseWriter, r *http.Request) {
	if !o.Lifecycle {
		http.Error(w, "Reloading over HTTP is off; start with --web.enable-lifecycle, or send SIGHUP.", http.StatusForbidden)
		return
	}
	reloaded := make(chan error, 1)
	go func() { reloaded <- o.Reload() }()
	var err error
	select {
	case err = <-reloaded:
	case <-r.Context().Done(): // the shutdown does not wait for files that cannot be read
		http.Error(w, "The reload had not ended when the exporter began to shut down.", http.StatusInternalServerError)
		return
	}
	if err != nil {
		http.Error(w, "The configuration was rejected, the previous one remains in use:\n"+err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, "OK")
}
