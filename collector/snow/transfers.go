package snow

import (
	"context"
	"iter"
	"slices"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// transfersCollector counts transfers of licenses to another application.
type transfersCollector struct{ *tenant }

func (c transfersCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	applications, err := c.licensedApplications(ctx, c, r.Now)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	return collector.FanOut(ctx, applications, concurrency, c.read, func(application api.ID, transfers map[string][]api.Transfer) {
		for subject, all := range transfers {
			for _, t := range all {
				// Both applications list the transfer. Count it for the one that it
				// comes from, unless that one is not read.
				if _, isRead := slices.BinarySearch(applications, t.FromApplicationID); isRead && t.FromApplicationID != application {
					continue
				}
				r.Organization(string(t.OrganizationID)).Count(metricTransfers, 1,
					string(t.FromApplicationID), string(t.ToApplicationID), subject)
			}
		}
	})
}

// read returns the transfers of an application by subject. The overview by
// license saves the requests for subjects without transfers.
func (c transfersCollector) read(ctx context.Context, application api.ID) (map[string][]api.Transfer, error) {
	overview, err := collector.ReadAll(c.client.Transfers(ctx, application))
	if err != nil {
		return nil, err
	}
	transfers := map[string][]api.Transfer{}
	for _, list := range []struct {
		subject string
		has     func(api.LicenseTransfers) api.Bool
		read    func(context.Context, api.ID) iter.Seq2[api.Transfer, error]
	}{
		{"computer", func(t api.LicenseTransfers) api.Bool { return t.HasComputerTransfer }, c.client.ComputerTransfers},
		{"user", func(t api.LicenseTransfers) api.Bool { return t.HasUserTransfer }, c.client.UserTransfers},
		{"custom_value", func(t api.LicenseTransfers) api.Bool { return t.HasCustomCompareValueTransfer }, c.client.CustomValueTransfers},
	} {
		if !slices.ContainsFunc(overview, func(t api.LicenseTransfers) bool { return !isFalse(list.has(t)) }) {
			continue
		}
		all, err := collector.ReadAllIfPresent(api.Distinct(list.read(ctx, application), func(t api.Transfer) api.Transfer { return t }))
		if err != nil {
			return nil, err
		}
		transfers[list.subject] = all
	}
	return transfers, nil
}
