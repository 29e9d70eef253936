// Package github reads the licensing operations of the GitHub REST API: of GitHub
// Enterprise Cloud, and of GitHub Enterprise Server. It is read-only.
//
// People are not decoded. Lists are requested with one record a page, since each page has
// the totals.
package github

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"

	"license_exporter/client/rest"
)

// DefaultBaseURL is the base URL of github.com. Enterprises with data residency have
// https://api.SUBDOMAIN.ghe.com, and Enterprise Servers https://HOST/api/v3.
const DefaultBaseURL = "https://api.github.com"

// The headers that GitHub's documentation asks for. Enterprise Servers before 3.9 have no
// versions of the API, and ignore the second one.
const (
	mediaType  = "application/vnd.github+json"
	apiVersion = "2022-11-28"
)

// The operations, with the operation ids of GitHub's OpenAPI descriptions.
var (
	opConsumedLicenses = rest.Operation{Name: "enterprise-admin/get-consumed-licenses", Path: "/enterprises/{id}/consumed-licenses"}
	opAdvancedSecurity = rest.Operation{Name: "billing/get-github-advanced-security-billing-ghe", Path: "/enterprises/{id}/settings/billing/advanced-security"}
	opCopilotSeats     = rest.Operation{Name: "copilot/list-copilot-seats-for-enterprise", Path: "/enterprises/{id}/copilot/billing/seats"}
	opOrganization     = rest.Operation{Name: "orgs/get", Path: "/orgs/{id}"}
	opCopilotBilling   = rest.Operation{Name: "copilot/get-copilot-organization-details", Path: "/orgs/{id}/copilot/billing"}
	opLicense          = rest.Operation{Name: "enterprise-admin/get-license-information", Path: "/enterprise/settings/license"}
)

// Operations returns all operations that a Client uses.
func Operations() []rest.Operation {
	return []rest.Operation{opConsumedLicenses, opAdvancedSecurity, opCopilotSeats, opOrganization, opCopilotBilling, opLicense}
}

// Client reads from GitHub with one token. All errors wrap a *rest.Error. It is safe for
// concurrent use.
type Client struct{ rest *rest.Client }

// New returns a Client. It sets Options.Adapt, Options.Header, Options.Message and
// Options.Secrets.
func New(o rest.Options) (*Client, error) {
	o.Adapt, o.Message, o.Secrets = adapt, message, secrets
	o.Header = http.Header{"X-Github-Api-Version": {apiVersion}}
	c, err := rest.New(o)
	if err != nil {
		return nil, err
	}
	return &Client{c}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.rest.Close() }

// ConsumedLicenses returns the seats of an enterprise. The token must be that of an
// administrator of the enterprise.
func (c *Client) ConsumedLicenses(ctx context.Context, enterprise string) (ConsumedLicenses, error) {
	return object[ConsumedLicenses](ctx, c, opConsumedLicenses.CallFor(enterprise), onePerPage())
}

// The products of AdvancedSecurity that are also sold standalone.
const (
	CodeSecurity     = "code_security"
	SecretProtection = "secret_protection"
)

// AdvancedSecurity returns the committers of an enterprise for Advanced Security, or for one
// of its products. A product is required if the enterprise has bought the products
// standalone, and is refused otherwise.
func (c *Client) AdvancedSecurity(ctx context.Context, enterprise, product string) (AdvancedSecurity, error) {
	query := onePerPage()
	if product != "" {
		query.Set("advanced_security_product", product)
	}
	return object[AdvancedSecurity](ctx, c, opAdvancedSecurity.CallFor(enterprise), query)
}

// CopilotSeats returns the seats that an enterprise pays for. Users with several grants
// count once.
func (c *Client) CopilotSeats(ctx context.Context, enterprise string) (CopilotSeats, error) {
	return object[CopilotSeats](ctx, c, opCopilotSeats.CallFor(enterprise), onePerPage())
}

// Organization returns an organization. It has a plan if the token is that of an owner.
func (c *Client) Organization(ctx context.Context, login string) (Organization, error) {
	return object[Organization](ctx, c, opOrganization.CallFor(login), nil)
}

// CopilotBilling returns the seats that an organization pays for. It fails with
// rest.ErrNotApplicable if Copilot is not enabled for the organization.
func (c *Client) CopilotBilling(ctx context.Context, login string) (CopilotBilling, error) {
	return object[CopilotBilling](ctx, c, opCopilotBilling.CallFor(login), nil)
}

// License returns the license of an Enterprise Server. The token must be that of a site
// administrator. The host is what the call is about.
func (c *Client) License(ctx context.Context, host string) (License, error) {
	call := opLicense.Call()
	call.Organization = host
	return object[License](ctx, c, call, nil)
}

func object[T any](ctx context.Context, c *Client, call rest.Call, query url.Values) (T, error) {
	call.Accept, call.Query = mediaType, query
	o, err := rest.Object[T](ctx, c.rest, call)
	return o, explain(err)
}

func onePerPage() url.Values { return url.Values{"per_page": {"1"}} }

// secrets matches tokens, which messages might repeat, and the addresses at which a token is
// authorized for single sign-on.
var secrets = regexp.MustCompile(`\b(gh[a-z]_|github_pat_)\w+|\b[0-9a-f]{40}\b|https?://\S*authorization_request=\S*`)

// message reads {"message": "text", "documentation_url": "...", "status": "403"}.
func message(body []byte) string {
	var answer struct{ Message json.RawMessage }
	var text string
	if json.Unmarshal(body, &answer) != nil || json.Unmarshal(answer.Message, &text) != nil {
		return "" // the HTML of a gateway has no message
	}
	return text
}
