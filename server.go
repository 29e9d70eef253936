package main

import (
	"context"
	"errors"
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
	limit := newConnections(maxConnections())
	server := &http.Server{
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
	failed := make(chan error, 1)
	go func() { failed <- toolkit.ListenAndServe(server, flags, slogger) }()
	select {
	case err := <-failed:
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
