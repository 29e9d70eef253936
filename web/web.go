// Package web serves what the exporter knows over HTTP: the metrics, those of one
// organization alone, the organizations as targets for Prometheus, a status page
// for people, and its health.
//
// It knows HTTP, how long a scrape may take and the words for what ends when,
// and no vendor.
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

// Options configure the handler.
type Options struct {
	// MetricsPath is where the metrics are.
	MetricsPath string
	// TimeoutOffset is how much earlier than Prometheus gives up a scrape is
	// answered.
	TimeoutOffset time.Duration
	Engine        Engine
	Exposition    Exposition
	// Overview returns a summary of the facts at hand.
	Overview func() *status.Overview
	// Collectors are the names of all collectors.
	Collectors []string
	// Own holds the exporter's own counters.
	Own *prometheus.Registry
	// Waiting lists what keeps the exporter from being ready.
	Waiting func() []string
	// Reload reads the configuration anew.
	Reload func() error
	// Lifecycle lets POST /-/reload call Reload.
	Lifecycle bool
	// Docs holds the documents that the status page links to.
	Docs fs.FS
	// Version is shown on the status page.
	Version string
	Logger  log.Logger
}

// Engine fetches facts, such as an engine.Engine.
type Engine interface {
	// Refresh makes the selected facts as fresh as the context allows.
	Refresh(context.Context, engine.Selection)
	// One returns the selection of one organization of an account.
	One(ctx context.Context, account, organization string) (engine.Selection, error)
	// Targets lists the organizations; false means that they are not known yet.
	Targets() ([]engine.Target, bool)
}

// Exposition shows facts as series, such as an exposition.Exposition.
type Exposition interface {
	// WriteText writes the selected facts at hand in the text format.
	WriteText(io.Writer, engine.Selection) error
	// Gatherer returns them as metric families.
	Gatherer(engine.Selection) prometheus.Gatherer
}

// NewHandler returns the handler of all paths.
func NewHandler(o Options) http.Handler {
	mux := http.NewServeMux()
	m := newMetrics(&o)
	mux.HandleFunc("GET "+o.MetricsPath, m.all)
	mux.Handle("GET "+path.Join(o.MetricsPath, "exporter"), m.exporter())
	mux.HandleFunc("GET /probe", m.probe)
	mux.HandleFunc("GET /sd", o.discovery)
	mux.HandleFunc("POST /-/reload", o.reload)
	mux.HandleFunc("PUT /-/reload", o.reload)
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "OK") })
	mux.HandleFunc("GET /-/ready", o.ready)
	if o.MetricsPath != "/" {
		mux.HandleFunc("GET /{$}", o.status)
		mux.Handle("GET /docs/", documents(o.Docs))
	}
	return mux
}

func (o *Options) ready(w http.ResponseWriter, _ *http.Request) {
	if waiting := o.Waiting(); len(waiting) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "Waiting for:\n"+strings.Join(waiting, "\n"))
		return
	}
	fmt.Fprintln(w, "OK")
}

func (o *Options) reload(w http.ResponseWriter, _ *http.Request) {
	if !o.Lifecycle {
		http.Error(w, "Reloading over HTTP is off; start with --web.enable-lifecycle, or send SIGHUP.", http.StatusForbidden)
		return
	}
	if err := o.Reload(); err != nil {
		http.Error(w, "The old configuration stays in force:\n"+err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, "OK")
}
