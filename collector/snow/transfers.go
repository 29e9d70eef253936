package snow

import (
	"context"
	"iter"
	"slices"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// transfersCollector counts where a license of one application serves another.
type transfersCollector struct{ *tenant }

func (c transfersCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	applications, err := c.licensedApplications(ctx, r.Now)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	return collector.FanOut(ctx, applications, atOnce, c.read, func(application api.ID, transfers map[string][]api.Transfer) {
		for subject, all := range transfers {
			for _, t := range all {
				// Both applications tell of it; the one that gives it counts, if it is asked.
				if _, asked := slices.BinarySearch(applications, t.FromApplicationID); asked && t.FromApplicationID != application {
					continue
				}
				r.Organization(string(t.OrganizationID)).Count(metricTransfers, 1,
					string(t.FromApplicationID), string(t.ToApplicationID), subject)
			}
		}
	})
}

// read returns the transfers of an application by what they are for. The
// overview by license spares the kinds that there are none of.
func (c transfersCollector) read(ctx context.Context, application api.ID) (map[string][]api.Transfer, error) {
	overview, err := collector.ReadAll(c.client.Transfers(ctx, application))
	if err != nil {
		return nil, err
	}
	transfers := map[string][]api.Transfer{}
	for _, kind := range []struct {
		subject string
		has     func(api.LicenseTransfers) api.Bool
		list    func(context.Context, api.ID) iter.Seq2[api.Transfer, error]
	}{
		{"computer", func(t api.LicenseTransfers) api.Bool { return t.HasComputerTransfer }, c.client.ComputerTransfers},
		{"user", func(t api.LicenseTransfers) api.Bool { return t.HasUserTransfer }, c.client.UserTransfers},
		{"custom_value", func(t api.LicenseTransfers) api.Bool { return t.HasCustomCompareValueTransfer }, c.client.CustomValueTransfers},
	} {
		if !slices.ContainsFunc(overview, func(t api.LicenseTransfers) bool { return !saysNo(kind.has(t)) }) {
			continue
		}
		all, err := collector.ReadAllIfPresent(api.Distinct(kind.list(ctx, application), func(t api.Transfer) api.Transfer { return t }))
		if err != nil {
			return nil, err
		}
		transfers[kind.subject] = all
	}
	return transfers, nil
}
