package web

import (
	"bytes"
	"io"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// maxTexts is how many texts of own metrics are held at the same time.
const maxTexts = 8

// ownText writes metrics that are not cached as text. A client that reads slowly holds the
// text until it has read it. If that happens to too many texts, further answers share the
// latest one, so that such clients need little memory and do not keep others out.
type ownText struct {
	gatherer prometheus.Gatherer
	// failed is called with an error about some of the metrics.
	failed func(error)

	mu     sync.Mutex
	latest *sharedText
	held   int // texts that are being written, and the latest
}

type sharedText struct {
	bytes.Buffer
	readers int
}

func (o *ownText) write(w io.Writer) error {
	text, err := o.take()
	if err != nil {
		return err
	}
	defer o.release(text)
	_, err = w.Write(text.Bytes())
	return err
}

// take returns a text that must be released.
func (o *ownText) take() (*sharedText, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.latest != nil && o.latest.readers == 0 {
		o.latest = nil
		o.held--
	}
	if o.held < maxTexts {
		text, err := o.gather()
		if err != nil {
			return nil, err
		}
		o.latest = text
		o.held++
	}
	o.latest.readers++
	return o.latest, nil
}

func (o *ownText) gather() (*sharedText, error) {
	families, err := o.gatherer.Gather()
	if err != nil {
		o.failed(err)
	}
	text := &sharedText{}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text.Buffer, family); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// release ends the reading of a text. The latest one stays until it is replaced.
func (o *ownText) release(text *sharedText) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if text.readers--; text.readers == 0 && text != o.latest {
		o.held--
	}
}
