package exposition

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"license_exporter/collector"
	"license_exporter/engine"
)

// The text is the same as that of the client library, which reads back what went in.
func FuzzText(f *testing.F) {
	for _, seed := range []struct {
		a, b, c string
		value   float64
		end     int64
	}{
		{"", "", "", 0, 0}, {"a", "b", "c", 1, 1772366400}, {`back\slash`, "new\nline", `"quoted"`, -1, -1}, {"bro\xffken", "\x00", "\u2028é", math.Copysign(0, -1), math.MaxInt32},
		{`\n`, `\\"`, "\r\n", math.Inf(1), 253402300799}, {"}", `",x="`, "# HELP", math.NaN(), -62135596800}, {"a", "a", "a", math.Inf(-1), 1 << 40}, {" ", "\t", ",", 1e21, 86400},
		{"1", "2", "3", 5e-324, 1}, {"1", "2", "3", math.MaxFloat64, 1}, {"1", "2", "3", 0.1, 1},
		{"1", "2", "3", 999_999, 1}, {"1", "2", "3", 1e6, 1}, {"1", "2", "3", -1_048_575, 1},
	} {
		f.Add(seed.a, seed.b, seed.c, seed.value, seed.end)
	}
	var own collector.Metrics
	help := own.New("test_help", "things", "A help\nwith \\ and \"quotes\".", "third", "first")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	metrics := collector.Vendors{{Name: "test", Metrics: &own}}.Metrics()
	e := New(engine.New(engine.Config{Now: func() time.Time { return now }}, nil), metrics)
	f.Fuzz(func(t *testing.T, a, b, c string, value float64, end int64) {
		s := &engine.Snapshot{Account: &engine.Account{Name: b, Vendor: &collector.Vendor{Name: a}}, Now: now}
		render := func(out sink) {
			r := e.table.newRenderer(s, out)
			r.nextEnd(c, a, time.Unix(end, 0))
			r.fact(collector.MetricProductInfo, a, value, a, b, c, a+b, b+c, c+a)
			r.fact(collector.MetricSeatsLimit, a, value, b, c, "")
			r.fact(collector.MetricSeatsLimit, a, value+1, c, b, "")
			r.own(collector.MetricSeriesDropped, math.Abs(value), c)
			r.fact(help, c, -value, b, a)
		}
		var rendered rowSink
		render(&rendered)
		made := rendered.rows(a)
		var got, encoded bytes.Buffer
		for _, f := range []format{&textWriter{output: output{to: &got, now: now}}, &protobufWriter{output{to: &encoded, now: now}}} {
			if err := write(e.table, []*page{newPage(a, b, []*rows{made})}, f); err != nil {
				t.Fatal(err)
			}
		}
		registry := prometheus.NewRegistry()
		registry.MustRegister(collect(func(ch chan<- prometheus.Metric) { render(constSink{ch, now, map[string]bool{}}) }))
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		for _, family := range families {
			if _, err := expfmt.MetricFamilyToText(&want, family); err != nil {
				t.Fatal(err)
			}
		}
		if sortedLines(got) != sortedLines(want) {
			t.Fatalf("the text is\n%s\nwant\n%s", got.String(), want.String())
		}
		for decoder := expfmt.NewDecoder(&encoded, expfmt.NewFormat(expfmt.TypeProtoDelim)); len(families) > 0; families = families[1:] {
			var decoded dto.MetricFamily
			if err := decoder.Decode(&decoded); err != nil {
				t.Fatal(err)
			}
			sortMetrics(&decoded)
			sortMetrics(families[0])
			if !equal(&decoded, families[0]) {
				t.Fatalf("the protobuf is\n%v\nwant\n%v", &decoded, families[0])
			}
		}
		if encoded.Len() > 0 {
			t.Errorf("%d bytes follow the protobuf", encoded.Len())
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		parsed, err := parser.TextToMetricFamilies(&got)
		if err != nil {
			t.Fatalf("the text cannot be read: %v\n%s", err, want.String())
		}
		for _, m := range parsed["test_help"].GetMetric() {
			for _, l := range m.GetLabel() {
				in := map[string]string{"account": b, "first": a, "organization_id": c, "third": b, "vendor": a}[l.GetName()]
				if l.GetValue() != strings.ToValidUTF8(in, string(utf8.RuneError)) {
					t.Errorf("%s is %q, want %q", l.GetName(), l.GetValue(), in)
				}
			}
			if v := m.GetGauge().GetValue(); v != -value && !math.IsNaN(value) {
				t.Errorf("the value is %v, want %v", v, -value)
			}
		}
		if len(parsed["test_help"].GetMetric()) != 1 {
			t.Errorf("%d series are read", len(parsed["test_help"].GetMetric()))
		}
	})
}

// constSink is a sink that makes the metrics of the client library, each once.
type constSink struct {
	ch   chan<- prometheus.Metric
	now  time.Time
	made map[string]bool
}

func (s constSink) sample(m *metric, value float64, labels []string) {
	valid := make([]string, len(labels))
	for i, l := range labels {
		valid[i] = strings.ToValidUTF8(l, string(utf8.RuneError))
	}
	key := m.Name + "\xff" + strings.Join(valid, "\xff")
	if s.made[key] {
		return
	}
	s.made[key] = true
	made, err := prometheus.NewConstMetric(prometheus.NewDesc(m.Name, m.Help, m.AllLabels(), nil), m.Type, value, valid...)
	if err != nil {
		made = prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), err)
	}
	s.ch <- made
}

func (s constSink) countdown(m *metric, end time.Time, labels []string) {
	s.sample(m, daysUntil(end, s.now), labels)
}

func sortMetrics(f *dto.MetricFamily) {
	slices.SortFunc(f.Metric, func(a, b *dto.Metric) int { return strings.Compare(a.String(), b.String()) })
}

// equal reports whether two families are the same. All NaNs are equal.
func equal(a, b *dto.MetricFamily) bool {
	text := func(f *dto.MetricFamily) string {
		var b strings.Builder
		_, _ = expfmt.MetricFamilyToText(&b, f)
		return b.String()
	}
	return text(a) == text(b)
}

// collect is a prometheus.Collector.
type collect func(chan<- prometheus.Metric)

func (collect) Describe(chan<- *prometheus.Desc) {}

func (c collect) Collect(ch chan<- prometheus.Metric) { c(ch) }

func sortedLines(text bytes.Buffer) string {
	lines := strings.Split(text.String(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
