package exposition

import (
	"bytes"
	"io"
	"strings"
	"time"
)

var (
	helpEscaper  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// escapeLabel returns the value of a label as the text format has it.
func escapeLabel(value []byte) []byte {
	if !bytes.ContainsAny(value, "\\\n\"") {
		return value
	}
	return []byte(labelEscaper.Replace(string(value)))
}

// head returns the lines HELP and TYPE of a metric.
func head(m *metric) string {
	return "# HELP " + m.Name + " " + helpEscaper.Replace(m.Help) + "\n# TYPE " + m.Name + " gauge\n"
}

// maxWritten is how many bytes are written at once.
const maxWritten = 1 << 16

// textWriter writes series in the text format, which is also that of OpenMetrics, except for
// the mark of its end.
type textWriter struct {
	io.Writer
	buffer []byte
	now    time.Time
}

func (w *textWriter) family(m *metric, parts []part) error {
	w.buffer = append(w.buffer, head(m)...)
	reader := newSeriesReader(m)
	var fixed []string
	for i, p := range parts {
		if i == 0 || p.page != parts[i-1].page {
			fixed = fixedText(m, p.page)
		}
		for reader.data = p.series; reader.next(); {
			w.buffer = append(w.buffer, fixed[0]...)
			for i := range reader.labels {
				w.buffer = append(append(w.buffer, reader.labels[i].escaped...), fixed[i+1]...)
			}
			w.buffer = append(reader.appendValue(w.buffer, w.now), '\n')
			if len(w.buffer) < maxWritten {
				continue
			}
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *textWriter) flush() error {
	_, err := w.Write(w.buffer)
	w.buffer = w.buffer[:0]
	return err
}

// fixedText returns the text before, between and after the variable labels, which is the same
// for all series of a metric and account.
func fixedText(m *metric, p *page) []string {
	var texts []string
	text, before := m.Name, "{"
	for _, l := range m.labels {
		text += before + l.name + `="`
		before = `",`
		if l.variable {
			texts = append(texts, text)
			text = ""
		} else {
			text += string(escapeLabel([]byte(p.common[l.index])))
		}
	}
	return append(texts, text+`"} `)
}
