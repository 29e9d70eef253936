package enginetest

import (
	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/client/rest"
)

// ClientMetrics returns metrics for the client of a test.
func ClientMetrics() rest.Metrics {
	labels := []string{"operation", "code"}
	counter := func(name string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name}, labels)
	}
	return rest.Metrics{
		Requests: counter("requests"), Retries: counter("retries"), Throttled: counter("throttled"),
		Duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duration"}, labels),
	}
}
