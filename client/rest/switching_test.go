package rest

import (
	"io"
	"net/http"
	"testing"
)

// After a change of protocols, the body is the connection. Nothing ends reading from it: no
// timeout, and not the context.
func TestSwitchingProtocolsIsNotWaitedFor(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	c := newClient(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		go func() {
			<-over
			_ = conn.Close()
		}()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	}))
	_, err := Object[thing](t.Context(), c, things)
	wantReason(t, err, ReasonServer)
}
