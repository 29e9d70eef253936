// Package exposition renders snapshots of the engine as series, in Prometheus's
// text format and as protobuf.
package exposition

import (
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"license_exporter/collector"
	"license_exporter/engine"
)

// Exposition renders the facts of an engine. Use New to create one.
type Exposition struct {
	engine *engine.Engine

	applying sync.RWMutex
	table    *table // guarded by applying

	mu     sync.Mutex
	caches map[string]*rowCache // by account
}

// New returns an Exposition of an engine. metrics lists all possible metrics,
// sorted by name.
func New(e *engine.Engine, metrics []*collector.Metric) *Exposition {
	return &Exposition{engine: e, table: newTable(metrics), caches: map[string]*rowCache{}}
}

// WriteText writes the selected facts in Prometheus's text format. It does not fetch. The
// text is also valid in OpenMetrics, once what follows it has ended with "# EOF".
func (e *Exposition) WriteText(w io.Writer, s engine.Selection) error {
	return e.write(s, &textWriter{Writer: w, now: e.engine.Now()})
}

// WriteProtobuf writes the selected facts as protobuf, each family after its size. It does not fetch.
func (e *Exposition) WriteProtobuf(w io.Writer, s engine.Selection) error {
	return e.write(s, &protobufWriter{Writer: w, now: e.engine.Now()})
}

// format writes the series of one metric after the other.
type format interface {
	family(m *metric, parts []part) error
	flush() error
}

// page is the state of an account, as series.
type page struct {
	common []string // the values of the labels that all series of the account have
	rows   []*rows
	next   []int // the next section of each of rows
}

// part is a part of the series of a metric.
type part struct {
	page   *page
	series []byte
}

// value returns the value of a label of the series that a reader has read.
func (p *page) value(l labelPlace, r *seriesReader) []byte {
	if l.variable {
		return r.labels[l.index].raw
	}
	return []byte(p.common[l.index])
}

func (e *Exposition) write(s engine.Selection, f format) error {
	table, snapshots := e.snapshots(s)
	pages := make([]*page, 0, len(snapshots))
	for _, snapshot := range snapshots {
		pages = append(pages, e.page(table, snapshot))
	}
	e.dropAccounts()
	return write(table, pages, f)
}

// write writes pages. Each of their rows has its series sorted by metric, so that writing merges them.
func write(table *table, pages []*page, f format) error {
	var parts []part
	for _, m := range table.sorted {
		parts = parts[:0]
		for _, p := range pages {
			for i, r := range p.rows {
				if next := p.next[i]; next < len(r.sections) && r.sections[next].metric == m.index {
					parts = append(parts, part{p, r.of(r.sections[next])})
					p.next[i]++
				}
			}
		}
		if len(parts) == 0 {
			continue
		}
		if err := f.family(m, parts); err != nil {
			return err
		}
	}
	return f.flush()
}

// page returns the series of an account: those of each organization, and those of the account.
func (e *Exposition) page(table *table, s *engine.Snapshot) *page {
	cache := e.cache(s.Name)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	p := newPage(s.Vendor.Name, s.Name, make([]*rows, 0, len(s.Organizations)+1))
	var totals totals
	for i := range s.Organizations {
		r := cache.rows(table, s, &s.Organizations[i])
		p.rows = append(p.rows, r)
		totals.add(r.totals)
	}
	cache.dropOrganizations(s)
	out := &rowSink{}
	table.newRenderer(s, out).account(totals)
	p.rows = append(p.rows, out.rows())
	p.next = make([]int, len(p.rows))
	return p
}

func newPage(vendor, account string, r []*rows) *page {
	valid := func(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }
	return &page{common: []string{valid(vendor), valid(account)}, rows: r, next: make([]int, len(r))}
}
