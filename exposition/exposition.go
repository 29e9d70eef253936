// Package exposition renders snapshots of the engine as series, in Prometheus's
// text format and as metric families.
package exposition

import (
	"bufio"
	"io"
	"sync"

	"license_exporter/collector"
	"license_exporter/engine"
)

// Exposition renders the facts of an engine. Use New to create one.
type Exposition struct {
	engine *engine.Engine

	applying sync.RWMutex
	table    *table // guarded by applying

	mu     sync.Mutex
	caches map[string]*textCache // by account
}

// New returns an Exposition of an engine. metrics lists all possible metrics,
// sorted by name.
func New(e *engine.Engine, metrics []*collector.Metric) *Exposition {
	return &Exposition{engine: e, table: newTable(metrics), caches: map[string]*textCache{}}
}

// WriteText writes the selected facts in Prometheus's text format. It does not
// fetch. Each text has its lines sorted by metric, so that writing merges texts.
func (e *Exposition) WriteText(w io.Writer, s engine.Selection) error {
	table, snapshots := e.snapshots(s)
	var texts []*text
	for _, snapshot := range snapshots {
		texts = append(texts, e.texts(table, snapshot)...)
	}
	e.dropAccounts()
	return e.write(w, table, texts)
}

// write merges texts.
func (e *Exposition) write(w io.Writer, table *table, texts []*text) error {
	now := e.engine.Now()
	out := bufio.NewWriterSize(w, 1<<16)
	next := make([]int, len(texts)) // the next section of each text
	var scratch []byte
	for _, m := range table.sorted {
		begun := false
		for i, t := range texts {
			if next[i] == len(t.sections) || t.sections[next[i]].metric != m {
				continue
			}
			if !begun {
				begun = true
				_, _ = out.WriteString(m.text.head) // bufio keeps the error for Flush
			}
			at := t.sections[next[i]]
			next[i]++
			if m.Metric != collector.MetricDays {
				_, _ = out.Write(t.lines[at.from:at.to])
				continue
			}
			from := at.from
			for _, c := range t.ends {
				scratch = appendValue(append(scratch[:0], t.lines[from:c.to]...), daysUntil(c.end, now))
				from = c.to
				_, _ = out.Write(scratch)
			}
		}
	}
	return out.Flush()
}

// texts returns the texts of an account: one for each organization and one for
// the account.
func (e *Exposition) texts(table *table, s *engine.Snapshot) []*text {
	cache := e.cache(s.Name)
	cache.mu.Lock()
	defer cache.mu.Unlock()
	texts := make([]*text, 0, len(s.Organizations)+1)
	totals := newTotals()
	for i := range s.Organizations {
		t := cache.text(table, s, &s.Organizations[i])
		texts = append(texts, t)
		totals.add(t.totals)
	}
	cache.dropOrganizations(s)
	out := &textSink{}
	table.newRenderer(s, out).account(totals)
	return append(texts, out.text())
}
