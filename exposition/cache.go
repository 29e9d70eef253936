package exposition

import (
	"maps"
	"slices"
	"sync"
	"time"

	"license_exporter/collector"
	"license_exporter/engine"
)

// rowCache caches the rows of each organization of an account until its facts
// change.
type rowCache struct {
	mu             sync.Mutex
	byOrganization map[string]*cachedRows
	spare          rowSink
}

// cachedRows contains the rows of an organization and the key that they were made from.
type cachedRows struct {
	key  cacheKey
	rows *rows
	// until is when the rows change although the facts do not, because a license ends. It
	// is zero if that is not known to be soon.
	until time.Time
}

func (c *cachedRows) fits(key cacheKey, now time.Time) bool {
	return c.key.equal(key) && (c.until.IsZero() || now.Before(c.until))
}

// cacheKey contains everything that the rows of an organization depend on.
type cacheKey struct {
	facts  engine.FactsKey
	info   *metric  // license_organization_info
	labels []string // of the account
}

func newCacheKey(t *table, s *engine.Snapshot, o *engine.Organization) cacheKey {
	return cacheKey{s.FactsKey(o), t.metrics[collector.MetricOrganizationInfo], t.accountLabels(s.Name)}
}

func (k cacheKey) equal(o cacheKey) bool {
	return k.facts == o.facts && k.info == o.info && slices.Equal(k.labels, o.labels)
}

// cache returns the cache of an account. It adds an empty one if there is none.
func (e *Exposition) cache(account string) *rowCache {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.caches[account]
	if c == nil {
		c = &rowCache{byOrganization: map[string]*cachedRows{}}
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
		maps.DeleteFunc(e.caches, func(name string, _ *rowCache) bool { return !slices.Contains(names, name) })
	}
}

// maxSpare is the maximum size in bytes of a buffer that is kept for the next
// organization.
const maxSpare = 1 << 20

// rows returns the rows of an organization. It uses the cache if the key has not
// changed. Rows for selected collectors are not cached. The caller holds the
// lock.
func (c *rowCache) rows(table *table, s *engine.Snapshot, o *engine.Organization) *rows {
	key := newCacheKey(table, s, o)
	cached := c.byOrganization[o.ID]
	if cached != nil && cached.fits(key, s.Now) {
		return cached.rows
	}
	c.spare.reset()
	r := table.newRenderer(s, &c.spare)
	r.organization(o)
	made := c.spare.rows(o.ID)
	made.totals = r.totals
	if cap(c.spare.text) > maxSpare {
		c.spare = rowSink{}
	}
	if len(s.Selection.Collectors) == 0 {
		c.byOrganization[o.ID] = &cachedRows{key, made, r.ended.Next()}
	}
	return made
}

// dropOrganizations drops the rows of organizations that no longer exist. The
// caller holds the lock.
func (c *rowCache) dropOrganizations(s *engine.Snapshot) {
	if len(c.byOrganization) > s.OrganizationCount() {
		maps.DeleteFunc(c.byOrganization, func(id string, _ *cachedRows) bool { return !s.HasOrganization(id) })
	}
}
