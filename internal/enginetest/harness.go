package enginetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/exposition"
)

// Harness is an engine with one account, named acme.
type Harness struct {
	*engine.Engine
	*exposition.Exposition
	// Account is the account of the engine.
	Account *engine.Account
	// Source is the source of the account, if it is a Source of this package.
	Source *Source
	// Log is the engine's log.
	Log *Buffer
	// Own contains the exporter's own counters.
	Own *prometheus.Registry

	t testing.TB
}

// New returns an engine with an account of Vendor that has these collectors.
func New(t testing.TB, c engine.Config, source collector.Source, collectors ...collector.Named) *Harness {
	t.Helper()
	h := NewOf(t, c, Account("acme", source, collectors...))
	h.Source, _ = source.(*Source)
	return h
}

// NewWithMetrics is like New, but the vendor has its own metrics.
func NewWithMetrics(t testing.TB, c engine.Config, metrics collector.Metrics, source collector.Source, collectors ...collector.Named) *Harness {
	t.Helper()
	vendor := *Vendor
	vendor.Metrics = &metrics
	a := Account("acme", source, collectors...)
	a.Vendor = &vendor
	return NewOf(t, c, a)
}

// NewOf returns an engine with this account.
func NewOf(t testing.TB, c engine.Config, a *engine.Account) *Harness {
	t.Helper()
	h := &Harness{t: t, Account: a, Log: &Buffer{}, Own: prometheus.NewRegistry()}
	c.Logger = log.NewLogfmtLogger(h.Log)
	c.Telemetry = engine.NewTelemetry(h.Own)
	if c.MaxStale == 0 {
		c.MaxStale = 24 * time.Hour
	}
	h.Engine = engine.New(c, []*engine.Account{a})
	h.Exposition = exposition.New(h.Engine, collector.Vendors{a.Vendor}.Metrics())
	t.Cleanup(h.Close)
	return h
}

// Scrape refreshes the facts and returns the series whose lines begin with one
// of the prefixes. Without prefixes, it returns all series.
func (h *Harness) Scrape(ctx context.Context, prefixes ...string) string {
	h.t.Helper()
	return h.ScrapeOnly(ctx, engine.Selection{}, prefixes...)
}

// ScrapeCollectors is like Scrape, but returns only the series that collectors
// make of licenses. These are without those that every account has.
func (h *Harness) ScrapeCollectors(ctx context.Context) string {
	h.t.Helper()
	lines := strings.Split(h.Scrape(ctx), "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "license_exporter_") || strings.HasPrefix(line, "license_up") || strings.HasPrefix(line, "license_organization_info")
	}), "\n")
}

// ScrapeOnly is like Scrape, for only the selected facts. It also checks that
// the text and protobuf formats have the same series.
func (h *Harness) ScrapeOnly(ctx context.Context, s engine.Selection, prefixes ...string) string {
	h.t.Helper()
	h.Refresh(ctx, s)
	return h.lines(s, prefixes...)
}

// Lines is like Scrape, but does not refresh.
func (h *Harness) Lines(prefixes ...string) string {
	h.t.Helper()
	return h.lines(engine.Selection{}, prefixes...)
}

func (h *Harness) lines(s engine.Selection, prefixes ...string) string {
	h.t.Helper()
	gatherer := h.Gatherer(s)
	var text bytes.Buffer
	if err := h.WriteText(&text, s); err != nil {
		h.t.Fatal(err)
	}
	WantSameLines(h.t, Text(h.t, gatherer), text.String())
	return Lines(h.t, gatherer, prefixes...)
}

// Gatherer returns a gatherer of the selected facts.
func (h *Harness) Gatherer(s engine.Selection) prometheus.Gatherer { return Gatherer(h.Exposition, s) }

// Gatherer returns a gatherer of the selected facts. It reads them from the protobuf format.
func Gatherer(e *exposition.Exposition, s engine.Selection) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		var page bytes.Buffer
		if err := e.WriteProtobuf(&page, s); err != nil {
			return nil, err
		}
		var families []*dto.MetricFamily
		for decoder := expfmt.NewDecoder(&page, expfmt.NewFormat(expfmt.TypeProtoDelim)); ; {
			family := &dto.MetricFamily{}
			err := decoder.Decode(family)
			if errors.Is(err, io.EOF) {
				return families, nil
			}
			if err != nil {
				return nil, err
			}
			// Sort them as the client library does.
			slices.SortFunc(family.Metric, func(a, b *dto.Metric) int {
				return slices.CompareFunc(a.Label, b.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetValue(), b.GetValue()) })
			})
			families = append(families, family)
		}
	})
}

// OwnSeries returns the exporter's own series whose lines begin with a prefix.
func (h *Harness) OwnSeries(prefix string) []string {
	h.t.Helper()
	text := Lines(h.t, h.Own, prefix)
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// Buffer is a buffer that is safe for concurrent use.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Count returns the number of lines that contain a text.
func (b *Buffer) Count(text string) int {
	n := 0
	for line := range strings.SplitSeq(b.String(), "\n") {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}
