// Package web serves what the exporter knows over HTTP: the metrics, those of one
// organization alone, the organizations as targets for Prometheus, a landing
// page, and its health.
//
// It knows HTTP and how long a scrape may take, and neither vendors nor what
// licenses mean.
package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"license_exporter/collector"
)

// Options configure the handler.
type Options struct {
	// MetricsPath is where the metrics are.
	MetricsPath string
	// TimeoutOffset is how much earlier than Prometheus gives up a scrape is
	// answered.
	TimeoutOffset time.Duration
	// Facts are what is shown.
	Facts Facts
	// Own holds the exporter's own counters.
	Own *prometheus.Registry
	// Waiting lists what keeps the exporter from being ready.
	Waiting func() []string
	// Reload reads the configuration anew.
	Reload func() error
	// Lifecycle lets POST /-/reload call Reload.
	Lifecycle bool
	// Version is shown on the landing page.
	Version string
	Logger  log.Logger
}

// Facts is what is known of licenses, such as a collector.Engine.
type Facts interface {
	// Refresh makes the selected facts as fresh as the context allows.
	Refresh(context.Context, collector.Selection)
	// WriteText writes the selected facts at hand in the text format.
	WriteText(io.Writer, collector.Selection) error
	// Gatherer returns them as metric families.
	Gatherer(collector.Selection) prometheus.Gatherer
	// One returns the selection of one organization of an account.
	One(ctx context.Context, account, organization string) (collector.Selection, error)
	// Targets lists the organizations; false means that they are not known yet.
	Targets() ([]collector.Target, bool)
}

// NewHandler returns the handler of all paths.
func NewHandler(o Options) (http.Handler, error) {
	landing, err := toolkit.NewLandingPage(toolkit.LandingConfig{
		Name:        "license_exporter",
		Description: "Prometheus exporter for license expiry and compliance",
		Version:     o.Version,
		Profiling:   "false",
		Links: []toolkit.LandingLinks{
			{Address: o.MetricsPath, Text: "Metrics"},
			{Address: "/sd", Text: "Targets", Description: "the organizations, for http_sd_configs"},
			{Address: "/-/healthy", Text: "Health"},
			{Address: "/-/ready", Text: "Readiness", Description: "what the exporter still waits for"},
		},
	})
	if err != nil {
		return nil, err
	}
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
		mux.Handle("GET /", landing)
	}
	return mux, nil
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
