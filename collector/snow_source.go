package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"license_exporter/client/rest"
	"license_exporter/client/snow"
	"license_exporter/licensing"
)

// SnowSourceName stands for the discovery of Snow organizations in the label
// collector.
const SnowSourceName = "snow_organizations"

// The fields whose values may fail to be read, beyond those that Meraki has too.
const (
	fieldAssignmentType           = "assignmentType"
	fieldCost                     = "cost"
	fieldEndOfSupport             = "endOfSupportDate"
	fieldIncompleteReasons        = "incompleteReasons"
	fieldInvalidAssignmentReasons = "invalidAssignmentReasons"
	fieldIsRequired               = "isRequired"
	fieldQuantity                 = "quantity"
	fieldReason                   = "reason"
	fieldSubscriptionValidFrom    = "subscriptionValidFrom"
	fieldSubscriptionValidTo      = "subscriptionValidTo"
	fieldTracking                 = "tracking"
	fieldUpgradedQuantity         = "upgradedQuantity"
	fieldValidFrom                = "validFrom"
	fieldValidTo                  = "validTo"
)

// SnowFields lists the fields whose values may fail to be read.
func SnowFields() []string {
	return []string{
		fieldAssignmentType, fieldCost, fieldEndOfSupport, fieldIncompleteReasons, fieldInvalidAssignmentReasons, fieldIsRequired,
		fieldQuantity, fieldReason, fieldStatus, fieldSubscriptionValidFrom, fieldSubscriptionValidTo, fieldTracking,
		fieldUpgradedQuantity, fieldValidFrom, fieldValidTo,
	}
}

// snowNamesAge is how long names are kept: they hardly ever change, and each
// application's is a request.
const snowNamesAge = 24 * time.Hour

// SnowSource discovers the organizations of a Snow tenant. All collectors apply
// to the tenant as a whole, which is the organization with the empty id; the
// others are there for their names. Create it with NewSnowSource.
type SnowSource struct {
	client  SnowClient
	account string
	region  string
	tree    memo[[]snow.Organization]
	listed  bool // the organizations have been told once
}

// NewSnowSource returns a source. The account's name is the tenant's too if the
// vendor does not name the root of the organizations.
func NewSnowSource(client SnowClient, account, region string) *SnowSource {
	return &SnowSource{client: client, account: account, region: region}
}

// Discover implements Source. A tenant whose organizations may not be read is
// there all the same, without their names. So is one whose organizations cannot
// be read for now, be it told with the error: names must not keep licenses from
// being read. Those that were told before stay as they are.
func (s *SnowSource) Discover(ctx context.Context, r *Report) (Discovery, error) {
	whole := licensing.Organization{Name: s.account, Region: s.region, APIEnabled: true}
	nodes, err := s.tree.get(r.now, snowNamesAge, func() ([]snow.Organization, error) { return s.client.Organizations(ctx) })
	if snowWithheld(err) {
		r.Without("the names of the organizations", err)
	} else if err != nil {
		if s.listed || rest.ReasonOf(err) == rest.ReasonAuth { // nothing can be read with a bad credential
			return Discovery{}, err
		}
		return Discovery{Organizations: []licensing.Organization{whole}}, err
	}
	s.listed = true
	d := Discovery{}
	for _, node := range nodes {
		switch {
		case node.ID != "":
			o := whole
			o.ID, o.Name = string(node.ID), string(node.Name)
			d.Organizations = append(d.Organizations, o)
		case node.Name != "":
			whole.Name = string(node.Name)
		}
	}
	d.Organizations = append(d.Organizations, whole)
	return d, nil
}

// snowWithheld tells whether an API that is not of licenses cannot be read
// however often it is asked: the permission is missing, or the API is.
func snowWithheld(err error) bool {
	var e *rest.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Reason == rest.ReasonForbidden || e.Reason == rest.ReasonNotFound
}

// snowError marks the vendor's word that the tenant's version of the API does
// not have an operation.
func snowError(err error) error {
	if errors.Is(err, rest.ErrNotApplicable) {
		return fmt.Errorf("%w: %w", ErrNotApplicable, err)
	}
	return err
}

// snowTenant is the part of all Snow collectors: they read for the tenant as a
// whole.
type snowTenant struct{ client SnowClient }

// Applies implements Collector.
func (snowTenant) Applies(o licensing.Organization) bool { return o.ID == "" }

// legible reports a value that could not be read.
func legible(r *Report, field string, unreadable bool) {
	if unreadable {
		r.ParseError(field)
	}
}

// snowMissing marks the word of an API that is not of licenses that it does not
// exist for the tenant.
func snowMissing(err error) error {
	if rest.ReasonOf(err) == rest.ReasonNotFound {
		return fmt.Errorf("%w: %w", ErrNotApplicable, err)
	}
	return err
}
