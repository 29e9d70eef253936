package simulator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

const (
	headerTimeout   = 10 * time.Second // for a client to send its request's header
	shutdownTimeout = 2 * time.Second  // for requests in progress when the server stops
)

// Listen serves h on a free port of the loopback interface. The base URL has no path: http://127.0.0.1:PORT. stop waits a
// moment for requests in progress, aborts the others, and returns once the server's goroutine has ended. It may be called more than once.
func Listen(h http.Handler) (baseURL string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// Serve only returns after stop.
		_ = server.Serve(listener)
	}()
	stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		if err := server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
			_ = server.Close()
		}
		<-ended
	}
	return "http://" + listener.Addr().String(), stop, nil
}
