// Command license_exporter is a Prometheus exporter for license expiry and
// compliance.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	sloggokit "github.com/tjhop/slog-gokit"
	_ "golang.org/x/crypto/x509roots/fallback" // an image without files has no roots

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/exposition"
	"license_exporter/status"
	"license_exporter/web"
)

const name = "license_exporter"

// shutdownTimeout is how long scrapes that have begun may take to end.
const shutdownTimeout = 15 * time.Second

func main() { os.Exit(run(vendors, os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program for accounts of the given vendors. It returns the exit
// status.
func run(vendors collector.Vendors, args []string, stdout, stderr io.Writer) int {
	flags, done, err := parseFlags(vendors, args, stdout)
	if done {
		return 0
	}
	if err == nil {
		err = start(vendors, flags, stdout, stderr)
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintf(stderr, "%s: error: %s\n", name, line)
		}
		return 1
	}
	return 0
}

// start wires the exporter together and runs it until a signal stops it.
func start(vendors collector.Vendors, flags *flags, stdout, stderr io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hangups := notifyHangups() // before anything takes time

	bare := newLogger(flags, stderr)
	logger := log.With(bare, "ts", log.DefaultTimestampUTC, "caller", log.DefaultCaller)

	settings, closeDemo, err := loadConfig(vendors, flags)
	if err != nil {
		return err
	}
	defer closeDemo()

	registry := prometheus.NewRegistry()
	registry.MustRegister(
		versioncollector.NewCollector(name),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	factory := &factory{
		vendors: vendors, enabled: flags.enabled(), telemetry: engine.NewTelemetry(registry), logger: logger, userAgent: name + "/" + version.Version, clock: clientClock,
	}
	accounts, err := factory.accounts(settings)
	if err != nil {
		return err
	}
	factory.telemetry.Reloaded(time.Now(), true)
	e := engine.New(engine.Config{
		MaxAge: flags.maxAge, MaxStale: flags.maxStale, Logger: logger, Telemetry: factory.telemetry,
	}, accounts)
	defer e.Close()

	if flags.check {
		return check(ctx, e, stdout)
	}
	_ = level.Info(logger).Log("msg", "starting "+name, "version", version.Info(), "accounts", len(accounts))
	reloader := &reloader{flags: flags, factory: factory, engine: e, logger: logger}
	handler := web.NewHandler(web.Options{
		MetricsPath: flags.metricsPath, TimeoutOffset: flags.timeoutOffset,
		Engine: e, Exposition: exposition.New(e, vendors.Metrics()), Overview: status.Shared(e), Collectors: collectorNames(vendors),
		Own: registry, Reload: reloader.Reload, Lifecycle: flags.lifecycle,
		Docs: docs, Version: version.Version, Logger: logger,
	})
	e.Begin(flags.atStart) // before the first scrape asks
	reloader.onHangup(ctx, hangups)
	return serve(ctx, handler, flags.web, logger, slog.New(sloggokit.NewGoKitHandler(bare, slog.LevelDebug)))
}

// serve runs the HTTP server until the context ends, and then lets the
// requests that have begun end.
func serve(ctx context.Context, handler http.Handler, flags *toolkit.FlagConfig, logger log.Logger, slogger *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second,
		// Scrapes that wait for a vendor are then answered with what is at hand.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- toolkit.ListenAndServe(server, flags, slogger) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	_ = level.Info(logger).Log("msg", "shutting down")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := server.Shutdown(grace)
	if serveErr := <-failed; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

// collectorNames returns the names of all collectors.
func collectorNames(vendors collector.Vendors) []string {
	var names []string
	for _, r := range vendors.Collectors() {
		names = append(names, r.Name)
	}
	return names
}

// newLogger returns a logger without timestamps, which its users add in their
// own ways.
func newLogger(flags *flags, w io.Writer) log.Logger {
	w = log.NewSyncWriter(w)
	logger := log.NewLogfmtLogger(w)
	if flags.logFormat == "json" {
		logger = log.NewJSONLogger(w)
	}
	return level.NewFilter(logger, level.Allow(level.ParseDefault(flags.logLevel, level.InfoValue())))
}
