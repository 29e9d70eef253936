package exposition

import (
	"maps"
	"slices"
	"sync"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
	"license_exporter/licensing"
)

// textCache keeps the text of each organization of an account as long as nothing
// in it changes, so that a scrape only copies. Most of the work of a scrape is
// done when facts come, not when they are read.
type textCache struct {
	mu             sync.Mutex
	byOrganization map[string]*cachedText
	spare          textSink
}

// cachedText is the text of one organization, and what it was made from.
type cachedText struct {
	key  cacheKey
	text *text
}

// cacheKey is everything that the text of an organization depends on.
type cacheKey struct {
	licensing.Organization
	listed, failed bool
	collectors     []collectorKey
	shown          []string // the shared licenses that the organization shows
}

type collectorKey struct {
	name                 string
	report               *collector.Report
	tried, notApplicable bool
	ok                   bool
	success              time.Time
}

func newCacheKey(s *engine.Snapshot, o *engine.Organization) cacheKey {
	key := cacheKey{
		Organization: o.Organization, listed: o.Listed, failed: o.Failed,
		collectors: make([]collectorKey, 0, len(o.Collectors)),
	}
	for _, c := range o.Collectors {
		key.collectors = append(key.collectors, collectorKey{c.Name, c.Report, c.Tried, c.NotApplicable, c.Err == nil, c.Success})
		if c.Report == nil {
			continue
		}
		for license := range c.Report.SharedLicenses() {
			if s.Shows(o.ID, c.Name, license) {
				key.shown = append(key.shown, c.Name+" "+license)
			}
		}
	}
	slices.Sort(key.shown)
	return key
}

func (k cacheKey) equal(o cacheKey) bool {
	return k.Organization == o.Organization && k.listed == o.listed && k.failed == o.failed &&
		slices.Equal(k.collectors, o.collectors) && slices.Equal(k.shown, o.shown)
}

// cache returns the cache of an account.
func (e *Exposition) cache(account string) *textCache {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.caches[account]
	if c == nil {
		c = &textCache{byOrganization: map[string]*cachedText{}}
		e.caches[account] = c
	}
	return c
}

// forgetAccounts drops the caches of accounts that are gone.
func (e *Exposition) forgetAccounts(all []*engine.Snapshot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.DeleteFunc(e.caches, func(name string, _ *textCache) bool {
		return !slices.ContainsFunc(all, func(s *engine.Snapshot) bool { return s.Name == name })
	})
}

// maxSpare is up to which size a buffer is reused for the next text.
const maxSpare = 1 << 20

// text returns the text of an organization, from the cache if its key is the
// same. A text of some collectors alone is not cached. It needs the lock.
func (c *textCache) text(e *Exposition, s *engine.Snapshot, o *engine.Organization) *text {
	key := newCacheKey(s, o)
	cached := c.byOrganization[o.ID]
	if cached != nil && cached.key.equal(key) {
		return cached.text
	}
	c.spare.lines, c.spare.samples = c.spare.lines[:0], c.spare.samples[:0]
	r := e.newRenderer(s, &c.spare)
	r.organization(o)
	t := c.spare.text()
	t.dropped = r.dropped
	if cap(c.spare.lines) > maxSpare {
		c.spare = textSink{}
	}
	if len(s.Selection.Collectors) == 0 {
		c.byOrganization[o.ID] = &cachedText{key, t}
	}
	return t
}

// forget drops the texts of organizations that are gone. It needs the lock.
func (c *textCache) forget(s *engine.Snapshot) {
	if len(c.byOrganization) > s.Count() {
		maps.DeleteFunc(c.byOrganization, func(id string, _ *cachedText) bool { return !s.Exists(id) })
	}
}
