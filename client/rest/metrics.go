package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics count the requests of one account. Their variable labels are operation and
// code.
type Metrics struct {
	Requests *prometheus.CounterVec
	Duration prometheus.ObserverVec
	Retries  *prometheus.CounterVec
	// Throttled counts seconds that requests waited for the exporter's own limits, with
	// an empty code, and that the vendor asked to wait, with code 429.
	Throttled *prometheus.CounterVec
}

func (m Metrics) instrument(next http.RoundTripper) http.RoundTripper {
	operation := promhttp.WithLabelFromCtx("operation", func(ctx context.Context) string {
		return requestOf(ctx).Operation
	})
	return closer{
		RoundTripper: promhttp.InstrumentRoundTripperCounter(m.Requests,
			promhttp.InstrumentRoundTripperDuration(m.Duration, next, operation), operation),
		inner: next,
	}
}

func (m Metrics) retry(operation, code string) {
	m.Retries.WithLabelValues(operation, code).Inc()
}

func (m Metrics) throttled(operation, code string, d time.Duration) {
	m.Throttled.WithLabelValues(operation, code).Add(d.Seconds())
}

// closer forwards http.Client.CloseIdleConnections to the transport that it wraps.
type closer struct {
	http.RoundTripper
	inner http.RoundTripper
}

func (c closer) CloseIdleConnections() {
	if inner, ok := c.inner.(interface{ CloseIdleConnections() }); ok {
		inner.CloseIdleConnections()
	}
}
