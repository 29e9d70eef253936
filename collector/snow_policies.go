package collector

import (
	"context"
	"strconv"

	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// snowPolicies reads what the tenant demands of whoever enters a license.
type snowPolicies struct{ snowTenant }

func (c snowPolicies) Update(ctx context.Context, o licensing.Organization, r *Report) error {
	var ids []snow.ID
	for p, err := range snow.Distinct(c.client.Policies(ctx), func(p snow.Policy) snow.ID { return p.ID }) {
		if err != nil {
			return snowError(err)
		}
		ids = append(ids, p.ID)
	}
	f := r.Organization(o.ID)
	f.Sample(metricSnowPolicies, float64(len(ids)))
	read := func(ctx context.Context, policy snow.ID) ([]snow.PolicyField, error) {
		return collect(snow.Distinct(c.client.PolicyFields(ctx, policy), func(p snow.PolicyField) snow.ID { return p.ID }))
	}
	return fanOut(ctx, ids, read, func(policy snow.ID, fields []snow.PolicyField) {
		for _, required := range []string{"false", "true"} {
			f.Count(metricSnowPolicyFields, 0, string(policy), required)
		}
		for _, field := range fields {
			legible(r, fieldIsRequired, field.IsRequired.Unreadable)
			if field.IsRequired.Valid {
				f.Count(metricSnowPolicyFields, 1, string(policy), strconv.FormatBool(field.IsRequired.Value))
			}
		}
	})
}
