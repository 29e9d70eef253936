package engine

import (
	"hash/maphash"
	"time"

	"license_exporter/licensing"
)

// FactsKey changes with everything that the facts about an organization depend on, except the
// time. What is made from them can be kept until the key changes.
type FactsKey struct {
	hash uint64
	// policies are not in the hash: a key that keeps them in memory is never equal to that of
	// others at the same address.
	policies PolicyKey
}

var factsSeed = maphash.MakeSeed()

// factsState is what the facts about an organization depend on, beside its collectors and the
// shared licenses that it shows.
type factsState struct {
	licensing.Organization
	vendor         string
	listed, failed bool
}

type collectorFacts struct {
	name                 string
	report               uint64 // the id
	tried, notApplicable bool
	ok, retrying         bool
	success              time.Time
}

// FactsKey returns the key of an organization.
func (s *Snapshot) FactsKey(o *Organization) FactsKey {
	var h maphash.Hash
	h.SetSeed(factsSeed)
	maphash.WriteComparable(&h, factsState{o.Organization, s.Vendor.Name, o.Listed, o.Failed})
	for i := range o.Collectors {
		c := &o.Collectors[i]
		maphash.WriteComparable(&h, collectorFacts{c.Name, c.Report.ID(), c.Tried, c.NotApplicable, c.Err == nil, c.Retrying != nil, c.Success})
		if c.Report == nil {
			continue
		}
		for license := range c.Report.SharedLicenses {
			maphash.WriteComparable(&h, s.Shows(o.ID, c.Name, license))
		}
	}
	return FactsKey{h.Sum64(), s.PolicyKey()}
}
