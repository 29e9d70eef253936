package exposition

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"time"
)

var (
	helpEscaper    = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscaper   = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	labelUnescaper = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, `"`)
)

// appendEscaped appends the value of a label as the text format has it.
func appendEscaped(b []byte, value string) []byte {
	if !strings.ContainsAny(value, "\\\n\"") {
		return append(b, value...)
	}
	return append(b, labelEscaper.Replace(value)...)
}

// unescape returns the value of a label from the text that appendEscaped made.
func unescape(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	return []byte(labelUnescaper.Replace(string(text)))
}

// maxWritten is how many bytes are written at once.
const maxWritten = 1 << 16

// textWriter writes series in the text format, which is also that of OpenMetrics, except for
// the mark of its end.
type textWriter struct {
	output
	fixed []byte // the text around the variable labels, which is the same for a metric and account
	ends  []int  // where the parts of fixed end
}

func (w *textWriter) family(m *metric, parts []part) error {
	w.buffer = append(append(append(w.buffer, "# HELP "...), m.Name...), ' ')
	w.buffer = append(append(w.buffer, helpEscaper.Replace(m.Help)...), "\n# TYPE "...)
	w.buffer = append(append(w.buffer, m.Name...), " gauge\n"...)
	reader := w.readerOf(m)
	for i, p := range parts {
		if i == 0 || p.page != parts[i-1].page {
			w.setFixed(m, p.page)
		}
		reader.begin(m, p)
		if err := w.series(reader); err != nil {
			return err
		}
	}
	return nil
}

func (w *textWriter) series(reader *seriesReader) error {
	first := w.fixed[:w.ends[0]]
	for reader.next() {
		w.buffer = append(w.buffer, first...)
		for i, value := range reader.labels {
			w.buffer = append(append(w.buffer, value...), w.fixed[w.ends[i]:w.ends[i+1]]...)
		}
		w.buffer = append(reader.appendValue(w.buffer, w.now), '\n')
		if err := w.flushIfFull(); err != nil {
			return err
		}
	}
	return nil
}

// setFixed makes the text before, between and after the variable labels.
func (w *textWriter) setFixed(m *metric, p *page) {
	w.fixed, w.ends = append(append(w.fixed[:0], m.Name...), '{'), w.ends[:0]
	for i, l := range m.labels {
		if i > 0 {
			w.fixed = append(w.fixed, `",`...)
		}
		w.fixed = append(append(w.fixed, l.name...), `="`...)
		if l.variable {
			w.ends = append(w.ends, len(w.fixed))
		} else {
			w.fixed = append(w.fixed, p.common[l.index]...)
		}
	}
	w.fixed = append(w.fixed, `"} `...)
	w.ends = append(w.ends, len(w.fixed))
}

// output is a buffered writer of series.
type output struct {
	to     io.Writer
	now    time.Time
	buffer []byte
	reader seriesReader
}

func (o *output) reset(to io.Writer, now time.Time) { o.to, o.now, o.buffer = to, now, o.buffer[:0] }

// readerOf returns a reader of a metric's series.
func (o *output) readerOf(m *metric) *seriesReader {
	o.reader.labels = slices.Grow(o.reader.labels[:0], len(m.variable))[:len(m.variable)]
	return &o.reader
}

func (o *output) flushIfFull() error {
	if len(o.buffer) < maxWritten {
		return nil
	}
	return o.flush()
}

func (o *output) flush() error {
	_, err := o.to.Write(o.buffer)
	o.buffer = o.buffer[:0]
	return err
}
