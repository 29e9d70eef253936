package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	// bodyTimeout is how long the body of a request may take to come. No page needs
	// one.
	bodyTimeout = 10 * time.Second
	// writeTimeout is how long a client may take to read maxWrite bytes. It does not
	// limit the whole answer: all metrics of a large estate may take a slow client
	// longer.
	writeTimeout = 2 * time.Minute
	maxWrite     = 32 << 10
)

// guard keeps clients from holding up the exporter: it closes connections whose
// clients do not send what they announced, or do not read. It refuses queries that
// cannot be parsed. Some of their parameters would otherwise be ignored silently.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guarded := &guardedWriter{w, http.NewResponseController(w)}
		guarded.extend()
		defer guarded.extend() // for what is written when the handler has returned
		if r.ContentLength != 0 {
			// Fails only if the server has no connections, as in tests.
			_ = guarded.controller.SetReadDeadline(time.Now().Add(bodyTimeout))
		}
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
			http.Error(guarded, fmt.Sprintf("the query cannot be read: %s; escape special characters, and leave out some parameters if there are thousands", shorten(err.Error(), maxMessage)), http.StatusBadRequest)
			return
		}
		next.ServeHTTP(guarded, r)
	})
}

// guardedWriter moves the connection's deadline with each part of the answer.
type guardedWriter struct {
	http.ResponseWriter
	controller *http.ResponseController
}

func (w *guardedWriter) extend() {
	_ = w.controller.SetWriteDeadline(time.Now().Add(writeTimeout)) // see guard
}

func (w *guardedWriter) Write(b []byte) (written int, err error) {
	for {
		w.extend()
		n, err := w.ResponseWriter.Write(b[:min(len(b), maxWrite)])
		written, b = written+n, b[n:]
		if err != nil || len(b) == 0 {
			return written, err
		}
	}
}

// Unwrap is for http.ResponseController.
func (w *guardedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
