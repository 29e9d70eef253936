package collector

import (
	"bufio"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"license_exporter/licensing"
)

// pages keeps the text of each organization of an account as long as nothing in
// it changes, so that a scrape only copies what has not changed since the last
// one. Most of the work of a scrape is done when facts come, not when they are
// read.
type pages struct {
	mu    sync.Mutex
	byID  map[string]*page
	spare textSink
}

// page is the text of one organization, and what it was made from.
type page struct {
	from basis
	text *text
}

// basis is all that the text of an organization depends on.
type basis struct {
	licensing.Organization
	named, failed bool
	units         []unitBasis
	shown         []string // the shared licenses that the organization shows
	allowed       int      // licenses that may have series of their own
}

type unitBasis struct {
	name       string
	report     *Report
	has, tried bool
	ok         bool
	success    time.Time
}

func (v *view) basis(s *scopeView, owners owners, allowed int) basis {
	b := basis{
		Organization: s.Organization, named: s.named, failed: s.failed, allowed: allowed,
		units: make([]unitBasis, 0, len(s.units)),
	}
	for _, u := range s.units {
		b.units = append(b.units, unitBasis{u.name, u.value, u.has, u.tried, u.err == nil, u.success})
		if !u.has {
			continue
		}
		for id := range u.value.shared {
			if owners[sharedKey{u.name, id}] == s.ID {
				b.shown = append(b.shown, u.name+labelSeparator+id)
			}
		}
	}
	slices.Sort(b.shown)
	return b
}

func (b basis) equal(o basis) bool {
	return b.Organization == o.Organization && b.named == o.named && b.failed == o.failed && b.allowed == o.allowed &&
		slices.Equal(b.units, o.units) && slices.Equal(b.shown, o.shown)
}

// texts returns what there is to show of an account.
func (a *account) texts(selected Selection) []*text {
	v := a.view(selected)
	owners, left := v.owners(), v.individualLeft()
	texts := make([]*text, 0, len(v.scopes)+1)
	dropped := map[string]int{}
	a.pages.mu.Lock()
	defer a.pages.mu.Unlock()
	for i := range v.scopes {
		s := &v.scopes[i]
		allowed := min(left, s.optional())
		left -= allowed
		t := a.pages.text(&v, s, owners, allowed)
		texts = append(texts, t)
		for collector, n := range t.dropped {
			dropped[collector] += n
		}
	}
	a.pages.forget(&v)
	out := &textSink{}
	newRenderer(&v, out).account(dropped)
	return append(texts, out.text())
}

// maxSpare is up to which size a buffer is kept for the next page.
const maxSpare = 1 << 20

// text returns the text of an organization, the one that is kept if it is of
// the same basis. That of some collectors alone is not kept.
func (p *pages) text(v *view, s *scopeView, owners owners, allowed int) *text {
	from := v.basis(s, owners, allowed)
	kept := p.byID[s.ID]
	if kept != nil && kept.from.equal(from) {
		return kept.text
	}
	p.spare.lines, p.spare.samples = p.spare.lines[:0], p.spare.samples[:0]
	r := newRenderer(v, &p.spare)
	r.individualLeft = allowed
	r.scope(s, owners)
	t := p.spare.text()
	t.dropped = r.dropped
	if cap(p.spare.lines) > maxSpare {
		p.spare = textSink{}
	}
	if len(v.selected.Collectors) == 0 {
		p.byID[s.ID] = &page{from, t}
	}
	return t
}

// forget drops the pages of organizations that are gone.
func (p *pages) forget(v *view) {
	if len(p.byID) <= len(v.all) {
		return
	}
	there := make(map[string]bool, len(v.all))
	for _, s := range v.all {
		there[s.ID] = true
	}
	maps.DeleteFunc(p.byID, func(id string, _ *page) bool { return !there[id] })
}

// WriteText writes the selected facts at hand in Prometheus's text format. It
// fetches nothing.
func (e *Engine) WriteText(w io.Writer, s Selection) error {
	var texts []*text
	for _, a := range e.selected(s) {
		texts = append(texts, a.texts(s)...)
	}
	now := e.Now()
	out := bufio.NewWriterSize(w, 1<<16)
	next := make([]int, len(texts)) // the section of each text that comes next
	var scratch []byte
	for _, m := range Metrics() {
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
			if m != metricDays {
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
