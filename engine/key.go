package engine

import (
	"slices"
	"time"

	"license_exporter/licensing"
)

// FactsKey contains everything that the facts about an organization depend on, except the
// time. What is made from them can be kept until the key changes.
type FactsKey struct {
	licensing.Organization
	vendor         string
	listed, failed bool
	collectors     []collectorKey
	shown          []string // the shared licenses that the organization shows
	policies       PolicyKey
}

type collectorKey struct {
	name                 string
	report               uint64 // the id, so that the key does not keep the report in memory
	tried, notApplicable bool
	ok, retrying         bool
	success              time.Time
}

// FactsKey returns the key of an organization. It reuses the memory of old, a key that is not
// needed any more.
func (s *Snapshot) FactsKey(o *Organization, old FactsKey) FactsKey {
	key := FactsKey{
		Organization: o.Organization, vendor: s.Vendor.Name, listed: o.Listed, failed: o.Failed,
		policies: s.PolicyKey(), collectors: slices.Grow(old.collectors[:0], len(o.Collectors)), shown: old.shown[:0],
	}
	for i := range o.Collectors {
		c := &o.Collectors[i]
		key.collectors = append(key.collectors, collectorKey{c.Name, c.Report.ID(), c.Tried, c.NotApplicable, c.Err == nil, c.Retrying != nil, c.Success})
		if c.Report == nil {
			continue
		}
		for license := range c.Report.SharedLicenses {
			if s.Shows(o.ID, c.Name, license) {
				key.shown = append(key.shown, c.Name+" "+license)
			}
		}
	}
	slices.Sort(key.shown)
	return key
}

// Equal reports whether the keys are equal.
func (k FactsKey) Equal(o FactsKey) bool {
	return k.Organization == o.Organization && k.vendor == o.vendor && k.listed == o.listed && k.failed == o.failed && k.policies == o.policies &&
		slices.Equal(k.collectors, o.collectors) && slices.Equal(k.shown, o.shown)
}
