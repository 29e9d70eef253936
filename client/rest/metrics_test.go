package rest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestRequestsAreCountedByOperationAndCode(t *testing.T) {
	var seen requests
	c := newClient(t, serve(t, inTurn(&seen, answer(200, `{"name": "a"}`), answer(302, "", "Location", "other"), answer(404, ""))))
	for _, operation := range []string{"getThings", "getOthers"} {
		_, _ = Object[thing](t.Context(), c, Call{Operation: operation, Path: "/things"})
	}
	want := `
		# HELP requests_total Test.
		# TYPE requests_total counter
		requests_total{code="200",operation="getThings"} 1
		requests_total{code="302",operation="getOthers"} 1
		requests_total{code="404",operation="getOthers"} 1
	`
	if err := testutil.CollectAndCompare(c.metrics.Requests, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if got := testutil.CollectAndCount(c.metrics.Duration.(prometheus.Collector)); got != 3 {
		t.Errorf("there are %d histograms of durations, want 3", got)
	}
}

func TestWaitsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen requests
		c := inMemory(t, inTurn(&seen, answer(200, `{"name": "a"}`), answer(429, "", "Retry-After", "8"), answer(200, `{"name": "a"}`)),
			func(o *Options) { o.Budgets = NewBudgets(nil, 0.5) }) // one in two seconds
		for range 2 {
			if _, err := Object[thing](t.Context(), c, things); err != nil {
				t.Fatal(err)
			}
		}
		want := `
			# HELP throttled_seconds_total Test.
			# TYPE throttled_seconds_total counter
			throttled_seconds_total{code="",operation="getThings"} 2
			throttled_seconds_total{code="429",operation="getThings"} 8
		`
		if err := testutil.CollectAndCompare(c.metrics.Throttled, strings.NewReader(want)); err != nil {
			t.Error(err)
		}
	})
}

// The server notices that the client closes its connections. Otherwise the test
// ends by its deadline.
func TestCloseEndsIdleConnections(t *testing.T) {
	closed := make(chan struct{})
	closeOnce := sync.OnceFunc(func() { close(closed) })
	server := httptest.NewUnstartedServer(answer(200, `{"name": "a"}`))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closeOnce()
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := newClient(t, server.URL+testBasePath)
	for range 2 {
		if _, err := Object[thing](t.Context(), c, things); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	<-closed
	if _, err := Object[thing](t.Context(), c, things); err != nil {
		t.Errorf("the client cannot be used after Close: %v", err)
	}
}
