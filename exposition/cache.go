package exposition

import (
	"maps"
	"slices"
	"sync"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
)

// textCache caches the rendered text of each organization of an account until its
// facts change. A scrape of unchanged facts then only copies text.
type textCache struct {
	mu             sync.Mutex
	byOrganization map[string]*cachedText
	spare          textSink
}

// cachedText is the text of an organization with the key that it was made from.
type cachedText struct {
	key  cacheKey
	text *text
	// until is when the text changes although the facts do not, because a license ends. It
	// is zero if that is not known to be soon.
	until time.Time
}

func (c *cachedText) fits(key cacheKey, now time.Time) bool {
	return c.key.equal(key) && (c.until.IsZero() || now.Before(c.until))
}

// cacheKey contains everything that the text of an organization depends on.
type cacheKey struct {
	engine.FactsKey
	info   *metric  // license_organization_info
	labels []string // of the account
}

func newCacheKey(t *table, s *engine.Snapshot, o *engine.Organization) cacheKey {
	return cacheKey{s.FactsKey(o, engine.FactsKey{}), t.metrics[collector.MetricOrganizationInfo], t.accountLabels(s.Name)}
}

func (k cacheKey) equal(o cacheKey) bool {
	return k.Equal(o.FactsKey) && k.info == o.info && slices.Equal(k.labels, o.labels)
}

// cache returns the cache of an account. It adds an empty one if there is none.
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

// dropAccounts drops the caches of accounts that no longer exist.
func (e *Exposition) dropAccounts() {
	names := e.engine.AccountNames()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.caches) > len(names) {
		maps.DeleteFunc(e.caches, func(name string, _ *textCache) bool { return !slices.Contains(names, name) })
	}
}

// maxSpare is the maximum size in bytes of a buffer that is kept for the next
// text.
const maxSpare = 1 << 20

// text returns the text of an organization. It uses the cache if the key has not
// changed. A text for selected collectors is not cached. The caller holds the
// lock.
func (c *textCache) text(table *table, s *engine.Snapshot, o *engine.Organization) *text {
	key := newCacheKey(table, s, o)
	cached := c.byOrganization[o.ID]
	if cached != nil && cached.fits(key, s.Now) {
		return cached.text
	}
	c.spare.lines, c.spare.samples = c.spare.lines[:0], c.spare.samples[:0]
	r := table.newRenderer(s, &c.spare)
	r.organization(o)
	t := c.spare.text()
	t.totals = r.totals
	if cap(c.spare.lines) > maxSpare {
		c.spare = textSink{}
	}
	if len(s.Selection.Collectors) == 0 {
		c.byOrganization[o.ID] = &cachedText{key, t, r.ended.Next()}
	}
	return t
}

// dropOrganizations drops the texts of organizations that no longer exist. The
// caller holds the lock.
func (c *textCache) dropOrganizations(s *engine.Snapshot) {
	if len(c.byOrganization) > s.OrganizationCount() {
		maps.DeleteFunc(c.byOrganization, func(id string, _ *cachedText) bool { return !s.HasOrganization(id) })
	}
}
