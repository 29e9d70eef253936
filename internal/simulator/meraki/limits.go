package meraki

import (
	"time"

	"license_exporter/internal/simulator"
)

// The vendor's limits. A burst of 10 above 10 a second is what its page calls "10 more in the first second".
const (
	vendorPerOrganization = 10
	vendorPerSource       = 100
)

// Limits are the budgets of a simulated API, in requests a second. A zero rate or burst is the vendor's: 10 a second per
// organization with 10 more in the first second, 100 a second per source address. A burst that is not given equals its rate.
type Limits struct {
	Off               bool // no limits at all
	Organization      float64
	OrganizationBurst int
	Source            float64
	SourceBurst       int
}

// budgets are the token buckets of one API.
type budgets struct {
	off                    bool
	organizations, sources *simulator.Buckets
}

func newBudgets(l Limits) budgets {
	return budgets{
		off:           l.Off,
		organizations: simulator.NewBuckets(l.Organization, vendorPerOrganization, l.OrganizationBurst),
		sources:       simulator.NewBuckets(l.Source, vendorPerSource, l.SourceBurst),
	}
}

// drawSource takes a token of a source address. It returns how long to wait if there is none.
func (b budgets) drawSource(address string) time.Duration {
	if b.off {
		return 0
	}
	return b.sources.Draw(address)
}

// drawOrganizations takes a token of each organization, or none at all: then it returns how long to wait for the last of them.
func (b budgets) drawOrganizations(organizations []organization) time.Duration {
	if b.off {
		return 0
	}
	ids := make([]string, len(organizations))
	for i, o := range organizations {
		ids[i] = o.ID
	}
	return b.organizations.Draw(ids...)
}
