package snow

import (
	"context"
	"strconv"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// policiesCollector reads the tenant's policies and their fields. A policy lists
// the fields that a license must have to be complete.
type policiesCollector struct{ *tenant }

func (c policiesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	var ids []api.ID
	for p, err := range api.Distinct(c.client.Policies(ctx), func(p api.Policy) api.ID { return p.ID }) {
		if err != nil {
			return err
		}
		ids = append(ids, p.ID)
	}
	f := r.Organization(o.ID)
	f.Sample(metricPolicies, float64(len(ids)))
	read := func(ctx context.Context, policy api.ID) ([]api.PolicyField, error) {
		return collector.ReadAll(api.Distinct(c.client.PolicyFields(ctx, policy), func(p api.PolicyField) api.ID { return p.ID }))
	}
	return collector.FanOut(ctx, ids, concurrency, read, func(policy api.ID, fields []api.PolicyField) {
		for _, required := range []string{"false", "true"} {
			f.Count(metricPolicyFields, 0, string(policy), required)
		}
		for _, field := range fields {
			r.ParseErrorIf(fieldIsRequired, field.IsRequired.Unreadable)
			if field.IsRequired.Valid {
				f.Count(metricPolicyFields, 1, string(policy), strconv.FormatBool(field.IsRequired.Value))
			}
		}
	})
}
