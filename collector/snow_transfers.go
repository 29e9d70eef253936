package collector

import (
	"context"
	"iter"
	"slices"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowTransfers counts where a license of one application serves another.
type snowTransfers struct{ snowTenant }

func (c snowTransfers) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	applications, err := licensedApplications(ctx, c.client)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	return fanOut(ctx, applications, c.read, func(application snow.ID, transfers map[string][]snow.Transfer) {
		for subject, all := range transfers {
			for _, t := range all {
				// Both applications tell of it; the one that gives it counts, if it is asked.
				if _, asked := slices.BinarySearch(applications, t.FromApplicationID); asked && t.FromApplicationID != application {
					continue
				}
				r.Organization(string(t.OrganizationID)).Count(metricSnowTransfers, 1,
					string(t.FromApplicationID), string(t.ToApplicationID), subject)
			}
		}
	})
}

// read returns the transfers of an application by what they are for. The
// overview by license spares the kinds that there are none of.
func (c snowTransfers) read(ctx context.Context, application snow.ID) (map[string][]snow.Transfer, error) {
	overview, err := collect(c.client.Transfers(ctx, application))
	if err != nil {
		return nil, err
	}
	transfers := map[string][]snow.Transfer{}
	for _, kind := range []struct {
		subject string
		has     func(snow.LicenseTransfers) snow.Bool
		list    func(context.Context, snow.ID) iter.Seq2[snow.Transfer, error]
	}{
		{"computer", func(t snow.LicenseTransfers) snow.Bool { return t.HasComputerTransfer }, c.client.ComputerTransfers},
		{"user", func(t snow.LicenseTransfers) snow.Bool { return t.HasUserTransfer }, c.client.UserTransfers},
		{"custom_value", func(t snow.LicenseTransfers) snow.Bool { return t.HasCustomCompareValueTransfer }, c.client.CustomValueTransfers},
	} {
		if !slices.ContainsFunc(overview, func(t snow.LicenseTransfers) bool { return !denied(kind.has(t)) }) {
			continue
		}
		all, err := orNone(snow.Distinct(kind.list(ctx, application), func(t snow.Transfer) snow.Transfer { return t }))
		if err != nil {
			return nil, err
		}
		transfers[kind.subject] = all
	}
	return transfers, nil
}
