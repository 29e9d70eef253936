// Package exposition renders snapshots of the engine as series, in Prometheus's
// text format and as protobuf.
package exposition

import (
	"io"
	"strings"
	"sync"
	"time"
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
// text is also valid OpenMetrics if "# EOF" follows.
func (e *Exposition) WriteText(w io.Writer, s engine.Selection) error {
	writer := textWriters.Get().(*textWriter)
	defer textWriters.Put(writer)
	writer.reset(w, e.engine.Now())
	err := e.write(s, writer)
	writer.reset(nil, time.Time{})
	return err
}

// WriteProtobuf writes the selected facts as protobuf, each family after its size. It does not fetch.
func (e *Exposition) WriteProtobuf(w io.Writer, s engine.Selection) error {
	return e.write(s, &protobufWriter{output{to: w, now: e.engine.Now()}})
}

// textWriters contains writers for reuse: most answers are smaller than the buffer of a writer.
var textWriters = sync.Pool{New: func() any { return &textWriter{output: output{buffer: make([]byte, 0, maxWritten+maxWritten/16)}} }}

// format writes the series of one metric after the other.
type format interface {
	family(m *metric, parts []part) error
	flush() error
}

// page is the state of an account, as series.
type page struct {
	common [][]byte // the values of the labels that all series of the account have, escaped
	rows   []*rows
	next   []int // the next section of each of rows
}

// part contains the series of a metric in one of the rows of a page.
type part struct {
	page         *page
	organization []byte // as in rows
	series       []byte
}

// value returns the value of a label of the series that a reader has read.
func (p *page) value(l labelPlace, r *seriesReader) []byte {
	if l.variable {
		return unescape(r.labels[l.index])
	}
	return unescape(p.common[l.index])
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

// write writes pages, one metric after the other. Each of their rows has its series sorted by
// metric, so write merges them.
func write(table *table, pages []*page, f format) error {
	var parts []part
	for _, m := range table.sorted {
		parts = parts[:0]
		for _, p := range pages {
			for i, r := range p.rows {
				if next := p.next[i]; next < len(r.sections) && r.sections[next].metric == m.index {
					parts = append(parts, part{p, r.organization, r.of(r.sections[next])})
					p.next[i]++
				}
			}
		}
		if len(parts) == 0 {
			continue
		}
		if m.Shared {
			parts = sharedParts(m, parts)
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
	all := make([]*rows, 0, len(s.Organizations)+1)
	var totals totals
	for i := range s.Organizations {
		r := cache.rows(table, s, &s.Organizations[i])
		all = append(all, r)
		totals.add(r.totals)
	}
	cache.dropOrganizations(s)
	out := &rowSink{}
	table.newRenderer(s, out).account(totals)
	return newPage(s.Vendor.Name, s.Name, append(all, out.rows("")))
}

func newPage(vendor, account string, r []*rows) *page {
	escaped := func(s string) []byte { return appendEscaped(nil, strings.ToValidUTF8(s, string(utf8.RuneError))) }
	return &page{common: [][]byte{escaped(vendor), escaped(account)}, rows: r, next: make([]int, len(r))}
}
