// Command license_exporter is a Prometheus exporter for license expiry and
// compliance.
package main

import (
	"errors"
	"io"
	stdlog "log"
	"os"
	"time"
	_ "time/tzdata" // an image without files has no time zones

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"
	_ "golang.org/x/crypto/x509roots/fallback" // an image without files has no roots

	"license_exporter/collector"
	"license_exporter/config"
	"license_exporter/engine"
	"license_exporter/exposition"
	"license_exporter/internal/hangup"
	"license_exporter/status"
	"license_exporter/web"
)

const name = "license_exporter"

// stopTimeout is how long everything except requests may take to end. Some operations
// cannot be interrupted, such as reading a file of a file server that does not answer.
const stopTimeout = 2 * time.Second

func main() { os.Exit(run(vendors, os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program for accounts of the given vendors. It returns the exit
// status.
func run(vendors collector.Vendors, args []string, stdout, stderr io.Writer) int {
	e, stop := awaitSignals() // before anything takes time
	defer stop()
	// net/http logs the beginning of what a vendor sends after an answer, which can contain
	// license keys.
	stdlog.SetOutput(io.Discard)
	flags, done, err := parseFlags(vendors, args, stdout)
	switch {
	case done:
		return 0
	case err != nil:
		reportUsage(args, err, stderr)
		return 1
	}
	logs := newLogging(flags.logFormat, flags.logLevel, stderr)
	if err := startAndEnd(e, vendors, flags, stdout, logs); err != nil {
		msg := "cannot run"
		if flags.check {
			msg = "the check failed"
		}
		logErrors(logs.logger, msg, err)
		return 1
	}
	return 0
}

// startAndEnd runs the exporter. After a signal, it returns even if a part of the exporter
// does not end in time.
func startAndEnd(e ending, vendors collector.Vendors, flags *flags, stdout io.Writer, logs logging) error {
	served, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- start(e, served, vendors, flags, stdout, logs) }()
	select {
	case err := <-ended:
		return err
	case <-e.soon.Done():
	}
	select {
	case <-served: // waits for requests
		select {
		case err := <-ended:
			return err
		case <-e.now.Done():
		case <-time.After(shutdownTimeout):
		}
	default:
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(stopTimeout):
		if flags.check {
			return errInterrupted
		}
		return nil
	}
}

// start wires the exporter together and runs it until a signal stops it. It closes
// served when it begins to serve.
func start(e ending, served chan<- struct{}, vendors collector.Vendors, flags *flags, stdout io.Writer, logs logging) error {
	logger := logs.logger
	limitMemory(memlimit.FromCgroup, logger)
	hangup.Forget() // the configuration is read now in any case
	logIgnored(vendors, flags, logger)
	settings, closeDemo, err := loadConfig(vendors, flags)
	defer closeDemo()
	if path := *flags.web.WebConfigFile; path != "" {
		err = errors.Join(err, config.CheckWeb(path))
	}
	if err != nil {
		return err
	}

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
	facts := engine.New(engine.Config{
		MaxAge: flags.maxAge, MaxStale: flags.maxStale, Logger: logger, Telemetry: factory.telemetry,
	}, accounts)
	defer facts.Close()
	facts.Policies.Store(settings.Policies)

	if flags.check {
		return check(e.soon, facts, flags.demo, stdout)
	}
	_ = level.Info(logger).Log("msg", "starting "+name, "version", version.Info(), "accounts", len(accounts))
	watchPolicies(e.soon, status.NewUnmatched(facts, logger), registry)
	shown := exposition.New(facts, vendors.Metrics())
	shown.Apply(accounts, settings.Labels())
	reloader := &reloader{flags: flags, factory: factory, engine: facts, exposition: shown, logger: logger}
	pages := status.NewPages(facts)
	options := web.Options{
		MetricsPath: flags.metricsPath, TimeoutOffset: flags.timeoutOffset,
		Engine: facts, Exposition: shown, Collectors: collectorNames(vendors),
		Overview: pages.Overview, Organization: pages.Organization, Labels: shown.Labels,
		Own: registry, Reload: reloader.Reload, Lifecycle: flags.lifecycle,
		Docs: docs, Version: version.Version, Logger: logger,
	}
	if flags.healthAddress != "" {
		stop, err := serveHealth(e, web.NewHealthHandler(options), flags.healthAddress, logger)
		if err != nil {
			return err
		}
		defer stop()
	}
	facts.Begin(flags.atStart) // before the first scrape asks
	reloader.onHangup(e.soon)
	close(served)
	return serve(e, web.NewHandler(options), flags.web, logger, logs.forLibraries())
}

// collectorNames returns the names of all collectors.
func collectorNames(vendors collector.Vendors) []string {
	var names []string
	for _, r := range vendors.Collectors() {
		names = append(names, r.Name)
	}
	return names
}
