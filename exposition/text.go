package exposition

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"license_exporter/collector"
)

// textFormat holds the parts of a metric's text that do not change.
type textFormat struct {
	head   string   // the lines HELP and TYPE
	labels []string // the text before each value: `metric{a="`, `",b="` and so on, sorted by label
	order  []int    // the index of each value in AllLabels
}

func newTextFormat(m *collector.Metric) textFormat {
	metricType := "gauge"
	if m.Type == prometheus.CounterValue {
		metricType = "counter"
	}
	names := m.AllLabels()
	f := textFormat{
		head:  "# HELP " + m.Name + " " + helpEscaper.Replace(m.Help) + "\n# TYPE " + m.Name + " " + metricType + "\n",
		order: make([]int, len(names)),
	}
	for i := range f.order {
		f.order[i] = i
	}
	slices.SortFunc(f.order, func(a, b int) int { return strings.Compare(names[a], names[b]) })
	before := m.Name + "{"
	for _, i := range f.order {
		f.labels = append(f.labels, before+names[i]+`="`)
		before = `",`
	}
	return f
}

var (
	helpEscaper  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	valueEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// appendSeries appends a series without its value.
func (f *textFormat) appendSeries(b []byte, labels []string) []byte {
	for i, before := range f.labels {
		b = append(b, before...)
		if value := labels[f.order[i]]; strings.ContainsAny(value, "\\\n\"") {
			b = append(b, valueEscaper.Replace(value)...)
		} else {
			b = append(b, value...)
		}
	}
	return append(b, `"} `...)
}

func appendValue(b []byte, value float64) []byte {
	// The client library writes 0 for -0, too, which is what -0 + 0 is.
	return append(strconv.AppendFloat(b, value+0, 'g', -1, 64), '\n')
}

// text is rendered facts in the text format, grouped by metric. It never changes.
// The values of license_days_to_expiration are not part of it, but are added when
// it is written.
type text struct {
	lines    []byte
	sections []section // sorted by name of the metric
	ends     []countdown

	totals totals
}

// section is the position of the lines of one metric.
type section struct {
	metric   *metric
	from, to int
}

// countdown is a series of license_days_to_expiration.
type countdown struct {
	to  int       // position of the value in lines
	end time.Time // of the license
}

// textSink is a sink that makes a text.
type textSink struct {
	lines   []byte
	samples []textSample
}

type textSample struct {
	metric   *metric
	from, to int
	end      time.Time // of a countdown
}

func (s *textSink) sample(m *metric, value float64, labels []string) {
	from := len(s.lines)
	s.lines = appendValue(m.text.appendSeries(s.lines, labels), value)
	s.samples = append(s.samples, textSample{metric: m, from: from, to: len(s.lines)})
}

func (s *textSink) countdown(m *metric, end time.Time, labels []string) {
	from := len(s.lines)
	s.lines = m.text.appendSeries(s.lines, labels)
	s.samples = append(s.samples, textSample{metric: m, from: from, to: len(s.lines), end: end})
}

// text returns the series that the sink has received, sorted.
func (s *textSink) text() *text {
	slices.SortFunc(s.samples, func(a, b textSample) int {
		if a.metric != b.metric {
			return cmp.Compare(a.metric.Name, b.metric.Name)
		}
		return slices.Compare(s.lines[a.from:a.to], s.lines[b.from:b.to])
	})
	t := &text{lines: make([]byte, 0, len(s.lines))}
	for _, sample := range s.samples {
		if n := len(t.sections); n == 0 || t.sections[n-1].metric != sample.metric {
			t.sections = append(t.sections, section{metric: sample.metric, from: len(t.lines)})
		}
		t.lines = append(t.lines, s.lines[sample.from:sample.to]...)
		t.sections[len(t.sections)-1].to = len(t.lines)
		if sample.metric.Metric == collector.MetricDays {
			t.ends = append(t.ends, countdown{len(t.lines), sample.end})
		}
	}
	return t
}
