package exposition

import (
	"slices"
	"strings"
	"time"
)

// sharedParts returns the parts of a metric that organizations share: one for each account,
// with the smallest value of the series with the same labels.
func sharedParts(m *metric, parts []part) []part {
	var shared []part
	for len(parts) > 0 {
		p := parts[0].page
		n := slices.IndexFunc(parts, func(other part) bool { return other.page != p })
		if n < 0 {
			n = len(parts)
		}
		shared = append(shared, part{p, smallest(m, parts[:n])})
		parts = parts[n:]
	}
	return shared
}

// smallest returns the encoded series with the smallest value of those with the same labels.
func smallest(m *metric, parts []part) []byte {
	values := map[string]float64{}
	o := &output{}
	_ = o.eachSeries(m, parts, func(_ *page, r *seriesReader) error {
		key := strings.Builder{}
		for _, value := range r.labels {
			key.Write(value)
			key.WriteByte(labelEnd)
		}
		value := r.value(time.Time{}) // which is no countdown
		if least, found := values[key.String()]; !found || value < least {
			values[key.String()] = value
		}
		return nil
	})
	var sink rowSink
	for labels, value := range values {
		sink.text = append(sink.text, labels...)
		sink.samples = append(sink.samples, rowSample{metric: m, from: len(sink.text) - len(labels), value: len(sink.text)})
		sink.number(value)
	}
	return sink.rows().data
}
