package collector

import (
	"time"

	"license_exporter/licensing"
	"license_exporter/policy"
)

// Key is what is known of an organization, a product or a license for policies.
type Key struct {
	// End is when its cover ends. It is zero if the vendor does not say it.
	End time.Time
	// Governed is set if it has an end, also one of a grace period, seats or a verdict, so that policies are shown.
	Governed bool
	// Rules are those of OrganizationReport.Rules.
	Rules policy.Rules
}

// AddKeys adds the keys of the report's products and licenses, and of the organization if
// it has an end, seats, a verdict or a grace period as a whole. Of the ends of a key, the first one counts,
// as it does for series.
func (o *OrganizationReport) AddKeys(keys map[licensing.LicenseKey]Key) {
	add := func(key licensing.LicenseKey, end time.Time, governed bool) {
		k := keys[key]
		k.Governed = k.Governed || governed || !end.IsZero()
		if k.End.IsZero() {
			k.End = end
		}
		keys[key] = k
	}
	if o.Fold != nil {
		for _, s := range o.Fold.Summaries() {
			add(licensing.LicenseKey{Product: s.Product}, s.NextEnd(), false)
		}
	}
	for product, end := range o.NextEnds.All {
		add(licensing.LicenseKey{Product: product}, end, true)
	}
	for _, licenses := range []licensing.Table[licensing.LicenseKey, licensing.License]{o.Licenses, o.Individual} {
		for key, l := range licenses.All {
			add(key, l.CoverEnd(), false)
		}
	}
	for key := range o.Seats.Keys {
		add(licensing.LicenseKey{Product: key.Product, LicenseID: key.LicenseID}, time.Time{}, true)
	}
	for key := range o.Compliant.Keys {
		add(key, time.Time{}, true)
	}
	for key := range o.GraceEnds.Keys {
		add(key, time.Time{}, true)
	}
	for key, rules := range o.Rules.All {
		k := keys[key]
		k.Rules = rules
		keys[key] = k
	}
}
