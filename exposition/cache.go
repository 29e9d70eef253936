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
	licensing.Organization
	vendor         string
	listed, failed bool
	info           *metric  // license_organization_info
	labels         []string // of the account
	collectors     []collectorKey
	shown          []string // the shared licenses that the organization shows
	policies       engine.PolicyKey
}

type collectorKey struct {
	name                 string
	report               *collector.Report
	tried, notApplicable bool
	ok, retrying         bool
	success              time.Time
}

func newCacheKey(t *table, s *engine.Snapshot, o *engine.Organization) cacheKey {
	key := cacheKey{
		Organization: o.Organization, vendor: s.Vendor.Name, listed: o.Listed, failed: o.Failed,
		policies: s.PolicyKey(), info: t.metrics[collector.MetricOrganizationInfo], labels: t.accountLabels(s.Name), collectors: make([]collectorKey, 0, len(o.Collectors)),
	}
	for _, c := range o.Collectors {
		key.collectors = append(key.collectors, collectorKey{c.Name, c.Report, c.Tried, c.NotApplicable, c.Err == nil, c.Retrying != nil, c.Success})
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
	return k.Organization == o.Organization && k.vendor == o.vendor && k.listed == o.listed && k.failed == o.failed && k.policies == o.policies &&
		k.info == o.info && slices.Equal(k.labels, o.labels) && slices.Equal(k.collectors, o.collectors) && slices.Equal(k.shown, o.shown)
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
