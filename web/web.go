// Package web serves what the exporter knows over HTTP: the metrics, a landing
// page, and its health.
//
// It knows HTTP and how long a scrape may take, and neither vendors nor
// licenses.
package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	toolkit "github.com/prometheus/exporter-toolkit/web"
)

// defaultTimeout is how long a scrape may take that does not say so: as long as
// Prometheus waits if it is not told otherwise.
const defaultTimeout = 10 * time.Second

// Options configure the handler.
type Options struct {
	// MetricsPath is where the metrics are.
	MetricsPath string
	// TimeoutOffset is how much earlier than Prometheus gives up a scrape is
	// answered.
	TimeoutOffset time.Duration
	// Facts refreshes the facts as far as the context's deadline allows.
	Facts func(context.Context) prometheus.Gatherer
	// Own holds the exporter's own counters.
	Own *prometheus.Registry
	// Waiting lists what keeps the exporter from being ready.
	Waiting func() []string
	// Version is shown on the landing page.
	Version string
	Logger  log.Logger
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
			{Address: "/-/healthy", Text: "Health"},
			{Address: "/-/ready", Text: "Readiness", Description: "what the exporter still waits for"},
		},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+o.MetricsPath, o.metrics())
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "OK") })
	mux.HandleFunc("GET /-/ready", o.ready)
	if o.MetricsPath != "/" {
		mux.Handle("GET /", landing)
	}
	return mux, nil
}

// metrics serves the facts and the exporter's own counters. One metric that
// cannot be shown does not keep back the others.
func (o *Options) metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), scrapeTimeout(r, o.TimeoutOffset))
		defer cancel()
		// Facts come first, so that the counters include this scrape.
		gatherers := prometheus.Gatherers{o.Facts(ctx), o.Own}
		promhttp.HandlerFor(gatherers, promhttp.HandlerOpts{
			ErrorLog:          errorLog{o.Logger},
			ErrorHandling:     promhttp.ContinueOnError,
			Registry:          o.Own,
			EnableOpenMetrics: true,
		}).ServeHTTP(w, r)
	})
}

// scrapeTimeout returns how long a scrape may take: what Prometheus says it
// waits, less the time that the answer needs on its way.
func scrapeTimeout(r *http.Request, offset time.Duration) time.Duration {
	timeout := defaultTimeout
	if s, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64); err == nil && s > 0 {
		timeout = time.Duration(s * float64(time.Second))
	}
	if offset < timeout {
		return timeout - offset
	}
	return timeout
}

func (o *Options) ready(w http.ResponseWriter, _ *http.Request) {
	if waiting := o.Waiting(); len(waiting) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "Waiting for:\n"+strings.Join(waiting, "\n"))
		return
	}
	fmt.Fprintln(w, "OK")
}

// errorLog passes promhttp's errors to the log.
type errorLog struct{ log.Logger }

func (l errorLog) Println(v ...any) {
	_ = level.Error(l.Logger).Log("msg", "metrics cannot be shown", "err", strings.TrimSpace(fmt.Sprintln(v...)))
}
