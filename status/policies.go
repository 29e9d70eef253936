package status

import (
	"time"

	"license_exporter/engine"
	"license_exporter/licensing"
)

// rules are what the operator's policies say of an organization.
type rules struct {
	owner string // of the organization as a whole
	muted map[licensing.LicenseKey]bool
	ends  map[string]time.Time // by product
}

// rulesOf returns the rules by organization.
func rulesOf(s *engine.Snapshot) map[string]rules {
	all := map[string]rules{}
	for i := range s.Organizations {
		for g := range s.Governed(&s.Organizations[i]) {
			r, known := all[g.Organization]
			if !known {
				r = rules{muted: map[licensing.LicenseKey]bool{}, ends: map[string]time.Time{}}
			}
			if g.IsMuted() {
				r.muted[g.LicenseKey] = true
			}
			if g.EndByPolicy && g.LicenseID == "" {
				r.ends[g.Product] = g.End
			}
			if g.LicenseKey == (licensing.LicenseKey{}) {
				r.owner = g.Owner
			}
			all[g.Organization] = r
		}
	}
	return all
}
