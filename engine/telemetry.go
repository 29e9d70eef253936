package engine

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/client/rest"
	"license_exporter/collector"
)

// Telemetry contains the exporter's own counters and histograms. It is kept through
// reloads.
type Telemetry struct {
	duration      *prometheus.HistogramVec
	errors        *prometheus.CounterVec
	parseErrors   *prometheus.CounterVec
	requests      *prometheus.CounterVec
	requestTime   *prometheus.HistogramVec
	retries       *prometheus.CounterVec
	throttledTime *prometheus.CounterVec

	reloadOK, reloadTime prometheus.Gauge
}

// NewTelemetry registers the exporter's own counters and histograms.
func NewTelemetry(r prometheus.Registerer) *Telemetry {
	t := &Telemetry{
		duration:      histogramVec(collector.MetricCollectorDuration, prometheus.ExponentialBuckets(0.05, 3, 8)),
		errors:        counterVec(collector.MetricCollectorErrors),
		parseErrors:   counterVec(collector.MetricParseErrors),
		requests:      counterVec(collector.MetricAPIRequests),
		requestTime:   histogramVec(collector.MetricAPIDuration, prometheus.DefBuckets),
		retries:       counterVec(collector.MetricAPIRetries),
		throttledTime: counterVec(collector.MetricAPIThrottled),

		reloadOK: gauge(collector.MetricReloadSuccessful), reloadTime: gauge(collector.MetricReloadTime),
	}
	r.MustRegister(t.duration, t.errors, t.parseErrors, t.requests, t.requestTime, t.retries, t.throttledTime, t.reloadOK, t.reloadTime)
	return t
}

// Reloaded records whether a configuration was applied, including the first one.
func (t *Telemetry) Reloaded(now time.Time, ok bool) {
	t.reloadOK.Set(collector.Bool(ok))
	if ok {
		t.reloadTime.Set(collector.Seconds(now))
	}
}

func gauge(m *collector.Metric) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: m.Name, Help: m.Help})
}

func counterVec(m *collector.Metric) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, m.AllLabels())
}

// histogramVec returns histograms that Prometheus scrapes as native or classic
// ones, depending on its configuration.
func histogramVec(m *collector.Metric, buckets []float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: m.Name, Help: m.Help, Buckets: buckets,
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100,
		NativeHistogramMinResetDuration: time.Hour,
	}, m.AllLabels())
}

// API returns the metrics for the client of an account.
func (t *Telemetry) API(vendor, account string) rest.Metrics {
	labels := prometheus.Labels{"vendor": vendor, "account": account}
	return rest.Metrics{
		Requests:  t.requests.MustCurryWith(labels),
		Duration:  t.requestTime.MustCurryWith(labels),
		Retries:   t.retries.MustCurryWith(labels),
		Throttled: t.throttledTime.MustCurryWith(labels),
	}
}

// addAccount creates the counters of an account with the value 0, so that
// increase() sees the first failure.
func (t *Telemetry) addAccount(a *Account) {
	for _, name := range a.collectorNames() {
		t.duration.WithLabelValues(a.Vendor.Name, a.Name, name)
		for _, reason := range rest.Reasons() {
			t.errors.WithLabelValues(a.Vendor.Name, a.Name, name, string(reason))
		}
	}
	for _, field := range a.Vendor.Fields {
		t.parseErrors.WithLabelValues(a.Vendor.Name, a.Name, field)
	}
}

// removeAccount deletes the counters of an account.
func (t *Telemetry) removeAccount(a *Account) {
	labels := prometheus.Labels{"vendor": a.Vendor.Name, "account": a.Name}
	for _, vec := range []interface {
		DeletePartialMatch(prometheus.Labels) int
	}{t.duration, t.errors, t.parseErrors, t.requests, t.requestTime, t.retries, t.throttledTime} {
		vec.DeletePartialMatch(labels)
	}
}

// countFetch counts a fetch that has ended.
func (t *Telemetry) countFetch(a *Account, name string, took time.Duration, report *collector.Report, failures []error) {
	t.duration.WithLabelValues(a.Vendor.Name, a.Name, name).Observe(took.Seconds())
	for _, err := range failures {
		t.errors.WithLabelValues(a.Vendor.Name, a.Name, name, string(rest.ReasonOf(err))).Inc()
	}
	if report == nil {
		return
	}
	for field, n := range report.ParseErrors() {
		t.parseErrors.WithLabelValues(a.Vendor.Name, a.Name, field).Add(float64(n))
	}
}
