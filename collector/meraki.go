package collector

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"golang.org/x/sync/errgroup"

	"license_exporter/client/meraki"
	"license_exporter/client/rest"
	"license_exporter/licensing"
)

// MerakiClient is what the Meraki collectors need of a client.
type MerakiClient interface {
	Organizations(context.Context) iter.Seq2[meraki.Organization, error]
	Organization(ctx context.Context, id string) (meraki.Organization, error)
	Overview(ctx context.Context, organization string) (meraki.Overview, error)
	CotermLicenses(ctx context.Context, organization string) iter.Seq2[meraki.CotermLicense, error]
	Licenses(ctx context.Context, organization string) iter.Seq2[meraki.License, error]
	InventoryDevices(ctx context.Context, organization string) iter.Seq2[meraki.InventoryDevice, error]
	Subscriptions(ctx context.Context, organization string) iter.Seq2[meraki.Subscription, error]
	ComplianceStatuses(ctx context.Context, organization string) iter.Seq2[meraki.ComplianceStatus, error]
	Entitlements(context.Context) iter.Seq2[meraki.Entitlement, error]
}

// MerakiSourceName stands for the discovery of Meraki organizations in the
// label collector.
const MerakiSourceName = "meraki_organizations"

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

// MerakiFields lists them.
func MerakiFields() []string {
	return []string{
		fieldActivationDate, fieldClaimedAt, fieldEndDate, fieldExpirationDate, fieldGracePeriodEndsAt,
		fieldInvalidatedAt, fieldLicenseExpiration, fieldModel, fieldMode, fieldStartDate, fieldState, fieldStatus,
	}
}

// MerakiSource discovers the organizations of a Meraki account.
type MerakiSource struct {
	Client MerakiClient
	// Include limits the organizations to these ids. They are then read one
	// by one, and the list of all is not.
	Include []string
	// Exclude leaves organizations out.
	Exclude []string
}

// Discover implements Source.
func (s MerakiSource) Discover(ctx context.Context, r *Report) (Discovery, error) {
	var (
		found []meraki.Organization
		d     Discovery
		err   error
	)
	if len(s.Include) > 0 {
		found, d.Failed = s.included(ctx)
	} else if found, err = collect(s.Client.Organizations(ctx)); err != nil {
		return Discovery{}, err
	}
	whole := licensing.Organization{APIEnabled: true}
	for _, o := range found {
		if slices.Contains(s.Exclude, o.ID) || o.ID == "" {
			continue
		}
		org := merakiOrganization(o, r)
		d.Organizations = append(d.Organizations, org)
		if org.Model == meraki.ModelSubscription && org.APIEnabled {
			whole.Model = meraki.ModelSubscription
		}
	}
	d.Organizations = append(d.Organizations, whole)
	return d, nil
}

// includedAtOnce bounds how many organizations are read side by side.
const includedAtOnce = 16

// included reads the organizations of the include list. One that cannot be read
// does not touch the others.
func (s MerakiSource) included(ctx context.Context) ([]meraki.Organization, map[string]error) {
	var group errgroup.Group
	group.SetLimit(includedAtOnce)
	organizations := make([]meraki.Organization, len(s.Include))
	failures := make([]error, len(s.Include))
	for i, id := range s.Include {
		group.Go(func() error {
			organizations[i], failures[i] = s.Client.Organization(ctx, id)
			if got := organizations[i].ID; failures[i] == nil && got != id {
				failures[i] = fmt.Errorf("the vendor answers with organization %q instead of %q", got, id)
			}
			return nil
		})
	}
	_ = group.Wait() // the functions return no error
	var found []meraki.Organization
	failed := map[string]error{}
	for i, id := range s.Include {
		if failures[i] != nil {
			failed[id] = failures[i]
		} else {
			found = append(found, organizations[i])
		}
	}
	return found, failed
}

func merakiOrganization(o meraki.Organization, r *Report) licensing.Organization {
	switch o.Licensing.Model {
	case meraki.ModelCoterm, meraki.ModelPerDevice, meraki.ModelSubscription:
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

func collect[T any](records iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
	return all, nil
}

// merakiError marks the vendor's word that an operation is of another
// licensing model.
func merakiError(err error) error {
	if errors.Is(err, rest.ErrNotApplicable) {
		return fmt.Errorf("%w: %w", ErrNotApplicable, err)
	}
	return err
}

// known reports a value that is not among those that the vendor is known to
// use. It is passed on all the same.
func known(r *Report, field, value string, values ...string) {
	if !slices.Contains(values, value) {
		r.ParseError(field)
	}
}

// readable reports a date that could not be read.
func readable(r *Report, field string, t meraki.Time) {
	if t.Unreadable {
		r.ParseError(field)
	}
}

func latest(a, b meraki.Time) meraki.Time {
	if b.After(a.Time) {
		return b
	}
	return a
}
