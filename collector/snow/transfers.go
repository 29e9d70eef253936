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

// transfer is what distinguishes transfers in the metrics.
type transfer struct {
	organization api.OrganizationID
	from, to     api.ID
	subject      string
}

func (c transfersCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	applications, err := c.licensedApplications(ctx, c, r)
	if err != nil {
		return err
	}
	r.Organization(o.ID)
	return c.children().Read(ctx, r, applications, collector.Reading[api.ID, map[transfer]int]{
		What: "transfers of application", Limit: concurrency, Read: c.read,
		Fold: func(application api.ID, transfers map[transfer]int, _ bool) {
			for t, n := range transfers {
				// Both applications list the transfer. Count it for the one that it
				// comes from, unless that one is not read.
				if _, isRead := slices.BinarySearch(applications, t.from); isRead && t.from != application {
					continue
				}
				r.Organization(organizationOf(t.organization)).Count(metricTransfers, float64(n), productOf(t.from), string(t.to), t.subject)
			}
		},
	})
}

// children returns the transfers of each application.
func (c transfersCollector) children() *collector.Children[api.ID, map[transfer]int] {
	return collector.ChildrenOf[api.ID, map[transfer]int](c.memory, "transfers")
}

// read counts the transfers of an application. The overview by license saves the requests
// for subjects without transfers.
func (c transfersCollector) read(ctx context.Context, application api.ID) (map[transfer]int, error) {
	overview, err := collector.ReadAll(c.client.Transfers(ctx, application))
	if err != nil {
		return nil, err
	}
	transfers := map[transfer]int{}
	before := map[string]bool{} // subjects
	last, _ := c.children().Last(application)
	for t := range last {
		before[t.subject] = true
	}
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
		all, err := collector.ReadAllIfPresent(list.read(ctx, application), before[list.subject])
		if err != nil {
			return nil, err
		}
		for _, t := range all {
			transfers[transfer{t.OrganizationID, t.FromApplicationID, t.ToApplicationID, list.subject}]++
		}
	}
	return transfers, nil
}
