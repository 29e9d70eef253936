package main

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	toolkit "github.com/prometheus/exporter-toolkit/web"
)

const (
	// shutdownTimeout is how long requests that have begun may take to end.
	shutdownTimeout = 15 * time.Second
	// idleTimeout is longer than the usual time between two scrapes.
	idleTimeout = 2 * time.Minute
	// readHeaderTimeout is how long a client may take to send a request.
	readHeaderTimeout = 10 * time.Second
	// maxHeaderBytes leaves room for the names of many collectors in a URL.
	maxHeaderBytes = 512 << 10
)

// serve runs the HTTP server until e.soon ends, and then lets the requests that have
// begun end. Requests that have not ended after shutdownTimeout, or when e.now ends, are
// cut off. That is not an error: it means that a client does not read its answer.
func serve(e ending, handler http.Handler, flags *toolkit.FlagConfig, logger log.Logger, slogger *slog.Logger) error {
	server := newServer(e, handler, logger)
	failed := make(chan error, 1)
	go func() { failed <- toolkit.ListenAndServe(server, flags, slogger) }()
	select {
	case err := <-failed:
		if listen := (*net.OpError)(nil); errors.As(err, &listen) && listen.Op == "listen" {
			return fmt.Errorf("--web.listen-address: %w", err)
		}
		return err
	case <-e.soon.Done():
	}
	_ = level.Info(logger).Log("msg", "shutting down")
	grace, cancel := context.WithTimeout(e.now, shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		_ = level.Warn(logger).Log("msg", "connections were closed because their clients had not read the complete response")
		_ = server.Close() // fails only if a connection cannot be closed, and then it is broken
	}
	select {
	case err := <-failed:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	case <-grace.Done():
		return nil
	}
}

// newServer returns a server that no client can hold up.
func newServer(e ending, handler http.Handler, logger log.Logger) *http.Server {
	limit := newConnections(maxConnections())
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         limit.changed,
		HTTP2:             &http.HTTP2Config{WriteByteTimeout: idleTimeout},
		ErrorLog:          stdlog.New(&serverLog{logger: logger, now: time.Now, full: limit.full}, "", 0),
		// Scrapes that wait for a vendor are then answered with the present facts.
		BaseContext: func(net.Listener) context.Context { return e.soon },
	}
}

// serveHealth serves the health checks at an address of their own until stop is called. Its
// log line differs from that of the main listener, which scripts look for.
func serveHealth(e ending, handler http.Handler, address string, logger log.Logger) (stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(e.soon, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--web.health-listen-address: %w", err)
	}
	_ = level.Info(logger).Log("msg", "serving health checks", "address", listener.Addr())
	server := newServer(e, handler, logger)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			_ = level.Error(logger).Log("msg", "health checks are not served any more", "err", err)
		}
	}()
	return func() { _ = server.Close() }, nil // fails only if a connection is broken
}

// sameAddress reports whether two listeners cannot have these addresses at the same time.
// Addresses that cannot be resolved are different: listening on them fails.
func sameAddress(a, b string) bool {
	x, err := net.ResolveTCPAddr("tcp", a)
	if err != nil {
		return a == b
	}
	y, err := net.ResolveTCPAddr("tcp", b)
	if err != nil || x.Port != y.Port || x.Port == 0 {
		return false
	}
	everywhere := func(ip net.IP) bool { return ip == nil || ip.IsUnspecified() }
	return everywhere(x.IP) || everywhere(y.IP) || x.IP.Equal(y.IP)
}
