package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/client/rest"
)

// Telemetry is the exporter's account of itself. It outlives scrapes and
// configurations.
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
		duration:      histogramVec(metricCollectorDuration, prometheus.ExponentialBuckets(0.05, 3, 8)),
		errors:        counterVec(metricCollectorErrors),
		parseErrors:   counterVec(metricParseErrors),
		requests:      counterVec(metricAPIRequests),
		requestTime:   histogramVec(metricAPIDuration, prometheus.DefBuckets),
		retries:       counterVec(metricAPIRetries),
		throttledTime: counterVec(metricAPIThrottled),

		reloadOK: gauge(metricReloadSuccessful), reloadTime: gauge(metricReloadTime),
	}
	r.MustRegister(t.duration, t.errors, t.parseErrors, t.requests, t.requestTime, t.retries, t.throttledTime, t.reloadOK, t.reloadTime)
	return t
}

// Reloaded says whether the configuration was read and taken over. The first
// one counts, too.
func (t *Telemetry) Reloaded(now time.Time, ok bool) {
	t.reloadOK.Set(boolValue(ok))
	if ok {
		t.reloadTime.Set(seconds(now))
	}
}

func gauge(m *Metric) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: m.Name, Help: m.Help})
}

func counterVec(m *Metric) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, m.AllLabels())
}

// histogramVec makes histograms that a Prometheus scrapes as native ones if it
// is set to, and as classic ones otherwise.
func histogramVec(m *Metric, buckets []float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: m.Name, Help: m.Help, Buckets: buckets,
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100,
		NativeHistogramMinResetDuration: time.Hour,
	}, m.AllLabels())
}

// API returns the metrics that an account's client keeps.
func (t *Telemetry) API(vendor, account string) rest.Metrics {
	labels := prometheus.Labels{"vendor": vendor, "account": account}
	return rest.Metrics{
		Requests:  t.requests.MustCurryWith(labels),
		Duration:  t.requestTime.MustCurryWith(labels),
		Retries:   t.retries.MustCurryWith(labels),
		Throttled: t.throttledTime.MustCurryWith(labels),
	}
}

// expect brings the counters of an account into being, so that the first
// failure is an increase.
func (t *Telemetry) expect(a *Account) {
	for _, name := range a.collectorNames() {
		t.duration.WithLabelValues(a.Vendor, a.Name, name)
		for _, reason := range rest.Reasons() {
			t.errors.WithLabelValues(a.Vendor, a.Name, name, string(reason))
		}
	}
	for _, field := range a.Fields {
		t.parseErrors.WithLabelValues(a.Vendor, a.Name, field)
	}
}

// forget drops the counters of an account that is no more.
func (t *Telemetry) forget(a *Account) {
	labels := prometheus.Labels{"vendor": a.Vendor, "account": a.Name}
	for _, vec := range []interface {
		DeletePartialMatch(prometheus.Labels) int
	}{t.duration, t.errors, t.parseErrors, t.requests, t.requestTime, t.retries, t.throttledTime} {
		vec.DeletePartialMatch(labels)
	}
}

// fetched counts a fetch that ended.
func (t *Telemetry) fetched(a *Account, collector string, took time.Duration, report *Report, failures []error) {
	t.duration.WithLabelValues(a.Vendor, a.Name, collector).Observe(took.Seconds())
	for _, err := range failures {
		t.errors.WithLabelValues(a.Vendor, a.Name, collector, string(rest.ReasonOf(err))).Inc()
	}
	if report == nil {
		return
	}
	for field, n := range report.parseErrors {
		t.parseErrors.WithLabelValues(a.Vendor, a.Name, field).Add(float64(n))
	}
}
