package main

import (
	"bytes"
	"container/list"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// mostConnections is enough for many Prometheus servers.
const mostConnections = 1000

// connections limits the open connections of a server. Above the limit, it closes the
// one that has waited longest for a request. If none waits, it closes the new one. So
// clients that keep connections open cannot keep others out.
type connections struct {
	limit int

	mu      sync.Mutex
	open    map[net.Conn]*list.Element // nil while a request is served
	waiting *list.List                 // of net.Conn, the longest first
}

func newConnections(limit int) *connections {
	return &connections{limit: limit, open: map[net.Conn]*list.Element{}, waiting: list.New()}
}

// changed is the server's ConnState.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if waits := c.open[conn]; waits != nil {
		c.waiting.Remove(waits)
	}
	switch state {
	case http.StateNew, http.StateIdle:
		c.open[conn] = c.waiting.PushBack(conn)
	case http.StateActive:
		c.open[conn] = nil
	case http.StateHijacked, http.StateClosed:
		delete(c.open, conn)
	}
	if state == http.StateNew && len(c.open) > c.limit {
		c.closeLongest()
	}
}

// full makes room when there are no more file descriptors.
func (c *connections) full() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLongest()
}

// closeLongest closes the connection that has waited longest, if one waits.
func (c *connections) closeLongest() {
	if first := c.waiting.Front(); first != nil {
		longest := c.waiting.Remove(first).(net.Conn)
		delete(c.open, longest)
		go func() { _ = longest.Close() }() // may wait for the client, with TLS
	}
}

// serverLog receives the log lines of the HTTP server, for example that there are no more
// file descriptors. It logs each kind of line at most once a minute, since clients can
// cause any number of them.
type serverLog struct {
	logger log.Logger
	now    func() time.Time
	full   func() // is called when there are no more file descriptors

	mu     sync.Mutex
	logged map[string]time.Time
}

// Write logs a line.
func (l *serverLog) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(syscall.EMFILE.Error())) {
		l.full()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	words := strings.Fields(string(line))
	kind := strings.Join(words[:min(3, len(words))], " ") // such as "http: Accept error:"
	if now := l.now(); now.Sub(l.logged[kind]) >= time.Minute {
		if l.logged == nil {
			l.logged = map[string]time.Time{}
		}
		l.logged[kind] = now
		_ = level.Warn(l.logger).Log("msg", "a connection failed", "err", string(bytes.TrimSpace(line)))
	}
	return len(line), nil
}
