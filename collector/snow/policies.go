package snow

import (
	"context"

	api "license_exporter/client/snow"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// policiesCollector reads the tenant's policies and their fields. A policy lists
// the fields that a license must have to be complete.
type policiesCollector struct{ *tenant }

func (c policiesCollector) Update(ctx context.Context, o licensing.Organization, r *collector.Report) error {
	var ids []api.ID
	for p, err := range c.client.Policies(ctx) {
		if err != nil {
			return err
		}
		ids = append(ids, p.ID)
	}
	f := r.Organization(o.ID)
	f.Sample(metricPolicies, float64(len(ids)))
	return collector.ChildrenOf[api.ID, policyFields](c.memory, "policy fields").Read(ctx, r, ids, collector.Reading[api.ID, policyFields]{
		What: "policy", Limit: concurrency, Read: c.read,
		Fold: func(policy api.ID, fields policyFields, _ bool) {
			f.Sample(metricPolicyFields, float64(fields.optional), string(policy), "false")
			f.Sample(metricPolicyFields, float64(fields.required), string(policy), "true")
		},
	})
}

// policyFields counts the fields of a policy.
type policyFields struct{ optional, required int }

func (c policiesCollector) read(ctx context.Context, policy api.ID) (n policyFields, err error) {
	for field, err := range c.client.PolicyFields(ctx, policy) {
		switch {
		case err != nil:
			return n, err
		case field.IsRequired.Value:
			n.required++
		case field.IsRequired.Valid:
			n.optional++
		}
	}
	return n, nil
}
