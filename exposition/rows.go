package exposition

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// rows contains the series of an organization, or of an account, sorted by metric. It never
// changes. There may be thousands of organizations with a hundred series each, so the series
// are encoded in few bytes, one after the other. For each label that is not the same for the
// whole account, in the order of metric.variable, there is
//
//	0                             if its value is that of the series before, or
//	uvarint(len(text)+1), text    of the value, escaped for the text format,
//
// and then the value of the series. Before the first series of a metric, organization_id has
// the value of the organization, and other labels are empty.
//
// The value of a series is
//
//	uvarint(len(text)+1), text    of a number, or
//	0, varint(s), uvarint(ns)     of the days until a time: Unix seconds and nanoseconds.
type rows struct {
	organization []byte // escaped
	data         []byte
	sections     []section

	totals totals
}

// section is the position of the series of one metric.
type section struct {
	metric   uint16 // the index in table.sorted
	from, to uint32
}

// of returns the series of a metric.
func (r *rows) of(s section) []byte { return r.data[s.from:s.to] }

// rowSink is a sink that makes rows.
type rowSink struct {
	// text contains the variable labels of each series, each followed by labelEnd, and then its
	// encoded value.
	text    []byte
	samples []rowSample
}

// rowSample is a series in rowSink.text.
type rowSample struct {
	metric          *metric
	from, value, to int
}

// labelEnd does not occur in valid UTF-8, so that different labels never have the same text.
const labelEnd = 0xff

func (s *rowSink) sample(m *metric, value float64, labels []string) {
	s.add(m, labels)
	s.number(value)
}

// number adds the value of the latest series.
func (s *rowSink) number(value float64) {
	var number [32]byte
	text := appendNumber(number[:0], value)
	s.text = append(binary.AppendUvarint(s.text, uint64(len(text))+1), text...)
	s.samples[len(s.samples)-1].to = len(s.text)
}

func (s *rowSink) countdown(m *metric, end time.Time, labels []string) {
	s.add(m, labels)
	s.text = binary.AppendVarint(append(s.text, 0), end.Unix())
	s.text = binary.AppendUvarint(s.text, uint64(end.Nanosecond())) //nolint:gosec // never negative
	s.samples[len(s.samples)-1].to = len(s.text)
}

// add adds a series without its value. It replaces invalid UTF-8 in the labels.
func (s *rowSink) add(m *metric, labels []string) {
	from := len(s.text)
	for _, i := range m.variable {
		s.text = append(appendEscaped(s.text, strings.ToValidUTF8(labels[i], string(utf8.RuneError))), labelEnd)
	}
	s.samples = append(s.samples, rowSample{metric: m, from: from, value: len(s.text)})
}

func (s *rowSink) labels(sample rowSample) []byte { return s.text[sample.from:sample.value] }

func (s *rowSink) reset() { s.text, s.samples = s.text[:0], s.samples[:0] }

// rows returns the series of an organization that the sink has received. Prometheus rejects
// duplicate series, so only the first of those with the same labels is kept.
func (s *rowSink) rows(organization string) *rows {
	slices.SortFunc(s.samples, func(a, b rowSample) int {
		if a.metric != b.metric {
			return cmp.Compare(a.metric.index, b.metric.index)
		}
		return cmp.Or(bytes.Compare(s.labels(a), s.labels(b)), cmp.Compare(a.from, b.from))
	})
	made := &rows{organization: appendEscaped(nil, strings.ToValidUTF8(organization, string(utf8.RuneError)))}
	data, sections := make([]byte, 0, len(s.text)), make([]section, 0, 32)
	var m *metric
	var before []byte
	for _, sample := range s.samples {
		labels := s.labels(sample)
		if sample.metric != m {
			m = sample.metric
			sections = append(sections, section{metric: m.index, from: uint32(len(data))}) //nolint:gosec // an organization has less
			before = m.firstLabels(made.organization)
		} else if bytes.Equal(labels, before) {
			continue
		}
		data = append(appendLabels(data, labels, before), s.text[sample.value:sample.to]...)
		sections[len(sections)-1].to = uint32(len(data)) //nolint:gosec // see above
		before = labels
	}
	made.data, made.sections = bytes.Clone(data), slices.Clone(sections)
	return made
}

// firstLabels returns the labels before the first series of a metric, as in rowSink.text.
func (m *metric) firstLabels(organization []byte) []byte {
	var labels []byte
	for i := range m.variable {
		if i == m.organization {
			labels = append(labels, organization...)
		}
		labels = append(labels, labelEnd)
	}
	return labels
}

// appendLabels appends the encoded labels of a series. before are those of the series before.
func appendLabels(data, labels, before []byte) []byte {
	for len(labels) > 0 {
		var value, other []byte
		value, labels, _ = bytes.Cut(labels, []byte{labelEnd})
		other, before, _ = bytes.Cut(before, []byte{labelEnd})
		if bytes.Equal(value, other) {
			data = append(data, 0)
		} else {
			data = append(binary.AppendUvarint(data, uint64(len(value))+1), value...)
		}
	}
	return data
}

// seriesReader reads the series of a metric from data.
type seriesReader struct {
	data   []byte
	labels [][]byte // the values of the variable labels, escaped
	number []byte   // the text of the value, unless it is a countdown
	end    time.Time
}

// begin makes the reader read a part of a metric.
func (r *seriesReader) begin(m *metric, p part) {
	r.data = p.series
	clear(r.labels)
	if m.organization >= 0 {
		r.labels[m.organization] = p.organization
	}
}

// next reads the next series. It returns false if there is none.
func (r *seriesReader) next() bool {
	if len(r.data) == 0 {
		return false
	}
	for i := range r.labels {
		if r.data[0] == 0 {
			r.data = r.data[1:]
		} else {
			r.labels[i] = r.text()
		}
	}
	if r.data[0] != 0 {
		r.number = r.text()
		return true
	}
	seconds, n := binary.Varint(r.data[1:])
	nanoseconds, m := binary.Uvarint(r.data[1+n:])
	r.number, r.data = nil, r.data[1+n+m:]
	r.end = time.Unix(seconds, int64(nanoseconds)) //nolint:gosec // less than a second
	return true
}

// text reads a text and its length.
func (r *seriesReader) text() []byte {
	length, n := uint64(r.data[0]), 1
	if length >= 0x80 {
		length, n = binary.Uvarint(r.data)
	}
	end := n + int(length) - 1 //nolint:gosec // it was a length
	text := r.data[n:end]
	r.data = r.data[end:]
	return text
}

// appendValue appends the text of the series' value.
func (r *seriesReader) appendValue(b []byte, now time.Time) []byte {
	if r.number != nil {
		return append(b, r.number...)
	}
	return appendNumber(b, daysUntil(r.end, now))
}

// value returns the series' value.
func (r *seriesReader) value(now time.Time) float64 {
	if r.number != nil {
		value, _ := strconv.ParseFloat(string(r.number), 64) // it was a number
		return value
	}
	return daysUntil(r.end, now)
}

// appendNumber appends a number as the client library writes it. It writes -0 as 0: -0 + 0 is 0.
func appendNumber(b []byte, value float64) []byte {
	if value == math.Trunc(value) && math.Abs(value) < 1e6 { // from 1e6 on, there is an exponent
		return strconv.AppendInt(b, int64(value), 10)
	}
	return strconv.AppendFloat(b, value+0, 'g', -1, 64)
}
