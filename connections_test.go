package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"license_exporter/internal/enginetest"
)

// Above the limit, the connection that has waited longest makes room for a new one.
func TestConnectionsThatWaitMakeRoom(t *testing.T) {
	c := newConnections(3)
	open := func() (server, client net.Conn) {
		server, client = net.Pipe()
		t.Cleanup(func() { _ = server.Close() })
		c.changed(server, http.StateNew)
		return server, client
	}
	// isClosed waits until a connection is closed.
	isClosed := func(client net.Conn) {
		t.Helper()
		if errors.Is(client.SetReadDeadline(time.Now().Add(time.Minute)), io.ErrClosedPipe) {
			return // already
		}
		_, err := client.Read(make([]byte, 1))
		if timeout, ok := err.(net.Error); err == nil || ok && timeout.Timeout() { //nolint:errorlint // pipes do not wrap
			t.Errorf("the connection is open: %v", err)
		}
	}
	first, firstClient := open()
	second, secondClient := open()
	third, thirdClient := open()
	c.changed(first, http.StateActive)
	c.changed(second, http.StateActive)
	c.changed(first, http.StateIdle)
	_, fourthClient := open()
	isClosed(thirdClient) // has never sent anything
	_, _ = open()
	isClosed(firstClient)
	_, _ = open()
	isClosed(fourthClient)
	for conn := range c.open {
		c.changed(conn, http.StateActive)
	}
	_, lastClient := open()
	isClosed(lastClient) // all others are being answered
	c.changed(third, http.StateClosed)
	c.changed(second, http.StateClosed)
	if len(c.open) != 2 || c.waiting.Len() != 0 {
		t.Errorf("%d connections are open, %d wait", len(c.open), c.waiting.Len())
	}
	_ = secondClient.Close()
}

func TestServerLogsEachKindOnceAMinute(t *testing.T) {
	var logged enginetest.Buffer
	now := time.Unix(0, 0)
	c := newConnections(10)
	server, client := net.Pipe()
	defer func() { _ = client.Close() }()
	c.changed(server, http.StateNew)
	l := &serverLog{logger: log.NewLogfmtLogger(&logged), now: func() time.Time { return now }, full: c.full}
	for range 3 {
		for range 3 {
			for _, line := range []string{"http: Accept error: too many open files; retrying in 5ms\n", "http: TLS handshake error from 10.0.0.1:5: EOF\n", "\n"} {
				if n, err := l.Write([]byte(line)); n != len(line) || err != nil {
					t.Errorf("%d, %v", n, err)
				}
			}
		}
		now = now.Add(30 * time.Second)
	}
	if got := strings.Count(logged.String(), "too many open files"); got != 2 {
		t.Errorf("%d lines, want 2:\n%s", got, &logged)
	}
	if len(c.open) != 0 {
		t.Error("the connection that waits does not make room when there are no file descriptors")
	}
	if got := strings.Count(logged.String(), "\n"); got != 6 {
		t.Errorf("%d lines, want 6:\n%s", got, &logged)
	}
}
