package exposition

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/engine"
)

// Gatherer returns a Gatherer of the selected facts. It does not fetch.
func (e *Exposition) Gatherer(s engine.Selection) prometheus.Gatherer {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&constMetrics{exposition: e, selection: s})
	return registry
}

// constMetrics is a prometheus.Collector of the selected facts.
type constMetrics struct {
	exposition *Exposition
	selection  engine.Selection
}

// Describe implements prometheus.Collector. It sends nothing, because the metrics
// depend on the facts.
func (*constMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *constMetrics) Collect(ch chan<- prometheus.Metric) {
	table, snapshots := c.exposition.snapshots(c.selection)
	for _, s := range snapshots {
		out := constSink{ch, s.Now}
		totals := newTotals()
		for i := range s.Organizations {
			r := table.newRenderer(s, out)
			r.totals = totals
			r.organization(&s.Organizations[i])
		}
		table.newRenderer(s, out).account(totals)
	}
}

// constSink is a sink that sends constant metrics.
type constSink struct {
	ch  chan<- prometheus.Metric
	now time.Time
}

func (s constSink) sample(m *metric, value float64, labels []string) {
	made, err := prometheus.NewConstMetric(m.desc, m.Type, value, labels...)
	if err != nil {
		made = prometheus.NewInvalidMetric(m.desc, err)
	}
	s.ch <- made
}

func (s constSink) countdown(m *metric, end time.Time, labels []string) {
	s.sample(m, daysUntil(end, s.now), labels)
}
