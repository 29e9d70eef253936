// Package meraki reads the licensing operations of the Cisco Meraki Dashboard
// API v1. It is read-only.
//
// License keys are hashed while they are decoded, so they cannot leak.
package meraki

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"license_exporter/client/rest"
)

// DefaultBaseURL is the base URL for most regions. Others have their own hosts:
// api.meraki.ca, api.meraki.cn, api.meraki.in and api.gov-meraki.com.
const DefaultBaseURL = "https://api.meraki.com/api/v1"

// The vendor's rate limits in requests a second: for an organization with all of its
// API clients, and for a source address with all organizations.
const (
	OrganizationRateLimit = 10.0
	SourceRateLimit       = 100.0
)

// The largest page sizes that the vendor supports.
const (
	pageSize              = 1000
	organizationsPageSize = 9000
)

// The operations, with the vendor's names. Two of them have a larger bound: a page of 9,000
// organizations has about 4 MiB, and a subscription may have many entitlements.
var (
	opOrganizations  = rest.Operation{Name: "getOrganizations", Path: "/organizations", MaxBytes: 16 << 20}
	opOrganization   = rest.Operation{Name: "getOrganization", Path: "/organizations/{id}"}
	opOverview       = rest.Operation{Name: "getOrganizationLicensesOverview", Path: "/organizations/{id}/licenses/overview"}
	opCotermLicenses = rest.Operation{Name: "getOrganizationLicensingCotermLicenses", Path: "/organizations/{id}/licensing/coterm/licenses"}
	opLicenses       = rest.Operation{Name: "getOrganizationLicenses", Path: "/organizations/{id}/licenses"}
	opInventory      = rest.Operation{Name: "getOrganizationInventoryDevices", Path: "/organizations/{id}/inventory/devices"}
	opSubscriptions  = rest.Operation{
		Name: "getAdministeredLicensingSubscriptionSubscriptions",
		Path: "/administered/licensing/subscription/subscriptions", MaxBytes: 16 << 20,
	}
	opCompliance = rest.Operation{
		Name: "getAdministeredLicensingSubscriptionSubscriptionsComplianceStatuses",
		Path: "/administered/licensing/subscription/subscriptions/compliance/statuses",
	}
	opEntitlements = rest.Operation{
		Name: "getAdministeredLicensingSubscriptionEntitlements",
		Path: "/administered/licensing/subscription/entitlements",
	}
)

// Operations returns all operations that a Client uses.
func Operations() []rest.Operation {
	return []rest.Operation{
		opOrganizations, opOrganization, opOverview, opCotermLicenses, opLicenses, opInventory,
		opSubscriptions, opCompliance, opEntitlements,
	}
}

// Client reads from the Dashboard API with one credential. All errors are
// *rest.Error. It is safe for concurrent use.
type Client struct{ rest *rest.Client }

// New returns a Client. It sets Options.Message and Options.Secrets.
func New(o rest.Options) (*Client, error) {
	o.Message, o.Secrets = message, secrets
	c, err := rest.New(o)
	if err != nil {
		return nil, err
	}
	return &Client{c}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.rest.Close() }

// Organizations lists the organizations that the credential gives access to.
func (c *Client) Organizations(ctx context.Context) iter.Seq2[Organization, error] {
	call := opOrganizations.Call()
	call.Query = perPage(organizationsPageSize)
	return pages[Organization](ctx, c, call)
}

// Organization returns one organization.
func (c *Client) Organization(ctx context.Context, id string) (Organization, error) {
	return object[Organization](ctx, c, organizationCall(opOrganization, id, nil))
}

// Overview summarizes the licenses of a co-term or per-device organization. For
// subscription organizations it fails with rest.ErrNotApplicable.
func (c *Client) Overview(ctx context.Context, organization string) (Overview, error) {
	return object[Overview](ctx, c, organizationCall(opOverview, organization, nil))
}

// CotermLicenses lists the licenses of a co-term organization, including those that
// are invalidated or expired. For other models it fails with rest.ErrNotApplicable.
func (c *Client) CotermLicenses(ctx context.Context, organization string) iter.Seq2[CotermLicense, error] {
	return pages[CotermLicense](ctx, c, organizationCall(opCotermLicenses, organization, perPage(pageSize)))
}

// Licenses lists the licenses of a per-device organization in all states. For other
// models it fails with rest.ErrNotApplicable.
func (c *Client) Licenses(ctx context.Context, organization string) iter.Seq2[License, error] {
	return pages[License](ctx, c, organizationCall(opLicenses, organization, perPage(pageSize)))
}

// InventoryDevices lists the devices that the organization has claimed, including those
// that are not in use.
func (c *Client) InventoryDevices(ctx context.Context, organization string) iter.Seq2[InventoryDevice, error] {
	return pages[InventoryDevice](ctx, c, organizationCall(opInventory, organization, perPage(pageSize)))
}

// Subscriptions lists the subscriptions of an organization. A subscription that several
// organizations share is listed for each of them.
func (c *Client) Subscriptions(ctx context.Context, organization string) iter.Seq2[Subscription, error] {
	return pages[Subscription](ctx, c, administeredCall(opSubscriptions, organization, perPage(pageSize)))
}

// ComplianceStatuses lists what is missing for an organization's subscriptions to be
// compliant.
func (c *Client) ComplianceStatuses(ctx context.Context, organization string) iter.Seq2[ComplianceStatus, error] {
	return pages[ComplianceStatus](ctx, c, administeredCall(opCompliance, organization, url.Values{}))
}

// Entitlements lists the catalogue of SKUs.
func (c *Client) Entitlements(ctx context.Context) iter.Seq2[Entitlement, error] {
	return pages[Entitlement](ctx, c, opEntitlements.Call())
}

func object[T any](ctx context.Context, c *Client, call rest.Call) (T, error) {
	o, err := rest.Object[T](ctx, c.rest, call)
	return o, explain(err)
}

func pages[T any](ctx context.Context, c *Client, call rest.Call) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record, err := range rest.Pages[T](ctx, c.rest, call) {
			if !yield(record, explain(err)) {
				return
			}
		}
	}
}

func organizationCall(o rest.Operation, organization string, query url.Values) rest.Call {
	call := o.CallFor(organization)
	call.Query = query
	return call
}

// administeredCall returns a call with the organization in its query. It counts against
// the organization's rate limit.
func administeredCall(o rest.Operation, organization string, query url.Values) rest.Call {
	query.Set("organizationIds[]", organization)
	call := o.Call()
	call.Query, call.Organization = query, organization
	return call
}

func perPage(n int) url.Values { return url.Values{"perPage": {strconv.Itoa(n)}} }

// secrets matches license keys and API keys, which the vendor's messages might repeat.
var secrets = regexp.MustCompile(`\bZ[0-9A-Z]{3,}(-[0-9A-Z]{4})*\b|\b[0-9a-fA-F]{40}\b`)

// message reads {"errors": ["text"]}, or a text instead of the list. The HTML of a gateway
// has no message.
func message(body []byte) string {
	var answer struct{ Errors json.RawMessage }
	var one string
	var several []string
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	if json.Unmarshal(answer.Errors, &one) == nil {
		return one
	}
	_ = json.Unmarshal(answer.Errors, &several) // other forms have no message
	return strings.Join(several, "; ")
}
