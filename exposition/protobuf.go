package exposition

import (
	"math"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of fields in io.prometheus.client, see
// https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto.
const (
	familyName   protowire.Number = 1
	familyHelp   protowire.Number = 2
	familyType   protowire.Number = 3
	familyMetric protowire.Number = 4

	metricLabel protowire.Number = 1
	metricGauge protowire.Number = 2
	labelName   protowire.Number = 1
	labelValue  protowire.Number = 2
	gaugeValue  protowire.Number = 1

	// gaugeSize is the size of a gauge: a tag of one byte and a number of eight.
	gaugeSize = 9
)

// protobufWriter writes families of metrics as protobuf, each after its size. It reads the series
// of a family twice, first for the size and then to write them, and never holds the whole family.
type protobufWriter struct{ output }

func (w *protobufWriter) family(m *metric, parts []part) error {
	header := protowire.AppendString(protowire.AppendTag(nil, familyName, protowire.BytesType), m.Name)
	header = protowire.AppendString(protowire.AppendTag(header, familyHelp, protowire.BytesType), m.Help)
	header = protowire.AppendVarint(protowire.AppendTag(header, familyType, protowire.VarintType), uint64(dto.MetricType_GAUGE))
	size := len(header)
	_ = w.eachSeries(m, parts, func(p *page, r *seriesReader) error {
		size += protowire.SizeTag(familyMetric) + protowire.SizeBytes(metricSize(m, p, r))
		return nil
	})
	w.buffer = append(protowire.AppendVarint(w.buffer, uint64(size)), header...) //nolint:gosec // not negative
	return w.eachSeries(m, parts, func(p *page, r *seriesReader) error {
		w.buffer = protowire.AppendVarint(protowire.AppendTag(w.buffer, familyMetric, protowire.BytesType), uint64(metricSize(m, p, r))) //nolint:gosec // not negative
		for _, l := range m.labels {
			value := p.value(l, r)
			w.buffer = protowire.AppendVarint(protowire.AppendTag(w.buffer, metricLabel, protowire.BytesType), uint64(pairSize(l.name, value))) //nolint:gosec // not negative
			w.buffer = protowire.AppendString(protowire.AppendTag(w.buffer, labelName, protowire.BytesType), l.name)
			w.buffer = protowire.AppendBytes(protowire.AppendTag(w.buffer, labelValue, protowire.BytesType), value)
		}
		w.buffer = protowire.AppendVarint(protowire.AppendTag(w.buffer, metricGauge, protowire.BytesType), gaugeSize)
		w.buffer = protowire.AppendFixed64(protowire.AppendTag(w.buffer, gaugeValue, protowire.Fixed64Type), math.Float64bits(r.value(w.now)))
		return w.flushIfFull()
	})
}

// eachSeries calls a function for each series.
func (o *output) eachSeries(m *metric, parts []part, f func(*page, *seriesReader) error) error {
	reader := o.readerOf(m)
	for _, p := range parts {
		for reader.begin(m, p); reader.next(); {
			if err := f(p.page, reader); err != nil {
				return err
			}
		}
	}
	return nil
}

// metricSize returns the size of a series.
func metricSize(m *metric, p *page, r *seriesReader) int {
	size := protowire.SizeTag(metricGauge) + protowire.SizeBytes(gaugeSize)
	for _, l := range m.labels {
		size += protowire.SizeTag(metricLabel) + protowire.SizeBytes(pairSize(l.name, p.value(l, r)))
	}
	return size
}

// pairSize returns the size of a label.
func pairSize(name string, value []byte) int {
	return protowire.SizeTag(labelName) + protowire.SizeBytes(len(name)) + protowire.SizeTag(labelValue) + protowire.SizeBytes(len(value))
}
