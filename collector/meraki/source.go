package meraki

import (
	"context"
	"fmt"
	"iter"
	"slices"

	api "license_exporter/client/meraki"
	"license_exporter/collector"
	"license_exporter/licensing"
)

// client is what the Meraki collectors need of a client.
type client interface {
	Organizations(context.Context) iter.Seq2[api.Organization, error]
	Organization(ctx context.Context, id string) (api.Organization, error)
	Overview(ctx context.Context, organization string) (api.Overview, error)
	CotermLicenses(ctx context.Context, organization string) iter.Seq2[api.CotermLicense, error]
	Licenses(ctx context.Context, organization string) iter.Seq2[api.License, error]
	InventoryDevices(ctx context.Context, organization string) iter.Seq2[api.InventoryDevice, error]
	Subscriptions(ctx context.Context, organization string) iter.Seq2[api.Subscription, error]
	ComplianceStatuses(ctx context.Context, organization string) iter.Seq2[api.ComplianceStatus, error]
	Entitlements(context.Context) iter.Seq2[api.Entitlement, error]
}

// unitDevice is the unit of Meraki's seats.
const unitDevice = "device"

// The fields whose values may fail to be read, as they stand in the label
// field.
const (
	fieldModel             = "licensing.model"
	fieldExpirationDate    = "expirationDate"
	fieldActivationDate    = "activationDate"
	fieldStatus            = "status"
	fieldState             = "state"
	fieldMode              = "mode"
	fieldClaimedAt         = "claimedAt"
	fieldInvalidatedAt     = "invalidatedAt"
	fieldStartDate         = "startDate"
	fieldEndDate           = "endDate"
	fieldGracePeriodEndsAt = "gracePeriodEndsAt"
	fieldLicenseExpiration = "licenseExpirationDate"
)

// fields lists them.
var fields = []string{
	fieldActivationDate, fieldClaimedAt, fieldEndDate, fieldExpirationDate, fieldGracePeriodEndsAt,
	fieldInvalidatedAt, fieldLicenseExpiration, fieldModel, fieldMode, fieldStartDate, fieldState, fieldStatus,
}

// source discovers the organizations of a Meraki account.
type source struct {
	client client
	// selection limits the organizations. Included ones are read one by one,
	// and the list of all is not.
	selection collector.OrganizationFilter
}

// Discover implements Source.
func (s source) Discover(ctx context.Context, r *collector.Report) (collector.Discovery, error) {
	var (
		found []api.Organization
		d     collector.Discovery
		err   error
	)
	if len(s.selection.Include) > 0 {
		found, d.Failed = s.included(ctx)
	} else if found, err = collector.ReadAll(s.client.Organizations(ctx)); err != nil {
		return collector.Discovery{}, err
	}
	whole := licensing.Organization{APIEnabled: true}
	for _, o := range found {
		if slices.Contains(s.selection.Exclude, o.ID) || o.ID == "" {
			continue
		}
		org := merakiOrganization(o, r)
		d.Organizations = append(d.Organizations, org)
		if org.Model == api.ModelSubscription && org.APIEnabled {
			whole.Model = api.ModelSubscription
		}
	}
	d.Organizations = append(d.Organizations, whole)
	return d, nil
}

// includedAtOnce bounds how many organizations are read side by side.
const includedAtOnce = 16

// included reads the organizations of the include list. One that cannot be read
// does not touch the others.
func (s source) included(ctx context.Context) ([]api.Organization, map[string]error) {
	organizations := make([]api.Organization, len(s.selection.Include))
	failures := make([]error, len(s.selection.Include))
	_ = collector.ForEach(ctx, len(failures), includedAtOnce, func(ctx context.Context, i int) error {
		id := s.selection.Include[i]
		organizations[i], failures[i] = s.client.Organization(ctx, id)
		if got := organizations[i].ID; failures[i] == nil && got != id {
			failures[i] = fmt.Errorf("the vendor answers with organization %q instead of %q", got, id)
		}
		return nil // the others go on
	})
	var found []api.Organization
	failed := map[string]error{}
	for i, id := range s.selection.Include {
		if failures[i] != nil {
			failed[id] = failures[i]
		} else {
			found = append(found, organizations[i])
		}
	}
	return found, failed
}

func merakiOrganization(o api.Organization, r *collector.Report) licensing.Organization {
	switch o.Licensing.Model {
	case api.ModelCoterm, api.ModelPerDevice, api.ModelSubscription:
	default:
		r.ParseError(fieldModel)
	}
	return licensing.Organization{
		ID:     o.ID,
		Name:   o.Name,
		Model:  o.Licensing.Model,
		Region: o.Cloud.Region.Name,
		// An answer that does not say so means that the API works.
		APIEnabled: o.API.Enabled == nil || *o.API.Enabled,
	}
}

func latest(a, b api.Time) api.Time {
	if b.After(a.Time) {
		return b
	}
	return a
}
