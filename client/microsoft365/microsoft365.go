// Package microsoft365 reads the subscriptions of Microsoft 365 tenants from Microsoft Graph, version 1.0. It is
// read-only.
//
// A Client reads one tenant. The credentials are OAuth2 client credentials of an app registration, configured
// as oauth2 in rest.Options.HTTP, with the token endpoint of the tenant. All three operations need the
// application permission Organization.Read.All at most.
//
// Names and ids of people, domains, partners and service plans are not requested.
//
// The facts about the API are from https://learn.microsoft.com/graph/api/resources/subscribedsku,
// https://learn.microsoft.com/graph/api/resources/companysubscription,
// https://learn.microsoft.com/graph/api/organization-list and https://learn.microsoft.com/graph/deployments.
package microsoft365

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"license_exporter/client/rest"
	"license_exporter/client/scalar"
)

// The default rate limits in requests a second. For small tenants, the vendor allows 350 units a second per app and
// tenant, and 7,500 per app. A request costs 1 or 2 units. See https://learn.microsoft.com/graph/throttling-limits.
const (
	OrganizationRateLimit = 20.0
	SourceRateLimit       = 100.0
)

// DefaultCloud is the cloud of tenants that are configured without one.
const DefaultCloud = "global"

// TenantPlaceholder stands for the tenant in the address of a token endpoint.
const TenantPlaceholder = "{tenant}"

// cloud has the hosts of one of the vendor's clouds. The tokens of one are not valid in another.
type cloud struct{ login, graph string }

var clouds = map[string]cloud{
	DefaultCloud: {"login.microsoftonline.com", "graph.microsoft.com"},
	"usgov":      {"login.microsoftonline.us", "graph.microsoft.us"},
	"usgov-dod":  {"login.microsoftonline.us", "dod-graph.microsoft.us"},
	"china":      {"login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"},
}

// Clouds returns the names of the clouds.
func Clouds() []string { return slices.Sorted(maps.Keys(clouds)) }

// KnownCloud reports whether there is such a cloud.
func KnownCloud(name string) bool { return clouds[name] != cloud{} }

// BaseURL returns the base URL of a known cloud. It has no version.
func BaseURL(name string) string { return "https://" + clouds[name].graph }

// TokenURL returns the token endpoint of a known cloud. It has TenantPlaceholder in place of the tenant.
func TokenURL(name string) string {
	return "https://" + clouds[name].login + "/" + TenantPlaceholder + "/oauth2/v2.0/token"
}

// Scope returns the scope that stands for all permissions granted to an app in a known cloud.
func Scope(name string) string { return BaseURL(name) + "/.default" }

var (
	opOrganization  = rest.Operation{Name: "listOrganization", Path: "/v1.0/organization"}
	opSKUs          = rest.Operation{Name: "listSubscribedSkus", Path: "/v1.0/subscribedSkus"}
	opSubscriptions = rest.Operation{Name: "listSubscriptions", Path: "/v1.0/directory/subscriptions"}
)

// Operations lists the operations.
func Operations() []rest.Operation {
	return []rest.Operation{opOrganization, opSKUs, opSubscriptions}
}

// Client reads from one tenant. All errors have a *rest.Error in their chain. It is safe for concurrent use.
type Client struct {
	rest   *rest.Client
	tenant string
}

// New returns a Client for a tenant, which is its id or one of its domains. It replaces TenantPlaceholder in the token
// endpoint, and sets Options.Message, Options.Secrets and Options.AuthStyle.
func New(o rest.Options, tenant string) (*Client, error) {
	if given := o.HTTP.OAuth2; given != nil {
		own := *given // a copy, since the original is for all tenants
		own.TokenURL = strings.ReplaceAll(own.TokenURL, TenantPlaceholder, url.PathEscape(tenant))
		o.HTTP.OAuth2 = &own
	}
	o.Message, o.Secrets, o.AuthStyle = message, secrets, oauth2.AuthStyleInParams
	c, err := rest.New(o)
	if err != nil {
		return nil, err
	}
	return &Client{c, tenant}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.rest.Close() }

// Organization returns the id and the name of the tenant.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	var found []Organization
	for o, err := range list[Organization](ctx, c, opOrganization, "id,displayName") {
		if err != nil {
			return Organization{}, err
		}
		found = append(found, o)
	}
	if len(found) != 1 {
		return Organization{}, rest.Missing(fmt.Sprintf("the vendor lists %d organizations for the tenant; want one", len(found)))
	}
	return found[0], nil
}

// SKUs lists the SKUs that the tenant has subscribed to, with their seats.
func (c *Client) SKUs(ctx context.Context) iter.Seq2[SKU, error] {
	return list[SKU](ctx, c, opSKUs, "id,skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits")
}

// Subscriptions lists the subscriptions of the tenant. A SKU can have several.
func (c *Client) Subscriptions(ctx context.Context) iter.Seq2[Subscription, error] {
	return list[Subscription](ctx, c, opSubscriptions, "id,skuId,skuPartNumber,status,totalLicenses,nextLifecycleDateTime,isTrial")
}

// secrets matches tokens and client secrets, which the vendor's messages might repeat.
var secrets = regexp.MustCompile(`\beyJ[\w-]+(\.[\w-]*)*|[\w~.-]{40,}`)

// message reads {"error": {"code": "Authorization_RequestDenied", "message": "text"}}.
func message(body []byte) string {
	var answer struct {
		Error struct{ Code, Message scalar.Text }
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	scalar.Check(&answer, nil, func(string, func(func(string) string) string) {}) // empties what is not text
	return strings.Trim(string(answer.Error.Code)+": "+string(answer.Error.Message), ": ")
}
